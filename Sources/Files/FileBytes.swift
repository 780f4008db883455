// Bytes and files, for Safetensors.swift and Npy.swift: little-endian scalars, whole-file reads, and writes that
// leave the old file untouched unless the new one is complete.
// Tests    NetworksTests/SafetensorsTests.swift, NetworksTests/NpyTests.swift
import Foundation

/// Why a file could not be read or written, as one sentence.
struct FileFailure: Error {
  let description: String
}

enum FileBytes {
  /// All bytes of a file.
  static func read(_ path: String) throws(FileFailure) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw FileFailure(description: "cannot read \(path): \(error.localizedDescription)")
    }
  }

  /// Writes under a temporary name beside `path` and renames: a full disk or a lost machine leaves the old file whole.
  static func write(_ bytes: [UInt8], to path: String) throws(FileFailure) {
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw FileFailure(
        description: "cannot write \(bytes.count) bytes to \(path): \(error.localizedDescription) "
          + "A file that stood there before is unchanged; check the folder and the free space.")
    }
  }

  /// The bytes of an integer, lowest first.
  static func append<Word: FixedWidthInteger>(_ word: Word, to bytes: inout [UInt8]) {
    for shift in stride(from: 0, to: Word.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
  }

  /// The integer whose bytes, lowest first, begin at `offset`.
  static func word<Word: FixedWidthInteger>(in bytes: [UInt8], at offset: Int, as type: Word.Type) -> Word {
    var word: Word = 0
    for i in 0..<Word.bitWidth / 8 { word |= Word(truncatingIfNeeded: bytes[offset + i]) << Word(8 * i) }
    return word
  }

  /// The IEEE bytes of scalars, lowest first: 4 for each Float, 8 for each Double.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func bytes<Scalar: BinaryFloatingPoint>(of values: [Scalar]) -> [UInt8] {
    if let values = values as? [Float] { return bytes(ofWords: values.count) { values[$0].bitPattern } }
    if let values = values as? [Double] { return bytes(ofWords: values.count) { values[$0].bitPattern } }
    fatalError("files hold Float and Double, not \(Scalar.self)")
  }

  /// In place, since a state of a training holds many millions of them.
  @inline(__always)
  private static func bytes<Word: FixedWidthInteger>(ofWords count: Int, _ word: (Int) -> Word) -> [UInt8] {
    let size = Word.bitWidth / 8
    var bytes = [UInt8](repeating: 0, count: count * size)
    var span = bytes.mutableSpan
    for i in 0..<count {
      let word = word(i)
      for position in 0..<size { span[i * size + position] = UInt8(truncatingIfNeeded: word >> Word(8 * position)) }
    }
    return bytes
  }

  /// `count` scalars whose IEEE bytes begin at `offset`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func values<Scalar: BinaryFloatingPoint>(
    in bytes: [UInt8], at offset: Int, count: Int, as type: Scalar.Type
  ) -> [Scalar] {
    let size = MemoryLayout<Scalar>.size
    let indices = 0..<count
    if Scalar.self == Float.self {
      let values = indices.map { Float(bitPattern: word(in: bytes, at: offset + $0 * size, as: UInt32.self)) }
      return values as? [Scalar] ?? []
    }
    let values = indices.map { Double(bitPattern: word(in: bytes, at: offset + $0 * size, as: UInt64.self)) }
    guard let values = values as? [Scalar] else { fatalError("files hold Float and Double, not \(Scalar.self)") }
    return values
  }

  /// The product of a shape's lengths, or nil if a length is negative or the product does not fit.
  static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      if overflow || length < 0 { return nil }
      count = product
    }
    return count
  }

  /// Stops unless a shape holds `count` values.
  static func check(_ count: Int, fill shape: [Int]) {
    if elementCount(shape) != count { fatalError("the shape \(shape) does not hold \(count) values") }
  }
}
