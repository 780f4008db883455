import Kernels
import Networks
import Testing

@testable import Oracle

/// The lines of definitions against the corpus, which other programs have computed too.
@Suite("Definitions line by line")
struct DefinitionTraceTests {
  static let defined = Operations.all.compactMap { $0 as? any DefinedOperation }.filter { !$0.lines.isEmpty }

  /// All cases of an operation that are not too large for lines.
  static func cases(_ name: String) throws -> [CorpusCase] {
    let corpus = try ownCorpus.get()
    return try corpusPrompts.get().filter { $0.prompt.operation == name }.map { try corpus.load($0.id) }
      .filter { !DefinitionTrace.isTooLarge($0.prompt) }
  }

  // z = (0, log 2, log 5), neighbourhood {0, 2}: Z = 8, I = 6, L = log(8/6), p = (1, 2, 5) / 8, ∂z_0 = 1/8 − 1/6.
  @Test func workedExampleOfTheNeighbourhoodLoss() throws {
    let prompt = Prompt(
      operation: "instance-neighbourhood",
      inputs: [
        "logits": .rows([[0, Double.log(2), Double.log(5)]]), "images": .listOf([0]),
        "neighbours": .integers([2, -1, -1], shape: [3, 1]),
      ])
    let trace = try #require(DefinitionTrace(prompt))
    func close(_ name: String, _ values: [Double]) {
      guard case .real(let found)?? = trace.tensors.first(where: { $0.line.name == name })?.value else {
        Issue.record("\(name)")
        return
      }
      #expect(zip(found.values, values).allSatisfy { abs($0 - $1) <= 1e-15 } && found.count == values.count, "\(name)")
    }
    close("log-z", [Double.log(8)])
    close("log-inside", [Double.log(6)])
    close("row-losses", [Double.log(8) - Double.log(6)])
    close("loss", [Double.log(8) - Double.log(6)])
    close("probabilities", [0.125, 0.25, 0.625])
    close("logits.gradient", [1 / 8 - 1 / 6, 0.25, 5 / 8 - 5 / 6])
    #expect(
      trace.graph == [
        GraphNode(from: ["logits"], to: ["log-z"], operation: "instance-neighbourhood"),
        GraphNode(from: ["logits", "neighbours", "images"], to: ["log-inside"], operation: "instance-neighbourhood"),
        GraphNode(from: ["log-inside", "log-z"], to: ["row-losses"], operation: "instance-neighbourhood"),
        GraphNode(from: ["row-losses"], to: ["loss"], operation: "instance-neighbourhood"),
        GraphNode(from: ["logits", "log-z"], to: ["probabilities"], operation: "instance-neighbourhood"),
        GraphNode(
          from: ["probabilities", "neighbours", "images"], to: ["logits.gradient"], operation: "instance-neighbourhood"),
      ])
  }

  // What the lines come to are the frozen outputs, within the errors that the lines carry in Double.
  @Test(arguments: defined.map(\.name)) func invariantLinesLeadToTheFrozenOutputs(name: String) throws {
    let operation = try #require(Self.defined.first { $0.name == name })
    var met = Set<String>()
    for item in try Self.cases(name) {
      let id = item.description.id
      let trace = try #require(DefinitionTrace(item.prompt), "\(id)")
      for tensor in trace.tensors {
        met.insert(tensor.line.name)
        guard let value = tensor.value, let right = item.expected[tensor.line.name] else { continue }
        let report = Comparison.compare(
          StoredTensor(type: "F64", value: value), with: right, scale: tensor.scale, profile: .float64,
          name: tensor.line.name, multipliesMatrices: item.multipliesMatrices)
        #expect(report.verdict == .ok, "\(id) \(report)")
      }
    }
    let names = operation.lines.map(\.name)
    #expect(met == Set(names) && names.count == met.count, "\(Set(names).subtracting(met))")
  }

  // Each line's equation, each shape and each output.
  @Test(arguments: defined.map(\.name)) func invariantLinesAreToldWhole(name: String) throws {
    let operation = try #require(Self.defined.first { $0.name == name })
    let outputs = try Set(Self.cases(name).flatMap { $0.expected.keys })
    #expect(Set(operation.lines.filter { !$0.isOnTheWay }.map(\.name)) == outputs)
    for line in operation.lines {
      #expect(!line.equation.isEmpty && line.equation.count <= 130, "\(line.name): \(line.equation.count)")
      #expect(line.isOnTheWay != outputs.contains(line.name), "\(line.name)")
    }
  }

  // Numbers rounded to Float from line to line are within the bounds of float32, and beside right outputs they are right answers.
  @Test(arguments: defined.map(\.name)) func rightIntermediatesPass(name: String) throws {
    for item in try Self.cases(name) {
      let answers = try DefinitionAnswers.right(item, as: Float.self)
      var nobody: (any Diagnosing)?
      let report = item.report(on: answers, profile: .float32, by: &nobody)
      #expect(report.verdict == .ok, "\(report)")
      #expect(report.tensors.count == answers.count && report.tensors.allSatisfy { $0.verdict == .ok })
      #expect(item.divergence(answers, profile: .float32) == nil)
    }
  }

  // A tensor of a trace that no bound is computed for is neither right nor wrong; one of no definition is a warning.
  @Test func otherTensorsOnTheWayAreNotCompared() throws {
    let item = try #require(try Self.cases("relation-loss").first)
    var answers = item.expected.mapValues { StoredTensor(type: "F64", value: $0) }
    answers["aug.gram"] = StoredTensor(type: "F64", value: .number(1.0))
    answers["foo"] = StoredTensor(type: "F64", value: .number(1.0))
    var nobody: (any Diagnosing)?
    let report = item.report(on: answers, profile: .float64, by: &nobody)
    #expect(report.verdict == .ok)
    #expect(report.tensors.first { $0.name == "aug.gram" }?.verdict == .uncompared)
    #expect(report.tensors.first { $0.name == "foo" }?.verdict == .extra)
  }

  // 200 rows against each other would carry 40,000 kilobytes of errors.
  @Test func largePromptsHaveNoLines() {
    let rows = TensorValue.real(Tensor<Double>(shape: [200, 1], repeating: 1))
    #expect(DefinitionTrace(Prompt(operation: "batch-loss", inputs: ["rows": rows])) == nil)
    #expect(DefinitionTrace(Prompt(operation: "initial-encoder", inputs: [:])) == nil)
  }
}

