import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("First divergence")
struct FirstDivergenceTests {
  private static let id = "step/stage-one-step-one-stream"

  /// The answers of a trace with a mistake in some of its operations.
  private func answers(
    _ item: CorpusCase, without left: Set<String> = [], _ mistake: @escaping Hook<Double>
  ) throws -> [String: StoredTensor] {
    let operation = try #require(try Operations.named(item.prompt.operation) as? any TracedOperation)
    let answer = try operation.answer(item.prompt, hook: mistake).filter { !left.contains($0.key) }
    return answer.mapValues { StoredTensor(type: "F64", value: $0) }
  }

  // A batch norm that divides by n − 1: its variance is the first wrong tensor, and the only one that is wrong by itself.
  @Test func workedExampleOfOneMistake() throws {
    let item = try ownCorpus.get().load(Self.id)
    let wrong = try answers(item) { site, _ in
      site.name == "layer1.0.bn1.variance" ? site.value.mapped { $1 * 1.01 } : nil
    }
    let found = try #require(item.divergence(wrong, profile: .float32))
    #expect(found.first == ["layer1.0.bn1.variance"])
    #expect(found.isolated.map(\.tensor) == ["layer1.0.bn1.variance"])
    #expect(found.wanted.isEmpty)
    let reports = item.compare(wrong, profile: .float32)
    #expect(reports.count { $0.verdict == .fail } > 40)
  }

  // Two mistakes, the second behind the first: both are found, each by the mutant that makes it.
  @Test func oneMistakeDoesNotHideTheNext() throws {
    let item = try ownCorpus.get().load(Self.id)
    let mistakes = nodeMistakes.filter { ["pool.sum", "linear.mean-weight-gradient"].contains($0.name) }
    let wrong = try answers(item) { site, recorded in
      let mistake = mistakes.first { $0.edges.contains(site.operation) }
      return mistake?.change(TraceStep(prompt: item.prompt, site: site, recorded: recorded))
    }
    let found = try #require(item.divergence(wrong, profile: .float32))
    #expect(found.first == ["pool.output"])
    #expect(found.isolated.map(\.tensor) == ["pool.output", "linear.weight.gradient"])
    #expect(found.isolated.map(\.mutant) == ["pool.sum", "linear.mean-weight-gradient"])
  }

  // Of a part of the tensors the same is said, and what else would narrow it down.
  @Test func unansweredTensorsBetweenAreAskedFor() throws {
    let item = try ownCorpus.get().load(Self.id)
    let hidden: Set = ["layer1.0.bn1.variance", "layer1.0.bn1.output", "layer1.0.bn1.mean"]
    let wrong = try answers(item, without: hidden) { site, _ in
      site.name == "layer1.0.bn1.variance" ? site.value.mapped { $1 * 1.01 } : nil
    }
    let found = try #require(item.divergence(wrong, profile: .float32))
    #expect(found.first.contains("layer1.0.conv2.output"))
    #expect(found.wanted.contains("layer1.0.bn1.variance") && found.wanted.contains("layer1.0.bn1.output"))
    // What was computed from an unanswered tensor is not accused, nor is anything that is right.
    let made = Set(item.description.graph.flatMap(\.to))
    #expect(found.isolated.allSatisfy { $0.inputs.allSatisfy { !made.contains($0) || wrong[$0] != nil } })
    let failed = Set(item.compare(wrong, profile: .float32).filter { $0.verdict == .fail }.map(\.name))
    #expect(found.isolated.allSatisfy { failed.contains($0.tensor) }, "\(found.isolated)")
    var nobody: (any Diagnosing)?
    let report = item.report(on: wrong, profile: .float32, by: &nobody)
    #expect(report.tensors.first { $0.name == "layer1.0.bn1.output" }?.verdict == .unanswered)
    #expect(report.verdict == .fail)
  }

  // What was computed from a tensor of another shape is not accused: the judge cannot compute on from that.
  @Test func tensorsOfOtherShapesAccuseNothing() throws {
    let item = try ownCorpus.get().load(Self.id)
    var wrong = try answers(item) { site, _ in
      site.name == "layer1.0.conv1.output" ? site.value.mapped { $1 + 1 } : nil
    }
    guard case .real(let maps)? = wrong["layer1.0.conv1.output"]?.value else { return }
    let half = Tensor<Double>(
      shape: [maps.shape[0] / 2] + maps.shape.dropFirst(), values: Array(maps.values.prefix(maps.count / 2)))
    wrong["layer1.0.conv1.output"] = StoredTensor(type: "F64", value: .real(half))
    let found = try #require(item.divergence(wrong, profile: .float32))
    #expect(!found.isolated.contains { $0.inputs.contains("layer1.0.conv1.output") }, "\(found.isolated)")
  }

