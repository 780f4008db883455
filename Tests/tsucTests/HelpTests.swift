import Commands
import InstructionSets
import Kernels
import TestSupport
import Testing

@testable import tsuc

@Suite("Help and the whole command line")
struct HelpTests {
  private func run(_ words: [String]) -> (code: Int32, output: String, errors: String) {
    let recorder = ConsoleRecorder()
    let code = Main.program.run(words, on: recorder.console())
    return (code, recorder.written, recorder.noted)
  }

  @Test(arguments: [["--help"], ["-h"], ["help"]])
  func invariantHelpNamesEveryCommand(words: [String]) {
    let result = run(words)
    #expect(result.code == 0)
    #expect(result.errors == "")
    for command in Main.program.commands { #expect(result.output.contains("  \(command.name) ")) }
  }

  @Test(arguments: Main.program.commands.filter { $0.handOver == nil }.map(\.name))
  func invariantHelpOfACommandNamesEveryOption(name: String) throws {
    let command = try Main.program.command(named: name)
    let result = run([name, "--help"])
    #expect(result.code == 0)
    #expect(run(["help", name]).output == result.output)
    for option in command.options + command.hyperParameters { #expect(result.output.contains("--\(option.name)")) }
    for operand in command.operands { #expect(result.output.contains(operand.name)) }
    #expect(
      Set((command.options + command.hyperParameters).map(\.name)).count == command.options.count
        + command.hyperParameters.count)
  }

  @Test func workedExampleOfTheVersion() {
    let result = run(["--version"])
    #expect(result.code == 0)
    let arithmetic = Arithmetic.isFused ? "fused arithmetic" : "portable arithmetic: last bits differ from fused builds"
    #expect(result.output == "tsuc \(Version.number) (\(InstructionSet.ofBuild) build, \(arithmetic))\n")
  }

  @Test func workedExampleOfMistakes() {
    #expect(
      run(["trian"]).errors
        == "tsuc: unknown command \"trian\"; did you mean train? \"tsuc --help\" lists all commands\n")
    #expect(run(["help", "x"]).code == 2)
    #expect(
      run(["evaluate"]).errors
        == "tsuc: \"tsuc evaluate\" needs RUN: the folder that \"tsuc train\" made, finished or not, or "
        + "a checkpoint or state in it\n")
    #expect(run(["embed", "somewhere"]).errors == "tsuc: \"tsuc embed\" needs --out FILE.npy, the file to write\n")
    let missing = run(["evaluate", "/no/where"])
    #expect(missing.code == 1)
    #expect(missing.errors.hasPrefix("tsuc: /no/where/checkpoint.safetensors does not exist; "))
    for word in ["", " ", "-", "--", "---", "=", "\u{1F600}"] {
      let result = run([word, "x"])
      #expect(result.code == 2, "\(word)")
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }
}
