// MD5, by which data sets published their files. It proves nothing against a forger; it tells a damaged copy.
//
// Standard  RFC 1321
// Tests     FilesTests/MD5Tests.swift
import Foundation

/// A running MD5 checksum.
package struct MD5 {
  private var state: SIMD4<UInt32> = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  /// ⌊2³² |sin i|⌋ for i = 1…64.
  private static let constants: [UInt32] = (1...64).map { UInt32(abs(sin(Double($0))) * 0x1p32) }
  /// Four for each round.
  private static let rotations: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

  /// The checksum of no bytes yet.
  package init() {}

  /// Takes more bytes.
  package mutating func update(_ bytes: ArraySlice<UInt8>) {
    length &+= UInt64(bytes.count)
    var rest = bytes
    if !pending.isEmpty {
      let taken = rest.prefix(64 - pending.count)
      pending += taken
      rest = rest.dropFirst(taken.count)
      guard pending.count == 64 else { return }
      absorb(pending[...])
      pending = []
    }
    while rest.count >= 64 {
      absorb(rest.prefix(64))
      rest = rest.dropFirst(64)
    }
    pending += rest
  }

  /// The checksum of all bytes so far, in hexadecimal digits.
  package func hexDigest() -> String {
    var copy = self
    let zeros = [UInt8](repeating: 0, count: (119 - pending.count) % 64)
    copy.update((([0x80] + zeros) as [UInt8])[...])
    copy.update((0..<8).map { UInt8(truncatingIfNeeded: (length &* 8) >> (8 * UInt64($0))) }[...])
    return (0..<16).map { byte in
      let value = copy.state[byte / 4] >> UInt32(8 * (byte % 4)) & 255
      return String(value >> 4, radix: 16) + String(value & 15, radix: 16)
    }.joined()
  }

  /// One block of 64 bytes: four rounds of sixteen steps.
  private mutating func absorb(_ block: ArraySlice<UInt8>) {
    let bytes = block.span
    var words = [16 of UInt32](repeating: 0)
    for i in 0..<64 { words[i / 4] |= UInt32(bytes[i]) << UInt32(8 * (i % 4)) }
    let (constants, rotations) = (Self.constants.span, Self.rotations.span)
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for i in 0..<64 {
      let (mix, word): (UInt32, Int)
      switch i / 16 {
      case 0: (mix, word) = (b & c | ~b & d, i)
      case 1: (mix, word) = (d & b | ~d & c, (5 * i + 1) % 16)
      case 2: (mix, word) = (b ^ c ^ d, (3 * i + 5) % 16)
      default: (mix, word) = (c ^ (b | ~d), 7 * i % 16)
      }
      let sum = a &+ mix &+ constants[i] &+ words[word]
      let rotation = rotations[i / 16 * 4 + i % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << rotation | sum >> (32 - rotation)))
    }
    state = SIMD4(a, b, c, d) &+ state
  }
}
