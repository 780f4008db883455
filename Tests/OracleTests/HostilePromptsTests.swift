import Files
import Foundation
import Kernels
import Networks
import Testing

@testable import Oracle

/// No prompt and no answer stops the program, whatever is in it.
///
/// To look for more: `TSUC_FUZZ=FIRST:COUNT:KIND swift test --filter HostilePromptsTests/hunt`, KIND quick (operations of one
/// step), deep (networks) or a part of an operation's name. The last line on the console has the seed of the attempt that stopped.
@Suite("Hostile prompts")
struct HostilePromptsTests {
  typealias Group = (operation: String, prompts: [Prompt])

  /// The smallest prompts of every operation of a kind.
  static func smallPrompts(_ kind: String) throws -> [Group] {
    let prompts = Dictionary(grouping: try corpusPrompts.get().map(\.prompt), by: \.operation)
    return try prompts.sorted { $0.key < $1.key }.compactMap { name, prompts in
      let isDeep = try Operations.named(name) is any TracedOperation
      guard kind == "quick" ? !isDeep : kind == "deep" ? isDeep : name.contains(kind) else { return nil }
      func size(_ prompt: Prompt) -> Int { prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) } }
      return (name, Array(prompts.sorted { size($0) < size($1) }.prefix(isDeep ? 2 : 4)))
    }
  }

  /// What became of an attempt.
  enum Outcome { case unread, refused, judged }

  /// One spoiled prompt, read as from its files, answered in both precisions, and spoiled answers to it judged.
  static func attempt(_ seed: UInt64, _ groups: [Group]) -> Outcome {
    var fuzzer = PromptFuzzer(seed: seed)
    let group = fuzzer.one(groups)
    return judge(fuzzer.spoiled(fuzzer.one(group.prompts), others: group.prompts), &fuzzer)
  }

  static func judge(_ prompt: Prompt, _ fuzzer: inout PromptFuzzer) -> Outcome {
    let id = "a/b"
    var description = CaseDescription(id: id, operation: prompt.operation)
    description.parameters = prompt.parameters
    guard let files = try? PromptFolder.files(description, prompt.inputs),
      let (_, prompt) = try? PromptFolder.decode(
        id, caseFile: files["cases/\(id)/case.json"] ?? [], inputs: files["cases/\(id)/inputs.safetensors"], folder: id)
    else { return .unread }
    let single = try? PackageBackend(Float.self).answer(prompt)
    let profile = fuzzer.one(Profile.allCases)
    guard let item = try? CorpusCase(answering: prompt, description, for: profile) else { return .refused }
    var diagnostician: (any Diagnosing)? = Diagnostician()
    let answers = fuzzer.spoiled(single ?? item.expected, profile: profile)
    let report = CheckReport(
      corpus: "", isDraft: true,
      capability: Capability(backend: "b", version: "", scalar: profile.rawValue, claims: ["*"]), profile: profile,
      cases: [item.report(on: answers, profile: profile, by: &diagnostician)], problems: [])
    return report.description.isEmpty || report.encoded.isEmpty ? .refused : .judged
  }

  /// Attempts of some seeds, each told before it is made; how often each outcome came.
  static func attempts(_ seeds: Range<UInt64>, _ kind: String) throws -> [Outcome: Int] {
    let groups = try smallPrompts(kind)
    var outcomes: [Outcome: Int] = [:]
    for seed in seeds {
      FileHandle.standardError.write(Data("\(kind) \(seed)\n".utf8))
      outcomes[attempt(seed, groups), default: 0] += 1
    }
    return outcomes
  }

  // Where it fails, `hunt` with the same seeds tells which.
  @Test(.timeLimit(.minutes(30))) func invariantNothingStopsTheProgram() async {
    await #expect(processExitsWith: .success) {
      let quick = try HostilePromptsTests.attempts(0..<300, "quick")
      let deep = try HostilePromptsTests.attempts(0..<4, "deep")
      // The spoils are such that much is refused and much is not.
      let counts = [quick[.refused, default: 0], quick[.judged, default: 0], 80 * deep[.judged, default: 0]]
      exit(counts.allSatisfy { $0 >= 80 } ? 0 : 3)
    }
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["TSUC_FUZZ"] != nil)) func hunt() throws {
    let words = (ProcessInfo.processInfo.environment["TSUC_FUZZ"] ?? "").split(separator: ":").map(String.init)
    let (first, count) = (UInt64(words[0]) ?? 0, UInt64(words[1]) ?? 0)
    print(try Self.attempts(first..<first + count, words.count > 2 ? words[2] : "quick"))
  }
}

