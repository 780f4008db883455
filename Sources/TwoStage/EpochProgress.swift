// An epoch that is under way: which step comes next, and the sums of the loss's terms so far.
//
// Tests    TrainerTests.swift

/// The steps of an epoch that have been made.
public struct EpochProgress: Sendable {
  /// Which epoch.
  public let position: TrainingPosition
  /// The steps made, which is the number of the step to come.
  public private(set) var step: Int
  /// The sum of every term over those steps.
  public private(set) var sums: [LossTerm]
  /// The images of every step; empty until the next step, since the seed and the epoch give them again.
  var batches: [[Int]] = []

  /// An epoch after some of its steps; without numbers, at its beginning.
  public init(_ position: TrainingPosition, step: Int = 0, sums: [LossTerm] = []) {
    (self.position, self.step, self.sums) = (position, step, sums)
  }

  /// Counts a step; throws if a term is not finite.
  mutating func add(_ terms: [LossTerm]) throws(TrainingError) -> StepReport {
    guard terms.allSatisfy({ $0.value.isFinite }) else {
      throw TrainingError(position: position, step: step, terms: terms)
    }
    sums =
      sums.isEmpty ? terms : zip(sums, terms).map { LossTerm(name: $0.name, value: $0.value + $1.value) }
    defer { step += 1 }
    return StepReport(
      position: position, step: step, stepsInEpoch: batches.count, images: batches[step].count, terms: terms)
  }

  func report(
    _ learningRate: Double, entropyWeight: Double? = nil, anchorCount: Int? = nil, consistency: Double? = nil
  ) -> EpochReport {
    EpochReport(
      position: position, learningRate: learningRate, entropyWeight: entropyWeight, anchorCount: anchorCount,
      consistency: consistency, steps: step, images: batches.reduce(0) { $0 + $1.count },
      terms: sums.map { LossTerm(name: $0.name, value: $0.value / Double(step)) })
  }
}
