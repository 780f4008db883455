// Reads pictures, boxes, factors and ranges out of prompts, so that nothing wrong reaches code that would stop the program.
// Tests    OracleTests/AugmentationCasesTests.swift
import Images
import Kernels
import Networks

/// A prompt about 8-bit pictures.
struct AugmentationPrompt {
  let prompt: Prompt

  /// The sides that a picture of a prompt may have.
  static let sides = 1...4096

  /// The input "image": bytes, 3 × height × width.
  func image() throws(OracleError) -> ColourImage {
    guard case .bytes(let pixels, let shape)? = prompt.inputs["image"] else {
      throw prompt.fault("needs the input \"image\", bytes of 3 × height × width")
    }
    guard shape.count == 3, shape[0] == 3, Self.sides.contains(shape[1]), Self.sides.contains(shape[2]),
      pixels.count == 3 * shape[1] * shape[2]
    else {
      throw prompt.fault(
        "the input \"image\" must be 3 × height × width with sides of 1 to \(Self.sides.upperBound), not \(shape.inWords)"
      )
    }
    return ColourImage(height: shape[1], width: shape[2], pixels: pixels)
  }

  /// A crop of a picture: the box, the size of the view, and which axis is resized first.
  func crop(
    of image: ColourImage
  ) throws(OracleError) -> (box: ViewParameters.Box, height: Int, width: Int, passes: ColourImage.PassOrder) {
    let box = ViewParameters.Box(
      left: try prompt.integer(.left), top: try prompt.integer(.top), width: try prompt.integer(.boxWidth),
      height: try prompt.integer(.boxHeight))
    let (height, width) = (try prompt.integer(.outputHeight), try prompt.integer(.outputWidth))
    if let problem = image.problem(of: box, height: height, width: width) {
      throw prompt.fault("\"left\", \"top\", \"width\" and \"height\": \(problem)")
    }
    return (box, height, width, try prompt.choice(.passes))
  }

  /// The jitter of the parameters "order", "brightness", "contrast", "saturation" and "hue"; nil if "jittered" is false.
  func jitter() throws(OracleError) -> ColourViewParameters.Jitter? {
    guard try prompt.truth(.jittered) else { return nil }
    let order = try prompt.integers(.order)
    guard Set(order).count == 4 else {
      throw prompt.fault("the parameter \"order\" must hold each of 0, 1, 2 and 3 once, not \(order)")
    }
    return ColourViewParameters.Jitter(
      order: order.compactMap { ColourViewParameters.Jitter.Operation(rawValue: $0) },
      brightness: try prompt.number(.brightness), contrast: try prompt.number(.contrast),
      saturation: try prompt.number(.saturation),
      hue: try prompt.number(.hue))
  }

  /// What the views of some images have in common: the parameters "seed", "epoch", "view" and "images".
  func keys() throws(OracleError) -> (seed: UInt32, epoch: Int, view: Int, images: [Int]) {
    (
      UInt32(clamping: try prompt.integer(.seed)), try prompt.integer(.epoch), try prompt.integer(.view),
      try prompt.integers(.images)
    )
  }
}

extension ParameterDeclaration {
  private static let sides = AugmentationPrompt.sides
  static let left = integer("left", 0...4095, "of the box, in pixels")
  static let top = integer("top", 0...4095, "of the box, in pixels")
  static let boxWidth = integer("width", sides, "of the box, which must be inside the picture")
  static let boxHeight = integer("height", sides, "of the box, which must be inside the picture")
  static let outputHeight = integer("outputHeight", sides, "of the view")
  static let outputWidth = integer("outputWidth", sides, "of the view")
  static let passes = choice(
    "passes", default: ColourImage.PassOrder.automatic,
    "which axis is resized first: as Pillow 13 does, or always the width")
  static let crop = [left, top, boxWidth, boxHeight, outputHeight, outputWidth, passes]

  static let factor = number("factor", .within(ColourImage.factors), "1 changes nothing")
  static let shift = number("shift", .within(ColourImage.hueShifts), "in parts of the circle")

  private static func colour(_ name: String, _ range: ClosedRange<Double>, _ summary: String) -> Self {
    number(name, .within(range), absent: "no changed colours", summary)
  }
  static let jittered = truth(
    "jittered", default: true, "whether the colours are changed; if not, the next five do not matter")
  static let order = integers("order", 0...3, count: 4...4, "0 brightness, 1 contrast, 2 saturation, 3 hue, each once")
    .absent("no changed colours")
  static let brightness = colour("brightness", ColourImage.factors, "the factor")
  static let contrast = colour("contrast", ColourImage.factors, "the factor")
  static let saturation = colour("saturation", ColourImage.factors, "the factor")
  static let hue = colour("hue", ColourImage.hueShifts, "the shift, in parts of the circle")
  static let jitter = [jittered, order, brightness, contrast, saturation, hue]
  static let greyscale = truth("greyscale", "whether the view is grey")
  static let flipped = truth("flipped", "whether the view is mirrored left to right")
}

extension ColourImage {
  /// The bytes as a tensor.
  var tensor: TensorValue { .bytes(pixels, shape: [3, height, width]) }
}
