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
    try require(box, in: image, height: height, width: width)
    return (box, height, width, try prompt.choice(.passes))
  }

  /// Stops a box of {left, top, width, height} that is not inside a picture, and a view of it that would be too large.
  func require(_ box: ViewParameters.Box, in image: ColourImage, height: Int, width: Int) throws(OracleError) {
    guard let problem = image.problem(of: box, height: height, width: width) else { return }
    throw prompt.fault("\"left\", \"top\", \"width\" and \"height\": \(problem)")
  }

  /// A box inside a picture, of a parameter that lists its left, top, width and height; nil where that is not given.
  func box(
    _ declaration: ParameterDeclaration, height: Int, width: Int, leastSide: Int = 1
  ) throws(OracleError) -> ViewParameters.Box? {
    guard prompt.isGiven(declaration) else { return nil }
    let box = try prompt.integers(declaration)
    guard box.count == 4, min(box[2], box[3]) >= leastSide, box[0] + box[2] <= width, box[1] + box[3] <= height else {
      let sides = leastSide > 0 ? ", of sides above 0" : ""
      throw prompt.fault(
        "\"\(declaration.name)\" must be left, top, width and height of a box inside \(width) × \(height) pixels\(sides), not "
          + "\(box)")
    }
    return ViewParameters.Box(left: box[0], top: box[1], width: box[2], height: box[3])
  }

  /// The random resized crop of {cropArea, cropRatio}; nil for none.
  func randomCrop() throws(OracleError) -> Augmentation.Crop? {
    guard prompt.isGiven(.cropArea) else {
      guard !prompt.isGiven(.cropRatio) else {
        throw prompt.fault("\"cropRatio\" has no meaning without \"cropArea\"")
      }
      return nil
    }
    var crop = Augmentation.Crop(area: try prompt.range(.cropArea))
    if prompt.isGiven(.cropRatio) { crop.ratio = try prompt.range(.cropRatio) }
    return crop
  }

  /// The jitter of the parameters "order", "brightness", "contrast", "saturation" and "hue"; nil if "jittered" is false.
  func jitter() throws(OracleError) -> ColourViewParameters.Jitter? {
    guard try prompt.bool(.jittered) else { return nil }
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
  func keys() throws(OracleError) -> ViewKeys {
    ViewKeys(
      seed: UInt32(clamping: try prompt.integer(.seed)), epoch: try prompt.integer(.epoch),
      view: try prompt.integer(.view), images: try prompt.integers(.images))
  }
}

/// Whose views are drawn.
struct ViewKeys {
  let seed: UInt32
  let epoch: Int
  let view: Int
  let images: [Int]

  /// The stream of one image's view.
  func stream(_ image: Int) -> RandomStream {
    RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, image: image, view: view)
  }

  /// The first 36 uniform numbers of that stream, which are all that a grey view takes.
  func words(of image: Int) -> [Double] {
    var stream = stream(image)
    return (0..<36).map { _ in stream.uniform() }
  }
}

extension NumberRange {
  static let cropAreas = NumberRange.within(0.01...1)
  static let cropRatios = NumberRange.within(0.1...10)
  static let means = NumberRange.within(-1000...1000)
  static let deviations = NumberRange.within(1e-6...1000)
}

extension ParameterDeclaration {
  private static let sides = AugmentationPrompt.sides
  static let pictureHeight = integer("height", sides, "of the picture")
  static let pictureWidth = integer("width", sides, "of the picture")

  static let cropArea = numbers(
    "cropArea", .cropAreas, count: 2...2, "of a random resized crop: the least and the largest part of the picture"
  ).absent("no crop")
  static let cropRatio = numbers(
    "cropRatio", .cropRatios, count: 2...2, "of the crop: the least and the largest width over height"
  ).absent("3/4 and 4/3; it is refused without cropArea")

  /// A box as a list.
  static func box(_ name: String, _ summary: String) -> Self {
    integers(name, 0...sides.upperBound, count: 4...4, summary)
  }

  static let mean = numbers("mean", .means, count: 3...3, "of red, green and blue")
  static let deviation = numbers("deviation", .deviations, count: 3...3, "of red, green and blue")
  static let left = integer("left", 0...4095, "of the box, in pixels")
  static let top = integer("top", 0...4095, "of the box, in pixels")
  static let boxWidth = integer("width", sides, "of the box, which must be inside the picture")
  static let boxHeight = integer("height", sides, "of the box, which must be inside the picture")
  static let outputHeight = integer("outputHeight", sides, "of the view")
  static let outputWidth = integer("outputWidth", sides, "of the view")
  static let passes = choice(
    "passes", default: ColourImage.PassOrder.automatic,
    "rows-first: the width always first; automatic: whichever Pillow 13 takes first")
  static let crop = [left, top, boxWidth, boxHeight, outputHeight, outputWidth, passes]

  static let factor = number("factor", .within(ColourImage.factors), "1 changes nothing")
  static let shift = number("shift", .within(ColourImage.hueShifts), "in parts of the circle")

  private static func colour(_ name: String, _ range: ClosedRange<Double>, _ summary: String) -> Self {
    number(name, .within(range), absent: "refused unless jittered is false", summary)
  }
  static let jittered = bool(
    "jittered", default: true, "whether the colours are changed; if not, the next five do not matter")
  static let order = integers("order", 0...3, count: 4...4, "0 brightness, 1 contrast, 2 saturation, 3 hue, each once")
    .absent("refused unless jittered is false")
  static let brightness = colour("brightness", ColourImage.factors, "the factor")
  static let contrast = colour("contrast", ColourImage.factors, "the factor")
  static let saturation = colour("saturation", ColourImage.factors, "the factor")
  static let hue = colour("hue", ColourImage.hueShifts, "the shift, in parts of the circle")
  static let jitter = [jittered, order, brightness, contrast, saturation, hue]
  static let greyscale = bool("greyscale", "whether the view is grey")
  static let flipped = bool("flipped", "whether the view is mirrored left to right")
}

extension ColourImage {
  /// The bytes as a tensor.
  var tensor: TensorValue { .bytes(pixels, shape: [3, height, width]) }
}
