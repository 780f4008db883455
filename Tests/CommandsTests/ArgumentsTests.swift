import Testing

@testable import Commands

@Suite("Arguments")
struct ArgumentsTests {
  private static let command = Command(
    name: "sort", summary: "sorts", details: "", operands: [Operand(name: "RUN", help: "the folder of a run")],
    options: [Option("seed", "N", ""), Option("out", "DIR", ""), Option("quiet", nil, "")],
    hyperParameters: [Option("stage-one.learning-rate", "NUMBER", "")]
  ) { _, _ in }

  private static func named(_ name: String) -> Command {
    Command(name: name, summary: "", details: "", options: []) { _, _ in }
  }

  private func message(_ words: [String]) -> String? {
    do {
      let arguments = try Arguments(words, for: Self.command)
      _ = try arguments.integer("seed", in: 0...9)
      return nil
    } catch {
      return error.message
    }
  }

  @Test func workedExampleOfAllForms() throws {
    let words = ["--seed", "3", "run", "--out=a=b", "--quiet", "--stage-one.learning-rate", "1e-2"]
    let arguments = try Arguments(words, for: Self.command)
    #expect(arguments.operands == ["run"])
    #expect(try arguments.integer("seed", in: 0...9) == 3)
    #expect(arguments["out"] == "a=b")
    #expect(arguments["quiet"] == "")
    #expect(arguments["stage-one.learning-rate"] == "1e-2")
    #expect(arguments["unknown"] == nil)
    #expect(!arguments.wantsHelp)
    #expect(try Arguments(["--", "--seed"], for: Self.command).operands == ["--seed"])
    #expect(try Arguments(["-"], for: Self.command).operands == ["-"])
  }

  @Test func workedExampleOfHelpBeforeAllElse() throws {
    #expect(try Arguments(["--nonsense", "--help"], for: Self.command).wantsHelp)
    #expect(try Arguments(["-h"], for: Self.command).wantsHelp)
    #expect(try !Arguments(["--", "-h"], for: Self.command).wantsHelp)
  }

  @Test(arguments: [
    (
      ["run", "--sede", "3"],
      "unknown option --sede of \"tsuc sort\"; did you mean --seed? \"tsuc sort --help\" lists all options"
    ),
    (
      ["run", "--learning-rate", "3"],
      "unknown option --learning-rate of \"tsuc sort\"; did you mean --stage-one.learning-rate? \"tsuc sort --help\" lists all options"
    ),
    (
      ["run", "-s", "3"],
      "unknown option -s of \"tsuc sort\"; did you mean --seed or --out? \"tsuc sort --help\" lists all options"
    ),
    (["run", "--seed"], "option --seed needs a value: --seed N"),
    (["run", "--out", "--seed", "3"], "option --out needs a value: --out DIR"),
    (["run", "--out", ""], "option --out needs a value that is not empty: DIR"),
    (["run", "--seed", "1", "--seed", "2"], "option --seed is given twice; give it once"),
    (["run", "--quiet=yes"], "option --quiet takes no value, not \"yes\""),
    (["run", "--seed", "-1"], "option --seed takes a whole number from 0 to 9, not \"-1\""),
    (["run", "--seed", "10"], "option --seed takes a whole number from 0 to 9, not \"10\""),
    (
      ["run", "--seed", "99999999999999999999"],
      "option --seed takes a whole number from 0 to 9, not \"99999999999999999999\""
    ),
    (["run", "--seed", "x"], "option --seed takes a whole number from 0 to 9, not \"x\""),
    ([], "\"tsuc sort\" needs RUN: the folder of a run"),
    (["a", "b"], "\"tsuc sort\" does not understand \"b\"; options begin with --"),
    ([""], "\"tsuc sort\" needs RUN, which is empty"),
  ])
  func workedExampleOfMistakes(words: [String], expected: String) {
    #expect(message(words) == expected)
  }

  @Test(arguments: ["--", "---", "--=", "-=", "--=x", "=", "--seed=", "-", "--\u{0}", "-1", "--é"])
  func invariantOddWordsNeverStopTheProgram(word: String) {
    _ = message([word])
    _ = message([word, word])
    _ = message(["run", "--seed", word])
  }

  @Test func workedExampleOfUnknownCommand() {
    #expect(
      throws: UsageError(
        "unknown command \"trian\"; did you mean train? \"tsuc --help\" lists all commands")
    ) {
      _ = try Program("", commands: [Self.named("train"), Self.named("report")], main: Self.command)
        .command(named: "trian")
    }
  }
}
