// Reads numeric arrays from MAT files of version 5 (MATLAB's save -v6 and -v7), compressed or not, little-endian.
//
//     128 bytes of header: text, version 0x0100, "IM"; then elements: type (4 bytes), size (4 bytes), data, padded to 8
//     small element: size (2 bytes, upper half) and type (lower half) in one word, at most 4 bytes of data in the next
//     miCOMPRESSED: a zlib stream that holds one element     miMATRIX: flags, dimensions, name, values
//
// Source   "MAT-File Format", The MathWorks, chapter 1, "MAT-File Level 5 format"
// Tests    ImagesTests/SVHNTests.swift    Fixture  Fixtures/images/formats/formats.json
import Files

/// The numeric arrays of a MAT file.
struct MATFile {
  /// One array; its values stand column by column.
  struct Values {
    let dimensions: [Int]
    /// MATLAB's number for the type that the values are stored in: 2 for unsigned bytes.
    let type: Int
    let bytes: ArraySlice<UInt8>

    /// The values, if they are whole numbers that fit; nil for others.
    var integers: [Int]? {
      let size = MATFile.sizes[type] ?? 1
      let values = stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { offset -> Int? in
        let word = bytes[offset..<offset + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch type {
        case 7: return Int(exactly: Float(bitPattern: UInt32(truncatingIfNeeded: word)))
        case 9: return Int(exactly: Double(bitPattern: word))
        case 1, 3, 5, 12:
          let unused = 64 - 8 * size
          return Int((Int64(bitPattern: word) << unused) >> unused)
        default: return Int(exactly: word)
        }
      }
      let integers = values.compactMap { $0 }
      return integers.count == values.count ? integers : nil
    }
  }

  /// Bytes of a value of each numeric type: int8, uint8, int16, uint16, int32, uint32, single, double, int64, uint64.
  private static let sizes = [1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8]
  /// More than this is not decompressed: SVHN's largest array, "extra", has 1.6 GB.
  private static let limit = 1 << 31

  /// The arrays by their names; what is not a real numeric array is left out.
  private(set) var arrays: [String: Values] = [:]

  /// Whether a file begins as a MAT file of version 5 or later.
  static func isMAT(_ start: [UInt8]) -> Bool {
    start.starts(with: Array("MATLAB".utf8)) && start.count >= 128
      && [[0x49, 0x4D], [0x4D, 0x49]].contains(start[126...127])
  }

  /// The arrays in a file's bytes, which begin as a MAT file.
  init(_ bytes: [UInt8]) throws(MATProblem) {
    guard bytes[126] == 0x49 else {
      throw MATProblem("the MAT file is big-endian, which is not read; save it again on a usual machine")
    }
    guard bytes[125] == 1 else {
      throw MATProblem(
        bytes[125] == 2
          ? "this is a MAT file of version 7.3 (HDF5), which is not read; save it with \"-v7\" in MATLAB"
          : "the MAT file has version \(bytes[125]).\(bytes[124]), not 1.0")
    }
    var offset = 128
    while offset < bytes.count {
      let element = try Element(bytes, at: offset, isTop: true)
      offset = element.next
      if element.type == 15 {
        let contents: [UInt8]
        do {
          // DEFLATE shrinks to no less than one part in 1032.
          contents = try Zlib.decompress(
            bytes, in: element.data.indices, limit: min(Self.limit, 1032 * element.data.count))
        } catch {
          throw MATProblem("a compressed array is damaged: \(error)")
        }
        try add(try Element(contents, at: 0, isTop: true), of: contents)
      } else {
        try add(element, of: bytes)
      }
    }
  }

  /// Takes a matrix: flags, dimensions, name, values.
  private mutating func add(_ element: Element, of bytes: [UInt8]) throws(MATProblem) {
    guard element.type == 14, !element.data.isEmpty else { return }
    let data = bytes[..<element.data.endIndex]
    let flags = try Element(data, at: element.data.startIndex)
    guard flags.type == 6, flags.data.count == 8 else { throw MATProblem("an array has no flags") }
    let (kind, isComplex) = (Int(data[flags.data.startIndex]), data[flags.data.startIndex + 1] & 8 != 0)
    // Kinds 6 to 15 are numbers; cells, structures, objects, texts and sparse arrays are others.
    guard (6...15).contains(kind), !isComplex else { return }
    let dimensions = try Element(data, at: flags.next)
    let name = try Element(data, at: dimensions.next)
    let values = try Element(data, at: name.next)
    guard dimensions.type == 5, dimensions.data.count % 4 == 0, name.type == 1, let size = Self.sizes[values.type],
      values.data.count % size == 0
    else {
      throw MATProblem("an array's dimensions, name or values are not of the types that they must have")
    }
    let lengths = stride(from: dimensions.data.startIndex, to: dimensions.data.endIndex, by: 4).map {
      Element.number(data, $0)
    }
    // Divided away one by one, the lengths must leave nothing of the values' number.
    var rest = values.data.count / size
    for length in lengths where length != 1 {
      guard length > 0, rest > 0, rest % length == 0 else {
        rest = -1
        break
      }
      rest /= length
    }
    let title = String(decoding: name.data, as: UTF8.self)
    guard rest == 1 else {
      throw MATProblem(
        "the array \(title) has \(values.data.count / size) values for the dimensions \(shapeText(lengths))")
    }
    arrays[title] = Values(dimensions: lengths, type: values.type, bytes: values.data)
  }
}

/// Dimensions as "32 x 32 x 3".
func shapeText(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " x ") }

/// What is wrong with a MAT file.
struct MATProblem: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}

/// One element of a MAT file.
private struct Element {
  let type: Int
  let data: ArraySlice<UInt8>
  /// The place of the next element.
  let next: Int

  /// The element that begins at `place`.
  ///
  /// Compressed elements, which stand alone, are not padded.
  init(_ bytes: ArraySlice<UInt8>, at offset: Int, isTop: Bool = false) throws(MATProblem) {
    guard offset + 8 <= bytes.endIndex else {
      throw MATProblem("the MAT file is truncated: an element was expected at byte \(offset)")
    }
    let word = Self.number(bytes, offset)
    if word >> 16 != 0 {
      guard word >> 16 <= 4 else { throw MATProblem("a small element of \(word >> 16) bytes was found; 4 is the most") }
      (type, data, next) = (word & 0xFFFF, bytes[offset + 4..<offset + 4 + word >> 16], offset + 8)
      return
    }
    let (start, size) = (offset + 8, Self.number(bytes, offset + 4))
    guard size <= bytes.endIndex - start else {
      throw MATProblem(
        "the MAT file is truncated: an element of \(size) bytes begins at byte \(start), and \(bytes.endIndex - start) follow"
      )
    }
    (type, data) = (word, bytes[start..<start + size])
    next = word == 15 && isTop ? start + size : start + (size + 7) / 8 * 8
  }

  init(_ bytes: [UInt8], at offset: Int, isTop: Bool) throws(MATProblem) {
    try self.init(bytes[...], at: offset, isTop: isTop)
  }

  /// The four bytes at `place`, lowest first.
  static func number(_ bytes: ArraySlice<UInt8>, _ offset: Int) -> Int {
    (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}
