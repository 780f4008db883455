// The schedules: learning rate and entropy weight by the epoch, anchors by the round.
// Tests    OracleTests/ShallowCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The learning rate in given epochs.
///
/// Output: rates.
struct LearningRateOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "learning-rate"
  let area = "schedule"
  private static let base = ParameterDeclaration.number("base", .positive(to: 1e6), "the rate of the first epoch")
  private static let schedule = ParameterDeclaration.learningRateSchedule(
    "schedule",
    "paper first drops at 120; isif: × 0.1 from epoch 120, × 0.05 from 160, × 0.01 from 200, whatever the length")
  let parameters: [ParameterDeclaration] = [Self.base, Self.schedule, .length, .epochs]
  let inputs: [InputDeclaration] = []
  let formula = "paper: base · 0.1^⌊(epoch − 80) / 40⌋ from epoch 80 on, so that the first drop is at 120"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let rates = try rates(prompt).map { Scalar($0) }
    return ["rates": .real(Tensor(shape: [rates.count], values: rates))]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let base: Double = try prompt.number(Self.base)
    let values = try rates(prompt).map { Self.roundings(of: $0, base: base) }
    return ["rates": RoundingScale(values: Tensor(shape: [values.count], values: values), terms: 1)]
  }

  /// The base, each factor of 0.1 and each product round once; a power may err by 4 units.
  ///
  /// Rates that are too small for Float may be 0.
  static func roundings(of rate: Double, base: Double) -> Double {
    let fall = min(base / rate, Double.greatestFiniteMagnitude)
    let roundings = (6 + 2 * (fall > 1 ? Double.log(fall) / Double.log(10) : 0)) * rate
    return roundings + (rate < 0x1p-100 ? TrackedNumber.smallest : 0)
  }

  private func rates(_ prompt: Prompt) throws(OracleError) -> [Double] {
    try rates(prompt, base: prompt.number(Self.base))
  }

  /// The rates of the prompt's epochs from a base.
  func rates(_ prompt: Prompt, base: Double) throws(OracleError) -> [Double] {
    let (epochs, length) = try NetworkPrompt(prompt: prompt).epochs()
    let schedule = try prompt.choice(Self.schedule, as: LearningRateSchedule.self)
    return epochs.map { schedule.rate(epoch: $0, of: length, base: base) }
  }
}

/// The weight w of the unification entropy in given epochs.
///
/// Output: weights.
struct EntropyWeightOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "entropy-weight"
  let area = "schedule"
  private static let step = ParameterDeclaration.number("step", .weights, "what the weight grows by")
  private static let schedule = ParameterDeclaration.entropyWeightSchedule(
    "schedule", "paper counts epochs in the round, allEpochs over all rounds")
  private static let round = ParameterDeclaration.integer(
    "round", 0...1_000_000, default: 0, "the number of the round, from 0")
  let parameters: [ParameterDeclaration] = [Self.step, Self.schedule, Self.round, .length, .epochs]
  let inputs: [InputDeclaration] = []
  let formula = "paper: w = step · ⌊t / 80⌋, t the epoch inside the round"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let weights = try weights(prompt).map { Scalar($0) }
    return ["weights": .real(Tensor(shape: [weights.count], values: weights))]
  }

  /// The step and the product round.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let values = try weights(prompt).map { 2 * abs($0) }
    return ["weights": RoundingScale(values: Tensor(shape: [values.count], values: values), terms: 1)]
  }

  private func weights(_ prompt: Prompt) throws(OracleError) -> [Double] {
    try weights(prompt, step: prompt.number(Self.step))
  }

  /// The weights of the prompt's epochs from a step.
  func weights(_ prompt: Prompt, step: Double) throws(OracleError) -> [Double] {
    let (epochs, length) = try NetworkPrompt(prompt: prompt).epochs()
    let round = try prompt.integer(Self.round)
    let schedule = try prompt.choice(Self.schedule, as: EntropyWeightSchedule.self)
    return epochs.map { schedule.weight(round: round, epoch: $0, of: length, step: step) }
  }
}

/// The number of anchors in given rounds.
///
/// Output: counts, whole numbers.
struct AnchorCountOperation: OracleOperation {
  let name = "anchor-count"
  let area = "schedule"
  static let imageCount = ParameterDeclaration.integer("imageCount", 1...1_000_000_000, "N")
  static let rounds = ParameterDeclaration.integers(
    "rounds", 0...100_000, count: 1...100_000, "numbers of rounds")
  let parameters: [ParameterDeclaration] = [Self.imageCount, .rate, Self.rounds]
  let inputs: [InputDeclaration] = []
  let formula = "n_r = min(N, ⌊N · rate · r + 10⁻⁹⌋)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let images = try prompt.integer(Self.imageCount)
    let (rate, rounds) = (try prompt.number(.rate, as: Double.self), try prompt.integers(Self.rounds))
    let discovery = NeighbourhoodDiscovery(rate: rate)
    return [
      "counts": .integers(rounds.map { discovery.anchorCount(images: images, round: $0) }, shape: [rounds.count])
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] { [:] }
}

extension NetworkPrompt {
  /// The parameters "epochs" and "length", each epoch below the length.
  fileprivate func epochs() throws(OracleError) -> (epochs: [Int], length: Int) {
    let (length, epochs) = (try prompt.integer(.length), try prompt.integers(.epochs))
    guard let index = epochs.firstIndex(where: { $0 >= length }) else { return (epochs, length) }
    throw fault("\"epochs\" must be below the \"length\" of \(length), but its element \(index) is \(epochs[index])")
  }
}
