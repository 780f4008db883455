// The pieces of work that `tsuc bench` times, each under a fixed name: kernels, layers, a training step, losses.
// Tests    tsucTests/BenchmarkTests.swift
import Kernels
import Networks
import TwoStage

/// One piece of work to time.
struct BenchmarkWork: Sendable {
  /// Its name in the table and in JSON.
  let name: String
  /// Floating-point operations of one run; 0 where that is no useful figure.
  let operations: Double
  /// Makes the inputs and returns the work itself.
  let prepare: @Sendable () -> () -> Void

  /// Every piece, in the order of the table.
  static let all: [BenchmarkWork] =
    [peak("peak-f32", Float.self), peak("peak-f64", Double.self)]
    + [64, 128, 256, 512, 1024, 2048].map { product("matmul-f32-\($0)", Float.self, $0, $0, $0) }
    + [64, 128, 256, 512, 1024, 2048].map { product("matmul-f64-\($0)", Double.self, $0, $0, $0) }
    + [product("matmul-f32-bank-256x128x50000", Float.self, 256, 50_000, 128, transposeB: true)]
    + convolutions + [batchNorm] + [step(width: 64, batch: 32), step(width: 16, batch: 128)]
    + [stageOneLosses(imageCount: 50_000), discovery(imageCount: 10_000), mutualInformation]

  /// Multiply-adds in registers alone: the rate that no product can exceed.
  private static func peak<Scalar: RealScalar>(_ name: String, _: Scalar.Type) -> BenchmarkWork {
    let steps = 1 << 18
    return BenchmarkWork(name: name, operations: PeakRate.operations(Scalar.self, steps: steps)) {
      { _ = PeakRate.run(Scalar.self, steps: steps) }
    }
  }

  /// Small products are timed in bunches of about 2²⁴ multiply-adds.
  private static func product<Scalar: RealScalar>(
    _ name: String, _: Scalar.Type, _ rows: Int, _ columns: Int, _ depth: Int, transposeB: Bool = false
  ) -> BenchmarkWork {
    let repeats = max(1, (1 << 24) / (rows * columns * depth))
    return BenchmarkWork(name: name, operations: 2 * Double(rows * columns * depth * repeats)) {
      let a: [Scalar] = normals(rows * depth, seed: 1)
      let b: [Scalar] = normals(depth * columns, seed: 2)
      var c = [Scalar](repeating: 0, count: rows * columns)
      return {
        for _ in 0..<repeats {
          multiplyMatrices(a, b, into: &c, rows: rows, columns: columns, depth: depth, transposeB: transposeB)
        }
      }
    }
  }

  /// Batch 32: input channels, output channels, image side, kernel side, stride.
  private static let convolutions: [BenchmarkWork] = [
    (3, 64, 32, 3, 1), (64, 64, 32, 3, 1), (64, 128, 32, 3, 2), (64, 128, 32, 1, 2), (128, 128, 16, 3, 1),
    (256, 256, 8, 3, 1), (512, 512, 4, 3, 1), (16, 16, 32, 3, 1),
  ].flatMap { input, output, side, kernel, stride in
    let shape = ConvolutionShape(
      batch: 32, inputChannels: input, outputChannels: output, height: side, width: side, kernelHeight: kernel,
      kernelWidth: kernel, stride: stride, padding: kernel / 2)
    let name = "conv-\(kernel)x\(kernel)s\(stride)-\(input)-\(output)-\(side)"
    let operations = 2 * Double(shape.outputCount * input * kernel * kernel)
    return [
      BenchmarkWork(name: name + "-forward", operations: operations) {
        let (x, w): ([Float], [Float]) = (normals(shape.inputCount, seed: 1), normals(shape.weightCount, seed: 2))
        return { _ = convolve(x, weight: w, shape: shape) }
      },
      BenchmarkWork(name: name + "-input-gradient", operations: operations) {
        let (g, w): ([Float], [Float]) = (normals(shape.outputCount, seed: 1), normals(shape.weightCount, seed: 2))
        return { _ = convolutionInputGradient(outputGradient: g, weight: w, shape: shape) }
      },
      BenchmarkWork(name: name + "-weight-gradient", operations: operations) {
        let (g, x): ([Float], [Float]) = (normals(shape.outputCount, seed: 1), normals(shape.inputCount, seed: 2))
        return { _ = convolutionWeightGradient(outputGradient: g, input: x, shape: shape) }
      },
    ]
  }

