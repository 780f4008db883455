// What the tests of colour pictures share: Pillow's bytes and digests, and the pictures that they are about.
import Files
import Foundation
import TestSupport
import Kernels

@testable import Images

/// Fixtures/images/colour-views.json.
struct ColourFile: Decodable {
  /// One operation on one small picture, with all bytes in hexadecimal digits.
  struct Example: Decodable, CustomStringConvertible, Sendable {
    let operation: String
    let height: Int
    let width: Int
    let pixels: String
    let parameters: [String: Double]
    let result: String
    var description: String { "\(operation) of \(width) x \(height) with \(parameters)" }

    var image: ColourImage { ColourImage(height: height, width: width, pixels: bytes(pixels)) }
    func integer(_ name: String) -> Int { Int(parameters[name] ?? 0) }
    var box: ViewParameters.Box {
      ViewParameters.Box(
        left: integer("left"), top: integer("top"), width: integer("boxWidth"), height: integer("boxHeight"))
    }
  }

  /// Random views of many pictures, two of each in every epoch.
  struct Run: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let source: String
    let augmentation: ColourAugmentation
    let seed: UInt32
    let epochs: Int
    let images: Int
    let height: Int
    let width: Int
    let newHeight: Int
    let newWidth: Int
    let passes: ColourImage.PassOrder
    /// How many views share a digest.
    let blockSize: Int
    let digests: [String]
    var description: String { name }

    /// The digest of every block of views.
    func found(_ image: @Sendable (Int) -> ColourImage) -> [String] {
      let count = epochs * images * 2
      return (0..<(count + blockSize - 1) / blockSize).map { block in
        SHA256.hexDigest(
          of: (block * blockSize..<min(count, (block + 1) * blockSize)).flatMap { number in
            let (epoch, number) = number.quotientAndRemainder(dividingBy: 2 * images)
            let parameters = augmentation.parameters(
              seed: seed, epoch: epoch, image: number / 2, view: number % 2, height: height, width: width)
            return parameters.view(of: image(number / 2), height: newHeight, width: newWidth, passes: passes)
              .pixels
          })
      }
    }
  }

  let examples: [Example]
  let runs: [Run]
  let toHSV: [String]
  let fromHSV: [String]
  let roundTrip: [String]

  /// The file; nil if it cannot be read, which one test finds out.
  static let read = try? fixture("colour-views.json", as: ColourFile.self)

  /// The examples of some operations.
  static func examples(_ operations: String...) -> [Example] {
    read?.examples.filter { operations.contains($0.operation) } ?? []
  }

  /// The runs of a source.
  static func runs(_ source: String) -> [Run] { read?.runs.filter { $0.source == source } ?? [] }
}

/// The bytes of hexadecimal digits.
func bytes(_ digits: String) -> [UInt8] {
  let values = digits.utf8.map { UInt8($0 < 58 ? $0 - 48 : $0 - 87) }
  return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
}

/// A picture whose every byte is the highest eight bits of a word of its own stream.
func noise(_ image: Int, height: Int, width: Int, seed: UInt32) -> ColourImage {
  var stream = RandomStream(seed: seed, purpose: .test, image: image)
  return ColourImage(
    height: height, width: width, pixels: (0..<3 * height * width).map { _ in UInt8(stream.nextWord() >> 24) })
}

/// A picture of planes in space that start again at 256: each has its start, and its slopes in x and in y from 0 to 7.
func ramps(_ image: Int, height: Int, width: Int, seed: UInt32) -> ColourImage {
  var stream = RandomStream(seed: seed, purpose: .test, image: image)
  let planes = (0..<3).map { _ in (0..<3).map { _ in Int(stream.nextWord()) } }
  let pixels = planes.flatMap { plane in
    (0..<height * width).map { i in
      UInt8(truncatingIfNeeded: plane[0] + plane[1] % 8 * (i % width) + plane[2] % 8 * (i / width))
    }
  }
  return ColourImage(height: height, width: width, pixels: pixels)
}

/// 4,000 real pictures in CIFAR-10's format, if a folder beside the package has them: they may not be copied into it.
let realPictures: [UInt8]? = {
  let neighbours = PackageFiles.root.deletingLastPathComponent()
  let folders = (try? FileManager.default.contentsOfDirectory(at: neighbours, includingPropertiesForKeys: nil)) ?? []
  for folder in folders.sorted(by: { $0.path < $1.path }) {
    let file = folder.appendingPathComponent("data/cifar10_lossless_first4000.bin")
    if let data = try? Data(contentsOf: file), data.count == 4000 * 3073 { return [UInt8](data) }
  }
  return nil
}()
