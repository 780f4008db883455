// What a run would cost on this machine, from a few real steps of small batches.
//
//     seconds of a step ≈ c₀ + c₁ · images of the batch,   fitted to two sizes, both small
// Everything but the batch is the run's own: encoder, views, bank, losses, heads; but large images are measured at a smaller size,
// and the time is multiplied by how many times as many pixels they have. Memory is computed: TrainingMemory.swift.
// Tests    tsucTests/RunEstimateTests.swift
import Commands
import Images
import Kernels
import Networks
import TwoStage

/// Seconds of a run that has not been made.
struct RunEstimate: Equatable {
  /// Of one step of each stage; nil where the run has none.
  let stepOfStageOne: Double?
  let stepOfStageTwo: Double?
  /// Of one search for neighbourhoods; 0 without any.
  let discovery: Double
  /// Of all steps and searches.
  let total: Double
  /// The two batches that were measured.
  let batches: [Int]

  /// The longest side at which images are measured.
  static let largestSide = 96

  /// Measures and extrapolates.
  init(_ configuration: Configuration, images: ImageSet) throws {
    let (one, two) = (configuration.stageOne, configuration.stageTwo)
    let epochs = configuration.epochs
    let largest = min(
      epochs.stageOne > 0 ? one.batchSize : two.batchSize, epochs.stageTwo > 0 ? two.batchSize : Int.max)
    batches = Self.batches(of: largest)
    let small = images.fitted(to: Self.measuredSize(images.size))
    let pixelRatio = Double(images.height * images.width) / Double(small.height * small.width)
    let measured = try batches.map { batch in try Measurement(configuration, images: small, batch: batch) }
    func seconds(_ value: (Measurement) -> Double?, of batch: Int) -> Double? {
      let points = measured.compactMap { m in value(m).map { (Double(m.batch), pixelRatio * $0) } }
      return points.isEmpty ? nil : Self.line(through: points, at: Double(batch))
    }
    stepOfStageOne = seconds(\.stageOne, of: one.batchSize)
    stepOfStageTwo = seconds(\.stageTwo, of: two.batchSize)
    let rounds = one.neighbourhoodWeight > 0 ? max(0, one.rounds - 1) : 0
    discovery = rounds == 0 ? 0 : Self.discoverySeconds(configuration, count: images.count)
    let steps = (1...2).map { Double(configuration.steps(ofStage: $0, count: images.count).count) }
    total =
      Double(epochs.stageOne) * steps[0] * (stepOfStageOne ?? 0)
      + Double(epochs.stageTwo) * steps[1] * (stepOfStageTwo ?? 0) + Double(rounds) * discovery
  }

  /// The size at which images of a given size are measured: the same, or the same shape with its longest side shortened.
  static func measuredSize(_ size: ImageSize) -> ImageSize {
    let largest = max(size.height, size.width)
    guard largest > largestSide else { return size }
    return ImageSize(
      height: max(1, size.height * largestSide / largest), width: max(1, size.width * largestSide / largest))
  }

  /// Two sizes of batches to measure, where the run's smaller one has `size` images.
  static func batches(of size: Int) -> [Int] {
    let smaller = max(2, min(8, size / 2))
    return smaller == size ? [size] : [smaller, min(size, 4 * smaller)]
  }

  /// The line through the first and the last point, which never falls; through one point it is proportional.
  static func line(through points: [(size: Double, cost: Double)], at size: Double) -> Double {
    guard let first = points.first, let last = points.last, last.size > first.size else {
      return points.first.map { $0.cost * size / $0.size } ?? 0
    }
    let slope = max(0, (last.cost - first.cost) / (last.size - first.size))
    return last.cost + slope * (size - last.size)
  }

  /// A search in a bank of at most 2,000 rows, times the square of how much larger the run's is.
  private static func discoverySeconds(_ configuration: Configuration, count: Int) -> Double {
    let few = min(count, 2000)
    let discovery = NeighbourhoodDiscovery(
      rate: configuration.stageOne.anchorRate, neighbourCount: min(configuration.stageOne.neighbourCount, few - 1))
    let bank = MemoryBank<Float>(images: few, features: configuration.encoder.embeddingSize, seed: 0)
    let seconds = Self.seconds { _ = discovery.discover(in: bank, round: 1) }
    return seconds * (Double(count) / Double(few)) * (Double(count) / Double(few))
  }

  fileprivate static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let started = ContinuousClock.now
    try body()
    return (ContinuousClock.now - started) / .seconds(1)
  }
}

/// One step of each stage with a small batch: the faster of two, after one that makes the arrays.
private struct Measurement {
  let batch: Int
  var stageOne: Double?
  var stageTwo: Double?

  init(_ configuration: Configuration, images: ImageSet, batch: Int) throws {
    self.batch = batch
    var small = configuration
    (small.stageOne.batchSize, small.stageTwo.batchSize) = (batch, batch)
    // The count of classes bounds the batch of a run that learns, not of one that is timed.
    small.stageTwo.classCount = min(batch, configuration.stageTwo.classCount)
    // Epoch 80 of a long round, as most of a run: L_UE has a weight. And there are always three steps to make.
    small.stageOne.entropyWeightSchedule = .released
    (small.stageOne.epochsPerRound, small.stageTwo.epochs) = (100, 3)
    var trainer = try Trainer<Float>(small, images: images)
    let epochs = configuration.epochs
    if epochs.stageOne > 0 {
      trainer.position = TrainingPosition(stage: 1, round: 0, epoch: 80)
      _ = try trainer.runStep()
      stageOne = try (0..<2).map { _ in try RunEstimate.seconds { _ = try trainer.runStep() } }.min()
    }
    if epochs.stageTwo > 0 {
      trainer.epoch = nil
      trainer.position = TrainingPosition(stage: 2, round: 0, epoch: 0)
      _ = try trainer.runStep()
      stageTwo = try (0..<2).map { _ in try RunEstimate.seconds { _ = try trainer.runStep() } }.min()
    }
  }
}