/// What stopped the program once.
@Suite("Prompts and answers that stopped the program")
struct HostilePromptsRegressionTests {
  private func report(
    _ prompt: Prompt, answers: [String: StoredTensor], _ profile: Profile = .float64
  ) throws -> CaseReport {
    let description = CaseDescription(id: "a/b", operation: prompt.operation)
    let item = try CorpusCase(answering: prompt, description, for: profile)
    var diagnostician: (any Diagnosing)? = Diagnostician()
    return item.report(on: answers, profile: profile, by: &diagnostician)
  }

  // A backend that calls logits probabilities: the trace on its own tensors goes on from rows that sum to something else.
  @Test func workedExampleOfProbabilitiesThatAreNone() throws {
    let prompt = try #require(
      try HostilePromptsTests.smallPrompts("stage-two-step").first?.prompts.first)
    var answers = try PackageBackend(Double.self).answer(prompt).mapValues { StoredTensor(type: "F64", value: $0) }
    answers["heads.0.probabilities"] = answers["heads.0.logits"]
    let report = try report(prompt, answers: answers)
    #expect(report.verdict == .fail && report.divergence?.isolated.first?.tensor == "heads.0.probabilities")
  }

  // The rate has fallen by more than the largest number: that quotient has no logarithm that a whole number could hold.
  @Test(arguments: [310, 315, 329]) func workedExampleOfARateThatFellFar(drops: Int) throws {
    let prompt = Prompt(
      operation: "learning-rate",
      parameters: [
        "base": .number(1e6), "epochs": .array([.integer(80 + 40 * drops)]), "length": .integer(1_000_000),
      ], inputs: [:])
    let wrong = TensorValue.real(Tensor<Double>(shape: [1], values: [1]))
    #expect(try report(prompt, answers: ["rates": StoredTensor(type: "F64", value: wrong)]).verdict == .fail)
  }

  @Test func workedExampleOfShapesThatHoldOtherNumbers() throws {
    for shape in [[3], [1 << 62, 2, 0], [-1, -2], [1 << 32, 1 << 32]] {
      let value = TensorValue.integers([1, 2], shape: shape)
      expectError("of \"x\" does not hold 2 values") { try TensorFile.encoded(["x": value], reals: .double) }
      let rows = TensorValue.real(Tensor<Double>(shape: [3, 1], values: [1, 2, 3]))
      let prompt = Prompt(operation: "nearest-rows", inputs: ["rows": rows, "queries": value])
      #expect(throws: OracleError.self) { try PackageBackend(Float.self).answer(prompt) }
      let compared = Comparison.compare(
        StoredTensor(type: "I64", value: value), with: .integers([1, 2, 3], shape: shape), scale: nil,
        profile: .float64, name: "x")
      #expect(compared.verdict == .shape && compared.note.contains("2 values do not fill the shape"))
    }
    let infinite = Prompt(operation: "relu", inputs: ["x": .real(Tensor<Double>(shape: [2], values: [1, .infinity]))])
    let error = #expect(throws: OracleError.self) { try PackageBackend(Float.self).answer(infinite) }
    #expect(
      error?.description == "the operation relu: the input \"x\" must hold finite numbers, but its element 1 is inf")
  }
}
