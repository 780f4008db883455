// The bytes that a digest is taken over, one record after another, and how near their numbers came to being others.
// Tests    OracleTests/DigestTests.swift
import Files
import Kernels

/// Records of draws, in order.
struct DigestRecords: Sendable {
  /// The bytes of all records.
  private(set) var bytes: [UInt8] = []
  /// The smallest distance that was met; infinite where nothing is rounded.
  private(set) var margin = Double.infinity

  /// One byte.
  mutating func append(byte: Int) { bytes.append(UInt8(truncatingIfNeeded: byte)) }

  /// Four bytes, the lowest first.
  mutating func append(word: UInt32) {
    bytes.append(UInt8(truncatingIfNeeded: word))
    bytes.append(UInt8(truncatingIfNeeded: word >> 8))
    bytes.append(UInt8(truncatingIfNeeded: word >> 16))
    bytes.append(UInt8(truncatingIfNeeded: word >> 24))
  }

  /// The binary32 number nearest to a binary64 one, as the word of its bits.
  ///
  /// `unit` is what the distance to the nearest number that would round to both sides is counted in; nil where the number is
  /// exact.
  mutating func append(nearestFloatTo number: Double, unit: Double? = nil) {
    let nearest = Float(number)
    append(word: nearest.bitPattern)
    guard let unit else { return }
    let above = (Double(nearest) + Double(nearest.nextUp)) / 2
    let below = (Double(nearest) + Double(nearest.nextDown)) / 2
    meet(margin: min(above - number, number - below) / unit)
  }

  /// The 32 bytes of a SHA-256.
  mutating func append(digestOf content: [UInt8]) {
    var high: UInt8?
    for digit in SHA256.hexDigest(of: content).utf8 {
      let value = digit < UInt8(ascii: "a") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
      guard let first = high else {
        high = value
        continue
      }
      bytes.append(first << 4 | value)
      high = nil
    }
  }

  /// Lowers the margin.
  mutating func meet(margin: Double) { self.margin = min(self.margin, margin) }

  /// The records of all draws, computed in parallel by blocks of 1,000.
  static func ofEach(_ count: Int, _ draw: @Sendable (Int, inout DigestRecords) -> Void) -> DigestRecords {
    let size = 1000
    let blocks = Parallel.map((count + size - 1) / size) { block in
      var records = DigestRecords()
      for i in block * size..<min(count, (block + 1) * size) { draw(i, &records) }
      return records
    }
    var all = DigestRecords()
    for block in blocks {
      all.bytes += block.bytes
      all.meet(margin: block.margin)
    }
    return all
  }
}
