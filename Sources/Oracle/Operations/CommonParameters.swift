// Parameters and inputs that several operations have, each declared once.
// Tests    OracleTests/DeclarationTests.swift
import TwoStage

extension NumberRange {
  /// What divides logits: far beyond it on either side every softmax is a choice or a mean, and quotients leave the range of Float.
  static let temperatures = NumberRange.within(1e-6...1e6)
  /// What multiplies a term of a sum: with more the other terms are lost in rounding.
  static let weights = NumberRange.within(0...1e6)
  static let probabilities = NumberRange.within(0...1)
}

extension ClosedRange<Int> {
  /// Words of 32 bits.
  static let words = 0...Int(UInt32.max)
}

extension ParameterDeclaration {
  // The batch loss.
  static let temperature = number("temperature", .temperatures, default: 0.1, "τ of the batch loss")
  static let negativeWeight = number(
    "negativeWeight", .within(1...1e6), default: 1, "m, the weight of negatives; the paper's denominator needs 1")
  static let stopsGradient = bool(
    "stopsGradient", default: true, "whether the second factor of every product is a constant for the gradient")
  static let denominator = choice(
    "denominator", default: BatchLossDenominator.released,
    "what is summed below the fraction, as released or as in the paper")
  static let reduction = choice("reduction", default: Reduction.mean, "over the rows; of stage one for all three terms")
  static let batchLoss = [temperature, negativeWeight, stopsGradient, denominator, reduction]

  // The bank.
  static let bankTemperature = number("bankTemperature", .temperatures, default: 0.1, "τ of logits against the bank")
  static let bankMomentum = number("bankMomentum", .within(0...1), default: 0.5, "the weight of the old row")
  static let viewPolicy = choice(
    "viewPolicy", default: MemoryViewPolicy.second, "which of the two views of an image is written to the bank")
  static let neighbourCount = integer("k", 1...Int.max, default: 1, "how many neighbours; fewer than there are rows")
  static let rate = number(
    "rate", .positive(to: 1000), default: 0.25, "the share of images that become anchors in each round")

  // The losses of stage 1 and stage 2.
  static let ownLogit = number(
    "ownLogit", .within(-1e6...1e6), absent: "the own image is left out",
    "the constant that replaces the logit of the own image")
  static let entropyWeight = number(
    "entropyWeight", .weights, default: 0, "w of the unification entropy; at 0 it is left out")
  static let augmentationSpace = choice(
    "augmentationSpace", default: AugmentationLossSpace.relation,
    "whether the batch loss compares relations to the bank or embeddings")
  static let stageOneLoss = [entropyWeight, bankTemperature, ownLogit, augmentationSpace] + batchLoss
  static let marginalEntropyWeight = number(
    "marginalEntropyWeight", .weights, default: 1, "β, the weight of the marginal entropies")
  static let symmetrised = bool("symmetrised", default: true, "whether the joint distribution is made symmetric")
  static let consistencyWeight = number(
    "consistencyWeight", .weights, default: 1, "λ of the batch loss; at 0 it is left out")
  static let headTemperature = number("headTemperature", .temperatures, default: 0.1, "τ_c of the class scores")
  static let axis = word(
    "axis", ["class", "feature"], default: "class",
    "along which axis heads are normalised: each class's column or each feature's row")
  static let trainable = bool("trainable", default: false, "whether the gradient of the heads is an output")
  static let stageTwoLoss =
    [headTemperature, axis, marginalEntropyWeight, symmetrised, consistencyWeight] + batchLoss

  // A step.
  static let constants = bool(
    "constants", default: false, "whether what a step must leave as it is is an output too: heads and Sobel filters")

  // The optimiser.
  static let momentum = number(
    "momentum", .within(0...1), default: 0.9, "of the velocity; Nesterov's step needs more than 0")
  static let nesterov = bool("nesterov", default: true, "whether the step looks ahead; needs a momentum above 0")
  static let weightDecay = number(
    "weightDecay", .weights, default: 5e-4, "added to the gradient, times the parameter")
  static let optimiser = [momentum, nesterov, weightDecay]
  static let learningRate = number("learningRate", .weights, "of every step")

  // The encoder.
  static let streams = words(
    "streams", ["plain", "sobel"], count: 1...4, "the trunks, side by side, and what each sees")
  static let widths = integers("widths", 1...65_536, count: 1...16, "the channels of each stage")
  static let blocks = integers("blocks", 1...64, count: 1...16, "the residual blocks of each stage")
  static let strides = integers("strides", 1...8, count: 1...16, "of the first block of each stage")
  static let stemStride = integer("stemStride", 1...8, default: 1, "of the first convolution")
  static let embeddingSize = integer("embeddingSize", 1...65_536, "the features of an embedding")
  static let encoder = [streams, widths, blocks, strides, stemStride, embeddingSize]
  static let mode = word(
    "mode", ["training", "evaluation"], default: "training",
    "whether batch norms use the batch's statistics or the running ones")

  // Random streams and schedules.
  static let seed = integer("seed", .words, "the first word of the key")
  static let epoch = integer("epoch", .words, default: 0, "of the stream")
  static let view = integer("view", .words, default: 0, "of the stream")
  static let images = integers("images", .words, count: 1...10_000, "the images whose views are drawn")
  static let keys = [seed, epoch, view, images]
  static let length = integer("length", 1...1_000_000, default: 200, "the epochs of a round")
  static let epochs = integers(
    "epochs", 0...999_999, count: 1...1_000_000, "epochs inside the round, each below its length")
}

extension InputDeclaration {
  /// The cotangent of the output "y".
  static func cotangent(_ shape: String) -> Self {
    real("y.cotangent", shape, "the gradient of some loss with respect to y")
  }
  static let maps = real("x", "batch × channels × height × width", "feature maps")
  static let matrix = real("x", "rows × columns", "rows of numbers")
  static let picture = bytes("image", "3 × height × width", "a picture in planes: red, green, blue; sides of 1 to 4096")
  static let bank = real("bank", "images × features", "the memory bank M, taken as it is")
  static let embeddings = real("embeddings", "2B × features", "the first views above the second ones")
  static let heads = real("heads", "heads × features × classes", "the weights of every head")
  static let neighbours = integers(
    "neighbours", "images × k", absent: "no image has neighbours", "the neighbours of every image; −1 for none")
  /// Tensors of a module, which knows their names and shapes.
  static func tensors(_ pattern: String) -> Self {
    real(
      pattern, "any shape that the module has", absent: "only where the module has none of them",
      "parameters and running statistics by PyTorch's names")
  }
  static let encoderTensors = ["conv1.*", "bn1.*", "layer*", "streams.*", "linear.*"].map(tensors)
  static let velocities = real(
    "*.velocity", "any shape that the parameter has", absent: "before the first step: all or none",
    "the velocity of every parameter")
}
