import Kernels
import Networks
import TestSupport
import Testing

@Suite("Image encoder")
struct ImageEncoderTests {
  static let tiny = EncoderConfiguration(
    inputChannels: 3, streams: [.plain, .sobel], widths: [3, 4], blocks: [1, 1], strides: [1, 2], stemStride: 1,
    embeddingSize: 5)

  /// Counts from PyTorch's modules of the same shape, the 24 fixed Sobel weights included (3 + 1 + 18 + 2).
  @Test func workedExampleParameterCounts() {
    #expect(ImageEncoder<Float>(.paper, seed: 1).parameterCount == 22_468_312)
    #expect(ImageEncoder<Float>(.compact, seed: 1).parameterCount == 81_264)
    var paper = ImageEncoder<Float>(.paper, seed: 1)
    var counts: [String: Int] = [:]
    paper.forEachParameter { name, parameter in
      counts[name.hasPrefix("streams.") ? String(name.prefix(9)) : "linear", default: 0] += parameter.value.count
    }
    #expect(counts == ["streams.0": 11_168_832, "streams.1": 11_168_256, "linear": 131_200])
  }

  /// The seeds were seen to keep every value of a ReLU beyond the step's reach.
  ///
  /// A ReLU kink within reach would show as a difference of size step, not of rounding: the step is 1e-6, which crosses a
  /// kink only with a value within about 1e-5 of zero. The rounding of such a step is about eps |f| / h = 2e-10, hence the
  /// tolerance 1e-6 on gradients of 1e-3 and more.
  @Test(arguments: [Mode.training, .evaluation])
  func gradientsOfImagesAndEveryParameter(mode: Mode) {
    var encoder = ImageEncoder<Double>(Self.tiny, seed: 3)
    let images = Tensor<Double>.random([4, 3, 7, 6], seed: 5)
    _ = encoder.forward(.random([4, 3, 7, 6], seed: 6), mode: .training)
    let cotangent = Tensor<Double>.random([4, 5], seed: 7)
    let start = encoder
    func loss(_ encoder: ImageEncoder<Double>, _ images: Tensor<Double>) -> Double {
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

  /// Leaving the images' gradient out changes no other: bit for bit, in both streams.
  @Test func invariantParameterGradientsWithoutTheImages() {
    var (full, brief) = (ImageEncoder<Double>(Self.tiny, seed: 3), ImageEncoder<Double>(Self.tiny, seed: 3))
    let images = Tensor<Double>.random([4, 3, 7, 6], seed: 5)
    let cotangent = Tensor<Double>.random([4, 5], seed: 7)
    let cache = full.forward(images).cache
    _ = brief.forward(images)
    _ = full.backward(cotangent, cache: cache)
    brief.accumulateGradients(cotangent, cache: cache)
    var expected: [String: Tensor<Double>] = [:]
    full.forEachParameter { expected[$0] = $1.gradient }
    brief.forEachParameter { name, parameter in
      #expect(parameter.gradient == expected[name], "\(name)")
      #expect(parameter.gradient.values.contains { $0 != 0 }, "\(name)")
    }
  }

  /// In evaluation an image's embedding does not depend on its neighbours, and embeddings have unit length.
  @Test func invariantEmbeddingsOfSingleImages() {
    var encoder = ImageEncoder<Double>(Self.tiny, seed: 3)
    _ = encoder.forward(.random([4, 3, 7, 6], seed: 6), mode: .training)
    let images = Tensor<Double>.random([259, 3, 5, 4], seed: 8)
    let all = encoder.embed(images)
    #expect(all.shape == [259, 5])
    for a in [0, 255, 256, 258] { #expect(Array(all.row(a)) == encoder.embed(images.rows(a..<a + 1)).values) }
    for square in dotProductsOfRows(all.values, all.values, columns: 5) { #expect(abs(square - 1) < 1e-15 * 5) }
    #expect(encoder.forward(images.rows(0..<2), mode: .evaluation).embeddings == all.rows(0..<2))
  }

  /// Names in visiting order, and those of the buffers.
  @Test func invariantNames() {
    var encoder = ImageEncoder<Float>(.compact, seed: 1)
    var (names, buffers): ([String], [String]) = ([], [])
    encoder.forEachParameter { name, _ in names.append(name) }
    encoder.forEachBuffer { name, _ in buffers.append(name) }
    #expect(
      names.prefix(6) == [
        "conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight", "layer1.0.bn1.weight", "layer1.0.bn1.bias",
      ])
    #expect(names.contains("layer2.0.shortcut.0.weight") && names.contains("layer2.0.shortcut.1.bias"))
    #expect(names.suffix(2) == ["linear.weight", "linear.bias"])
    #expect(buffers.prefix(2) == ["bn1.running_mean", "bn1.running_var"])
    #expect(Set(names).count == names.count && Set(buffers).count == buffers.count)
  }

  private struct Stored: Decodable {
    let initial, gradients, after: [String: StoredTensor]
    let input, cotangent, output, inputGradient, evaluation: StoredTensor
  }

  @Test func goldenTwoStreams() throws {
    let stored = try storedValues("encoder", as: Stored.self)
    var encoder = ImageEncoder<Double>(
      EncoderConfiguration(
        inputChannels: 3, streams: [.plain, .sobel], widths: [2, 3], blocks: [1, 2], strides: [1, 2], stemStride: 1,
        embeddingSize: 4), seed: 1)
    encoder.load(stored.initial)
    let (output, cache) = encoder.forward(stored.input.tensor)
    expectClose(output, stored.output, "embeddings")
    expectClose(encoder.backward(stored.cotangent.tensor, cache: cache), stored.inputGradient, "images' gradient")
    encoder.expectStored(gradients: stored.gradients, after: stored.after)
    expectClose(encoder.embed(stored.input.tensor), stored.evaluation, "embeddings in evaluation")
  }

  @Test func stopsOnWrongChannels() async {
    await #expect(processExitsWith: .failure) {
      _ = ImageEncoder<Float>(.compact, seed: 1).embed(Tensor(shape: [1, 3, 8, 8]))
    }
  }
}
