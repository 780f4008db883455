// The schedule of a whole run: what restarts with a round or a stage, and what goes on counting.
// Tests    OracleTests/RunScheduleOperationTests.swift, OracleTests/ShallowCasesTests.swift
import Files
import Images
import Kernels
import Networks
import TwoStage

/// Every epoch of a run in order: stage 1 round by round, then stage 2.
///
/// Outputs: stages (1 or 2), rounds (0 in stage 2), epochs (in the round, or in stage 2), streamEpochs (the epoch in the keys of the
/// random streams), all whole numbers; rates; weights of the unification entropy (0 in stage 2).
struct RunScheduleOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "run-schedule"
  let area = "schedule"
  private static let rounds = ParameterDeclaration.integer("rounds", 0...1000, "of stage 1")
  private static let epochsPerRound = ParameterDeclaration.integer(
    "epochsPerRound", 1...100_000, "the epochs of every round of stage 1")
  private static let stageTwoEpochs = ParameterDeclaration.integer(
    "stageTwoEpochs", 1...100_000, "the epochs of stage 2")
  private static let stageOneRate = ParameterDeclaration.number(
    "stageOneRate", .positive(to: 1e6), default: 0.03, "the rate of the first epoch of a round")
  private static let stageTwoRate = ParameterDeclaration.number(
    "stageTwoRate", .positive(to: 1e6), default: 0.01, "the rate of the first epoch of stage 2")
  private static let stageOneSchedule = ParameterDeclaration.learningRateSchedule(
    "stageOneSchedule", "of the rate in a round, as in learning-rate")
  private static let stageTwoSchedule = ParameterDeclaration.learningRateSchedule(
    "stageTwoSchedule", "of the rate in stage 2")
  private static let entropyWeightStep = ParameterDeclaration.number(
    "entropyWeightStep", .weights, default: 0.2, "what w grows by")
  private static let entropyWeightSchedule = ParameterDeclaration.entropyWeightSchedule(
    "entropyWeightSchedule", "of w, as in entropy-weight")
  let parameters: [ParameterDeclaration] = [
    Self.rounds, Self.epochsPerRound, Self.stageTwoEpochs, Self.stageOneRate, Self.stageTwoRate,
    Self.stageOneSchedule, Self.stageTwoSchedule, Self.entropyWeightStep, Self.entropyWeightSchedule,
  ]
  let inputs: [InputDeclaration] = []
  let formula =
    "rate and w by the epoch in the round or in stage 2;  the streams' epoch = round · E + epoch, in stage 2 R · E + epoch"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let run = try configuration(prompt)
    let positions = run.positions
    func integers(_ number: (TrainingPosition) -> Int) -> TensorValue { .listOf(positions.map(number)) }
    func reals(_ number: (TrainingPosition) -> Double) -> TensorValue {
      .real(Tensor(shape: [positions.count], values: positions.map { Scalar(number($0)) }))
    }
    return [
      "stages": integers(\.stage), "rounds": integers(\.round), "epochs": integers(\.epoch),
      "streamEpochs": integers(run.epochNumber), "rates": reals(run.learningRate), "weights": reals(run.entropyWeight),
    ]
  }

  /// Those of learning-rate and entropy-weight.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let run = try configuration(prompt)
    let rates = run.positions.map { position in
      let base = position.stage == 1 ? run.stageOne.learningRate : run.stageTwo.learningRate
      return LearningRateOperation.roundings(of: run.learningRate(at: position), base: base)
    }
    let weights = run.positions.map { 2 * abs(run.entropyWeight(at: $0)) }
    return ["rates": rates, "weights": weights].mapValues {
      RoundingScale(values: Tensor(shape: [$0.count], values: $0), terms: 1)
    }
  }

  /// A run that has this schedule; of its other constants none is read.
  private func configuration(_ prompt: Prompt) throws(OracleError) -> Configuration {
    var (one, two) = (StageOneConfiguration(views: .grey(.identity)), StageTwoConfiguration(views: .grey(.identity)))
    one.rounds = try prompt.integer(Self.rounds)
    one.epochsPerRound = try prompt.integer(Self.epochsPerRound)
    one.learningRate = try prompt.number(Self.stageOneRate)
    one.learningRateSchedule = try prompt.choice(Self.stageOneSchedule)
    one.entropyWeightStep = try prompt.number(Self.entropyWeightStep)
    one.entropyWeightSchedule = try prompt.choice(Self.entropyWeightSchedule)
    two.epochs = try prompt.integer(Self.stageTwoEpochs)
    two.learningRate = try prompt.number(Self.stageTwoRate)
    two.learningRateSchedule = try prompt.choice(Self.stageTwoSchedule)
    let most = 1_000_000
    guard one.rounds * one.epochsPerRound + two.epochs <= most else {
      throw prompt.fault(
        "\(one.rounds) \"rounds\" of \(one.epochsPerRound) \"epochsPerRound\" and \(two.epochs) \"stageTwoEpochs\" are more "
          + "than \(most) epochs")
    }
    let encoder = EncoderConfiguration(
      inputChannels: 1, streams: [.plain], widths: [1], blocks: [1], strides: [1], stemStride: 1, embeddingSize: 1)
    return Configuration(encoder: encoder, stageOne: one, stageTwo: two)
  }
}

extension Configuration {
  /// Every epoch in order.
  fileprivate var positions: [TrainingPosition] {
    Array(sequence(first: firstPosition) { position(after: $0) })
  }
}

extension ParameterDeclaration {
  /// A schedule of the learning rate.
  static func learningRateSchedule(_ name: String, _ summary: String) -> Self {
    word(name, ["constant", "paper", "paperFromEpoch80", "isif", "fractions"], default: "paper", summary)
  }

  /// A schedule of w.
  static func entropyWeightSchedule(_ name: String, _ summary: String) -> Self {
    word(name, ["paper", "allEpochs", "fractions"], default: "paper", summary)
  }
}
