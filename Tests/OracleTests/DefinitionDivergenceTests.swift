import Files
import Kernels
import Networks
import Testing

@testable import Oracle

/// Mistakes in one line of a definition, which no mutant has.
@Suite("The first wrong line")
struct DefinitionDivergenceTests {
  /// Every line that is computed, with its operation.
  private static let lines = DefinitionTraceTests.defined.flatMap { operation in
    operation.lines.map { (operation: operation.name, line: $0.name) }
  }

  /// The answers of a program that is wrong in one line, and right in what it makes of it.
  private func answers(_ item: CorpusCase, wrongIn line: String) throws -> [String: StoredTensor] {
    var spoiled = false
    let found = DefinitionTrace(item.prompt) { name, values in
      guard name == line else { return nil }
      spoiled = true
      return values.map { 1.25 * $0 + 0.125 }
    }
    let trace = try #require(found)
    var answers = item.expected.mapValues(DefinitionAnswers.stored)
    for tensor in trace.tensors {
      guard var value = tensor.value else { continue }
      if tensor.line.name == line, !spoiled {
        switch value {
        case .integers(let integers, let shape): value = .integers(integers.map { $0 + 1 }, shape: shape)
        case .bytes(let bytes, let shape): value = .bytes(bytes.map { $0 ^ 1 }, shape: shape)
        case .real: break
        }
      }
      answers[tensor.line.name] = DefinitionAnswers.stored(value)
    }
    return answers
  }

