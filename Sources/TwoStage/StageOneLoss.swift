// The total loss of stage 1, from a batch's embeddings to their gradient.
//
// Paper    Han et al., ECCV 2020, stage 1:  L = L_AND + w(t) L_UE + L_AUG
// Tests    StageOneLossTests.swift
// Fixture  Fixtures/method/method-golden.json, A_stage1
import Kernels
import Networks

/// What the rows of stage 1's augmentation loss are.
public enum AugmentationLossSpace: String, Codable, Sendable, CaseIterable {
  /// Relations to the images of the bank (``RelationLoss``), as in the released program. The default.
  case relation
  /// The embeddings, as the paper's text suggests.
  case embedding
}

/// L_AND + w L_UE + L_AUG of two views of each image of a batch, against the memory bank.
///
/// All three are means over the 2B view rows, and only so are their weights comparable.
public struct StageOneLoss<Scalar: RealScalar>: Sendable {
  /// What the rows of L_AUG are.
  public typealias AugmentationSpace = AugmentationLossSpace

  /// L_AND.
  public let neighbourhood: InstanceNeighbourhood<Scalar>
  /// L_UE.
  public let entropy: UnificationEntropy<Scalar>
  /// L_AUG's batch loss.
  public let augmentation: BatchLoss<Scalar>
  /// What L_AUG compares.
  public let augmentationSpace: AugmentationSpace

  /// A loss; without arguments it is the released program's, but for the own image that L_UE leaves out.
  public init(
    neighbourhood: InstanceNeighbourhood<Scalar> = .init(), entropy: UnificationEntropy<Scalar> = .init(),
    augmentation: BatchLoss<Scalar> = .init(), augmentationSpace: AugmentationSpace = .relation
  ) {
    self.neighbourhood = neighbourhood
    self.entropy = entropy
    self.augmentation = augmentation
    self.augmentationSpace = augmentationSpace
  }

  /// Every term and the gradient of the embeddings.
  public struct Evaluation: Sendable {
    /// L_AND + w L_UE + L_AUG.
    public var total: Scalar
    /// L_AND.
    public var neighbourhood: Scalar
    /// L_UE; nil while w is 0, when it is not computed.
    public var entropy: Scalar?
    /// L_AUG.
    public var augmentation: Scalar
    /// ∂total/∂V: 2B × features.
    public var embeddingsGradient: Tensor<Scalar>
  }

  /// The loss of embeddings V.
  ///
  /// - Parameters:
  ///   - embeddings: 2B × features, unit rows; the first views above the second views.
  ///   - images: The B images of the batch.
  ///   - bank: M, a constant.
  ///   - neighbourhoods: S of every image.
  ///   - entropyWeight: w ≥ 0.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(
    embeddings: Tensor<Scalar>, images: [Int], bank: MemoryBank<Scalar>, neighbourhoods: Neighbourhoods,
    entropyWeight: Scalar
  ) -> Evaluation {
    require(
      embeddings.rows == 2 * images.count,
      "\(images.count) images need twice as many embeddings, not \(embeddings.rows)")
    require(entropyWeight >= 0, "the weight of the entropy must not be negative: \(entropyWeight)")

    let bankTerms = BankLosses(neighbourhood: neighbourhood, entropy: entropy, entropyWeight: entropyWeight)
      .evaluate(embeddings: embeddings, images: images + images, bank: bank, neighbourhoods: neighbourhoods)
    let augTerm: (loss: Scalar, gradient: Tensor<Scalar>)
    switch augmentationSpace {
    case .relation:
      let term = RelationLoss(batchLoss: augmentation).evaluate(embeddings: embeddings, gram: bank.gram)
      augTerm = (term.loss, term.embeddingsGradient)
    case .embedding:
      let term = augmentation.evaluate(embeddings)
      augTerm = (term.loss, term.rowsGradient)
    }

    var gradient = bankTerms.embeddingsGradient
    add(augTerm.gradient.values, into: &gradient.values)
    return Evaluation(
      total: bankTerms.neighbourhood + (bankTerms.entropy.map { entropyWeight * $0 } ?? 0) + augTerm.loss,
      neighbourhood: bankTerms.neighbourhood, entropy: bankTerms.entropy, augmentation: augTerm.loss,
      embeddingsGradient: gradient)
  }
}
