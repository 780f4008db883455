// The parts of a MAT file: elements, which are a type, a size and data; and what an array begins with.
//
// Source   "MAT-File Format", The MathWorks, chapter 1, "MAT-File Level 5 format"
// Tests    ImagesTests/MATFileTests.swift, ImagesTests/SVHNTests.swift

/// One element of a MAT file.
struct MATElement {
  let type: Int
  let data: ArraySlice<UInt8>
  /// The place of the next element.
  let next: Int

  /// The element that begins at `place`.
  ///
  /// Compressed elements, which stand alone, are not padded. Of an element that `isCut` the rest may be missing.
  init(_ bytes: ArraySlice<UInt8>, at offset: Int, isTop: Bool = false, isCut: Bool = false) throws(MATProblem) {
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
    guard size <= bytes.endIndex - start || isCut else {
      throw MATProblem(
        "the MAT file is truncated: an element of \(size) bytes begins at byte \(start), and \(bytes.endIndex - start) follow"
      )
    }
    (type, data) = (word, bytes[start..<min(start + size, bytes.endIndex)])
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

/// What an array begins with: flags, dimensions, name.
struct MATHeader {
  let name: String
  /// Whether it holds real numbers; cells, structures, objects, texts and sparse arrays do not.
  let isNumeric: Bool
  /// Its dimensions; nil if they are no whole numbers.
  let lengths: [Int]?
  /// The place of its values.
  let end: Int

  /// The beginning of the array in an element; nil for one without anything, as MATLAB writes in a cell.
  init?(_ element: MATElement, of data: ArraySlice<UInt8>) throws(MATProblem) {
    guard !element.data.isEmpty else { return nil }
    let flags = try MATElement(data, at: element.data.startIndex)
    guard flags.type == 6, flags.data.count == 8 else { throw MATProblem("an array has no flags") }
    let dimensions = try MATElement(data, at: flags.next)
    let text = try MATElement(data, at: dimensions.next)
    // Kinds 6 to 15 are numbers. Bit 3 of the next byte tells of imaginary parts, bit 1 of logical values.
    let (kind, bits) = (flags.data[flags.data.startIndex], flags.data[flags.data.startIndex + 1])
    isNumeric = (6...15).contains(kind) && bits & 8 == 0
    lengths =
      [1, 2, 3, 4, 5, 6, 12, 13].contains(dimensions.type)
      ? MATFile.Values(dimensions: [], type: dimensions.type, bytes: dimensions.data).integers : nil
    name = Self.text(text)
    end = text.next
  }

  /// The text of an element of int8, uint8, uint16, UTF-8, UTF-16 or UTF-32; empty for one that is none.
  private static func text(_ element: MATElement) -> String {
    let data = element.data
    func units(_ size: Int) -> [UInt32] {
      stride(from: data.startIndex, to: data.endIndex - size + 1, by: size).map { offset in
        data[offset..<offset + size].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
    }
    switch element.type {
    case 1, 2, 16: return String(decoding: data, as: UTF8.self)
    case 4, 17: return String(decoding: units(2).map { UInt16($0) }, as: UTF16.self)
    case 18: return String(decoding: units(4), as: UTF32.self)
    default: return ""
    }
  }
}
