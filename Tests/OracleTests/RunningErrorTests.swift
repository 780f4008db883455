import Images
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Errors that are carried along, and comparisons of rounded numbers")
struct RunningErrorTests {
  // √(x y) and √(x / y) of numbers drawn as exp U(ln a, ln b), in Float and in Double.
  @Test func floatStaysWithinTheScale() {
    var stream = RandomStream(seed: 3, purpose: .test)
    var largest = 0.0
    for _ in 0..<2000 {
      let (a, b, u) = (stream.uniform(0.1, 4), stream.uniform(4, 9), stream.uniform())
      func value<Scalar: RealScalar>(_: Scalar.Type) -> [Double] {
        let (low, high) = (Scalar.log(Scalar(a)), Scalar.log(Scalar(b)))
        let x = Scalar.exp(low + (high - low) * Scalar(u))
        return [x, (x * Scalar(b)).squareRoot(), (Scalar(b) / x).squareRoot()].map { Double($0) }
      }
      let x = RunningError.uniform(.logarithm(of: a), .logarithm(of: b), u).exponential
      let y = RunningError(rounded: b)
      let right = [x, (x * y).squareRoot, (y / x).squareRoot]
      for (carried, (float, double)) in zip(right, zip(value(Float.self), value(Double.self))) {
        #expect(abs(carried.value - double) <= 1e-13 * double)
        largest = max(largest, abs(float - double) / (carried.scale * 0x1p-24))
      }
    }
    // Not too wide either: a scale of ten times the largest error would hide what it should show.
    #expect(largest <= 1 && largest >= 0.2, "\(largest)")
  }

  // 0.3 from ½ at a scale of 2, 0.01 from a whole number at a scale of 5, and 0.04 at a scale of 40: only the last is within 1/500.
  @Test func workedExampleOfSeveralComparisons() {
    var comparisons = Comparisons()
    comparisons.add("side", 0.3, scale: 2)
    comparisons.add("place", 0.01, scale: 4)
    comparisons.add("place", 0.04, scale: 40)
    comparisons.add("place", 0, scale: 9)
    comparisons.add(0.25, probability: 0)
    comparisons.add(0.25, probability: 1)
    comparisons.add(0.25, probability: 0.75)
    #expect(comparisons.margins == ["side": 0.3, "place": 0, "probability": 0.5])
    #expect(comparisons.roundings == ["side": 2, "place": 10, "probability": 0.75])
    var one = Comparisons()
    one.add(0.25, below: 1)
    #expect(one.margins.isEmpty)
    one.add(0.3, below: 3)
    #expect(abs((one.margins["place"] ?? 0) - 0.1) < 1e-15 && one.roundings == ["place": 0.3 * 3])
  }

  /// The prompt of one draw whose comparison falls nearer than Float's rounding, and one that is as near as 1e-4.
  private func undecided(_ operation: String, _ parameters: [String: ParameterValue]) throws -> [Profile: String] {
    let prompt = Prompt(operation: operation, parameters: parameters, inputs: [:])
    let asked = try Operations.named(operation)
    var description = try CaseDescription(CaseRecipe(area: "rng", slug: "x", summary: "", catches: [], prompt: prompt))
    description.margins = try asked.margins(prompt)
    let item = CorpusCase(
      description: description, prompt: prompt, expected: try asked.answer(prompt, as: Double.self),
      scales: try asked.scales(prompt))
    return [Profile.float32, .float64].reduce(into: [:]) { $0[$1] = item.undecided(in: $1).first?.name }
  }

  // √(part · 1) is 3.5 and a little more: of a picture of 7 x 7 a quarter and 1e-9 (Float's unit moves the side by 1e-7), or 1e-5.
  @Test(arguments: [(1e-9, true), (1e-5, false)]) func sidesNearAHalf(extra: Double, isNear: Bool) throws {
    let part = ParameterValue.list([.number(0.25 + extra), .number(0.25 + extra)])
    let ratio = ParameterValue.list([.integer(1), .integer(1)])
    let keys: [String: ParameterValue] = [
      "seed": .integer(1), "epoch": .integer(0), "view": .integer(0), "images": .list([.integer(0)]),
      "height": .integer(7), "width": .integer(7),
    ]
    let crop = keys.merging(["area": part, "ratio": ratio]) { $1 }
    let views = keys.merging(["cropArea": part, "cropRatio": ratio]) { $1 }
    let expected: [Profile: String] = isNear ? [.float32: "side"] : [:]
    #expect(try undecided("crop-parameters", crop) == expected)
    #expect(try undecided("grey-parameters", views) == expected)
    #expect(try undecided("rand-parameters", views.merging(["variant": .text("ruc")]) { $1 }) == expected)
  }

  // The first word of image 0 that decides a mirrored view, and a probability beside it.
  @Test(arguments: [(1e-9, true), (1e-6, false)]) func probabilitiesNearAWord(extra: Double, isNear: Bool) throws {
    let keys = ViewKeys(seed: 1, epoch: 0, view: 0, images: [0])
    let parameters: [String: ParameterValue] = [
      "seed": .integer(1), "epoch": .integer(0), "view": .integer(0), "images": .list([.integer(0)]),
    ]
    func flips(_ word: Int) -> [String: ParameterValue] {
      parameters.merging(["flipProbability": .number(keys.words(of: 0)[word] + extra)]) { $1 }
    }
    let size: [String: ParameterValue] = ["height": .integer(8), "width": .integer(8)]
    let expected: [Profile: String] = isNear ? [.float32: "probability"] : [:]
    #expect(try undecided("grey-parameters", flips(6).merging(size) { $1 }) == expected)
    let rand = flips(22).merging(size) { $1 }.merging(["variant": .text("ruc")]) { $1 }
    #expect(try undecided("rand-parameters", rand) == expected)
    let none = ParameterValue.list([.integer(1), .integer(1)])
    let zero = ParameterValue.list([.integer(0), .integer(0)])
    let jitter = flips(31).merging([
      "brightness": none, "contrast": none, "saturation": none, "hue": zero, "jitterProbability": .integer(0),
      "greyscaleProbability": .integer(0),
    ]) { $1 }
    #expect(try undecided("jitter-parameters", jitter) == expected)
  }

  // A pixel at 0.05 and a little more: brighter by 0.1 in one precision, and not in the other.
  @Test(arguments: [(1e-10, true), (1e-6, false)]) func greyPixelsNearTheThreshold(extra: Double, isNear: Bool) throws {
    let image = TensorValue.real(Tensor<Double>(shape: [1, 1, 3], values: [0.5, 0.05 + extra, 0.9]))
    let prompt = Prompt(
      operation: "grey-view", parameters: ["brightness": .number(0.1)], inputs: ["image": image])
    let operation = GreyViewOperation()
    let margin = try #require(try operation.margins(prompt)["threshold"])
    let roundings = try #require(try operation.marginRoundings(prompt)["threshold"])
    #expect(abs(margin - extra / 0.05) < 1e-3 * extra / 0.05)
    #expect((margin < Profile.float32.decidingMargin(roundings: roundings)) == isNear)
    #expect(margin > Profile.float64.decidingMargin(roundings: roundings))
  }
}
