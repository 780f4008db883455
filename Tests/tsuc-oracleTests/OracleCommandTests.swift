import Commands
import Files
import Foundation
import TestSupport
import Testing

@testable import Oracle
@testable import tsuc_oracle

@Suite("The commands of the corpus")
struct OracleCommandTests {
  private static let casePrompts = Result { try Corpus().prompts().filter { $0.area == "rng" } }

  /// A corpus of the area rng with answers beside it: "prompts", "answers", "v1".
  private func withCorpus(_ body: (_ folder: String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let casePrompts = try Self.casePrompts.get()
      try PromptFolder.write(casePrompts, to: "\(folder)/prompts")
      try PromptFolder(reading: "\(folder)/prompts").answer(with: StandIn(), to: "\(folder)/witness")
      try Freezing(casePrompts, witnesses: [ResponseFolder(reading: "\(folder)/witness")]).write(to: "\(folder)/v1")
      #expect(run("answer", "\(folder)/v1", "--out", "\(folder)/answers").code == 0)
      try body(folder)
    }
  }

  /// This package under another name.
  private struct StandIn: CorpusBackend {
    let capability = Capability(backend: "stand-in", version: "1", scalar: "float64", claims: ["*"])
    func answer(_ prompt: Prompt) throws -> [String: TensorValue] { try PackageBackend(Double.self).answer(prompt) }
  }

