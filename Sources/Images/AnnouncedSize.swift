// How many bytes a file should have by its own first bytes, so that a small gzip file cannot hold gigabytes of something else.
//
// Tests    ImagesTests/AnnouncedSizeTests.swift
import Files

/// The size that the beginning of a file announces.
enum AnnouncedSize {
  /// The most that is decompressed of a file whose beginning tells nothing, and of any other.
  static let largest = 1 << 30
  /// More than a header announces is decompressed so far: bytes that follow the values are passed over.
  private static let slack = 1 << 20

  /// How many bytes may be decompressed of a file that begins like this.
  static func limit(_ start: [UInt8]) -> Int {
    guard let announced = bytes(start) else { return largest }
    return min(largest, announced + slack)
  }

  /// The announced size; nil if the beginning tells none, or one that no file has.
  static func bytes(_ start: [UInt8]) -> Int? {
    if PNG.isPNG(start) {
      // Rows that do not shrink, some bytes for each 64 KiB of them, and as much again for whatever else there is.
      guard start.count >= 29, let header = try? PNGHeader(start[16..<29]) else { return 0 }
      return 2 * header.dataSize
    }
    if Netpbm.isNetpbm(start) { return Netpbm.announcedSize(start) }
    if start.starts(with: NpyHeader.magic) {
      guard let header = try? NpyHeader(start, name: ""), let shape = try? header.shape(name: "") else { return nil }
      let size = header.type.filter(\.isWholeNumber)
      return product(shape + [Int(size) ?? 8]).map { $0 + header.end }
    }
    if start.count >= 4, start.starts(with: [0, 0, 8]), (1...4).contains(start[3]) {
      let axes = Int(start[3])
      guard start.count >= 4 + 4 * axes else { return 0 }
      let lengths = (0..<axes).map { axis in start[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) } }
      return product(lengths).map { $0 + 4 + 4 * axes }
    }
    return nil
  }

  /// The product; nil if it is more than is ever decompressed.
  private static func product(_ lengths: [Int]) -> Int? {
    var product = 1
    for length in lengths {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      if overflow || next > largest { return nil }
      product = next
    }
    return product
  }
}
