import Kernels
import Networks
import Oracle
import Testing

@Suite("Encoder")
struct EncoderTests {
  static let tiny = EncoderConfiguration(
    inputChannels: 3, streams: [.plain, .sobel], widths: [3, 4], blocks: [1, 1], strides: [1, 2], stemStride: 1,
    embeddingSize: 5)

  /// Counts from PyTorch's modules of the same shape, the 24 fixed Sobel weights included (3 + 1 + 18 + 2).
  @Test func workedExampleParameterCounts() {
    #expect(Encoder<Float>(.paper, seed: 1).parameterCount == 22_468_312)
    #expect(Encoder<Float>(.compact, seed: 1).parameterCount == 81_264)
    var paper = Encoder<Float>(.paper, seed: 1)
    var counts: [String: Int] = [:]
    paper.forEachParameter { name, parameter in
      counts[name.hasPrefix("streams.") ? String(name.prefix(9)) : "linear", default: 0] += parameter.value.count
    }
    #expect(counts == ["streams.0": 11_168_832, "streams.1": 11_168_256, "linear": 131_200])
  }

  /// A ReLU kink within the step's reach would show as a difference of size step, not of rounding: the step is 1e-6,
  /// which crosses a kink only with a value within about 1e-5 of zero, and the seeds were seen to avoid that.
  /// The rounding of such a step is about eps |f| / h = 2e-10, hence the tolerance 1e-6 on gradients of 1e-3 and more.
  @Test(arguments: [Mode.training, .evaluation])
  func gradientsOfImagesAndEveryParameter(mode: Mode) {
    var encoder = Encoder<Double>(Self.tiny, seed: 3)
    let images = Tensor<Double>.random([4, 3, 7, 6], seed: 5)
    _ = encoder.forward(.random([4, 3, 7, 6], seed: 6), mode: .training)
    let cotangent = Tensor<Double>.random([4, 5], seed: 7)
    let start = encoder
    func loss(_ encoder: Encoder<Double>, _ images: Tensor<Double>) -> Double {
      var encoder = encoder
      return encoder.forward(images, mode: mode).embeddings.inner(cotangent)
    }
    let (_, cache) = encoder.forward(images, mode: mode)
    let imagesGradient = encoder.backward(cotangent, cache: cache)
    let check = DirectionalDifference(at: images, gradient: imagesGradient, step: 1e-6) { loss(start, $0) }
    #expect(check.relativeDistance < 1e-6, "images: \(check)")
    var parameters: [(String, Parameter<Double>)] = []
    encoder.forEachParameter { parameters.append(($0, $1)) }
    #expect(parameters.count == 2 * 18 + 2)
    for (name, parameter) in parameters {
      let check = DirectionalDifference(at: parameter.value, gradient: parameter.gradient, step: 1e-6) { value in
        var moved = start
        moved.forEachParameter { if $0 == name { $1.value = value } }
        return loss(moved, images)
      }
      #expect(check.relativeDistance < 1e-6, "\(name): \(check)")
    }
  }
}