  @Test func workedExampleFromPromptsToTheVerdict() throws {
    let count = try Self.casePrompts.get().count
    try withCorpus { folder in
      let corpus = ["--corpus", "\(folder)/v1"]
      let checked = run("check", "\(folder)/answers", corpus[0], corpus[1], "--json", "\(folder)/report.json")
      #expect(checked.code == 0 && checked.errors == "", "\(checked)")
      #expect(
        checked.output.contains("\(count) of \(count) cases passed")
          && checked.output.hasSuffix("PASSED: all that is claimed\n"))
      let few = run("check", "\(folder)/answers", corpus[0], corpus[1], "--only", "rng/permutation-*")
      let permutations = try Self.casePrompts.get().count { $0.slug.hasPrefix("permutation-") }
      #expect(permutations > 1 && few.code == 0)
      #expect(few.output.contains("\(permutations) of \(count) cases passed"), "\(few.output)")
      let none = run("check", "\(folder)/answers", corpus[0], corpus[1], "--only", "rng/nothing-*")
      #expect(none.code == 2 && none.errors.contains("--only \"rng/nothing-*\" names no case of the corpus"))
      let report = try String(contentsOfFile: "\(folder)/report.json", encoding: .utf8)
      #expect(report.contains("\"passed\": true") && report.contains("\"total\": \(count)"))
      // The commands write the bytes that the test has written through the library.
      #expect(run("prompts", "\(folder)/again", "--area", "rng").code == 0)
      #expect(run("freeze", "\(folder)/witness", "--out", "\(folder)/v1-again", "--area", "rng").code == 0)
      for (first, second) in [("prompts", "again"), ("v1", "v1-again")] {
        // Prompts also name the frozen corpus, if the package has one.
        let hashes = try [first, second].map { name in
          try Manifest(bytes: CorpusFiles.read("\(folder)/\(name)/manifest.json"), name: name).hash
        }
        #expect(hashes[0] == hashes[1])
      }
      let list = run("list", corpus[0], corpus[1])
      #expect(list.code == 0 && list.output.split(separator: "\n").count == count + 1)
      #expect(list.output.contains("rng/permutation-12") && list.output.hasSuffix("\(count) cases\n"))
      let told = run("explain", "rng/permutation-12", corpus[0], corpus[1])
      #expect(told.code == 0 && told.output.contains("witnesses   stand-in 1, within 0.0 bounds"), "\(told)")
      let exported = run("export", "\(folder)/npy", corpus[0], corpus[1])
      #expect(exported.code == 0 && CorpusFiles.exists("\(folder)/npy/rng/permutation-12/expected/y.npy"))
      #expect(run("answer", "\(folder)/prompts", "--out", "\(folder)/float", "--scalar", "float").code == 0)
      #expect(try ResponseFolder(reading: "\(folder)/float").capability.scalar == "float32")
    }
  }

  @Test func wrongAnswersEndWithOne() throws {
    try withCorpus { folder in
      try FileManager.default.removeItem(atPath: "\(folder)/answers/rng/permutation-12.safetensors")
      let checked = run("check", "\(folder)/answers", "--corpus", "\(folder)/v1")
      #expect(checked.code == 1)
      #expect(checked.output.contains("missing: rng/permutation-12: there is no file of answers"))
      #expect(
        checked.errors
          == "tsuc: the answers did not pass: 1 of \(try Self.casePrompts.get().count) cases failed, 0 other problems\n"
      )
      // The answers to the prompts before freezing name another hash.
      let stale = run("check", "\(folder)/witness", "--corpus", "\(folder)/v1")
      #expect(stale.code == 1 && stale.output.contains("stale"))
      try FileManager.default.removeItem(atPath: "\(folder)/witness/rng/normal-first.safetensors")
      let refused = run("freeze", "\(folder)/witness", "--out", "\(folder)/v2", "--area", "rng")
      #expect(refused.code == 1 && refused.output == "rng/normal-first: no witness has answered \"y\"\n")
      #expect(refused.errors == "tsuc: nothing was frozen: 0 values are apart from a witness's, 1 have none\n")
      #expect(run("freeze", "\(folder)/witness", "--out", "\(folder)/v2", "--area", "rng", "--draft").code == 0)
    }
  }

  // A new case is one more prompt: it is explained with margins before it is frozen, and frozen among the others.
  @Test func workedExampleOfANewCase() throws {
    try withTemporaryFolder { folder in
      let old = try Self.casePrompts.get().filter { $0.slug == "permutation-12" || $0.slug == "crop-parameters-paper" }
      var new = [try #require(old.last)]
      new[0].slug = "permutation-of-mine"
      new[0].prompt.parameters["count"] = .integer(3)
      try PromptFolder.write(old + new, to: "\(folder)/prompts")
      let told = run("explain", "rng/permutation-of-mine", "--prompts", "\(folder)/prompts")
      #expect(told.code == 0 && told.output.hasPrefix("rng/permutation-of-mine: "), "\(told)")
      #expect(told.output.contains("y  I64 [3]\n"), "\(told)")
      #expect(told.output.hasSuffix("not frozen: outputs and margins were computed now\n"), "\(told)")
      // What is computed now is what is frozen.
      for id in old.map(\.id) {
        let computed = run("explain", id, "--prompts", "\(folder)/prompts").output
        #expect(
          computed.components(separatedBy: "  witnesses")[0]
            == run("explain", id).output.components(separatedBy: "  witnesses")[0])
      }
      let unknown = run("explain", "rng/permutation-of-min", "--prompts", "\(folder)/prompts")
      #expect(unknown.code == 2 && unknown.errors.contains("did you mean rng/permutation-of-mine"), "\(unknown)")
      try PromptFolder(reading: "\(folder)/prompts").answer(with: StandIn(), to: "\(folder)/witness")
      let frozen = run("freeze", "\(folder)/witness", "--prompts", "\(folder)/prompts", "--out", "\(folder)/new")
      #expect(frozen.code == 0, "\(frozen)")
      let corpus = try Corpus(at: "\(folder)/new")
      #expect(corpus.manifest.cases == ["rng/crop-parameters-paper", "rng/permutation-12", "rng/permutation-of-mine"])
      #expect(try corpus.prompts() == old + new)
      #expect(try corpus.load("rng/permutation-12").expected == Corpus().load("rng/permutation-12").expected)
    }
  }

  @Test func workedExampleOfWhatAnOperationTakes() {
    let told = run("explain", "anchor-count")
    #expect(told.code == 0 && told.output.hasPrefix("## anchor-count\n\n    n_r = min"), "\(told)")
    #expect(told.output.contains("| `rate` | a number above 0, at most 1000 | 0.25 | "))
    let all = run("operations")
    #expect(all.code == 0 && all.output == Operations.page && all.output.contains(told.output))
    let wrong = run("explain", "anchor-counts")
    #expect(wrong.code == 2 && wrong.errors.contains("did you mean anchor-count?"), "\(wrong)")
  }

  @Test func mistakesEndWithTwoAndOneSentence() throws {
    try withCorpus { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/empty", withIntermediateDirectories: false)
      let corpus = ["--corpus", "\(folder)/v1"]
      let cases: [([String], String)] = [
        (["lst"], "did you mean list?"), ([], "needs COMMAND"), (["list", "--area", "rgn"] + corpus, "there are rng"),
        (["list", "--corpus", "/no/where"], "there is no corpus at /no/where"),
        (
          ["explain", "rng/permutation-13"] + corpus,
          "there is no case \"rng/permutation-13\"; did you mean rng/permutation-1 or"
        ),
        (["explain"], "needs CASE"), (["explain", ""], "which is empty"),
        (["explain", "../x"] + corpus, "there is no case"),
        (["export", "\(folder)/v1"] + corpus, "exists already"),
        (["export", "\(folder)/x", "--area", "op"] + corpus, "no area"),
        (["export", "/proc/x"] + corpus, "cannot be written"), (["prompts", "\(folder)/v1"], "exists already"),
        (["prompts", "\(folder)/x", "--area", "none"], "there is no area \"none\""),
        (["answer", "\(folder)/prompts"], "--out"),
        (["answer", "\(folder)/none", "--out", "\(folder)/x"], "there is no folder"),
        (["answer", "\(folder)/empty", "--out", "\(folder)/x"], "there is no folder \(folder)/empty/cases"),
        (["answer", "\(folder)/prompts", "--out", "\(folder)/v1"], "exists already"),
        (["answer", "\(folder)/prompts", "--out", "\(folder)/x", "--scalar", "half"], "float or double, not \"half\""),
        (["freeze", "\(folder)/witness"], "--out"), (["freeze", "--out", "\(folder)/x"], "needs RESPONSES"),
        (["freeze", "\(folder)/empty", "--out", "\(folder)/x"], "holds no capability.json"),
        (["freeze", "\(folder)/answers", "--out", "\(folder)/x"], "nobody is his own witness"),
        (["check", "\(folder)/none"] + corpus, "there is no folder"),
        (["check", "\(folder)/empty"] + corpus, "capability.json"),
        (
          ["check", "\(folder)/answers", "--profile", "float8"] + corpus,
          "there is no profile \"float8\"; there are float64"
        ),
        (["check", "\(folder)/answers", "--area", "loss"] + corpus, "there is no area \"loss\""),
        (["check", "\(folder)/answers", "--corpus", "\(folder)/empty"], "there is no corpus"),
        (["check", "\(folder)/answers", "--json", "\(folder)/v1"] + corpus, "exists already"),
        (["check", "\(folder)/answers", "--json", "/proc/x"] + corpus, "/proc/x cannot be written"),
        (["check", "\(folder)/answers", "\(folder)/answers"] + corpus, "does not understand"),
      ]
      for (words, part) in cases {
        let recorder = ConsoleRecorder()
        let code = Main.run(words, on: recorder.console())
        #expect(code == 2, "\(words): \(recorder.noted)")
        #expect(recorder.noted.contains(part), "\(words): \(recorder.noted)")
        #expect(recorder.noted.split(separator: "\n").count == 1 && recorder.written == "", "\(words)")
      }
      #expect(!CorpusFiles.exists("\(folder)/x"))
    }
  }

  @Test func invariantHelpNamesEveryOption() throws {
    for command in Command.oracle.subcommands {
      let word = String(command.name.dropFirst("oracle ".count))
      let help = run(word, "--help")
      #expect(help.code == 0 && help.output.contains("tsuc oracle \(word)"))
      for option in command.options { #expect(help.output.contains("--\(option.name)"), "\(command.name)") }
      #expect(run("--help").output.contains("oracle \(word)"))
      let recorder = ConsoleRecorder()
      #expect(Main.run(["help", word], on: recorder.console()) == 0 && recorder.written == help.output)
    }
  }
}