  // The sum of two gradients that almost cancel errs by their roundings, and is not accused; ten times as much is.
  @Test func sumsThatCancelMayErrLikeTheirTerms() throws {
    let item = try ownCorpus.get().load("loss/stage-one-loss-embedding-space")
    let operation = try #require(try Operations.named(item.prompt.operation) as? any RecordedOperation)
    var most = 0.0
    func accused(_ share: Double) throws -> Bool {
      var tracer = Tracer<Double>(hook: { site, recorded in
        guard site.operation == "weighted-sum", site.name == "logits.gradient", let first = recorded[site.inputs[0]]
        else { return nil }
        return site.value.mapped { i, sum in
          let size = abs(first.values[i]) + abs(sum - first.values[i])
          if sum != 0 { most = max(most, size / abs(sum)) }
          return sum + share * 0x1p-24 * size
        }
      })
      try operation.record(item.prompt, in: &tracer)
      var answers = tracer.values.mapValues { StoredTensor(type: "F64", value: .real($0)) }
      // Something must be wrong for anything to be looked for.
      answers["total"] = StoredTensor(type: "F64", value: .number(1e3))
      let found = try #require(item.divergence(answers, profile: .float32))
      return found.isolated.contains { $0.tensor == "logits.gradient" }
    }
    #expect(try !accused(4))
    #expect(try accused(400))
    #expect(most > 5, "4 roundings of the terms are 10 bounds of the sum alone: \(most)")
  }

  // Decay that is added to gradients by hand.
  @Test func decayInGradientsIsTold() throws {
    let item = try ownCorpus.get().load(Self.id)
    let decayed = try answers(item) { site, _ in
      guard site.name.hasSuffix("weight.gradient"),
        case .real(let parameter)? = item.prompt.inputs[String(site.name.dropLast(9))]
      else { return nil }
      return site.value.mapped { $1 + 0.01 * parameter.values[$0] }
    }
    let found = try #require(item.divergence(decayed, profile: .float32))
    let told = found.isolated.filter { $0.form == "is the right one plus 0.01 times the parameter" }
    #expect(told.count > 4, "\(found.isolated)")
  }

  // Intermediate tensors may be left out; what nothing else is made of may not.
  @Test func rightResultsAreEnough() throws {
    let item = try ownCorpus.get().load(Self.id)
    let read = Set(item.description.graph.flatMap(\.from))
    var nobody: (any Diagnosing)?
    let results = try answers(item, without: read) { _, _ in nil }
    #expect(item.report(on: results, profile: .float64, by: &nobody).verdict == .ok)
    let less = results.filter { $0.key != "bank.new" }
    #expect(item.report(on: less, profile: .float64, by: &nobody).verdict == .missing)
  }

  @Test func rightAnswersDivergeNowhere() throws {
    let item = try ownCorpus.get().load(Self.id)
    #expect(item.divergence(try answers(item) { _, _ in nil }, profile: .float64) == nil)
    let single = try Operations.named(item.prompt.operation).answer(item.prompt, as: Float.self)
      .mapValues { StoredTensor(type: "F32", value: $0) }
    #expect(item.divergence(single, profile: .float32) == nil)
  }

  // A mutant that the corpus asks of one operation is named at its place in a step, by its value and by the gradient of that.
  @Test(arguments: [
    (id, "l2norm.magnitudes", ["l2-normalise", "l2-normalise-gradient"]),
    (id, "convolution.last-row-and-column", ["convolution"]),
    (id, "aug.partner-as-negative", ["batch-loss", "batch-loss-gradient"]),
    (id, "memory.momentum-swapped", ["memory-update"]), (id, "sgd.dampened", ["sgd"]),
    ("step/stage-two-step-one-stream", "softmax.base-two", ["softmax"]),
    ("step/stage-two-step-one-stream", "iic.sign", ["mutual-information", "mutual-information-gradient"]),
  ])
  func mutantsOfOneOperationAreNamedInside(id: String, name: String, edges: [String]) throws {
    let (item, mutant) = (try ownCorpus.get().load(id), try Mutants.named(name))
    var made = Set<String>()
    let wrong = try answers(item) { site, recorded in
      guard edges.contains(site.operation) else { return nil }
      let step = TraceStep(prompt: item.prompt, site: site, recorded: recorded)
      guard let value = step.answer(of: mutant, carriesGradients: true), value != site.value else { return nil }
      made.insert(site.operation)
      return value.mapped { Double(Float($1)) }
    }
    #expect(made == Set(edges))
    let found = try #require(item.divergence(wrong, profile: .float32)).isolated
    #expect(Set(found.map(\.operation)) == made, "\(found)")
    #expect(found.allSatisfy { $0.mutant == name }, "\(found.map { ($0.tensor, $0.mutant ?? "none") })")
  }

  // A pool that loses its last pixel, four times nearer to the answer than the right mean: enough once it is known from another place.
  @Test func aMistakeOfAnotherPlaceIsRecognisedNearTheBounds() throws {
    let maps = Tensor<Double>(shape: [1, 2, 1, 2], values: [1, 3, 2, 6])
    let right = Tensor<Double>(shape: [1, 2], values: [2, 4])
    // Wrong are 1/2 and 2/2. The bounds are 0.12 and 0.24: the answer is 10 of them from right and 2.5 from wrong.
    let given = Tensor<Double>(shape: [1, 2], values: [2 - 0.8 * 1.5, 4 - 0.8 * 3])
    let site = TraceSite<Double>(
      name: "pool.output", operation: "global-average-pool", inputs: ["maps"], value: right, terms: 1,
      errors: { [2e6, 4e6] })
    let prompt = Prompt(operation: "encoder", inputs: ["maps": .real(maps)])
    let place = PlaceOfFault(
      TraceStep(prompt: prompt, site: site, recorded: [:]), given, .float32, multipliesMatrices: false)
    #expect(place.mutant(known: []) == nil)
    #expect(place.mutant(known: ["pool.last-pixel"]) == "pool.last-pixel")
  }
}
