import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Comparisons of rounded numbers")
struct ComparisonsTests {
  @Test func smallestGaps() {
    #expect(smallestGap([3, 2, 2, 0], first: 3) == 1)
    #expect(smallestGap([2, 2, 2], first: 2) == 0 && smallestGap([2], first: 2) == .infinity)
    #expect(smallestGap([2, 2, 0], first: 2, isExact: { _, _ in false }) == .leastNonzeroMagnitude)
    #expect(smallestMargin([0, 3, 1]) == 1 && smallestMargin([0, 0]) == 0 && smallestMargin([]) == .infinity)
  }

  // Of 0.01 with a scale of 4 and 0.04 with a scale of 40 the second comes within its roundings first, as 0.01 with 10 would.
  @Test func workedExampleOfSeveralComparisons() {
    var comparisons = Comparisons()
    comparisons.add("side", 0.3, scale: 2)
    comparisons.add("place", 0.01, scale: 4)
    comparisons.add("place", 0.04, scale: 40)
    comparisons.add("place", 0, scale: 9)
    comparisons.add(0.25, probability: 0)
    comparisons.add(0.25, probability: 1)
    comparisons.add(0.25, probability: 0.75)
    #expect(comparisons.margins == ["side": 0.3, "place": 0.01, "probability": 0.5])
    #expect(comparisons.roundings == ["side": 2, "place": 10, "probability": 0.75])
    var one = Comparisons()
    one.add(0.25, below: 1)
    #expect(one.margins.isEmpty)
    one.add(0.3, below: 3)
    #expect(abs((one.margins["place"] ?? 0) - 0.1) < 1e-15 && one.roundings == ["place": 0.3 * 3])
  }

  /// The nearest tie of a prompt in the profiles that it leaves undecided.
  private func undecided(_ operation: String, _ parameters: [String: JSON]) throws -> [Profile: String] {
    let prompt = Prompt(operation: operation, parameters: parameters, inputs: [:])
    let casePrompt = CasePrompt(area: "rng", slug: "x", summary: "-", catches: ["-"], prompt: prompt)
    return try [Profile.float32, .float64].reduce(into: [:]) {
      $0[$1] = try CorpusCase(answering: prompt, CaseDescription(casePrompt), for: $1).undecided(in: $1).first?.name
    }
  }

  // √(part · 1) is 3.5 and a little more: of a picture of 7 x 7 a quarter and 1e-9 (Float's unit moves the side by 1e-7), or 1e-5.
  @Test(arguments: [(1e-9, true), (1e-5, false)]) func sidesNearAHalf(extra: Double, isNear: Bool) throws {
    let part = JSON.array([.number(0.25 + extra), .number(0.25 + extra)])
    let ratio = JSON.array([.integer(1), .integer(1)])
    let keys: [String: JSON] = [
      "seed": .integer(1), "epoch": .integer(0), "view": .integer(0), "images": .array([.integer(0)]),
      "height": .integer(7), "width": .integer(7),
    ]
    let crop = keys.merging(["area": part, "ratio": ratio]) { $1 }
    let views = keys.merging(["cropArea": part, "cropRatio": ratio]) { $1 }
    let expected: [Profile: String] = isNear ? [.float32: "side"] : [:]
    #expect(try undecided("crop-parameters", crop) == expected)
    #expect(try undecided("grey-parameters", views) == expected)
    #expect(try undecided("rand-parameters", views.merging(["variant": .string("ruc")]) { $1 }) == expected)
  }

  // The first word of image 0 that decides a mirrored view, and a probability beside it.
  @Test(arguments: [(1e-9, true), (1e-6, false)]) func probabilitiesNearAWord(extra: Double, isNear: Bool) throws {
    let keys = ViewKeys(seed: 1, epoch: 0, view: 0, images: [0])
    let parameters: [String: JSON] = [
      "seed": .integer(1), "epoch": .integer(0), "view": .integer(0), "images": .array([.integer(0)]),
    ]
    func flips(_ word: Int) -> [String: JSON] {
      parameters.merging(["flipProbability": .number(keys.words(of: 0)[word] + extra)]) { $1 }
    }
    let size: [String: JSON] = ["height": .integer(8), "width": .integer(8)]
    let expected: [Profile: String] = isNear ? [.float32: "probability"] : [:]
    #expect(try undecided("grey-parameters", flips(6).merging(size) { $1 }) == expected)
    let rand = flips(22).merging(size) { $1 }.merging(["variant": .string("ruc")]) { $1 }
    #expect(try undecided("rand-parameters", rand) == expected)
    let none = JSON.array([.integer(1), .integer(1)])
    let zero = JSON.array([.integer(0), .integer(0)])
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
