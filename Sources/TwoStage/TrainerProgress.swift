// Where in its run a stored training is, as the text {"best":1,"epoch":2,"round":0,"stage":2,"step":5,"terms":["total",…]}.
//
// The end of a run is written as the epoch after the last of stage 2, which has none in joint training.
// Tests    TrainerStateTests.swift
import Files
import Networks

/// The position of a training between two steps.
struct TrainerProgress: Equatable {
  /// The epoch under way or to come; nil at the end.
  var position: TrainingPosition?
  /// The steps of that epoch that have been made.
  var step: Int
  /// The names of the terms that have been summed over those steps.
  var terms: [String]
  /// The lowest-loss epoch of stage 2, or of joint training, if one has ended.
  var bestEpoch: Int?

  /// Whether the first step of stage 2 has been made.
  var stageTwoHasBegun: Bool { position.map { $0.stage == 2 && ($0.epoch > 0 || step > 0) } ?? true }

  init(position: TrainingPosition?, step: Int, terms: [String], bestEpoch: Int?) {
    (self.position, self.step, self.terms, self.bestEpoch) = (position, step, terms, bestEpoch)
  }

  /// The text; the configuration says which epoch is the last.
  func text(_ configuration: Configuration) -> String {
    let position = position ?? TrainingPosition(stage: 2, round: 0, epoch: configuration.epochs.stageTwo)
    return JSON.object([
      "stage": .integer(position.stage), "round": .integer(position.round), "epoch": .integer(position.epoch),
      "step": .integer(step), "terms": .array(terms.map { .string($0) }),
      "best": bestEpoch.map { .integer($0) } ?? .null,
    ]).compact
  }

  /// Reads the text; throws unless it is a place in a run of the configuration.
  init(_ text: String, _ configuration: Configuration) throws(TrainerStateError) {
    func wrong(_ what: String) -> TrainerStateError { TrainerStateError(description: "the position \(what)") }
    var numbers: [String: Int] = [:]
    do {
      let members = try JSON(bytes: Array(text.utf8)[...]).members(of: "the position")
      for name in ["stage", "round", "epoch", "step"] { numbers[name] = try members[name]?.integer(of: name) }
      terms = try members["terms"]?.strings(of: "terms") ?? []
      bestEpoch = members["best"] == .null ? nil : try members["best"]?.integer(of: "best")
    } catch {
      throw wrong("cannot be read: \(error.description)")
    }
    guard let stage = numbers["stage"], let round = numbers["round"], let epoch = numbers["epoch"],
      let step = numbers["step"]
    else { throw wrong("lacks its stage, round, epoch or step") }
    let (first, last) = (configuration.stageOne, configuration.epochs.stageTwo)
    let isEnd = stage == 2 && epoch == last
    // How many epochs that could be the best have ended.
    let ended =
      !configuration.isJoint
      ? (stage == 2 ? epoch : 0) : isEnd ? configuration.epochs.stageOne : round * first.epochsPerRound + epoch
    let fits =
      stage == 1
      ? (0..<first.rounds).contains(round) && (0..<first.epochsPerRound).contains(epoch)
      : stage == 2 && round == 0 && (0...last).contains(epoch)
    guard fits, step >= 0, !(isEnd && step > 0), (step == 0) == terms.isEmpty,
      (bestEpoch != nil) == (ended > 0), bestEpoch.map({ (0..<ended).contains($0) }) ?? true
    else { throw wrong("\(text) is none of a run of this configuration") }
    position = isEnd ? nil : TrainingPosition(stage: stage, round: round, epoch: epoch)
    self.step = step
  }
}
