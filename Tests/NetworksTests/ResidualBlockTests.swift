import Kernels
import Networks
import TestSupport
import Testing

@Suite("Residual block")
struct ResidualBlockTests {
  @Test(arguments: [Mode.training, .evaluation], [(3, 3, 1), (3, 4, 1), (3, 3, 2), (2, 4, 2)])
  func gradientsOfInputAndParameters(mode: Mode, size: (inputs: Int, outputs: Int, stride: Int)) {
    var initialisation = Initialisation(seed: 2)
    let block = ResidualBlock<Double>(
      inputChannels: size.inputs, outputChannels: size.outputs, stride: size.stride, initialisation: &initialisation)
    #expect((block.shortcut == nil) == (size == (3, 3, 1)))
    expectGradients(
      of: block, at: .random([3, size.inputs, 7, 4], seed: 3), step: 1e-6, tolerance: 1e-6,
      forward: { $0.forward($1, mode: mode) }, backward: { $0.backward($1, cache: $2) })
  }

  private struct Stored: Decodable {
    struct Case: Decodable {
      let inputChannels, outputChannels, stride: Int
      let initial, gradients, after: [String: StoredTensor]
      let input, cotangent, output, inputGradient: StoredTensor
    }
    let cases: [Case]
  }

  @Test func goldenIdentityAndProjection() throws {
    let cases = try storedValues("residual-block", as: Stored.self).cases
    #expect(cases.count == 2)
    for stored in cases {
      var initialisation = Initialisation(seed: 1)
      var block = ResidualBlock<Double>(
        inputChannels: stored.inputChannels, outputChannels: stored.outputChannels, stride: stored.stride,
        initialisation: &initialisation)
      block.load(stored.initial)
      let (output, cache) = block.forward(stored.input.tensor, mode: .training)
      expectClose(output, stored.output, "output")
      expectClose(block.backward(stored.cotangent.tensor, cache: cache), stored.inputGradient, "input's gradient")
      block.expectStored(gradients: stored.gradients, after: stored.after)
    }
  }
}
