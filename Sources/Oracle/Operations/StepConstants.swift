// The constants of a step, read from a prompt and checked, so that no layer's own requirement is ever broken.
// Tests    OracleTests/StepRecorderTests.swift, OracleTests/RecordedCasesTests.swift
import Kernels
import Networks
import TwoStage

extension NetworkPrompt {
  /// SGD of {momentum, nesterov, weightDecay}, with "NAME.velocity" of every parameter, or no velocity at all.
  func optimiser<Scalar: RealScalar>(_ encoder: inout ImageEncoder<Scalar>) throws(OracleError) -> SGD<Scalar> {
    var optimiser: SGD<Scalar> = try optimiserConstants()
    guard prompt.inputs.keys.contains(where: { $0.hasSuffix(".velocity") }) else { return optimiser }
    var shapes: [(String, [Int])] = []
    encoder.forEachParameter { name, parameter in shapes.append((name, parameter.value.shape)) }
    for (name, shape) in shapes { optimiser.velocities[name] = try tensor(name + ".velocity", shape) }
    return optimiser
  }

  /// SGD of {momentum, nesterov, weightDecay} before its first step.
  func optimiserConstants<Scalar: RealScalar>() throws(OracleError) -> SGD<Scalar> {
    let momentum = try number("momentum", default: 0.9, needs: "0 or more", as: Scalar.self) { $0 >= 0 }
    let decay = try number("weightDecay", default: 5e-4, needs: "0 or more", as: Scalar.self) { $0 >= 0 }
    let nesterov = try prompt.truth("nesterov", default: true)
    guard !nesterov || momentum > 0 else { throw fault("Nesterov's step needs a momentum above 0") }
    return SGD(momentum: momentum, nesterov: nesterov, weightDecay: decay)
  }

  /// The learning rate, finite.
  func learningRate() throws(OracleError) -> Double {
    Double(try number("learningRate", needs: "a finite number", as: Double.self) { _ in true })
  }

  /// A batch loss of {temperature, negativeWeight, stopsGradient, denominator, reduction}.
  func batchLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> BatchLoss<Scalar> {
    let denominator = try choice("denominator", default: BatchLossDenominator.released)
    let weight = try number("negativeWeight", default: 1, needs: "1 or more", as: Scalar.self) { $0 >= 1 }
    guard denominator == .released || weight == 1 else {
      throw fault("the paper's denominator needs a \"negativeWeight\" of 1, not \(weight)")
    }
    return BatchLoss(
      temperature: try number("temperature", default: 0.1, needs: "positive", as: Scalar.self) { $0 > 0 },
      negativeWeight: weight, stopsGradient: try prompt.truth("stopsGradient", default: true),
      denominator: denominator, reduction: try choice("reduction", default: Reduction.mean))
  }

  /// The loss of stage 1.
  func stageOneLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> StageOneLoss<Scalar> {
    var own: Scalar?
    if prompt.parameters["ownLogit"] != nil {
      own = try number("ownLogit", needs: "a finite number", as: Scalar.self) { _ in true }
    }
    let reduction = try choice("reduction", default: Reduction.mean)
    return StageOneLoss(
      neighbourhood: InstanceNeighbourhood(reduction: reduction),
      entropy: UnificationEntropy(ownLogit: own, reduction: reduction), augmentation: try batchLoss(as: Scalar.self),
      augmentationSpace: try choice("augmentationSpace", default: AugmentationLossSpace.relation))
  }

  /// The loss of stage 2.
  func stageTwoLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> StageTwoLoss<Scalar> {
    StageTwoLoss(
      assignment: MutualInformation(
        marginalEntropyWeight: try number("marginalEntropyWeight", default: 1, needs: "0 or more", as: Scalar.self) {
          $0 >= 0
        },
        symmetrised: try prompt.truth("symmetrised", default: true)),
      consistency: try batchLoss(as: Scalar.self),
      consistencyWeight: try number("consistencyWeight", default: 1, needs: "0 or more", as: Scalar.self) { $0 >= 0 })
  }

  /// The memory bank of the input "bank" and {bankTemperature, bankMomentum, viewPolicy}.
  func bank<Scalar: RealScalar>(features: Int, as _: Scalar.Type) throws(OracleError) -> MemoryBank<Scalar> {
    let rows: Tensor<Scalar> = try prompt.tensor("bank")
    guard rows.shape.count == 2, rows.shape[0] > 0, rows.shape[1] == features else {
      throw fault("\"bank\" must be images × \(features) features, not \(rows.shape)")
    }
    return MemoryBank(
      rows: rows,
      temperature: try number("bankTemperature", default: 0.1, needs: "positive", as: Scalar.self) { $0 > 0 },
      momentum: try number("bankMomentum", default: 0.5, needs: "0 to 1", as: Scalar.self) { (0...1).contains($0) },
      viewPolicy: try choice("viewPolicy", default: MemoryViewPolicy.second))
  }

  /// The heads of the input "heads", heads × features × classes, and {headTemperature, axis: class or feature}.
  func heads<Scalar: RealScalar>(features: Int, as _: Scalar.Type) throws(OracleError) -> ClusterHeads<Scalar> {
    let weights: Tensor<Scalar> = try prompt.tensor("heads")
    guard weights.shape.count == 3, weights.shape.allSatisfy({ $0 > 0 }), weights.shape[1] == features else {
      throw fault("\"heads\" must be heads × \(features) features × classes, not \(weights.shape)")
    }
    let axis: ClusterHeadAxis
    switch try prompt.text("axis", default: "class") {
    case "class": axis = .classes
    case "feature": axis = .features
    case let other: throw fault("\"axis\" must be class or feature, not \(other)")
    }
    return ClusterHeads(
      weights: (0..<weights.rows).map { h in
        Tensor(shape: Array(weights.shape.dropFirst()), values: Array(weights.row(h)))
      },
      temperature: try number("headTemperature", default: 0.1, needs: "positive", as: Scalar.self) { $0 > 0 },
      axis: axis)
  }

  /// The neighbourhoods of the whole-number input "neighbours", images × k, −1 for none; only instances if it is absent.
  func neighbourhoods(images: Int) throws(OracleError) -> Neighbourhoods {
    guard let given = prompt.inputs["neighbours"] else { return .instances(imageCount: images) }
    guard case .integers(let table, let shape) = given, shape.count == 2, shape[0] == images else {
      throw fault("\"neighbours\" must be \(images) rows of whole numbers, not of shape \(given.shape)")
    }
    guard table.allSatisfy({ (-1..<images).contains($0) }) else {
      throw fault("\"neighbours\" must be −1 or below \(images)")
    }
    let lists = (0..<images).map { i in table[i * shape[1]..<(i + 1) * shape[1]].filter { $0 >= 0 } }
    let anchors = lists.indices.filter { !lists[$0].isEmpty }
    return Neighbourhoods(imageCount: images, anchors: anchors, neighbours: anchors.map { lists[$0] })
  }

  /// The images of a batch of `count`, each below `bound`.
  func batch(_ images: [Int], count: Int, below bound: Int) throws(OracleError) -> [Int] {
    guard images.count == count else {
      throw fault("\"images\" must hold \(count) numbers for each step, not \(images.count)")
    }
    try requireIndices(images, "images", below: bound)
    return images
  }
}
