// What the tests of RandAugment share: Pillow's digests, and the pictures that they are about.
import Files
import Foundation
import Kernels

@testable import Images

/// Fixtures/images/rand-augment.json.
struct RandAugmentFile: Decodable {
  /// One operation by several values, on two pictures of every size.
  struct Operation: Decodable, CustomStringConvertible, Sendable {
    let kind: RandAugmentOperation.Kind
    let values: [Double]
    let digest: String
    var description: String { kind.rawValue }
  }

  /// Views of many pictures, two of each.
  struct Run: Decodable, CustomStringConvertible, Sendable {
    let name: String
    /// 3, or 1 for Pillow's mode L.
    let channels: Int
    let augmentation: RandAugmentation
    let seed: UInt32
    let epoch: Int
    let views: Int
    let height: Int
    let width: Int
    /// How many views share a digest.
    let blockSize: Int
    let digests: [String]
    var description: String { name }
  }

  /// Height and width of the pictures that operations are tried on.
  let sizes: [[Int]]
  let operations: [Operation]
  let runs: [Run]

  /// The file; nil if it cannot be read, which one test finds out.
  static let read = try? fixture("rand-augment.json", as: RandAugmentFile.self)

  /// Some operations; all without names.
  static func operations(_ kinds: RandAugmentOperation.Kind...) -> [Operation] {
    read?.operations.filter { kinds.contains($0.kind) } ?? []
  }

  /// The digest of an operation's results.
  static func digest(of operation: Operation) -> String {
    var bytes: [UInt8] = []
    for value in operation.values {
      for (number, size) in (read?.sizes ?? []).enumerated() {
        for image in [2 * number, 2 * number + 1] {
          let picture = randPicture(image, height: size[0], width: size[1], seed: 41)
          bytes += RandAugmentOperation(operation.kind, value).applied(to: picture).pixels
        }
      }
    }
    return SHA256.hexDigest(of: bytes)
  }
}

extension ColourImage {
  /// The red plane three times.
  var redAlone: ColourImage {
    let red = Array(pixels[..<area])
    return ColourImage(height: height, width: width, pixels: red + red + red)
  }
}

/// Noise for even numbers; for odd ones 40 + 30 channel + noise / (8 + 30 channel), so that histograms have gaps.
func randPicture(_ image: Int, height: Int, width: Int, seed: UInt32) -> ColourImage {
  let picture = noise(image, height: height, width: width, seed: seed)
  if image % 2 == 0 { return picture }
  let area = height * width
  let pixels = picture.pixels.enumerated().map { index, byte in
    UInt8(40 + 30 * (index / area)) + byte / UInt8(8 + 30 * (index / area))
  }
  return ColourImage(height: height, width: width, pixels: pixels)
}
