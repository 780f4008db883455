// The total loss of stage 1, from a batch's embeddings to their gradient.
//
// Paper    Han et al., ECCV 2020, stage 1:  L = a L_AND + w(t) L_UE + b L_AUG,  a = b = 1; ancestors have some of the terms:
//          NPID and AND L_AND of single views, ISIF L_AUG of the embeddings.
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

/// a L_AND + w L_UE + b L_AUG of the views of each image of a batch, against the memory bank.
///
/// All three are means over the view rows, 2B or, without L_AUG, also B, and only so are their weights comparable.
public struct StageOneLoss<Scalar: RealScalar>: Sendable {
  /// What the rows of L_AUG are.
  public typealias AugmentationSpace = AugmentationLossSpace

  /// L_AND.
  public let neighbourhood: InstanceNeighbourhoodLoss<Scalar>
  /// L_UE.
  public let entropy: UnificationEntropyLoss<Scalar>
  /// L_AUG's batch loss.
  public let augmentation: BatchLoss<Scalar>
  /// What L_AUG compares.
  public let augmentationSpace: AugmentationSpace
  /// a; 1, or 0 for a loss without L_AND and L_UE.
  public let neighbourhoodWeight: Scalar
  /// b; 1, or 0 for a loss without L_AUG.
  public let augmentationWeight: Scalar

  /// A loss; without arguments it is the released program's, but for the own image that L_UE leaves out.
  public init(
    neighbourhood: InstanceNeighbourhoodLoss<Scalar> = .init(), entropy: UnificationEntropyLoss<Scalar> = .init(),
    augmentation: BatchLoss<Scalar> = .init(), augmentationSpace: AugmentationSpace = .relation,
    neighbourhoodWeight: Scalar = 1, augmentationWeight: Scalar = 1
  ) {
    require(
      neighbourhoodWeight >= 0 && augmentationWeight >= 0 && (neighbourhoodWeight + augmentationWeight).isFinite
        && neighbourhoodWeight + augmentationWeight > 0,
      "the weights \(neighbourhoodWeight) and \(augmentationWeight) must not be negative, nor both 0")
    self.neighbourhood = neighbourhood
    self.entropy = entropy
    self.augmentation = augmentation
    self.augmentationSpace = augmentationSpace
    self.neighbourhoodWeight = neighbourhoodWeight
    self.augmentationWeight = augmentationWeight
  }

  /// Every term and the gradient of the embeddings.
  public struct Evaluation: Sendable {
    /// a L_AND + w L_UE + b L_AUG.
    public var total: Scalar
    /// L_AND; nil if its weight is 0.
    public var neighbourhood: Scalar?
    /// L_UE; nil while w is 0, when it is not computed.
    public var entropy: Scalar?
    /// L_AUG; nil if its weight is 0.
    public var augmentation: Scalar?
    /// ∂total/∂V: views × features.
    public var embeddingsGradient: Tensor<Scalar>
  }

  /// The loss of embeddings V and its gradient.
  ///
  /// - Parameters:
  ///   - embeddings: 2B × features, unit rows; the first views above the second views. B × features without L_AUG.
  ///   - images: The B images of the batch.
  ///   - bank: M, a constant.
  ///   - neighbourhoods: S of every image.
  ///   - entropyWeight: w ≥ 0; 0 without L_AND.
  /// - Returns: The total, its terms, and ∂total/∂V, shaped like the embeddings.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func evaluate(
    embeddings: Tensor<Scalar>, images: [Int], bank: MemoryBank<Scalar>, neighbourhoods: Neighbourhoods,
    entropyWeight: Scalar
  ) -> Evaluation {
    let isPaired = embeddings.rows == 2 * images.count
    require(
      isPaired || augmentationWeight == 0 && embeddings.rows == images.count,
      "\(images.count) images need twice as many embeddings\(augmentationWeight == 0 ? ", or as many" : ""), "
        + "not \(embeddings.rows)")
    require(
      entropyWeight >= 0 && (entropyWeight == 0 || neighbourhoodWeight > 0),
      "the weight of the entropy must not be negative, and 0 without the neighbourhoods' loss: \(entropyWeight)")

    var gradient = Tensor<Scalar>(shape: embeddings.shape)
    var total: Scalar = 0
    var bankTerms: BankLosses<Scalar>.Evaluation?
    if neighbourhoodWeight > 0 {
      // a L_AND + w L_UE = a (L_AND + w/a L_UE)
      let terms = BankLosses(
        neighbourhood: neighbourhood, entropy: entropy, entropyWeight: entropyWeight / neighbourhoodWeight
      ).evaluate(
        embeddings: embeddings, images: isPaired ? images + images : images, bank: bank,
        neighbourhoods: neighbourhoods)
      bankTerms = terms
      gradient.values = terms.embeddingsGradient.values.map { neighbourhoodWeight * $0 }
      total = neighbourhoodWeight * terms.neighbourhood + (terms.entropy.map { entropyWeight * $0 } ?? 0)
    }
    let augTerm = augmentationWeight > 0 ? augmentation(of: embeddings, bank: bank) : nil
    if let augTerm {
      for i in gradient.values.indices { gradient.values[i] += augmentationWeight * augTerm.gradient.values[i] }
      total += augmentationWeight * augTerm.loss
    }
    return Evaluation(
      total: total, neighbourhood: bankTerms?.neighbourhood, entropy: bankTerms?.entropy, augmentation: augTerm?.loss,
      embeddingsGradient: gradient)
  }

  /// L_AUG and its gradient of the embeddings.
  private func augmentation(
    of embeddings: Tensor<Scalar>, bank: MemoryBank<Scalar>
  ) -> (loss: Scalar, gradient: Tensor<Scalar>) {
    switch augmentationSpace {
    case .relation:
      let term = RelationLoss(batchLoss: augmentation).evaluate(embeddings: embeddings, gram: bank.gram)
      return (term.loss, term.embeddingsGradient)
    case .embedding:
      let term = augmentation.evaluate(embeddings)
      return (term.loss, term.rowsGradient)
    }
  }
}
