import Files
import Images
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Cases of k-means, votes, starting values, grey views and RandAugment")
struct CoverageCasesTests {
  private static let operations =
    clusteringOperations + voteOperations + initialOperations + greyViewOperations + randAugmentOperations

  private static func casePrompts(of operation: String? = nil) throws -> [CasePrompt] {
    let names = Set(operations.map(\.name))
    return try corpusPrompts.get().filter {
      names.contains($0.prompt.operation) && operation ?? $0.prompt.operation == $0.prompt.operation
    }
  }

  /// How many bounds each mutation is away on a case, in every profile.
  private static func entries(_ casePrompt: CasePrompt) throws -> [KillMatrix.Entry] {
    var description = try CaseDescription(casePrompt)
    description.margins = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)
    let all = CorpusCase(
      description: description, prompt: casePrompt.prompt, expected: try casePrompt.answer(as: Double.self),
      scales: try casePrompt.scales())
    return try all.entries(Mutants.of(casePrompt.prompt.operation))
  }

  @Test(arguments: operations.map(\.name)) func wrongHabitsAreTenBoundsAwaySomewhere(operation: String) throws {
    let all = try Self.casePrompts(of: operation).flatMap { casePrompt in
      let found = try Self.entries(casePrompt)
      #expect(found.contains { $0.kills(.float32) }, "\(casePrompt.slug) finds no mistake")
      return found
    }
    for profile in KillMatrix.profiles {
      let killed = Set(all.filter { $0.kills(profile) }.map(\.mutant))
      for mutant in Mutants.of(operation) {
        #expect(killed.contains(mutant.name), "no case of \(operation) finds \(mutant.name) in \(profile.rawValue)")
      }
    }
  }

  @Test(arguments: ["evaluate", "rng", "augment"]) func invariantFloatStaysInsideItsBound(area: String) throws {
    let names = Set(Self.operations.map(\.name))
    try expectFloatInside(area) { names.contains($0.prompt.operation) }
  }

  // Without a variation the plain loops find what the package finds.
  @Test func invariantPlainLoopsAreRight() throws {
    for casePrompt in try Self.casePrompts(of: "k-means") {
      let right = try casePrompt.answer(as: Double.self)
      let found = try KMeansOperation.starts(casePrompt.prompt).map(\.found)
      let best = found[KMeansOperation.best(found)]
      #expect(right["assignments"] == .listOf(best.assignments), "\(casePrompt.slug)")
      #expect(right["iterations"] == .integers([best.iterations], shape: []), "\(casePrompt.slug)")
      let numbers: [String: TensorValue] = ["centroids": .rows(best.centroids), "inertia": .number(best.inertia)]
      let ratio = worstRatio(right.merging(numbers) { $1 }, right, try casePrompt.scales(), unit: 0x1p-51)
      #expect(ratio.ratio <= 1, "\(casePrompt.slug): \(ratio)")
    }
    for casePrompt in try Self.casePrompts(of: "k-means-seeds") {
      let seeds = try KMeansSeedsOperation.seeding(casePrompt.prompt).drawn().seeds
      #expect(try casePrompt.answer(as: Double.self)["seeds"] == .listOf(seeds), "\(casePrompt.slug)")
    }
    for casePrompt in try Self.casePrompts(of: "grey-view") {
      let right = try casePrompt.answer(as: Double.self)
      let ratio = worstRatio(
        try TextbookGreyView(casePrompt.prompt).answer, right, try casePrompt.scales(), unit: 0x1p-51)
      #expect(ratio.ratio <= 1, "\(casePrompt.slug): \(ratio)")
    }
    for casePrompt in try Self.casePrompts(of: "rand-parameters") {
      let (keys, views, height, width) = try RandParametersOperation.inputs(casePrompt.prompt)
      for image in keys.images {
        let drawn = views.parameters(
          seed: keys.seed, epoch: keys.epoch, image: image, view: keys.view, height: height, width: width)
        let plain = RandDraw(views, keys, image: image, height: height, width: width)
        let kinds = plain.operations.map(\.kind)
        #expect(kinds == drawn.operations.map(\.kind), "\(casePrompt.slug)")
        for (a, b) in zip(plain.operations, drawn.operations) {
          #expect(abs(a.value - b.value) <= 1e-14, "\(casePrompt.slug)")
        }
      }
    }
  }

  // Sampled half a pixel further right: (0 + ½)/2, (½ + 0)/2 and (0 + 0)/2; twice that, and ¼ more where it is above 0.05.
  @Test func workedExampleOfAGreyView() throws {
    let image = TensorValue.real(Tensor<Double>(shape: [1, 1, 3], values: [0, 0.5, 0]))
    let prompt = Prompt(
      operation: "grey-view",
      parameters: ["shiftX": .number(0.5), "contrast": .integer(2), "brightness": .number(0.25)],
      inputs: ["image": image])
    #expect(
      try GreyViewOperation().answer(prompt, as: Double.self)["y"]
        == .real(Tensor<Double>(shape: [1, 1, 3], values: [0.75, 0.75, 0])))
  }

  // Parameters and inputs of wrong kinds, sizes and ranges: an answer or one sentence, never a trap.
  @Test(arguments: operations.map(\.name)) func wrongPromptsAreErrors(name: String) throws {
    let all = try Self.casePrompts(of: name)
    var stream = RandomStream(seed: 6, purpose: .test)
    let values: [JSON] = [
      .integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(5000), .integer(3), .number(1e300),
      .number(-1e300), .number(.nan), .number(.infinity), .number(0.5), .string("wrong"), .string("scan"),
      .string("rotate"),
      .bool(true), .array([]), .array([.integer(4)]), .array([.number(2), .number(1)]),
      .array([.number(-1), .number(1e9)]),
      .array([.string("x")]), .array([.integer(0), .integer(0), .integer(1), .integer(2)]),
      .array([.integer(.max), .integer(.max), .integer(.max), .integer(.max)]), .array([.number(.nan), .number(.nan)]),
      .array(Array(repeating: .string("rotate"), count: 3)),
    ]
    let tensors: [TensorValue] = [
      .real(Tensor<Double>(shape: [0])), .real(Tensor<Double>(shape: [2, 0])),
      .real(Tensor<Double>(rows: [[.nan, 1], [2, 3]])),
      .real(Tensor<Double>(rows: [[1e300, 1], [2, 3]])), .real(Tensor<Double>(shape: [], values: [1])),
      .real(Tensor<Double>(rows: [[1, 1], [1, 1], [1, 1]])), .real(Tensor<Double>(shape: [1, 1, 1], values: [0.5])),
      .integers([], shape: [0]), .integers([0, -1, 5], shape: [3]), .integers([.max], shape: [1]),
      .integers([1], shape: []),
      .bytes([], shape: [3, 0, 4]), .bytes([1, 2, 3], shape: [3, 1, 1]), .bytes([1, 2], shape: [2, 1, 1]),
    ]
    let operation = try Operations.named(name)
    var refused = 0
    for _ in 0..<600 {
      let casePrompt = all[stream.integer(below: all.count)]
      var prompt = casePrompt.prompt
      let (names, inputs) = (prompt.parameters.keys.sorted(), prompt.inputs.keys.sorted())
      if inputs.isEmpty || !names.isEmpty && stream.integer(below: 2) > 0 {
        let name = names[stream.integer(below: names.count)]
        prompt.parameters[name] = stream.integer(below: 8) == 0 ? nil : values[stream.integer(below: values.count)]
      } else {
        let name = inputs[stream.integer(below: inputs.count)]
        prompt.inputs[name] = stream.integer(below: 8) == 0 ? nil : tensors[stream.integer(below: tensors.count)]
      }
      do throws(OracleError) {
        let answer = try operation.answer(prompt, as: Float.self)
        _ = try (operation.scales(prompt), operation.margins(prompt))
        #expect(!answer.isEmpty)
      } catch {
        #expect(error.description.contains(name), "\(error)")
        refused += 1
      }
    }
    #expect(refused > 150, "\(refused) of 600 refused")
  }
}
