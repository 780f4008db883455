// Grey views: each part of the warp alone, whole views as the default runs draw them, and the draws themselves.
// Tests    OracleTests/CoverageCasesTests.swift
import Kernels
import Networks

/// The cases about the default run's views.
enum GreyViewCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try views() + draws() }

  /// Sixteenths, as the digits are; some black.
  static func image(_ shape: [Int], seed: UInt32) -> TensorValue {
    var stream = RandomStream(seed: seed, purpose: .test)
    let values = (0..<shape.reduce(1, *)).map { _ in Double(max(0, stream.integer(below: 21) - 4)) / 16 }
    return .real(Tensor<Double>(shape: shape, values: values))
  }

  private static func box(_ numbers: Int...) -> ParameterValue { .list(numbers.map { .integer($0) }) }

  private static func views() throws(OracleError) -> [CaseRecipe] {
    let cases: [(LossCase, shape: [Int])] = [
      (
        LossCase(
          slug: "rotation", summary: "turned by 15°", parameters: ["rotationDegrees": .number(15)],
          catches: ["turned the other way", "degrees taken for radians", "the nearest pixel"]), [1, 8, 8]
      ),
      (
        LossCase(
          slug: "rotation-oblong", summary: "an oblong image, turned by −130°",
          parameters: ["rotationDegrees": .number(-130)],
          catches: ["turned in pixels instead of normalised coordinates"]),
        [1, 6, 9]
      ),
      (
        LossCase(
          slug: "shear", summary: "sheared by 0.15", parameters: ["shear": .number(0.15)],
          catches: ["sheared along the other axis", "the corners' pixels at −1 and 1"]), [1, 8, 8]
      ),
      (
        LossCase(
          slug: "zoom-in", summary: "zoomed by 1.2", parameters: ["zoom": .number(1.2)], catches: ["zoom inverted"]),
        [1, 8, 8]
      ),
      (
        LossCase(
          slug: "zoom-out", summary: "zoomed by 0.75: a border outside", parameters: ["zoom": .number(0.75)],
          catches: ["the border repeated outside", "the border mirrored outside"]), [1, 7, 8]
      ),
      (
        LossCase(
          slug: "stretch", summary: "stretched by 1.125", parameters: ["stretch": .number(1.125)],
          catches: ["stretched in one axis alone", "stretch inverted"]), [1, 8, 7]
      ),
      (
        LossCase(
          slug: "shift", summary: "shifted by 0.75 and −0.5",
          parameters: ["shiftX": .number(0.75), "shiftY": .number(-0.5)],
          catches: ["shifted the other way", "shift in normalised coordinates", "x and y swapped"]), [1, 7, 8]
      ),
      (
        LossCase(
          slug: "crop", summary: "a crop of 6 × 5", parameters: ["crop": box(2, 1, 6, 5)],
          catches: ["the crop left out", "the crop's corner taken for its centre"]), [1, 8, 10]
      ),
      (
        LossCase(
          slug: "flip-and-rotation", summary: "mirrored, then turned",
          parameters: ["flipped": .truth(true), "rotationDegrees": .number(20), "shiftX": .number(0.5)],
          catches: ["mirrored after all else", "not mirrored"]), [1, 6, 7]
      ),
      (
        LossCase(
          slug: "brighter", summary: "contrast 1.3, brightness 0.1",
          parameters: ["contrast": .number(1.3), "brightness": .number(0.1)],
          catches: ["brightness added to black", "brightness before contrast", "cut to 0…1"]), [1, 6, 6]
      ),
      (
        LossCase(
          slug: "darker", summary: "contrast 0.7, brightness −0.1",
          parameters: ["contrast": .number(0.7), "brightness": .number(-0.1)],
          catches: ["negative values cut to 0", "contrast about the mean"]), [1, 6, 6]
      ),
      (
        LossCase(
          slug: "erased", summary: "an erased box, standardised",
          parameters: [
            "erased": box(3, 1, 2, 3), "mean": .list([.number(0.25), .number(0.5)]),
            "deviation": .list([.number(0.375), .number(0.25)]),
          ],
          catches: ["erased to 0 after standardisation", "one mean for all channels", "width and height swapped"]),
        [2, 5, 6]
      ),
      (
        LossCase(
          slug: "three-channels", summary: "all together on three channels",
          parameters: [
            "rotationDegrees": .number(-20), "shear": .number(-0.2), "zoom": .number(1.15), "stretch": .number(0.9),
            "shiftX": .number(-0.6), "shiftY": .number(0.9), "flipped": .truth(true), "contrast": .number(0.8),
            "brightness": .number(0.07), "crop": box(1, 0, 7, 6), "erased": box(0, 4, 3, 2),
          ],
          catches: ["every channel that of the first", "shear after the turn", "shift before the turn"]), [3, 7, 9]
      ),
      (
        LossCase(
          slug: "digits", summary: "as stage 1 sees a digit",
          parameters: [
            "rotationDegrees": .number(-11.3), "shear": .number(0.08), "zoom": .number(0.92), "stretch": .number(1.05),
            "shiftX": .number(0.4), "shiftY": .number(-0.9), "contrast": .number(0.85), "erased": box(2, 5, 1, 2),
            "mean": .list([.number(0.305)]), "deviation": .list([.number(0.376)]),
          ], catches: ["standardised before the view"]), [1, 8, 8]
      ),
      (
        LossCase(
          slug: "fashion", summary: "as a piece of clothing is seen",
          parameters: [
            "rotationDegrees": .number(5.1), "shear": .number(-0.07), "stretch": .number(0.97),
            "crop": box(4, 2, 19, 23), "flipped": .truth(true), "contrast": .number(1.21), "brightness": .number(-0.06),
            "erased": box(20, 11, 7, 4), "mean": .list([.number(0.286)]), "deviation": .list([.number(0.353)]),
          ], catches: ["erased before the warp"]), [1, 28, 28]
      ),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      let prompt = try NetworkDrawing.firstApart(from: 190_000 + 2000 * UInt32(index)) { drawing in
        Prompt(
          operation: "grey-view", parameters: item.0.parameters,
          inputs: ["image": image(item.shape, seed: drawing.seed)])
      }
      return item.0.recipe("augment", "grey-view", prompt.inputs)
    }
  }

  private static func draws() throws(OracleError) -> [CaseRecipe] {
    func range(_ least: Double, _ largest: Double) -> ParameterValue { ViewParameterCases.range(least, largest) }
    let digits: [String: ParameterValue] = [
      "height": .integer(8), "width": .integer(8), "rotationDegrees": .number(15), "shear": .number(0.15),
      "zoom": range(0.85, 1.2), "aspect": .number(1.2), "shiftPixels": .number(1), "contrast": range(0.7, 1.3),
      "eraseProbability": .number(0.3), "eraseSides": range(1, 2),
    ]
    let fashion: [String: ParameterValue] = [
      "height": .integer(28), "width": .integer(28), "rotationDegrees": .number(8), "shear": .number(0.1),
      "aspect": .number(1.15), "cropArea": range(0.5, 1), "flipProbability": .number(0.5), "contrast": range(0.6, 1.4),
      "brightness": .number(0.1), "eraseProbability": .number(0.3), "eraseSides": range(1, 8),
    ]
    var strong = digits
    (strong["eraseProbability"], strong["eraseSides"]) = (.number(0.9), range(1, 11))
    (strong["height"], strong["width"]) = (.integer(9), .integer(12))
    let cases: [(String, seed: UInt32, epoch: Int, view: Int, [String: ParameterValue], [String])] = [
      ("digits", 1, 3, 0, digits, ["zoom drawn linearly", "the stretch not halved in the exponent"]),
      ("digits-second-view", 1, 3, 1, digits, ["both views from one stream"]),
      ("fashion", 40, 3, 0, fashion, ["the crop drawn first", "words skipped where nothing is erased"]),
      ("fashion-next-epoch", 40, 4, 0, fashion, ["the same views in every epoch"]),
      (
        "long-boxes", 80, 0, 1, strong,
        ["erased sides longer than the image kept", "width and height of the erased box swapped"]
      ),
      (
        "identity", 3, 0, 0, ["height": .integer(5), "width": .integer(6)],
        ["ranges of the digits where none are given"]
      ),
    ]
    return try cases.map { item throws(OracleError) in
      try ViewParameterCases.recipe(
        GreyParametersOperation(), item.0, item.5, seed: item.seed, epoch: item.epoch, view: item.view,
        images: ViewParameterCases.images, item.4)
    }
  }
}
