// Views of real numbers and of RandAugment, line by line: what an image is after each change.
// Tests    OracleTests/DefinitionTraceTests.swift
import Images
import Kernels
import Networks

extension GreyViewOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "places", "2 × height × width",
        "x, then y, in pixels: box centre + box half-size · (R K D F (x̂, ŷ) + shift), pixel j at (2 j + 1)/W − 1"
      ) { line in
        let view = try GreyViewPrompt(prompt: line.prompt)
        let places = GreyViewErrors(view).places
        return .real(
          places.map { TrackedNumber(value: $0.value, rounding: $0.scale) }, shape: [2, view.height, view.width],
          terms: 1)
      },
      Self.changed("sampled", "the image there, bilinear between its four pixels, 0 outside", "places") {
        ($0.parameters.contrast, $0.parameters.brightness, $0.parameters.erased) = (1, 0, nil)
      },
      Self.changed("contrasted", "contrast · sampled", "sampled") {
        ($0.parameters.brightness, $0.parameters.erased) = (0, nil)
      },
      Self.changed("brightened", "contrasted + brightness where contrasted > 0.05", "contrasted") {
        $0.parameters.erased = nil
      },
      .output("y", "0 in the erased box; then (y − mean) / deviation where given", reads: ["brightened"]),
    ]
  }

  /// The view without what comes later.
  private static func changed(
    _ name: String, _ equation: String, _ reads: String, _ change: @escaping @Sendable (inout GreyViewPrompt) -> Void
  ) -> DefinitionLine {
    DefinitionLine(name, "channels × height × width", equation) { line in
      line.note([reads])
      var view = try GreyViewPrompt(prompt: line.prompt)
      view.standardisation = nil
      change(&view)
      let values = view.parameters.view(
        of: view.image.values, channels: view.channels, height: view.height, width: view.width)
      let scales = GreyViewErrors(view).scale.values
      return .real(
        values.indices.map { TrackedNumber(value: values[$0], rounding: scales[$0]) }, shape: view.image.shape, terms: 1
      )
    }
  }
}

extension ImageNormalisationOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("scaled", "3 × height × width", "x / 255") { line in
        line.note(["image"])
        let image = try AugmentationPrompt(prompt: line.prompt).image()
        return .real(
          image.pixels.map { TrackedNumber(rounded: Double($0) / 255) }, shape: [3, image.height, image.width], terms: 1
        )
      },
      .output("y", "y[c, i, j] = (scaled − mean[c]) / deviation[c]", reads: ["scaled"]),
    ]
  }
}

extension RandPictureOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "smoothed", "3 × height × width",
        "(1 1 1; 1 5 1; 1 1 1) / 13, rounded, the outermost pixels as they are; of sharpness"
      ) { line in
        line.note(["image"])
        let (operation, image) = try Self.inputs(line.prompt)
        return operation.kind == .sharpness ? .exact(image.smoothed().tensor) : nil
      },
      DefinitionLine("mean", "a single number", "⌊mean of L + 1/2⌋; of contrast") { line in
        line.note(["image"])
        let (operation, image) = try Self.inputs(line.prompt)
        return operation.kind == .contrast ? .integers([Int(image.meanLuminance)], []) : nil
      },
      .output("y", "as the formula of the kind says", reads: ["image", "smoothed", "mean"]),
    ]
  }
}

extension RandViewOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("cropped", "3 × height × width", "the box resized to the image's size, as of resized-crop") {
        line in
        line.note(["image"])
        let (view, image, _, _) = try Self.inputs(line.prompt)
        return .exact(RandViewParameters(box: view.box).view(of: image).tensor)
      },
      DefinitionLine("mirrored", "3 × height × width", "cropped, mirrored left to right where flipped") { line in
        line.note(["cropped"])
        let (view, image, _, _) = try Self.inputs(line.prompt)
        return .exact(RandViewParameters(box: view.box, isFlipped: view.isFlipped).view(of: image).tensor)
      },
      DefinitionLine("operated", "operations × 3 × height × width", "the picture after each operation, in order") {
        line in
        line.note(["mirrored"])
        let (view, image, _, _) = try Self.inputs(line.prompt)
        guard !view.operations.isEmpty else { return nil }
        let pictures = (1...view.operations.count).flatMap { count in
          RandViewParameters(
            box: view.box, isFlipped: view.isFlipped, operations: Array(view.operations.prefix(count))
          ).view(of: image).pixels
        }
        return .exact(.bytes(pictures, shape: [view.operations.count, 3, image.height, image.width]))
      },
      .output("y", "the last picture, 127 in a grey cutout", reads: ["operated", "mirrored"]),
      .output(
        "normalised", "(y / 255 − mean) / deviation by channel, 0 in a cutout of the mean", reads: ["y"]),
    ]
  }
}