  // Of every line of every definition, in every case that has it: the mistake is in this line, and in no other.
  @Test(arguments: DefinitionTraceTests.defined.map(\.name)) func everyLineIsFoundByItself(name: String) throws {
    var (found, computed): (Set<String>, Set<String>) = ([], [])
    for item in try DefinitionTraceTests.cases(name) {
      let trace = try #require(DefinitionTrace(item.prompt))
      for tensor in trace.tensors where tensor.value.map({ $0.count > 0 }) ?? false {
        let line = tensor.line
        computed.insert(line.name)
        let answers = try answers(item, wrongIn: line.name)
        let divergence = try #require(
          item.divergence(answers, along: trace, profile: .float32), "\(item.description.id) \(line.name)")
        let accused = divergence.isolated.map(\.tensor)
        #expect(accused == [line.name] || accused.isEmpty, "\(item.description.id) \(line.name): \(accused)")
        #expect(divergence.first.isEmpty && divergence.wanted.isEmpty)
        if accused == [line.name] {
          found.insert(line.name)
          #expect(divergence.isolated[0].equation == line.equation)
        }
      }
    }
    #expect(found == computed, "\(computed.subtracting(found))")
  }

  // L_a without log I_a: everything above is right, so the report says where to look.
  @Test func workedExampleOfAReport() throws {
    let item = try ownCorpus.get().load("loss/instance-neighbourhood-wide")
    let answers = try answers(item, wrongIn: "row-losses")
    var diagnostician: (any Diagnosing)? = Diagnostician()
    let report = item.report(on: answers, profile: .float32, by: &diagnostician)
    let text = CheckReport(
      corpus: "c", isDraft: false,
      capability: Capability(backend: "b", version: "1", scalar: "float32", claims: ["*"]), profile: .float32,
      cases: [report], problems: []
    ).diagnosisLines
    #expect(
      text.contains {
        $0.hasPrefix(
          "instance-neighbourhood: log-inside right, log-z right, row-losses wrong: "
            + "the mistake is in its line, L_a = log Z_a − log I_a\n  in 1 case, by up to ")
      }, "\(text)")
  }

  // Automatic differentiation makes the derivative of what is wrong: the value's line is accused, and not the gradient's.
  @Test func aGradientBesideAWrongValueIsNotAccused() throws {
    let item = try ownCorpus.get().load("loss/instance-neighbourhood-wide")
    var answers = try answers(item, wrongIn: "row-losses")
    guard case .real(let gradient)? = answers["logits.gradient"]?.value else { throw OracleError("no gradient") }
    answers["logits.gradient"]?.value = .real(gradient.mapped { 1.5 * $1 })
    #expect(try #require(item.divergence(answers, profile: .float32)).isolated.map(\.tensor) == ["row-losses"])
    for name in ["row-losses", "loss"] {
      answers[name] = try DefinitionAnswers.right(item, as: Double.self)[name]
    }
    #expect(try #require(item.divergence(answers, profile: .float32)).isolated.map(\.tensor) == ["logits.gradient"])
  }

  // Without the tensors on the way one or two are asked for; with these, fewer remain.
  @Test func unansweredLinesAreHalved() throws {
    let item = try ownCorpus.get().load("loss/batch-loss-temperature-one-tenth")
    var answers = try answers(item, wrongIn: "similarities")
    let intermediates = Operations.intermediates(of: item.prompt)
    #expect(intermediates.count == 6)
    let all = answers
    for name in intermediates { answers[name] = nil }
    let blind = try #require(item.divergence(answers, profile: .float32))
    #expect(blind.isolated.isEmpty && blind.first == ["loss", "rows.gradient"])
    #expect(blind.wanted == ["probabilities", "row-losses"])
    for name in blind.wanted { answers[name] = all[name] }
    let second = try #require(item.divergence(answers, profile: .float32))
    #expect(second.isolated.isEmpty && second.first.contains("probabilities"))
    #expect(second.wanted == ["similarities", "log-z"])
    for name in second.wanted { answers[name] = all[name] }
    #expect(try #require(item.divergence(answers, profile: .float32)).isolated.map(\.tensor) == ["similarities"])
  }

  // Where a single line was not answered, the mistake is in that or in the next.
  @Test func oneUnansweredLineIsToldBesideTheNext() throws {
    let item = try ownCorpus.get().load("op/global-average-pool-maps")
    var answers = item.expected.mapValues { StoredTensor(type: "F64", value: $0) }
    guard case .real(let y)? = item.expected["y"] else { throw OracleError("no y") }
    answers["y"]?.value = .real(y.mapped { 1.2 * $1 })
    let found = try #require(item.divergence(answers, profile: .float32))
    #expect(found.isolated.map(\.tensor) == ["y"] && found.wanted == ["sums"])
    #expect(
      found.isolated.first?.equation
        == "y = Σ x / (height · width), or in that of sums, Σ x over the pixels of a channel")
    #expect(found.isolated.first?.form == "is 1.2 times the right tensor")
  }

  // Right answers with a few bounds of noise: no place of a mistake is told, whatever fails.
  @Test(arguments: DefinitionTraceTests.defined.map(\.name)) func noiseHasNoPlace(name: String) throws {
    var stream = RandomStream(seed: 0x6e70, purpose: .test)
    for item in try DefinitionTraceTests.cases(name).prefix(4) {
      let right = try DefinitionAnswers.right(item, as: Double.self)
      let whole = item.withIntermediates(right.keys)
      for (spoiled, value) in right.sorted(by: { $0.key < $1.key }) {
        guard case .real(let tensor) = value.value, let scale = whole.scales[spoiled] else { continue }
        var answers = right
        let noisy = tensor.mapped { i, number in
          let bound = whole.bound(stored: number, scale, element: i, .float32, "F64")
          return number + stream.uniform(-8, 8) * bound
        }
        answers[spoiled] = StoredTensor(type: "F64", value: .real(noisy))
        let isolated = item.divergence(answers, profile: .float32)?.isolated ?? []
        #expect(isolated.isEmpty, "\(item.description.id) \(spoiled): \(isolated)")
      }
    }
  }

  // Of two steps the first wrong one counts: in the second everything is wrong, the velocities in the first alone.
  @Test func theFirstWrongStepIsLookedAt() throws {
    let prompt = Prompt(
      operation: "sgd", parameters: ["rates": .array([.number(0.5), .number(0.25)]), "weightDecay": .number(0.125)],
      inputs: [
        "parameter": .rows([[1, 2]]), "gradients": .real(Tensor<Double>(shape: [2, 1, 2], values: [1, 2, 3, 5])),
      ])
    let item = try CorpusCase(answering: prompt, CaseDescription(id: "mine/sgd", operation: "sgd"), for: .float32)
    var answers = try DefinitionAnswers.right(item, as: Double.self)
    for (name, first) in [("velocities", 0), ("directions", 0), ("parameters", 0), ("decayed", 2)] {
      guard case .real(let right)? = answers[name]?.value else { continue }
      answers[name]?.value = .real(right.mapped { $0 < first ? $1 : $1 + 1 })
    }
    #expect(try #require(item.divergence(answers, profile: .float32)).isolated.map(\.tensor) == ["velocities"])
  }
}
