import Files
import Kernels
import Testing

@testable import Images

@Suite("Fitting images to a size")
struct ImageFittingTests {
  /// The fixture's picture: byte = (2 x + 3 y + 7 n)(n + 1) in channel n.
  static func planes(_ channels: Int, _ height: Int, _ width: Int) -> [UInt8] {
    (0..<channels).flatMap { n in
      (0..<height * width).map {
        UInt8(truncatingIfNeeded: (2 * ($0 % width) + 3 * ($0 / width) + 7 * n) % 256 * (n + 1))
      }
    }
  }

  @Test(arguments: FormatsFile.read?.fittings ?? [])
  func goldenAgainstPillow(fitting: FormatsFile.Fitting) throws {
    var collector = try ImageCollector(
      channels: fitting.channels, given: ImageSize(height: fitting.height, width: fitting.width),
      request: ImageRequest(size: ImageSize(height: fitting.newHeight, width: fitting.newWidth)), count: 1, path: "p")
    collector.append(Self.planes(fitting.channels, fitting.height, fitting.width)[...])
    #expect(collector.pixels.count == fitting.channels * fitting.newHeight * fitting.newWidth)
    #expect(SHA256.hexDigest(of: collector.pixels) == fitting.digest)
  }

  @Test func goldenTheCasesAreThere() { #expect(FormatsFile.read?.fittings.count == 16) }

  // 20 x 31 to 16 x 16: the height becomes 16, the width 16 · 31 / 20 = 24.8, cut to 24.
  @Test func workedExampleCoveringSizes() {
    #expect(
      ColourImage.covering(ImageSize(height: 16, width: 16), height: 20, width: 31) == ImageSize(height: 16, width: 24))
    #expect(
      ColourImage.covering(ImageSize(height: 16, width: 16), height: 33, width: 20) == ImageSize(height: 26, width: 16))
  }

  @Test func goldenSentences() {
    #expect(
      ColourImage.fittingProblem(ImageSize(height: 0, width: 3), height: 9, width: 9)
        == "images can be brought to sides of 1 to 1024 pixels, not to 0x3")
    #expect(
      ColourImage.fittingProblem(ImageSize(height: 100, width: 100), height: 1, width: 200)
        == "a picture of 1 x 200 pixels is too long and narrow to be brought to 100x100")
    #expect(ColourImage.fittingProblem(ImageSize(height: 32, width: 32), height: 96, width: 96) == nil)
  }
}
