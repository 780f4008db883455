// What is trained: the paper's two stages, one of its ablations, or one of the methods that it is built on.
//
// A method changes a preset's constants and nothing else, so that each difference has a name; encoder, images and stage 2
// stay the preset's. A method's own number of epochs and rates replace the paper's, not those of a short recipe.
// Tests    MethodTests.swift
import Images
import Networks

/// A method, as changes of a configuration.
public enum Method: String, Codable, Sendable, CaseIterable {
  /// Both stages of Han et al., ECCV 2020.
  case twoStage = "two-stage"
  /// Stage 1 is NPID's (Wu et al., CVPR 2018): each image is a class of its own, one view, no neighbours.
  case npid
  /// Stage 1 is AND's (Huang et al., ICML 2019): neighbourhoods in rounds, one view.
  case and
  /// Stage 1 is ISIF's (Ye et al., CVPR 2019): the batch loss of the embeddings of two views.
  case isif
  /// In the manner of IIC (Ji et al., ICCV 2019): stage 2 alone, from random weights, without L_cp, heads trained.
  case iic
  /// The ablation that trains with both stages' losses at once, for as many epochs as both stages have together.
  case joint

  /// One line that tells them apart.
  public var summary: String {
    switch self {
    case .twoStage: "both stages of the paper"
    case .npid: "stage 1 by telling images apart alone"
    case .and: "stage 1 by neighbourhoods of single views"
    case .isif: "stage 1 by the batch loss of two views"
    case .iic: "stage 2 alone from random weights, heads trained, without L_cp"
    case .joint: "both stages' losses at once"
    }
  }

  /// A configuration with what this method changes.
  public func applied(to configuration: Configuration) -> Configuration {
    var changed = configuration
    switch self {
    case .twoStage: break
    case .npid: changed.stageOne.becomeNPID()
    case .and: changed.stageOne.becomeAND()
    case .isif: changed.stageOne.becomeISIF()
    case .iic:
      changed.stageOne.rounds = 0
      changed.stageTwo.consistencyWeight = 0
      changed.stageTwo.marginalEntropyWeight = 1
      changed.stageTwo.headsAreTrainable = true
    case .joint:
      changed.isJoint = true
      let rounds = max(1, changed.stageOne.rounds)
      changed.stageOne.epochsPerRound += (changed.stageTwo.epochs + rounds - 1) / rounds
    }
    return changed
  }
}

extension StageOneConfiguration {
  /// Single views without a mirror, no L_UE, no L_AUG, no batch left out; all images are instances in every round but later
  /// ones of AND.
  fileprivate mutating func becomeAND() {
    views = views.unflipped
    viewCount = 1
    entropyWeightStep = 0
    augmentationWeight = 0
    dropsRemainder = false
  }

  /// AND's first round; without a look ahead.
  fileprivate mutating func becomeNPID() {
    becomeAND()
    rounds = 1
    optimiser.nesterov = false
  }

  /// L_AUG of the embeddings alone; its own fall of the rate over 301 epochs.
  fileprivate mutating func becomeISIF() {
    rounds = 1
    neighbourhoodWeight = 0
    entropyWeightStep = 0
    augmentationSpace = .embedding
    optimiser.nesterov = false
    if learningRateSchedule == .released { (epochsPerRound, learningRateSchedule) = (301, .isif) }
  }
}

extension Configuration {
  /// The released program's choices where the constants above follow the paper instead.
  ///
  /// These two are all: its own image in L_UE, whose logit it sets to −10 instead of leaving it out, and the axis of the
  /// heads' normalisation. Where the paper is silent or the program made the published numbers, the program is followed
  /// anyway; its divisions by a length without a lower bound differ for rows of zeros alone.
  public var released: Configuration {
    var changed = self
    changed.stageOne.ownImage = .minusTen
    changed.stageTwo.headAxis = .features
    return changed
  }
}
