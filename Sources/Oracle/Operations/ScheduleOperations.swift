// The schedules: learning rate and entropy weight by the epoch, anchors by the round.
// Tests    OracleTests/ShallowCasesTests.swift
import Kernels
import Networks
import TwoStage

/// The learning rate in given epochs.
///
/// Parameters: base, schedule (constant, paper, paperFromEpoch80, isif, fractions; default paper), length (the epochs of a round,
/// default 200), epochs. Output: rates.
struct LearningRateOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "learning-rate"
  let area = "schedule"
  let formula = "paper: base · 0.1^⌊(epoch − 80) / 40⌋ from epoch 80 on, so that the first drop is at 120"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let rates = try rates(prompt).map { Scalar($0) }
    return ["rates": .real(Tensor(shape: [rates.count], values: rates))]
  }

  /// The base, each factor of 0.1 and each product round once; a power may err by 4 units.
  ///
  /// Rates that are too small for Float may be 0.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let base = try prompt.number("base")
    let values = try rates(prompt).map { rate in
      let fall = min(base / rate, Double.greatestFiniteMagnitude)
      let roundings = (6 + 2 * (fall > 1 ? Double.log(fall) / Double.log(10) : 0)) * rate
      return roundings + (rate < 0x1p-100 ? TrackedNumber.smallest : 0)
    }
    return ["rates": RoundingScale(values: Tensor(shape: [values.count], values: values), terms: 1)]
  }

  private func rates(_ prompt: Prompt) throws(OracleError) -> [Double] {
    let reader = NetworkPrompt(prompt: prompt)
    let base = try reader.number("base", needs: "positive", as: Double.self) { $0 > 0 }
    let (epochs, length) = try reader.epochs()
    let schedule = try reader.choice("schedule", default: LearningRateSchedule.paper)
    return epochs.map { schedule.rate(epoch: $0, of: length, base: base) }
  }
}

/// The weight w of the unification entropy in given epochs.
///
/// Parameters: step, schedule (paper, allEpochs, fractions; default paper), round (default 0), length, epochs. Output: weights.
struct EntropyWeightOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "entropy-weight"
  let area = "schedule"
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
    let reader = NetworkPrompt(prompt: prompt)
    let step = try reader.number("step", needs: "0 or more", as: Double.self) { $0 >= 0 }
    let (epochs, length) = try reader.epochs()
    let round = try prompt.integer("round", default: 0)
    guard (0...1_000_000).contains(round) else { throw reader.fault("\"round\" must be 0 to 1000000, not \(round)") }
    let schedule = try reader.choice("schedule", default: EntropyWeightSchedule.paper)
    return epochs.map { schedule.weight(round: round, epoch: $0, of: length, step: step) }
  }
}

/// The number of anchors in given rounds.
///
/// Parameters: imageCount, rate (default 0.25), rounds. Output: counts, whole numbers.
struct AnchorCountOperation: OracleOperation {
  let name = "anchor-count"
  let area = "schedule"
  let formula = "n_r = min(N, ⌊N · rate · r + 10⁻⁹⌋)"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let reader = NetworkPrompt(prompt: prompt)
    let images = try prompt.integer("imageCount")
    guard (1...1_000_000_000).contains(images) else {
      throw reader.fault("\"imageCount\" must be 1 to 1000000000, not \(images)")
    }
    let rate = try reader.number("rate", default: 0.25, needs: "above 0, at most 1000", as: Double.self) {
      $0 > 0 && $0 <= 1000
    }
    let rounds = try reader.integers("rounds", 0...100_000)
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
    let length = try prompt.integer("length", default: 200)
    guard (1...1_000_000).contains(length) else { throw fault("\"length\" must be 1 to 1000000, not \(length)") }
    return (try integers("epochs", 0...length - 1), length)
  }
}
