// The class heads of stage 2: the classes of a head are fixed random directions, and only the encoder moves.
//
// Paper    Han et al., ECCV 2020, the normalised fully connected classifier (Norm-FC) of stage 2, and its supplement for
//          the fixed weights.
//     y_a = softmax_k(v_a · w_k / τ_c),   w_k = W[:, k] / |W[:, k]|,   W ~ N(0, 1)
// Definition  referenceHead in ReferenceStages.swift
// Tests    ClusterHeadsTests.swift
// Fixture  Fixtures/method/method-golden.json, D_normfc; Fixtures/method/losses.json
import Kernels
import Networks

/// Along which axis the weight of ``ClusterHeads`` is normalised.
public enum ClusterHeadAxis: String, Codable, Sendable, CaseIterable {
  /// Each class's vector, as the paper writes. The default.
  case classes
  /// Each feature's row over the classes, as the released program does.
  case features
  /// None: W as it is drawn, the paper's ablation.
  case none
}

/// H independent heads, each of which gives a view's probabilities of K classes.
///
/// | Paper | Here          | Shape or range                              |
/// | ----- | ------------- | ------------------------------------------- |
/// | v     | `embeddings`  | views × features, unit rows                 |
/// | W     | `weights`     | heads × (features × classes)                |
/// | τ_c   | `temperature` | > 0; 0.1 in the paper, 0.05 in the short recipes |
/// | H     | `headCount`   | ≥ 1; 5                                      |
///
/// Where this differs from the released program: that one normalises each *feature's* row of W over the classes
/// (``ClusterHeadAxis/features``), which acts like the paper's formula with a temperature of τ_c √(K / features).
public struct ClusterHeads<Scalar: RealScalar>: Module, Sendable {
  /// Along which axis W is normalised.
  public typealias Axis = ClusterHeadAxis

  /// W of every head with its gradient: features × classes.
  public private(set) var weights: [Parameter<Scalar>]
  /// τ_c.
  public let temperature: Scalar
  /// Along which axis W is normalised.
  public let axis: Axis
  /// Whether an optimiser may change W, and gradients of W are therefore added up; false in the paper.
  public let isTrainable: Bool

  /// Heads of given weights, each features × classes.
  public init(weights: [Tensor<Scalar>], temperature: Scalar = 0.1, axis: Axis = .classes, isTrainable: Bool = false) {
    require(!weights.isEmpty, "at least one head is needed")
    require(
      weights.allSatisfy { $0.shape == weights[0].shape && $0.shape.count == 2 },
      "all heads must be features × classes of one size, not \(weights.map(\.shape))")
    require(temperature > 0 && temperature.isFinite, "the heads' temperature must be positive, not \(temperature)")
    self.weights = weights.map { Parameter($0) }
    self.temperature = temperature
    self.axis = axis
    self.isTrainable = isTrainable
  }

  /// Heads of standard normal weights; head h is drawn in row-major order from the stream (seed, heads, image h).
  public init(
    features: Int, classes: Int, heads: Int = 5, seed: UInt32, temperature: Scalar = 0.1, axis: Axis = .classes,
    isTrainable: Bool = false
  ) {
    let weights = (0..<heads).map { head in
      var stream = RandomStream(seed: seed, purpose: .heads, image: head)
      return Tensor(shape: [features, classes], values: stream.normals(features * classes, as: Scalar.self))
    }
    self.init(weights: weights, temperature: temperature, axis: axis, isTrainable: isTrainable)
  }

  /// H.
  public var headCount: Int { weights.count }
  /// K.
  public var classCount: Int { weights[0].value.shape[1] }

  /// What the backward pass needs: the embeddings, each head's normalised weight and each head's output.
  public struct Cache: Sendable {
    let embeddings: Tensor<Scalar>
    let directions: [Tensor<Scalar>]
    let probabilities: [Tensor<Scalar>]
  }