/// Answers with every tensor on the way.
enum DefinitionAnswers {
  /// The package's outputs, and intermediates that are rounded from line to line.
  static func right<Scalar: RealScalar>(_ item: CorpusCase, as _: Scalar.Type) throws -> [String: StoredTensor] {
    try answers(item, outputs: Operations.named(item.prompt.operation).answer(item.prompt, as: Scalar.self)) {
      _, values in
      values.map { Double(Scalar($0)) }
    }
  }

  /// The outputs, and what the lines come to where others stand in the places of some.
  static func answers(
    _ item: CorpusCase, outputs: [String: TensorValue], instead: (String, [Double]) -> [Double]?
  ) throws -> [String: StoredTensor] {
    let found = DefinitionTrace(item.prompt, instead: instead)
    let trace = try #require(found)
    let intermediates = trace.tensors.filter(\.line.isOnTheWay).compactMap { tensor in
      tensor.value.map { (tensor.line.name, $0) }
    }
    return Dictionary(uniqueKeysWithValues: intermediates + outputs.map { ($0, $1) }).mapValues(stored)
  }

  static func stored(_ value: TensorValue) -> StoredTensor {
    switch value {
    case .real: StoredTensor(type: "F64", value: value)
    case .integers: StoredTensor(type: "I64", value: value)
    case .bytes: StoredTensor(type: "U8", value: value)
    }
  }
}
