// The constants of a step, read from a prompt and checked, so that no layer's own requirement is ever broken.
// Tests    OracleTests/StepTracerTests.swift, OracleTests/TracedCasesTests.swift
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
    let momentum: Scalar = try prompt.number(.momentum)
    let nesterov = try prompt.bool(.nesterov)
    guard !nesterov || momentum > 0 else {
      throw fault("\"nesterov\" needs a \"momentum\" above 0, not \(momentum); or \"nesterov\" false")
    }
    return SGD(momentum: momentum, nesterov: nesterov, weightDecay: try prompt.number(.weightDecay))
  }

  /// A batch loss of {temperature, negativeWeight, stopsGradient, denominator, reduction}.
  func batchLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> BatchLoss<Scalar> {
    let denominator = try prompt.choice(.denominator, as: BatchLossDenominator.self)
    let weight: Scalar = try prompt.number(.negativeWeight)
    guard denominator == .released || weight == 1 else {
      throw fault("the paper's denominator needs a \"negativeWeight\" of 1, not \(weight)")
    }
    return BatchLoss(
      temperature: try prompt.number(.temperature), negativeWeight: weight,
      stopsGradient: try prompt.bool(.stopsGradient), denominator: denominator,
      reduction: try prompt.choice(.reduction))
  }

  /// The loss of stage 1.
  func stageOneLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> StageOneLoss<Scalar> {
    let reduction = try prompt.choice(.reduction, as: Reduction.self)
    return StageOneLoss(
      neighbourhood: InstanceNeighbourhoodLoss(reduction: reduction),
      entropy: try unificationEntropy(as: Scalar.self), augmentation: try batchLoss(as: Scalar.self),
      augmentationSpace: try prompt.choice(.augmentationSpace))
  }

  /// The loss of stage 2.
  func stageTwoLoss<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> StageTwoLoss<Scalar> {
    StageTwoLoss(
      assignment: try mutualInformation(as: Scalar.self), consistency: try batchLoss(as: Scalar.self),
      consistencyWeight: try prompt.number(.consistencyWeight))
  }

  /// The memory bank of the input "bank" and {bankTemperature, bankMomentum, viewPolicy}.
  func bank<Scalar: RealScalar>(features: Int, as _: Scalar.Type) throws(OracleError) -> MemoryBank<Scalar> {
    let rows: Tensor<Scalar> = try prompt.tensor("bank")
    guard rows.shape.count == 2, rows.shape[0] > 0, rows.shape[1] == features else {
      throw fault("\"bank\" must be images × \(features) features, not (\(rows.shape.inWords))")
    }
    return MemoryBank(
      rows: rows,
      temperature: try prompt.number(.bankTemperature), momentum: try prompt.number(.bankMomentum),
      viewPolicy: try prompt.choice(.viewPolicy))
  }

  /// The heads of the input "heads", heads × features × classes, and {headTemperature, axis: class or feature}.
  func heads<Scalar: RealScalar>(features: Int, as _: Scalar.Type) throws(OracleError) -> ClusterHeads<Scalar> {
    let weights: Tensor<Scalar> = try prompt.tensor("heads")
    guard weights.shape.count == 3, weights.shape.allSatisfy({ $0 > 0 }), weights.shape[1] == features else {
      throw fault("\"heads\" must be heads × \(features) features × classes, not (\(weights.shape.inWords))")
    }
    let axis = try prompt.string(.axis) == "class" ? ClusterHeadAxis.classes : .features
    return ClusterHeads(
      weights: (0..<weights.rows).map { h in
        Tensor(shape: Array(weights.shape.dropFirst()), values: Array(weights.row(h)))
      },
      temperature: try prompt.number(.headTemperature),
      axis: axis)
  }

  /// The neighbourhoods of the whole-number input "neighbours", images × k, −1 for none; only instances if it is absent.
  func neighbourhoods(images: Int) throws(OracleError) -> Neighbourhoods {
    guard let given = prompt.inputs["neighbours"] else { return .instances(imageCount: images) }
    guard case .integers(let table, let shape) = given, shape.count == 2, shape[0] == images else {
      throw fault(
        "\"neighbours\" must be \(images) rows of whole numbers, not (\(given.shape.inWords)) \(given.kind.rawValue)")
    }
    if let index = table.firstIndex(where: { !(-1..<images).contains($0) }) {
      throw fault(
        "\"neighbours\" must hold numbers from 0 to \(images - 1) or −1 for none, but its element \(index) is \(table[index])"
      )
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
