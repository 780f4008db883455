// The memory bank: one remembered embedding per image, against which stage 1 classifies without a trained layer.
//
// Paper    Wu et al., "Unsupervised Feature Learning via Non-Parametric Instance Discrimination" (NPID), CVPR 2018;
//          stage 1 of Han et al., ECCV 2020.
//     z_aj = v_a · m_j / τ,    m_i ← normalise(ρ m_i + (1 − ρ) v_a) for the view a of image i, after the backward pass
// Definition  referenceBankLogits, referenceBankUpdate in ReferenceStages.swift
// Tests    MemoryBankTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1
import Kernels
import Networks

/// Which of an image's two views a ``MemoryBank`` remembers.
public enum MemoryViewPolicy: String, Codable, Sendable, CaseIterable {
  /// The second, which the released program's last write leaves in place on a processor. The default.
  case second
  /// The first.
  case first
  /// The mean of both.
  case mean
}

/// Remembered embeddings m, images × features; constants for every gradient.
///
/// | Paper | Here          | Shape or range                    |
/// | ----- | ------------- | --------------------------------- |
/// | M     | `rows`        | images × features                 |
/// | τ     | `temperature` | > 0; 0.1                          |
/// | ρ     | `momentum`    | 0...1, the weight of the old row; 0.5 |
///
/// Where this differs from the released program: there the backward pass writes the bank, and which of two views of an
/// image is kept depends on the device; here ``update(images:embeddings:)`` is a call of its own and a rule is given. An
/// update that sums to zero keeps the old row instead of dividing by zero.
public struct MemoryBank<Scalar: RealScalar>: Sendable, Equatable {
  /// Which view of an image is remembered, if a batch holds two.
  public typealias ViewPolicy = MemoryViewPolicy

  /// M: images × features; rows are unit vectors once they have been updated.
  public private(set) var rows: Tensor<Scalar>
  /// τ.
  public let temperature: Scalar
  /// ρ, the weight of the old row.
  public let momentum: Scalar
  /// Which view is remembered.
  public let viewPolicy: ViewPolicy

  /// A bank of given rows, images × features; stops if the temperature is not positive or the momentum not in 0...1.
  public init(
    rows: Tensor<Scalar>, temperature: Scalar = 0.1, momentum: Scalar = 0.5, viewPolicy: ViewPolicy = .second
  ) {
    require(rows.shape.count == 2, "a memory bank needs rows of features, not the shape \(rows.shape)")
    require(temperature > 0 && temperature.isFinite, "the bank's temperature must be positive, not \(temperature)")
    require((0...1).contains(momentum), "the bank's momentum must be 0 to 1, not \(momentum)")
    self.rows = rows
    self.temperature = temperature
    self.momentum = momentum
    self.viewPolicy = viewPolicy
  }

  /// A bank of random rows: every entry uniform in ±√(3 / features), of variance 1 / features.
  ///
  /// Image i's row is drawn from the stream (seed, memory, image i).
  ///
  /// - Parameters:
  ///   - images: N.
  ///   - features: D.
  ///   - seed: The key of the random numbers.
  ///   - normalised: Whether the rows are made unit vectors; false as in the released program.
  ///   - temperature: τ.
  ///   - momentum: ρ.
  ///   - viewPolicy: Which view is remembered.
  public init(
    images: Int, features: Int, seed: UInt32, normalised: Bool = false, temperature: Scalar = 0.1,
    momentum: Scalar = 0.5, viewPolicy: ViewPolicy = .second
  ) {
    require(images > 0 && features > 0, "a bank of \(images) images with \(features) features")
    let bound = (3 / Double(features)).squareRoot()
    var values: [Scalar] = []
    values.reserveCapacity(images * features)
    for image in 0..<images {
      var stream = RandomStream(seed: seed, purpose: .memory, image: image)
      let row = (0..<features).map { _ in Scalar(stream.uniform(-bound, bound)) }
      values += normalised ? Self.unit(row) ?? row : row
    }
    self.init(
      rows: Tensor(shape: [images, features], values: values), temperature: temperature, momentum: momentum,
      viewPolicy: viewPolicy)
  }

  /// z = V Mᵀ / τ: views × images, for embeddings V, views × features.
  ///
  /// The embeddings are divided by τ, not the far larger product.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func logits(of embeddings: Tensor<Scalar>) -> Tensor<Scalar> {
    let (views, images, features) = (embeddings.rows, rows.rows, rows.columns)
    require(
      embeddings.shape == [views, features], "a bank of \(features) features has no logits of shape \(embeddings.shape)"
    )
    let scaled = embeddings.values.map { $0 / temperature }
    return Tensor(
      shape: [views, images],
      values: matrixProduct(
        scaled, rows.values, rows: views, columns: images, depth: features, transposeB: true))
  }

  /// ∂L/∂V = ∂L/∂z M / τ: views × features.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func embeddingsGradient(ofLogits logitsGradient: Tensor<Scalar>) -> Tensor<Scalar> {
    let product = logitsGradient.multiplied(by: rows)
    return Tensor(shape: product.shape, values: product.values.map { $0 / temperature })
  }

  /// G = Mᵀ M: features × features.
  public var gram: Tensor<Scalar> { rows.multiplied(by: rows, transposed: true) }

  /// Remembers a batch: once per step, after the backward pass, with the embeddings of the forward pass.
  ///
  /// Every new row starts from the row before this call; if an image occurs more than once, its last place counts.
  ///
  /// - Parameters:
  ///   - images: The images of the batch.
  ///   - embeddings: One row an image, or two: all first views above all second views.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func update(images: [Int], embeddings: Tensor<Scalar>) {
    let (count, features) = (images.count, rows.columns)
    require(
      embeddings.columns == features && (embeddings.rows == count || embeddings.rows == 2 * count),
      "an update of \(count) images needs as many embeddings of \(features) features, or twice as many, "
        + "not the shape \(embeddings.shape)")
    let updates = images.indices.map { b in
      let image = images[b]
      require((0..<rows.rows).contains(image), "image \(image) is not in a bank of \(rows.rows)")
      return Self.unit(remembered(embeddings, b, of: count, after: Array(rows.row(image))))
    }
    for case (let image, let row?) in zip(images, updates) {
      rows.values.replaceSubrange(image * features..<(image + 1) * features, with: row)
    }
  }

  /// ρ m + (1 − ρ) v for image b of the batch, whose row was m.
  private func remembered(_ embeddings: Tensor<Scalar>, _ b: Int, of count: Int, after row: [Scalar]) -> [Scalar] {
    let first = Array(embeddings.row(b))
    let second = embeddings.rows == count ? first : Array(embeddings.row(b + count))
    return row.indices.map { d in
      let view =
        switch viewPolicy {
        case .second: second[d]
        case .first: first[d]
        case .mean: (first[d] + second[d]) / 2
        }
      return momentum * row[d] + (1 - momentum) * view
    }
  }

  /// The vector over its length; nil if that is below 10⁻¹².
  private static func unit(_ vector: [Scalar]) -> [Scalar]? {
    let norm = L2Normalisation.norms(of: Tensor(shape: [1, vector.count], values: vector))[0]
    return norm < 1e-12 ? nil : vector.map { $0 / norm }
  }
}
