// What the tests of the stages share: a tiny encoder, a toy set of images and a configuration for both.
import Images
import Kernels
import Networks
import TwoStage

extension EncoderConfiguration {
  /// 1 × 4 × 4 images to 5 features through two stages of one block.
  static let tiny = EncoderConfiguration(
    inputChannels: 1, streams: [.plain], widths: [3, 4], blocks: [1, 1], strides: [1, 2], stemStride: 1,
    embeddingSize: 5)
}

extension ImageSet {
  /// 24 images of 4 × 4 pixels in three classes: a bright row, a bright column, a bright corner, over noise.
  static var toy: ImageSet {
    var stream = RandomStream(seed: 11, purpose: .test)
    let labels = (0..<24).map { $0 % 3 }
    var pixels: [UInt8] = []
    for label in labels {
      for i in 0..<16 {
        let lit = [i / 4 == 1, i % 4 == 2, i / 4 >= 2 && i % 4 < 2][label]
        pixels.append(UInt8((lit ? 180 : 20) + stream.integer(below: 50)))
      }
    }
    return ImageSet(name: "toy", channels: 1, height: 4, width: 4, pixels: pixels, labels: labels)
  }

  /// The same images in red, half as bright in green, and inverted in blue.
  static var colouredToy: ImageSet {
    let toy = ImageSet.toy
    let pixels = (0..<24).flatMap { image in
      let red = toy.pixels[image * 16..<(image + 1) * 16]
      return red + red.map { $0 / 2 } + red.map { 255 - $0 }
    }
    return ImageSet(name: "coloured toy", channels: 3, height: 4, width: 4, pixels: pixels, labels: toy.labels)
  }
}

extension Configuration {
  /// Two rounds of two epochs, then three epochs, of three batches of eight.
  static var tiny: Configuration {
    var augmentation = Augmentation()
    augmentation.shiftPixels = 0.5
    augmentation.contrast = 0.8...1.2
    let views = RandomViews.grey(augmentation)
    var stageOne = StageOneConfiguration(views: views)
    stageOne.rounds = 2
    stageOne.epochsPerRound = 2
    stageOne.batchSize = 8
    stageOne.neighbourCount = 2
    stageOne.entropyWeightSchedule = .fractions
    stageOne.learningRateSchedule = .fractions
    var stageTwo = StageTwoConfiguration(views: views)
    stageTwo.epochs = 3
    stageTwo.batchSize = 8
    stageTwo.classCount = 3
    stageTwo.headCount = 2
    stageTwo.learningRateSchedule = .fractions
    stageTwo.learningRate = 0.05
    return Configuration(seed: 5, encoder: .tiny, stageOne: stageOne, stageTwo: stageTwo)
  }

  /// The same with the paper's views and CIFAR-10's standardisation of three channels.
  static var tinyColour: Configuration {
    var configuration = tiny
    configuration.encoder.inputChannels = 3
    configuration.standardisation = .cifar10
    configuration.stageOne.views = .colour(ColourAugmentation())
    configuration.stageTwo.views = .colour(ColourAugmentation())
    return configuration
  }
}

extension RandomViews {
  /// RandAugment's views of images of 4 × 4 pixels.
  static let tinyRandAugment: RandomViews = {
    var views = RandAugmentation(.ruc)
    (views.magnitude, views.cutoutSide) = (10, 1)
    return .randAugment(views)
  }()
}

/// All parameters of a module, one after another.
func parameters<M: Module>(of module: M) -> [M.Scalar] {
  var copy = module
  var values: [M.Scalar] = []
  copy.forEachParameter(prefix: "") { values += $1.value.values }
  return values
}

/// All parameters' gradients, one after another.
func gradients<M: Module>(of module: M) -> [M.Scalar] {
  var copy = module
  var values: [M.Scalar] = []
  copy.forEachParameter(prefix: "") { values += $1.gradient.values }
  return values
}

/// Sets all parameters, one after another.
func setParameters<M: Module>(of module: inout M, to values: [M.Scalar]) {
  var first = 0
  module.forEachParameter(prefix: "") { _, parameter in
    parameter.value.values = Array(values[first..<first + parameter.value.count])
    first += parameter.value.count
  }
}
