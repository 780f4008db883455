import Kernels
import Networks
import TestSupport
import Testing

@Suite("ResNet trunk")
struct ResNetTests {
  /// Odd sizes halve upwards: 9 × 6 through a stem of stride 2 is 5 × 3, through a second stage of stride 2 is 3 × 2.
  @Test(arguments: [Mode.training, .evaluation]) func gradientsWithStemStride(mode: Mode) {
    var initialisation = Initialisation(seed: 5)
    let trunk = ResNet<Double>(
      inputChannels: 2, widths: [3, 4], blocks: [1, 2], strides: [1, 2], stemStride: 2, initialisation: &initialisation)
    #expect(trunk.featureCount == 4)
    #expect(trunk.stages.map(\.count) == [1, 2])
    #expect(trunk.stages[1][0].shortcut != nil && trunk.stages[1][1].shortcut == nil)
    expectGradients(
      of: trunk, at: .random([3, 2, 9, 6], seed: 6), step: 1e-6, tolerance: 1e-6,
      forward: { $0.forward($1, mode: mode) }, backward: { $0.backward($1, cache: $2) })
  }

  /// A whole pass gives the same bits for any number of threads.
  @Test func invariantThreads() {
    let before = Parallel.threadCount
    defer { Parallel.threadCount = before }
    var results: [Tensor<Float>] = []
    for threads in [1, 2, 5] {
      Parallel.threadCount = threads
      var encoder = ImageEncoder<Float>(.compact, seed: 2)
      var optimiser = SGD<Float>()
      for step in 0..<2 {
        let (embeddings, cache) = encoder.forward(.random([24, 1, 8, 8], seed: 3))
        _ = encoder.backward(.random(embeddings.shape, seed: UInt32(step)), cache: cache)
        optimiser.stepAndZeroGradients(&encoder, learningRate: 0.1)
      }
      results.append(encoder.embed(.random([5, 1, 8, 8], seed: 4)))
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test func stopsOnUnequalStages() async {
    await #expect(processExitsWith: .failure) {
      var initialisation = Initialisation(seed: 5)
      _ = ResNet<Float>(
        inputChannels: 1, widths: [4, 8], blocks: [1], strides: [1, 2], initialisation: &initialisation)
    }
  }
}
