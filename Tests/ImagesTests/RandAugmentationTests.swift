import Files
import Foundation
import Kernels
import Testing

@testable import Images

@Suite("RandAugment")
struct RandAugmentationTests {
  @Test(arguments: RandAugmentFile.read?.runs ?? [])
  func goldenViewsAgainstPillow(run: RandAugmentFile.Run) {
    for (block, digest) in run.digests.enumerated() {
      var bytes: [UInt8] = []
      for number in block * run.blockSize..<(block + 1) * run.blockSize {
        let image = number / 2
        let parameters = run.augmentation.parameters(
          seed: run.seed, epoch: run.epoch, image: image, view: number % 2, height: run.height, width: run.width)
        let picture = randPicture(image, height: run.height, width: run.width, seed: 42)
        let seen = run.channels == 3 ? picture : picture.redAlone
        let view = parameters.view(of: seen).pixels
        bytes += view[..<(run.channels * run.height * run.width)]
        if run.channels == 1 { #expect(view == Array(repeating: view[..<(view.count / 3)], count: 3).flatMap { $0 }) }
        if let cutout = parameters.cutout, cutout.fill == .mean {
          var mask = [UInt8](repeating: 1, count: run.height * run.width)
          cutout.forEachPixel(width: run.width) { mask[$0] = 0 }
          bytes += mask
        }
      }
      #expect(SHA256.hexDigest(of: bytes) == digest, "block \(block)")
    }
  }

  @Test func goldenTheCasesAreThere() throws {
    let file = try #require(RandAugmentFile.read)
    #expect(file.operations.map(\.kind) == RandAugmentOperation.Kind.allCases && file.runs.count == 7)
    #expect(RandAugmentFile.operations(.identity).first.map { RandAugmentFile.digest(of: $0) == $0.digest } == true)
  }

  // Byte 51 of 255 is 0.2; mean 0.1, standard deviation 0.5: 0.2; in the cutout 0.
  @Test func workedExampleACutoutOfTheMeanColour() {
    let picture = ColourImage(height: 1, width: 3, pixels: Array(repeating: 51, count: 9))
    let parameters = RandViewParameters(
      box: .init(left: 0, top: 0, width: 3, height: 1),
      cutout: .init(box: .init(left: 1, top: 0, width: 2, height: 1), fill: .mean))
    #expect(parameters.view(of: picture) == picture)
    let values: [Double] = parameters.normalisedView(
      of: picture, mean: [0.1, 0.1, 0.1], standardDeviation: [0.5, 0.5, 0.5])
    for (value, expected) in zip(values, [0.2, 0, 0, 0.2, 0, 0, 0.2, 0, 0]) { #expect(abs(value - expected) < 1e-15) }
  }

  // RUC with M = 2: the level is 1 of 10, so brightness 0.99 / 10 + 0.01, rotation 4 − 45, threshold 256 − 25,
  // translation (0.03 − 0.3) 32 = −8.64, cut to 8 pixels.
  @Test func workedExampleRUCHasOneMagnitude() {
    var found: [RandAugmentOperation.Kind: Set<Double>] = [:]
    var skipped = 0
    for image in 0..<400 {
      let view = RandAugmentation(.ruc).parameters(seed: 1, epoch: 0, image: image, view: 0, height: 32, width: 32)
      #expect(Set(view.operations.map(\.kind)).count == view.operations.count && view.operations.count <= 2)
      skipped += 2 - view.operations.count
      for operation in view.operations { found[operation.kind, default: []].insert(operation.value) }
    }
    #expect(found.count == 14)
    #expect(found[.brightness] == [1 * 0.99 / 10 + 0.01] && found[.posterize] == [8] && found[.solarize] == [231])
    #expect(
      found[.rotate] == [-41, 41] && found[.translateX] == [-8, 8] && found[.shearY] == [0.03 - 0.3, 0.3 - 0.03])
    // 800 fair coins: 400 with a standard deviation of 14; six standard deviations.
    #expect(abs(skipped - 400) < 85)
  }

  @Test func invariantAViewDependsOnItsKeyAlone() {
    let scan = RandAugmentation(.scan)
    func view(_ seed: UInt32, _ epoch: Int, _ image: Int, _ number: Int) -> RandViewParameters {
      scan.parameters(seed: seed, epoch: epoch, image: image, view: number, height: 32, width: 32)
    }
    let base = view(1, 2, 3, 0)
    #expect(base == view(1, 2, 3, 0) && base.operations.count == 4)
    for other in [view(2, 2, 3, 0), view(1, 3, 3, 0), view(1, 2, 4, 0), view(1, 2, 3, 1)] { #expect(other != base) }
  }

  @Test func goldenProblemsAndJSON() throws {
    var augmentation = RandAugmentation(.ruc)
    #expect(augmentation.problem == nil && RandAugmentation(.scan).problem == nil)
    let data = try JSONEncoder().encode(augmentation)
    #expect(try JSONDecoder().decode(RandAugmentation.self, from: data) == augmentation)
    augmentation.magnitude = 11
    #expect(augmentation.problem == "magnitude must be in 2...10, not 11")
    augmentation.magnitude = 10
    augmentation.probability = .nan
    #expect(augmentation.problem == "probability must be in 0.0...1.0, not nan")
    augmentation.probability = 1
    augmentation.crop?.area = 0.5...2
    #expect(augmentation.problem == "crop.area must be in 0.01...1.0, not 2.0")
  }

  @Test func workedExampleOfImagesThatAreTooSmallOrTooLarge() {
    let views = RandAugmentation(.ruc)
    #expect(views.problem(size: ImageSize(height: 17, width: 40)) == nil)
    #expect(
      views.problem(size: ImageSize(height: 40, width: 16))
        == "cutoutSide must be below 16, the images' shorter side, not 16: it would empty whole views")
    #expect(
      views.problem(size: ImageSize(height: 17, width: 16384))
        == "kind randAugment needs images with sides below 16384, not 16384")
  }

  @Test func stopsOnValuesOutOfRange() async {
    await #expect(processExitsWith: .failure) {
      var augmentation = RandAugmentation(.scan)
      augmentation.operationCount = 0
      _ = augmentation.parameters(seed: 0, epoch: 0, image: 0, view: 0, height: 8, width: 8)
    }
  }
}
