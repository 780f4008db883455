// Crops and changes of colours, line by line: bytes between the operations.
// Tests    OracleTests/DefinitionTraceTests.swift
import Images
import Kernels
import Networks

extension ResizedCropOperation: DefinedOperation {
  package var lines: [DefinitionLine] { .crop + [.output("y", Self.pass("narrowed"), reads: ["narrowed"])] }

  /// The equation of a pass along one axis.
  fileprivate static func pass(_ name: String) -> String {
    "y_x = (Σ_i w_xi b_i + 2²¹) >> 22 along the other axis, b the bytes of \(name), w as of the first pass"
  }
}

extension [DefinitionLine] {
  /// A box of a picture, and what the first pass makes of it.
  fileprivate static var crop: [DefinitionLine] {
    [
      DefinitionLine("cut", "3 × height × width", "the bytes of the box") { line in
        line.note(["image"])
        let (image, crop) = try cropped(line.prompt)
        return .exact(image.resized(crop.box, height: crop.box.height, width: crop.box.width).tensor)
      },
      DefinitionLine(
        "narrowed", "3 × height × outputWidth or 3 × outputHeight × width",
        "after the pass that comes first, see passes: w_xi ∝ max(0, 1 − |i + 1/2 − (x + 1/2) s| / max(s, 1)), s = m / n"
      ) { line in
        line.note(["cut"])
        let (image, crop) = try cropped(line.prompt)
        let columns = crop.passes.startsWithColumns(crop.box, height: crop.height, width: crop.width)
        let (height, width) = columns ? (crop.height, crop.box.width) : (crop.box.height, crop.width)
        return .exact(image.resized(crop.box, height: height, width: width).tensor)
      },
    ]
  }

  private static func cropped(
    _ prompt: Prompt
  ) throws -> (
    image: ColourImage,
    crop: (box: ViewParameters.Box, height: Int, width: Int, passes: ColourImage.PassOrder)
  ) {
    let reader = AugmentationPrompt(prompt: prompt)
    let image = try reader.image()
    return (image, try reader.crop(of: image))
  }
}

extension ColourViewOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    let steps = DefinitionLine(
      "hue-steps", "a single number", "⌊255 hue⌋ towards zero; only where the view is jittered"
    ) { line in
      try AugmentationPrompt(prompt: line.prompt).jitter().map { .hueSteps($0.hue) }
    }
    let changes: [(ColourViewParameters.Jitter.Operation, String, String)] = [
      (.brightness, "after-brightness", "⌊factor x⌋, cut to 0…255; reads what comes before it in order"),
      (
        .contrast, "after-contrast",
        "⌊d + factor (x − d)⌋, cut to 0…255, d = ⌊mean of L + 1/2⌋; reads what comes before it"
      ),
      (
        .saturation, "after-saturation",
        "⌊d + factor (x − d)⌋, cut to 0…255, d = L of the pixel; reads what comes before it"
      ),
      (.hue, "after-hue", "RGB of (H + hue-steps mod 256; S; V); reads what comes before it in order"),
    ]
    let names = Dictionary(uniqueKeysWithValues: changes.map { ($0.0, $0.1) })
    let jitter = changes.map { change, name, equation in
      DefinitionLine(name, "3 × outputHeight × outputWidth", equation) { line in
        guard let jitter = try AugmentationPrompt(prompt: line.prompt).jitter(),
          let place = jitter.order.firstIndex(of: change)
        else { return nil }
        line.note(place == 0 ? ["cropped"] : [names[jitter.order[place - 1]] ?? ""])
        if change == .hue { line.note(["hue-steps"]) }
        let cropped = try Self.cropped(line.prompt)
        return .exact(jitter.order[...place].reduce(cropped) { jitter.applied($1, to: $0) }.tensor)
      }
    }
    let last: [DefinitionLine] = [
      DefinitionLine.output("jittered", "the last of the four; the crop itself where the view is not jittered") {
        line in
        let jitter = try AugmentationPrompt(prompt: line.prompt).jitter()
        line.note([jitter?.order.last.flatMap { names[$0] } ?? "cropped"])
        return .known
      },
      DefinitionLine("grey", "3 × outputHeight × outputWidth", "L in all three planes where greyscale, before the flip")
      { line in
        line.note(["jittered"])
        guard case .bytes(let pixels, let shape)? = try ColourViewOperation().answer(line.prompt, as: Double.self)["y"]
        else {
          return nil
        }
        let view = ColourImage(height: shape[1], width: shape[2], pixels: pixels)
        return .exact((try line.prompt.bool(.flipped) ? view.flipped() : view).tensor)
      },
      .output("y", "y[c, i, j] = grey[c, i, W − 1 − j] where flipped", reads: ["grey"]),
    ]
    return .crop + [.output("cropped", ResizedCropOperation.pass("narrowed"), reads: ["narrowed"]), steps] + jitter
      + last
  }

  private static func cropped(_ prompt: Prompt) throws -> ColourImage {
    let image = try AugmentationPrompt(prompt: prompt).image()
    let crop = try AugmentationPrompt(prompt: prompt).crop(of: image)
    return image.resized(crop.box, height: crop.height, width: crop.width, passes: crop.passes)
  }
}

extension PictureOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    switch kind {
    case .contrast:
      [
        DefinitionLine("mean", "a single number", "d = ⌊mean of L + 1/2⌋, L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16")
        {
          line in
          line.note(["image"])
          return .integers([Int(try AugmentationPrompt(prompt: line.prompt).image().meanLuminance)], [])
        },
        .output("y", "y = ⌊d + factor (x − d)⌋ in Float, cut to 0…255", reads: ["mean"]),
      ]
    case .saturation:
      [
        DefinitionLine("luminance", "height × width", "L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16") { line in
          line.note(["image"])
          let image = try AugmentationPrompt(prompt: line.prompt).image()
          return .exact(.bytes(image.luminance(), shape: [image.height, image.width]))
        },
        .output("y", "y = ⌊L + factor (x − L)⌋ in Float, cut to 0…255", reads: ["luminance"]),
      ]
    case .hue:
      [
        DefinitionLine("hue-steps", "a single number", "⌊255 shift⌋ towards zero") {
          .hueSteps(try $0.prompt.number(.shift))
        },
        DefinitionLine("hsv", "3 × height × width", "hue, saturation and value as rgb-to-hsv answers them") { line in
          line.note(["image"])
          return .exact(try AugmentationPrompt(prompt: line.prompt).image().hueSaturationValue().tensor)
        },
        .output(
          "y", "y = RGB of (H + hue-steps mod 256; S; V), as hsv-to-rgb answers it", reads: ["hsv", "hue-steps"]),
      ]
    case .brightness: [.output("y", "y = ⌊factor x⌋ in Float, cut to 0…255", reads: ["image"])]
    case .greyscale: [.output("y", "L = (19595 R + 38470 G + 7471 B + 2¹⁵) >> 16 in all planes", reads: ["image"])]
    case .flip: [.output("y", "y[c, i, j] = x[c, i, W − 1 − j]", reads: ["image"])]
    case .toHSV, .fromHSV: []
    }
  }
}

extension LineValue {
  /// Of 255 hues, towards zero.
  fileprivate static func hueSteps(_ shift: Double) -> LineValue { .integers([Int(255 * shift)], []) }
}