  /// Each head's class probabilities: views × classes.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func forward(_ embeddings: Tensor<Scalar>) -> (probabilities: [Tensor<Scalar>], cache: Cache) {
    let directions = weights.indices.map { self.directions(of: $0) }
    let probabilities = directions.map { direction in
      let scores = embeddings.multiplied(by: direction)
      let logits = scores.values.map { $0 / temperature }
      return Tensor(shape: scores.shape, values: softmaxOfRows(logits, columns: classCount))
    }
    return (
      probabilities, Cache(embeddings: embeddings, directions: directions, probabilities: probabilities)
    )
  }

  /// The gradient of the embeddings from one gradient ∂L/∂y a head; adds into the weights' gradients if trainable.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func backward(_ probabilitiesGradients: [Tensor<Scalar>], cache: Cache) -> Tensor<Scalar> {
    require(
      probabilitiesGradients.count == headCount,
      "\(headCount) heads need as many gradients, not \(probabilitiesGradients.count)")
    var embeddingsGradient = Tensor<Scalar>(shape: cache.embeddings.shape)
    for (h, gradient) in probabilitiesGradients.enumerated() {
      // y = softmax(x / τ_c), x = V W̄:  ∂L/∂x = y ∘ (g − y·g) / τ_c,   ∂L/∂V = ∂L/∂x W̄ᵀ,   ∂L/∂W̄ = Vᵀ ∂L/∂x
      let probabilities = cache.probabilities[h]
      require(
        gradient.shape == probabilities.shape,
        "head \(h) needs a gradient of shape \(probabilities.shape), not \(gradient.shape)")
      let means = dotProductsOfRows(gradient.values, probabilities.values, columns: classCount)
      let values = gradient.values.indices.map {
        probabilities.values[$0] * (gradient.values[$0] - means[$0 / classCount]) / temperature
      }
      let logitsGradient = Tensor(shape: gradient.shape, values: values)
      multiplyMatrices(
        logitsGradient.values, cache.directions[h].values, into: &embeddingsGradient.values, rows: gradient.rows,
        columns: cache.embeddings.columns, depth: classCount, transposeB: true, accumulate: true)
      if isTrainable {
        addWeightGradient(of: h, cache.embeddings.multiplied(by: logitsGradient, transposed: true))
      }
    }
    return embeddingsGradient
  }

  /// The most probable class of every view, by one head; the lower class first among equals.
  public func classes(of embeddings: Tensor<Scalar>, head: Int) -> [Int] {
    require((0..<headCount).contains(head), "head \(head) is not one of \(headCount)")
    let scores = embeddings.multiplied(by: directions(of: head))
    return (0..<scores.rows).map { a in
      let row = Array(scores.row(a))
      return row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    }
  }

  /// Visits the weights "heads.0.weight", … if they are trainable, else nothing.
  public mutating func forEachParameter(
    prefix: String, _ body: (String, inout Parameter<Scalar>) throws -> Void
  ) rethrows {
    guard isTrainable else { return }
    for h in weights.indices { try body("\(prefix)heads.\(h).weight", &weights[h]) }
  }

  /// W̄ of a head: features × classes.
  package func directions(of head: Int) -> Tensor<Scalar> { normalised(weights[head].value).directions }

  /// W̄, and what its backward pass needs; W itself where there is no axis.
  ///
  /// A vector of zeros has no direction: as a row of zeros of ``L2Normalisation`` it stays, and its gradient is zero.
  private func normalised(
    _ weight: Tensor<Scalar>
  ) -> (directions: Tensor<Scalar>, cache: L2Normalisation<Scalar>.Cache?) {
    switch axis {
    case .none: return (weight, nil)
    case .features:
      let (rows, cache) = L2Normalisation().forward(weight)
      return (rows, cache)
    case .classes:
      let (rows, cache) = L2Normalisation().forward(weight.transposed)
      return (rows.transposed, cache)
    }
  }

  /// The gradient of W from that of W̄.
  private mutating func addWeightGradient(of h: Int, _ gradient: Tensor<Scalar>) {
    var gradient = gradient
    if let cache = normalised(weights[h].value).cache {
      let layer = L2Normalisation<Scalar>()
      gradient =
        axis == .classes
        ? layer.backward(gradient.transposed, cache: cache).transposed : layer.backward(gradient, cache: cache)
    }
    add(gradient.values, into: &weights[h].gradient.values)
  }
}
