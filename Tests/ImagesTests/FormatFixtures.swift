// What the tests of data sets share: the sentence of a reader's error, and small files of the formats.
import Foundation

@testable import Images

/// What is wrong with a data set as the reader says it; nil if nothing is.
func loadingProblem(
  _ path: String, labels: String? = nil, count: Int? = nil, split: DataSplit? = nil, labelling: ClassLabelling? = nil,
  size: ImageSize? = nil
) -> String? {
  do {
    _ = try ImageSet.load(path, labels: labels, count: count, split: split, labelling: labelling, size: size)
    return nil
  } catch { return error.problem }
}

/// A file of CIFAR: for each image its labels, then 3072 bytes that begin with the image's number and go on by `slope`.
func cifarFile(_ labels: [[UInt8]], slope: Int = 1) -> [UInt8] {
  let ramp = (0..<3072 + 256).map { UInt8(truncatingIfNeeded: $0 * slope) }
  return labels.enumerated().flatMap { number, labels in labels + ramp[number % 256..<number % 256 + 3072] }
}

/// Makes a folder, with the folders above it.
func makeFolder(_ path: String) throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
}

/// Fixtures/images/formats/formats.json.
struct FormatsFile: Decodable {
  /// A picture's file and the digest of its pixels.
  struct PictureCase: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let file: Data
    let channels: Int
    let height: Int
    let width: Int
    let digest: String
    var description: String { name }
    var bytes: [UInt8] { [UInt8](file) }
  }

  /// A data set's file, its shape, its labels and the digest of its pixels.
  struct SetCase: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let file: Data
    let count: Int
    let channels: Int
    let height: Int
    let width: Int
    let labels: [Int]?
    let digest: String
    let fileDigest: String?
    var description: String { name }
    var bytes: [UInt8] { [UInt8](file) }
  }

  /// A picture of one size brought to another.
  struct Fitting: Decodable, CustomStringConvertible, Sendable {
    let channels: Int
    let height: Int
    let width: Int
    let newHeight: Int
    let newWidth: Int
    let digest: String
    var description: String { "\(channels) x \(height) x \(width) to \(newHeight) x \(newWidth)" }
  }

  let pictures: [PictureCase]
  let sets: [SetCase]
  let fittings: [Fitting]

  /// The file; nil if it cannot be read, which one test finds out.
  static let read = try? fixture("formats/formats.json", as: FormatsFile.self)

  static func pictures(_ isWanted: (String) -> Bool) -> [PictureCase] {
    read?.pictures.filter { isWanted($0.name) } ?? []
  }
  static func sets(_ isWanted: (String) -> Bool) -> [SetCase] { read?.sets.filter { isWanted($0.name) } ?? [] }
}

/// What is wrong with the bytes of a picture; nil if nothing is.
func pictureProblem(_ bytes: [UInt8], _ name: String = "x") -> String? {
  do {
    _ = try Picture.decode(bytes, path: name)
    return nil
  } catch { return error.problem }
}

/// The fixture's picture number `number`, channels × height × width: byte = 2 x + 3 y + 50 channel + 7 number.
func slope(_ number: Int, channels: Int, height: Int, width: Int) -> [UInt8] {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(channels * height * width)
  for channel in 0..<channels {
    for y in 0..<height {
      let first = 3 * y + 50 * channel + 7 * number
      for x in 0..<width { pixels.append(UInt8(truncatingIfNeeded: 2 * x + first)) }
    }
  }
  return pixels
}

/// A file of STL-10's images: the fixture's pictures, each plane column by column.
func stl10File(_ count: Int, first: Int = 0) -> [UInt8] {
  // Transposed, the byte is 3 x + 2 y: the steps change places.
  var pixels: [UInt8] = []
  for number in first..<first + count {
    for channel in 0..<3 {
      for x in 0..<96 {
        let start = 2 * x + 50 * channel + 7 * number
        for y in 0..<96 { pixels.append(UInt8(truncatingIfNeeded: start + 3 * y)) }
      }
    }
  }
  return pixels
}

/// The numbers of a MAT or npy file, lowest byte first.
func littleEndian(_ value: Int, bytes: Int) -> [UInt8] {
  (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
