import Files
import Images
import Kernels
import Networks
import Oracle
import Testing
import TwoStage

@Suite("Recorded steps against the layers and the stages")
struct StepTracerTests {
  @Test func invariantStepsAreTheStagesOwn() throws {
    for casePrompt in try corpusPrompts(in: "step") {
      try expectStage(casePrompt, as: Float.self)
      try expectStage(casePrompt, as: Double.self)
    }
  }

  @Test func invariantTrajectoriesAreTheStagesOwn() throws {
    for casePrompt in try corpusPrompts(in: "trajectory") where !casePrompt.slug.hasSuffix("100") {
      try expectStage(casePrompt, as: Float.self)
    }
  }

  @Test func invariantEncodersAreTheEncodersOwn() throws {
    for casePrompt in try corpusPrompts(in: "encoder") where casePrompt.generated.isEmpty {
      let answer = try casePrompt.answer(as: Float.self)
      var encoder = try Stage<Float>(casePrompt.prompt, images: "images").encoder
      let evaluation = casePrompt.prompt.parameters["mode"] == .string("evaluation")
      let (embeddings, cache) = encoder.forward(
        try casePrompt.prompt.tensor("images"), mode: evaluation ? .evaluation : .training)
      _ = encoder.backward(try casePrompt.prompt.tensor("embeddings.cotangent"), cache: cache)
      #expect(answer["embeddings"] == .real(embeddings), "\(casePrompt.slug)")
      encoder.forEachParameter { name, parameter in
        #expect(answer[name + ".gradient"] == .real(parameter.gradient), "\(casePrompt.slug) \(name)")
      }
      encoder.forEachBuffer { name, buffer in
        if !evaluation { #expect(answer[name + ".new"] == .real(buffer), "\(casePrompt.slug) \(name)") }
      }
    }
  }

  @Test func invariantGraphsWriteBeforeTheyRead() throws {
    for casePrompt in try corpusPrompts(in: "step", "block") {
      guard let operation = try Operations.named(casePrompt.prompt.operation) as? any GraphOperation else { continue }
      var known = Set(casePrompt.prompt.inputs.keys)
      known.formUnion(known.map { $0 + ".velocity" })
      known.insert("neighbours")
      for edge in try operation.graph(casePrompt.prompt) {
        #expect(known.isSuperset(of: edge.from), "\(casePrompt.slug): \(edge)")
        #expect(known.isDisjoint(with: edge.to), "\(casePrompt.slug): \(edge)")
        known.formUnion(edge.to)
      }
      #expect(known.isSuperset(of: try casePrompt.answer(as: Float.self).keys), "\(casePrompt.slug)")
    }
  }

  // x = V W̄ / τ_c gives ∂L/∂V = Σ_h ∂L/∂x_h W̄_hᵀ / τ_c. Both ways round H K products, sums and quotients: 2 (H K + 2) units
  // of Σ |∂L/∂x| |W̄| / τ_c.
  @Test func invariantLogitsGradientsAreThoseOfTheLogits() throws {
    for casePrompt in try corpusPrompts(in: "step") where casePrompt.prompt.operation == "stage-two-step" {
      let answer = try casePrompt.answer(as: Double.self)
      let temperature = try casePrompt.prompt.number("headTemperature")
      func tensor(_ name: String) throws -> Tensor<Double> {
        guard case .real(let tensor)? = answer[name] else { throw OracleError("no \(name)") }
        return tensor
      }
      let expected = try tensor("assignment.embeddings.gradient")
      var (sum, sizes, terms) = (Tensor<Double>(shape: expected.shape), Tensor<Double>(shape: expected.shape), 0)
      for h in 0..<(casePrompt.prompt.inputs["heads"]?.shape[0] ?? 0) {
        var (logits, directions) = (try tensor("heads.\(h).logits.gradient"), try tensor("heads.\(h).directions"))
        terms += logits.columns
        add(logits.multiplied(by: directions, otherTransposed: true).values, into: &sum.values)
        logits.values = logits.values.map { abs($0) }
        directions.values = directions.values.map { abs($0) }
        add(logits.multiplied(by: directions, otherTransposed: true).values, into: &sizes.values)
      }
      #expect(terms > 0)
      for i in expected.values.indices {
        let bound = 2 * Double(terms + 2) * 0x1p-53 * sizes.values[i] / temperature
        let difference = abs(expected.values[i] - sum.values[i] / temperature)
        #expect(difference <= bound, "\(casePrompt.slug) \(i): \(difference) of \(bound)")
      }
    }
  }

  // running = 0.9 old + 0.1 new, new = variance · n / (n − 1): from the right answer follow both wrong ones.
  @Test func wrongRunningStatisticsAreFarOutside() throws {
    for casePrompt in try corpusPrompts(in: "block")
    where ["-few-values", "-one-pixel"].contains(where: casePrompt.slug.hasSuffix) {
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      guard case .real(let y)? = right["y"] else { continue }
      let n = Double(y.count / y.shape[1])
      var (swapped, biased) = (right, right)
      for (name, value) in right where name.hasSuffix(".new") {
        guard case .real(let new) = value else { continue }
        let old: Tensor<Double> = try casePrompt.prompt.tensor(String(name.dropLast(4)))
        let batch = zip(new.values, old.values).map { ($0 - 0.9 * $1) / 0.1 }
        swapped[name] = .real(
          Tensor<Double>(shape: new.shape, values: zip(batch, old.values).map { 0.9 * $0 + 0.1 * $1 }))
        if name.contains("var") {
          biased[name] = .real(
            Tensor<Double>(shape: new.shape, values: zip(batch, old.values).map { 0.9 * $1 + 0.1 * $0 * (n - 1) / n }))
        }
      }
      #expect(worstRatio(swapped, right, scales).ratio > 10, "\(casePrompt.slug)")
      #expect(worstRatio(biased, right, scales).ratio > 10, "\(casePrompt.slug)")
    }
  }

  // A scale is no blanket: where every tensor were wrong by a hundredth, each would be outside.
  @Test func wrongByAHundredthIsOutsideEverywhere() throws {
    for casePrompt in try corpusPrompts(in: "block") {
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      for (name, value) in right {
        // A batch norm undoes the scale of the one weight before it: this gradient is zero but for epsilon.
        if casePrompt.slug.hasSuffix("-narrow") && name == "shortcut.0.weight.gradient" { continue }
        guard case .real(let tensor) = value else { continue }
        let wrong = Tensor<Double>(shape: tensor.shape, values: tensor.values.map { $0 * 1.01 })
        let ratio = worstRatio([name: .real(wrong)], [name: value], scales).ratio
        #expect(ratio > 1, "\(casePrompt.slug) \(name): \(ratio)")
      }
    }
  }

  /// Steps the stage itself and compares all that it returns or changes, bit for bit.
  private func expectStage<Scalar: RealScalar>(_ casePrompt: CasePrompt, as _: Scalar.Type) throws {
    let answer = try casePrompt.answer(as: Scalar.self)
    var stage = try Stage<Scalar>(casePrompt.prompt, images: "views")
    let views: Tensor<Scalar> = try casePrompt.prompt.tensor("views")
    let steps = casePrompt.area == "step" ? 1 : views.rows
    let shape = Array(views.shape.suffix(4))
    var totals: [Scalar] = []
    for step in 0..<steps {
      let size = views.count / steps
      let batch = Tensor(shape: shape, values: Array(views.values[step * size..<(step + 1) * size]))
      totals.append(try stage.step(batch, number: step, answer, casePrompt.slug))
    }
    if casePrompt.area == "trajectory" {
      #expect(answer["losses"] == .real(Tensor(shape: [steps], values: totals)), "\(casePrompt.slug)")
      if let bank = stage.one?.bank { #expect(answer["bank.new"] == .real(bank.rows), "\(casePrompt.slug)") }
      return
    }
    let velocities = stage.optimiser.velocities
    var encoder = stage.encoder
    encoder.forEachParameter { name, parameter in
      #expect(answer[name + ".new"] == .real(parameter.value), "\(casePrompt.slug) \(name)")
      let velocity = velocities[name] ?? Tensor(shape: [0])
      #expect(answer[name + ".velocity.new"] == .real(velocity), "\(casePrompt.slug) \(name)")
    }
    encoder.forEachBuffer { name, buffer in
      #expect(answer[name + ".new"] == .real(buffer), "\(casePrompt.slug) \(name)")
    }
    if let bank = stage.one?.bank { #expect(answer["bank.new"] == .real(bank.rows), "\(casePrompt.slug)") }
  }
}

/// A stage of this package in the state that a prompt describes, read by this file's own few lines.
private struct Stage<Scalar: RealScalar> {
  var one: StageOne<Scalar>?
  var two: StageTwo<Scalar>?
  var bare: ImageEncoder<Scalar>
  let prompt: Prompt

  var encoder: ImageEncoder<Scalar> {
    get { one?.encoder ?? two?.encoder ?? bare }
    set { bare = newValue }
  }
  var optimiser: SGD<Scalar> { one?.optimiser ?? two?.optimiser ?? SGD() }

  init(_ prompt: Prompt, images: String) throws {
    self.prompt = prompt
    let shape = prompt.inputs[images]?.shape ?? []
    func integers(_ name: String) throws -> [Int] { try prompt.numbers(name).map { Int($0) } }
    guard case .array(let streams)? = prompt.parameters["streams"] else { throw OracleError("no streams") }
    let sizes = EncoderConfiguration(
      inputChannels: shape[shape.count - 3], streams: streams.map { $0 == .string("sobel") ? .sobel : .plain },
      widths: try integers("widths"), blocks: try integers("blocks"), strides: try integers("strides"),
      stemStride: try prompt.integer("stemStride"), embeddingSize: try prompt.integer("embeddingSize"))
    bare = ImageEncoder(sizes, seed: 0)
    var velocities: [String: Tensor<Scalar>] = [:]
    try bare.forEachParameter { name, parameter in
      parameter.value = try prompt.tensor(name)
      if prompt.inputs[name + ".velocity"] != nil { velocities[name] = try prompt.tensor(name + ".velocity") }
    }
    try bare.forEachBuffer { name, buffer in buffer = try prompt.tensor(name) }
    guard prompt.operation != "encoder" else { return }

    var configuration = Configuration(
      encoder: sizes, stageOne: StageOneConfiguration(views: .grey(.identity)),
      stageTwo: StageTwoConfiguration(views: .grey(.identity)))
    configuration.stageOne.optimiser.momentum = try prompt.number("momentum")
    configuration.stageOne.optimiser.nesterov = try prompt.bool("nesterov")
    configuration.stageOne.optimiser.weightDecay = try prompt.number("weightDecay")
    configuration.stageTwo.optimiser = configuration.stageOne.optimiser
    var batchLoss = BatchLossConfiguration()
    batchLoss.temperature = try prompt.number("temperature")
    batchLoss.stopsGradient = try prompt.bool("stopsGradient", default: true)
    batchLoss.reduction = try prompt.string("reduction", default: "mean") == "sum" ? .sum : .mean
    if prompt.operation.hasPrefix("stage-one") {
      configuration.stageOne.reduction = batchLoss.reduction
      configuration.stageOne.augmentationLoss = batchLoss
      let space = try prompt.string("augmentationSpace", default: "relation")
      configuration.stageOne.augmentationSpace = space == "relation" ? .relation : .embedding
      if prompt.parameters["ownLogit"] != nil { configuration.stageOne.ownImage = .minusTen }
      let rows: Tensor<Scalar> = try prompt.tensor("bank")
      var stage = StageOne<Scalar>(configuration, imageCount: rows.rows)
      stage.encoder = bare
      stage.optimiser.velocities = velocities
      stage.bank = MemoryBank(
        rows: rows, temperature: Scalar(try prompt.number("bankTemperature")),
        momentum: Scalar(try prompt.number("bankMomentum")),
        viewPolicy: MemoryViewPolicy(rawValue: try prompt.string("viewPolicy", default: "second")) ?? .second)
      if case .integers(let table, let shape)? = prompt.inputs["neighbours"] {
        let lists = (0..<shape[0]).map { i in table[i * shape[1]..<(i + 1) * shape[1]].filter { $0 >= 0 } }
        let anchors = lists.indices.filter { !lists[$0].isEmpty }
        stage.neighbourhoods = Neighbourhoods(
          imageCount: shape[0], anchors: anchors, neighbours: anchors.map { lists[$0] })
      }
      one = stage
    } else {
      configuration.stageTwo.consistencyLoss = batchLoss
      configuration.stageTwo.consistencyWeight = try prompt.number("consistencyWeight", default: 1)
      configuration.stageTwo.marginalEntropyWeight = try prompt.number("marginalEntropyWeight", default: 1)
      configuration.stageTwo.symmetrised = try prompt.bool("symmetrised", default: true)
      var stage = StageTwo<Scalar>(configuration, encoder: bare)
      let heads: Tensor<Scalar> = try prompt.tensor("heads")
      stage.heads = ClusterHeads(
        weights: (0..<heads.rows).map {
          Tensor(shape: Array(heads.shape.dropFirst()), values: Array(heads.row($0)))
        },
        temperature: Scalar(try prompt.number("headTemperature")),
        axis: try prompt.string("axis", default: "class") == "class" ? .classes : .features)
      stage.optimiser.velocities = velocities
      two = stage
    }
  }

  /// The total of one step; what else it returns is checked where a single step was asked.
  mutating func step(
    _ views: Tensor<Scalar>, number: Int, _ answer: [String: TensorValue], _ slug: String
  ) throws -> Scalar {
    let rate = try prompt.number("learningRate")
    let single = prompt.operation.hasSuffix("step")
    if one != nil {
      let images = try prompt.integers("images")
      let batch = Array(images[number * views.rows / 2..<(number + 1) * views.rows / 2])
      let weight = try prompt.number("entropyWeight")
      guard let found = one?.step(views: views, images: batch, learningRate: rate, entropyWeight: weight) else {
        return .nan
      }
      if single {
        #expect(answer["total"] == .number(found.total), "\(slug)")
        #expect(answer["and"] == found.neighbourhood.map { .number($0) }, "\(slug)")
        #expect(answer["ue"] == found.entropy.map { .number($0) }, "\(slug)")
        #expect(answer["aug"] == found.augmentation.map { .number($0) }, "\(slug)")
        #expect(answer["embeddings.gradient"] == .real(found.embeddingsGradient), "\(slug)")
      }
      return found.total
    }
    guard let found = two?.step(views: views, learningRate: rate) else { return .nan }
    if single {
      #expect(answer["total"] == .number(found.total), "\(slug)")
      #expect(answer["assignment"] == .number(found.assignment), "\(slug)")
      #expect(answer["consistency"] == found.consistency.map { .number($0) }, "\(slug)")
      for (h, loss) in found.heads.enumerated() { #expect(answer["heads.\(h).loss"] == .number(loss), "\(slug)") }
      #expect(answer["embeddings.gradient"] == .real(found.embeddingsGradient), "\(slug)")
    }
    return found.total
  }
}
