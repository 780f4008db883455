// What training tells while it runs: the terms of a loss, the end of an epoch, and the loss that is no number.
//
// Tests    TrainerTests.swift
import Kernels

/// One named number of a loss.
public struct LossTerm: Codable, Sendable, Equatable {
  /// "total", "L_and", "L_ue", "L_aug"; in stage 2 "total", "L_assign", "L_cp", "head 0", …, "information 0", …; in joint
  /// training all of them, and "L_two", the sum of stage 2's.
  public let name: String
  /// Its value.
  public let value: Double
}

extension StageOneLoss.Evaluation {
  /// Every term by name; only those that were computed.
  public var terms: [LossTerm] {
    [("total", total), ("L_and", neighbourhood), ("L_aug", augmentation), ("L_ue", entropy)].compactMap { name, value in
      value.map { LossTerm(name: name, value: Double($0)) }
    }
  }
}

extension StageTwoLoss.Evaluation {
  /// Every term by name; L_cp only where it was computed.
  public var terms: [LossTerm] {
    [LossTerm(name: "total", value: Double(total)), LossTerm(name: "L_assign", value: Double(assignment))]
      + (consistency.map { [LossTerm(name: "L_cp", value: Double($0))] } ?? [])
      + heads.enumerated().map { LossTerm(name: "head \($0)", value: Double($1)) }
      + mutualInformation.enumerated().map { LossTerm(name: "information \($0)", value: Double($1)) }
  }
}

/// A place in a run.
public struct TrainingPosition: Codable, Sendable, Equatable, CustomStringConvertible {
  /// 1 or 2.
  public var stage: Int
  /// The round of stage 1, from 0; 0 in stage 2.
  public var round: Int
  /// The epoch inside the round or stage, from 0.
  public var epoch: Int

  /// Gathers the numbers.
  public init(stage: Int, round: Int, epoch: Int) {
    self.stage = stage
    self.round = round
    self.epoch = epoch
  }

  /// "stage 1, round 2, epoch 3", all but the stage counted from 0.
  public var description: String { "stage \(stage), " + (stage == 1 ? "round \(round), " : "") + "epoch \(epoch)" }
}

/// A step that has just been made.
public struct StepReport: Sendable, Equatable {
  /// The epoch it belongs to.
  public let position: TrainingPosition
  /// Its number in the epoch, from 0, and how many the epoch has.
  public let step, stepsInEpoch: Int
  /// The images of the step.
  public let images: Int
  /// Every term of its loss.
  public let terms: [LossTerm]
}

/// An epoch that has just ended.
public struct EpochReport: Codable, Sendable, Equatable {
  /// Which epoch.
  public let position: TrainingPosition
  /// Its learning rate.
  public let learningRate: Double
  /// w; nil in stage 2.
  public let entropyWeight: Double?
  /// How many images are anchors in its round; nil in stage 2.
  public let anchorCount: Int?
  /// The share of neighbours with their anchor's label; nil without labels or anchors.
  public let consistency: Double?
  /// The accuracy of weighted nearest neighbours after the last epoch of a round, where someone has asked
  /// (``RoundEvaluation``); nil else.
  public var neighbourAccuracy: Double?
  /// The images that it is the accuracy on, "training" or "test"; nil where there is none, or nobody has noted it.
  public var neighbourPart: String?
  /// Each head's accuracy on some images after this epoch of stage 2, where someone has noted it; nil else.
  public var headAccuracies: [Double]?
  /// The same with each cluster matched to its most frequent class; only where there are more clusters than classes.
  public var headManyToOneAccuracies: [Double]?
  /// Steps of the epoch.
  public let steps: Int
  /// Images of the epoch, each with two views: the remainder that fills no batch is left out.
  public let images: Int
  /// The mean of every term over the steps.
  public let terms: [LossTerm]

  /// The mean of the term of a name; nil if the epoch has none.
  public func mean(_ name: String) -> Double? { terms.first { $0.name == name }?.value }
}

/// Why training stopped.
public struct TrainingError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where it stopped.
  public let position: TrainingPosition
  /// The step of the epoch, from 0.
  public let step: Int
  /// Every term of the step's loss.
  public let terms: [LossTerm]

  /// One sentence with the place and every term.
  public var description: String {
    let values = terms.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
    return "The loss is no longer a finite number at \(position), step \(step) (\(values)); try a lower learning rate."
  }
}
