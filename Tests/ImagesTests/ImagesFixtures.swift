// What the tests of this module share: fixture files, a folder that goes away, pictures that are easy to reason about.
import Files
import Foundation
import Kernels
import TestSupport

@testable import Images

func fixture<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  try PackageFiles.fixture("images/\(name)", as: type)
}

func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

/// An IDX file of unsigned bytes.
func idxFile(_ shape: [Int], _ values: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(shape.count)]
    + shape.flatMap { length in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } } + values
}

/// Ten grey images of random pixels.
func randomImages(channels: Int = 1, height: Int = 8, width: Int = 8, count: Int = 10) -> ImageSet {
  var stream = RandomStream(seed: 9, purpose: .test)
  let pixels = (0..<count * channels * height * width).map { _ in UInt8(stream.integer(below: 256)) }
  return ImageSet(name: "random", channels: channels, height: height, width: width, pixels: pixels)
}