  private static let batchNorm = BenchmarkWork(name: "batchnorm-relu-64-32", operations: 0) {
    var initialisation = Initialisation(seed: 1)
    var norm = BatchNorm<Float>(channels: 64, initialisation: &initialisation)
    let x: Tensor<Float> = normal([32, 64, 32, 32], seed: 1)
    let g: Tensor<Float> = normal([32, 64, 32, 32], seed: 2)
    return {
      let (_, cache) = norm.forward(x, mode: .training, withReLU: true)
      _ = norm.backward(g, cache: cache)
    }
  }

  /// One training step of a ResNet-18 on square images: forward, a linear loss of the unit embeddings, backward, SGD.
  static func step(width: Int, batch: Int, side: Int = 32) -> BenchmarkWork {
    BenchmarkWork(name: "step-resnet18-w\(width)-b\(batch)" + (side == 32 ? "" : "-s\(side)"), operations: 0) {
      var configuration = EncoderConfiguration.paper
      configuration.streams = [.plain]
      configuration.widths = [width, 2 * width, 4 * width, 8 * width]
      var encoder = ImageEncoder<Float>(configuration, seed: 1)
      var optimiser = SGD<Float>()
      let images: Tensor<Float> = normal([batch, 3, side, side], seed: 1)
      let cotangent: Tensor<Float> = normal([batch, 128], seed: 2)
      return {
        let (_, cache) = encoder.forward(images, mode: .training)
        encoder.accumulateGradients(cotangent, cache: cache)
        optimiser.stepAndZeroGradients(&encoder, learningRate: 0.03)
      }
    }
  }

  /// All three losses of stage 1 with their gradient, 256 rows against the images of a bank.
  static func stageOneLosses(imageCount count: Int) -> BenchmarkWork {
    BenchmarkWork(name: "stage1-losses-n\(count)-b256", operations: 0) {
      let bank = MemoryBank<Float>(rows: L2Normalisation().forward(normal([count, 128], seed: 1)).output)
      let embeddings = L2Normalisation<Float>().forward(normal([256, 128], seed: 2)).output
      var stream = RandomStream(seed: 3, purpose: .test)
      let images = Array(stream.permutation(of: count).prefix(128))
      let neighbours = (0..<count).map { image in [(image + 1 + stream.integer(below: count - 1)) % count] }
      let neighbourhoods = Neighbourhoods(imageCount: count, anchors: Array(0..<count), neighbours: neighbours)
      let loss = StageOneLoss<Float>()
      return {
        _ = loss.evaluate(
          embeddings: embeddings, images: images, bank: bank, neighbourhoods: neighbourhoods, entropyWeight: 0.2)
      }
    }
  }

  /// Entropies and nearest neighbours of all rows of a bank.
  static func discovery(imageCount count: Int) -> BenchmarkWork {
    BenchmarkWork(name: "discovery-n\(count)", operations: 0) {
      let bank = MemoryBank<Float>(rows: L2Normalisation().forward(normal([count, 128], seed: 1)).output)
      let discovery = NeighbourhoodDiscovery(rate: 1, neighbourCount: 1)
      return { _ = discovery.discover(in: bank, round: 1) }
    }
  }

  /// A hundred times the mutual information of five heads and its gradient, batch 128, 10 clusters.
  private static let mutualInformation = BenchmarkWork(name: "mutual-information-h5-b128-k10", operations: 0) {
    let heads: [(first: Tensor<Float>, second: Tensor<Float>)] = (0..<5).map { head in
      func probabilities(_ seed: UInt32) -> Tensor<Float> {
        Tensor(shape: [128, 10], values: softmaxOfRows(normals(1280, seed: seed), columns: 10))
      }
      return (probabilities(UInt32(2 * head)), probabilities(UInt32(2 * head + 1)))
    }
    let loss = MutualInformationLoss<Float>()
    return {
      for _ in 0..<100 { _ = loss.evaluate(heads: heads) }
    }
  }
}

private func normals<Scalar: RealScalar>(_ count: Int, seed: UInt32) -> [Scalar] {
  var stream = RandomStream(seed: seed, purpose: .test)
  return stream.normals(count)
}

private func normal(_ shape: [Int], seed: UInt32) -> Tensor<Float> {
  Tensor(shape: shape, values: normals(shape.reduce(1, *), seed: seed))
}
