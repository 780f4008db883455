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

  /// A fault of this prompt.
  func fault(_ text: String) -> OracleError { OracleError("the operation \(prompt.operation): \(text)") }

  /// The input "image": bytes, 3 × height × width.
  func image() throws(OracleError) -> ColourImage {
    guard case .bytes(let pixels, let shape)? = prompt.inputs["image"] else {
      throw fault(
        "a tensor of bytes named \"image\" is needed among the inputs, which are \(prompt.inputs.keys.sorted())")
    }
    guard shape.count == 3, shape[0] == 3, Self.sides.contains(shape[1]), Self.sides.contains(shape[2]),
      pixels.count == 3 * shape[1] * shape[2]
    else {
      throw fault(
        "\"image\" must be 3 × height × width with sides of 1 to \(Self.sides.upperBound), not \(pixels.count) bytes of the shape "
          + "\(shape)")
    }
    return ColourImage(height: shape[1], width: shape[2], pixels: pixels)
  }

  /// A parameter that is a whole number of a range.
  func integer(
    _ name: String, in range: ClosedRange<Int>, default fallback: Int? = nil
  ) throws(OracleError) -> Int {
    let integer = try prompt.integer(name, default: fallback)
    guard range.contains(integer) else {
      throw fault("\"\(name)\" must be from \(range.lowerBound) to \(range.upperBound), not \(integer)")
    }
    return integer
  }

  /// A parameter that is a number of a range.
  func number(_ name: String, in range: ClosedRange<Double>) throws(OracleError) -> Double {
    let number = try prompt.number(name)
    guard range.contains(number) else {
      throw fault("\"\(name)\" must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
    }
    return number
  }

  /// A parameter that is a list of the least and the largest number of a range.
  func range(_ name: String) throws(OracleError) -> ClosedRange<Double> {
    let ends = try prompt.numbers(name)
    guard ends.count == 2, ends[0] <= ends[1] else {
      throw fault("\"\(name)\" must be a list of the least and the largest number, not \(ends)")
    }
    return ends[0]...ends[1]
  }

  /// A crop of a picture: the box, the size of the view, and which axis is resized first.
  func crop(
    of image: ColourImage
  ) throws(OracleError) -> (box: ViewParameters.Box, height: Int, width: Int, passes: ColourImage.PassOrder) {
    let box = ViewParameters.Box(
      left: try prompt.integer("left"), top: try prompt.integer("top"), width: try prompt.integer("width"),
      height: try prompt.integer("height"))
    let (height, width) = (
      try integer("outputHeight", in: Self.sides), try integer("outputWidth", in: Self.sides)
    )
    if let problem = image.problem(of: box, height: height, width: width) { throw fault(problem) }
    let text = try prompt.text("passes", default: ColourImage.PassOrder.automatic.rawValue)
    guard let passes = ColourImage.PassOrder(rawValue: text) else {
      throw fault("\"passes\" must be automatic or rows-first, not \(text)")
    }
    return (box, height, width, passes)
  }

  /// The jitter of the parameters "order", "brightness", "contrast", "saturation" and "hue"; nil if "jittered" is false.
  func jitter() throws(OracleError) -> ColourViewParameters.Jitter? {
    guard try prompt.truth("jittered", default: true) else { return nil }
    let order = try prompt.numbers("order").map { number throws(OracleError) in
      guard let integer = Int(exactly: number),
        let operation = ColourViewParameters.Jitter.Operation(rawValue: integer)
      else { throw fault("\"order\" must hold 0, 1, 2 and 3, not \(number)") }
      return operation
    }
    let jitter = ColourViewParameters.Jitter(
      order: order, brightness: try prompt.number("brightness"), contrast: try prompt.number("contrast"),
      saturation: try prompt.number("saturation"), hue: try prompt.number("hue"))
    if let problem = jitter.problem { throw fault(problem) }
    return jitter
  }

  /// What the views of some images have in common: the parameters "seed", "epoch", "view" and "images".
  func keys() throws(OracleError) -> (seed: UInt32, epoch: Int, view: Int, images: [Int]) {
    let words = 0...Int(UInt32.max)
    let images = try prompt.numbers("images").map { number throws(OracleError) in
      guard let image = Int(exactly: number), words.contains(image) else {
        throw fault("\"images\" must hold whole numbers below 2^32, not \(number)")
      }
      return image
    }
    guard (1...10_000).contains(images.count) else {
      throw fault("\"images\" must hold 1 to 10,000 numbers, not \(images.count)")
    }
    let seed = UInt32(try integer("seed", in: words))
    return (seed, try integer("epoch", in: words, default: 0), try integer("view", in: words, default: 0), images)
  }
}

extension ColourImage {
  /// The bytes as a tensor.
  var tensor: TensorValue { .bytes(pixels, shape: [3, height, width]) }
}
