// What is drawn for a view of RandAugment: the crop, the mirror, the cutout, and four words for each operation.
// Tests    OracleTests/CoverageCasesTests.swift
import Files
import Images
import Kernels
import Networks

/// The random parameters of RandAugment's views.
///
/// Outputs: crop (n × 4 whole numbers: left, top, width, height), flipped (n, 0 or 1), kinds (n × operationCount: the numbers of the
/// operations that are done, in order, then −1), values (n × operationCount; 0 without a kind), cutout (n × 4).
struct RandParametersOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "rand-parameters"
  let area = "rng"
  private static let variant = ParameterDeclaration.choice(
    "variant", of: RandAugmentation.Variant.self, "whose ranges and rules")
  private static let operationCount = ParameterDeclaration.integer(
    "operationCount", 1...14, absent: "2 of ruc, 4 of scan", "how many operations are drawn for a view")
  private static let magnitude = ParameterDeclaration.integer(
    "magnitude", 2...10, default: 2, "M of ruc: a level from 1 to M − 1, of 10; scan has none")
  private static let probability = ParameterDeclaration.number(
    "probability", .probabilities, absent: "0.5 of ruc, 1 of scan", "of doing a drawn operation")
  private static let flipProbability = ParameterDeclaration.number(
    "flipProbability", .probabilities, default: 0.5, "of a mirrored view")
  private static let cutoutSide = ParameterDeclaration.integer(
    "cutoutSide", 0...256, default: 16, "of ruc the cutout's side, of scan the largest; 0 for none")
  let parameters =
    [Self.variant] + ParameterDeclaration.keys + [
      .pictureHeight, .pictureWidth, Self.operationCount, Self.magnitude, Self.probability, Self.flipProbability,
      Self.cutoutSide, .cropArea, .cropRatio,
    ]
  let inputs: [InputDeclaration] = []
  let formula = """
    words of stream (seed, 5, epoch, image, view): 0…21 the crop, 22 flipped = u < p, 23 the cutout's side, 24 and 25 its centre; for
    operation k: 26 + 4 k which, 27 + 4 k its magnitude, 28 + 4 k done = u < p, 29 + 4 k the sign, negative if u < ½
    """

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    let drawn = keys.images.map {
      views.parameters(
        seed: keys.seed, epoch: keys.epoch, image: $0, view: keys.view, height: height, width: width)
    }
    let (n, count) = (keys.images.count, views.operationCount)
    func list(_ box: ViewParameters.Box?) -> [Int] {
      box.map { [$0.left, $0.top, $0.width, $0.height] } ?? [0, 0, 0, 0]
    }
    let kinds = drawn.flatMap { view in
      (0..<count).map { k in
        k < view.operations.count ? view.operations[k].kind.number : -1
      }
    }
    let values = drawn.flatMap { view in
      (0..<count).map { k in k < view.operations.count ? Scalar(view.operations[k].value) : 0 }
    }
    return [
      "crop": .integers(drawn.flatMap { list($0.box) }, shape: [n, 4]),
      "flipped": .integers(drawn.map { $0.isFlipped ? 1 : 0 }, shape: [n]),
      "kinds": .integers(kinds, shape: [n, count]), "values": .real(Tensor(shape: [n, count], values: values)),
      "cutout": .integers(drawn.flatMap { list($0.cutout?.box) }, shape: [n, 4]),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (keys, views, height, width) = try Self.inputs(prompt)
    let values = keys.images.flatMap { image -> [Double] in
      let draw = RandDraw(views, keys, image: image, height: height, width: width)
      return (0..<views.operationCount).map { k in k < draw.operations.count ? draw.operations[k].scale : 0 }
    }
    return [
      "values": RoundingScale(
        values: Tensor(shape: [keys.images.count, views.operationCount], values: values), terms: 1)
    ]
  }

  /// The crop has words of its own.
  func outputs(settledDespite margin: String) -> Set<String> {
    margin == "side" ? ["flipped", "kinds", "values", "cutout"] : []
  }

  /// "probability": how near a uniform number comes to what it is compared with; "place": how near a number comes to the whole number to
  /// which it would be cut; "side" as of crop-parameters.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).margins }

  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { try comparisons(prompt).roundings }

  private func comparisons(_ prompt: Prompt) throws(OracleError) -> Comparisons {
    let (keys, views, height, width) = try Self.inputs(prompt)
    var comparisons = Comparisons()
    for image in keys.images {
      comparisons.add(RandDraw(views, keys, image: image, height: height, width: width).comparisons)
      guard let crop = views.crop else { continue }
      var stream = keys.stream(image)
      comparisons.add(CropParametersOperation.comparisons(of: crop, height: height, width: width, from: &stream))
    }
    return comparisons
  }

  static func inputs(
    _ prompt: Prompt
  ) throws(OracleError) -> (keys: ViewKeys, views: RandAugmentation, height: Int, width: Int) {
    let reader = AugmentationPrompt(prompt: prompt)
    var views = RandAugmentation(try prompt.choice(Self.variant))
    views.operationCount = try prompt.integerIfGiven(Self.operationCount) ?? views.operationCount
    views.magnitude = try prompt.integer(Self.magnitude)
    views.probability = try prompt.numberIfGiven(Self.probability) ?? views.probability
    views.flipProbability = try prompt.number(Self.flipProbability)
    (views.cutoutSide, views.crop) = (try prompt.integer(Self.cutoutSide), try reader.randomCrop())
    let (height, width) = (try prompt.integer(.pictureHeight), try prompt.integer(.pictureWidth))
    return (try reader.keys(), views, height, width)
  }
}
