import Foundation
import Kernels
import Testing

@testable import Images

@Suite("Standardisation")
struct StandardisationTests {
  // Red 0, 255, 255, 255: mean 3/4, variance 3/16. Green 51 throughout: mean 1/5, standard deviation 1. Blue 0, 0, 255, 255: 1/2, 1/4.
  @Test func workedExampleOfThreeChannels() {
    let set = ImageSet(
      name: "two", channels: 3, height: 1, width: 2, pixels: [0, 255, 51, 51, 0, 0] + [255, 255, 51, 51, 255, 255])
    // Halves and quarters are exact, but the means of 191.25 and 51 are divided by 255: one rounding.
    for (found, expected) in zip(set.standardisation.mean, [0.75, 0.2, 0.5]) { #expect(abs(found - expected) < 1e-16) }
    let standardDeviations = set.standardisation.standardDeviation
    #expect(standardDeviations.count == 3 && standardDeviations[1] == 1 && standardDeviations[2] == 0.5)
    #expect(abs(standardDeviations[0] - (3.0 / 16).squareRoot()) < 1e-15)
    let batch: [Double] = set.evaluationBatch(
      [1, 0], standardisedBy: Standardisation(mean: [0, 0.2, 0.5], standardDeviation: [2, 1, 0.5]))
    #expect(batch == [0.5, 0.5, 0, 0, 1, 1] + [0, 0.5, 0, 0, -1, -1])
    // One number for all channels.
    let common: [Double] = set.evaluationBatch(
      [0], standardisedBy: Standardisation(mean: [0.2], standardDeviation: [0.5]))
    #expect(common == [-0.4, 1.6, 0, 0, -0.4, -0.4])
  }

  // (8/16 − 0.25) / 0.5 = 0.5 and (16/16 − 0.25) / 0.5 = 1.5.
  @Test func workedExampleOfOneChannel() {
    let images = ImageSet(name: "two", channels: 1, height: 1, width: 1, pixels: [8, 16], maximumValue: 16)
    let batch: [Double] = images.evaluationBatch(
      [0, 1], standardisedBy: Standardisation(mean: [0.25], standardDeviation: [0.5]))
    #expect(batch == [0.5, 1.5])
  }

  @Test func invariantEachChannelOfASetHasMeanZeroAndDeviationOne() {
    let set = randomImages(channels: 3, height: 5, width: 4)
    let all: [Double] = set.evaluationBatch(Array(0..<set.count))
    for channel in 0..<3 {
      let values = all.indices.filter { $0 / 20 % 3 == channel }.map { all[$0] }
      // 200 standardised numbers summed in order: rounding below 1e-12.
      #expect(abs(values.reduce(0, +)) < 1e-12)
      #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 200 - 1) < 1e-12)
    }
  }

  @Test func workedExampleOfJSON() throws {
    func read(_ json: String) throws -> Standardisation {
      try JSONDecoder().decode(Standardisation.self, from: Data(json.utf8))
    }
    let lists = try read(#"{"mean": [0.1, 0.2, 0.3], "standardDeviation": [1, 2, 3]}"#)
    #expect(lists == Standardisation(mean: [0.1, 0.2, 0.3], standardDeviation: [1, 2, 3]))
    #expect(try JSONDecoder().decode(Standardisation.self, from: JSONEncoder().encode(lists)) == lists)
    // As versions with one mean for all channels wrote it.
    let numbers = try read(#"{"mean": 0.25, "standardDeviation": 0.5}"#)
    #expect(numbers == Standardisation(mean: [0.25], standardDeviation: [0.5]))
    #expect(throws: DecodingError.self) { try read(#"{"mean": "a", "standardDeviation": 0.5}"#) }
  }

  @Test(arguments: [
    (
      Standardisation(mean: [0, 0], standardDeviation: [1]),
      "mean must be one number, or one for each of 3 channels, not 2"
    ),
    (
      Standardisation(mean: [0], standardDeviation: []),
      "standardDeviation must be one number, or one for each of 3 channels, not 0"
    ),
    (Standardisation(mean: [.nan], standardDeviation: [1]), "mean must be finite, not nan"),
    (Standardisation(mean: [0], standardDeviation: [1, 1, -1]), "standardDeviation must be positive, not -1.0"),
    (Standardisation(mean: [0], standardDeviation: [.infinity]), "standardDeviation must be positive, not inf"),
  ])
  func workedExampleOfProblems(standardisation: Standardisation, expected: String) {
    #expect(standardisation.problem(channels: 3) == expected)
    #expect(Standardisation.cifar10.problem(channels: 3) == nil)
  }

  @Test func stopsOnNumbersThatDoNotFit() async {
    await #expect(processExitsWith: .failure) {
      let set = ImageSet(name: "two", channels: 1, height: 1, width: 1, pixels: [8, 16])
      let _: [Float] = set.evaluationBatch([0], standardisedBy: .cifar10)
    }
  }
}
