// Reads PGM (grey) and PPM (colour) pictures, as text (P2, P3) or as bytes (P5, P6).
//
// Source   The pages pgm(5) and ppm(5) of Netpbm: "P", kind, then width, height and the largest value as decimal numbers
//          between white space, where "#" begins a comment; one byte of white space; the samples, row by row, each
//          of one byte, or of two (the higher one first) where the largest value is above 255.
//
// A comment directly behind the largest value ends with the white space that begins the samples: Netpbm's own programs take
// the end of its line for that (pm_getc). Behind white space "#" is a sample.
// Tests    ImagesTests/NetpbmTests.swift

/// The formats PGM and PPM.
struct Netpbm {
  private let bytes: [UInt8]
  private let path: String
  private var offset = 2

  /// Whether `bytes` begin as PGM or PPM.
  static func isNetpbm(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 3 && bytes[0] == UInt8(ascii: "P") && [0x32, 0x33, 0x35, 0x36].contains(bytes[1])
      && (isSpace(bytes[2]) || bytes[2] == UInt8(ascii: "#"))
  }

  /// The picture in a file's bytes, which begin as PGM or PPM.
  static func decode(_ bytes: [UInt8], path: String) throws(ImageSetError) -> Picture {
    var reader = Netpbm(bytes: bytes, path: path)
    return try reader.read()
  }

  /// The size and the channels in the header of a file, of which `bytes` are the beginning; nil if that is no such header.
  static func announced(_ bytes: [UInt8]) -> (size: ImageSize, channels: Int)? {
    guard isNetpbm(bytes) else { return nil }
    var reader = Netpbm(bytes: bytes, path: "")
    guard let width = try? reader.number("the width"), let height = try? reader.number("the height") else { return nil }
    return (ImageSize(height: height, width: width), bytes[1] == 0x33 || bytes[1] == 0x36 ? 3 : 1)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private func fail(_ problem: String) -> ImageSetError { ImageSetError(path: path, problem: problem) }

  /// What the header tells.
  private struct Header {
    let isText: Bool
    let channels: Int
    let size: ImageSize
    let largest: Int

    var count: Int { channels * size.height * size.width }
    /// Bytes of a sample that is no text.
    var bytes: Int { largest > 255 ? 2 : 1 }
    /// The fewest bytes of the samples: of a text each takes a digit and a space, except for the last one.
    var least: Int { isText ? 2 * count - 1 : bytes * count }
  }

  /// How many bytes a file that begins like this may have: of a text, five digits and some white space for each sample; nil if
  /// its header is wrong.
  static func announcedSize(_ start: [UInt8]) -> Int? {
    var reader = Netpbm(bytes: start, path: "")
    guard let header = try? reader.header() else { return 0 }
    return header.isText ? 16 * header.count : header.least + start.count
  }

  private mutating func header() throws(ImageSetError) -> Header {
    let (isText, channels) = (bytes[1] < 0x34, bytes[1] == 0x33 || bytes[1] == 0x36 ? 3 : 1)
    let width = try number("the width")
    let height = try number("the height")
    let largest = try number("the largest value")
    if let problem = Picture.problem(height: height, width: width) { throw fail(problem) }
    guard (1...65535).contains(largest) else { throw fail("the largest value is \(largest), not 1 to 65535") }
    return Header(
      isText: isText, channels: channels, size: ImageSize(height: height, width: width), largest: largest)
  }

  private mutating func read() throws(ImageSetError) -> Picture {
    let header = try header()
    let (area, channels, largest) = (header.size.height * header.size.width, header.channels, header.largest)
    if !header.isText {
      let hasComment = skipComment()
      guard offset < bytes.count, Self.isSpace(bytes[offset]) else {
        throw fail("white space was expected after the largest value, at byte \(offset)")
      }
      // A program that ends lines with CR LF has done so here too, if that leaves just the pixels; and by the pages of Netpbm
      // the end of a comment may be followed by the white space.
      let isDoubled =
        offset + 1 < bytes.count
        && (hasComment ? Self.isSpace(bytes[offset + 1]) : bytes[offset] == 13 && bytes[offset + 1] == 10)
      offset += isDoubled && bytes.count - offset - 2 == header.least ? 2 : 1
    }
    guard bytes.count - offset >= header.least else {
      throw fail(
        "the file is truncated: \(header.size.height) x \(header.size.width) pixels need at least \(header.least) bytes "
          + "after the header, and \(bytes.count - offset) follow")
    }
    var pixels = [UInt8](repeating: 0, count: header.count)
    for i in 0..<area {
      for channel in 0..<channels {
        let sample = header.isText ? try number("a sample") : sample(of: header.bytes)
        guard sample <= largest else { throw fail("a sample is \(sample), above the largest value, \(largest)") }
        pixels[channel * area + i] = Picture.byte(sample, outOf: largest)
      }
    }
    // Another picture may follow, or anything else: the one that the header announces is there.
    let surplus = bytes[offset...].allSatisfy(Self.isSpace) ? 0 : bytes.count - offset
    return Picture(
      channels: channels, size: header.size, pixels: pixels,
      irregularities: surplus == 0 ? [] : [surplusText(surplus, "the picture")])
  }

  private mutating func sample(of size: Int) -> Int {
    defer { offset += size }
    return size == 1 ? Int(bytes[offset]) : Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
  }

  /// Goes to the end of the line if a comment begins here.
  private mutating func skipComment() -> Bool {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "#") else { return false }
    while offset < bytes.count && bytes[offset] != 10 && bytes[offset] != 13 { offset += 1 }
    return true
  }

  /// The next decimal number, after white space and comments.
  private mutating func number(_ what: String) throws(ImageSetError) -> Int {
    while offset < bytes.count {
      if skipComment() { continue }
      guard Self.isSpace(bytes[offset]) else { break }
      offset += 1
    }
    let start = offset
    var value = 0
    while offset < bytes.count, (48...57).contains(bytes[offset]) {
      // Larger than anything that is read; the rest of the digits belongs to it all the same.
      if value < 1 << 30 { value = 10 * value + Int(bytes[offset] - 48) }
      offset += 1
    }
    guard offset > start else {
      throw fail(
        offset == bytes.count
          ? "the file is truncated: it ends where \(what) was expected"
          : "\(what) was expected at byte \(offset), not the byte \(bytes[offset])")
    }
    return value
  }
}
