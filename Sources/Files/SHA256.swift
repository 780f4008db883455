// SHA-256, by which data sets, checkpoints and golden files are told apart.
//
// Standard FIPS 180-4, sections 4.1.2 (functions), 5.1.1 (padding), 5.3.3 (first hash value), 6.2.2 (computation).
// The constants are not a table here: by definition they are the first 32 bits after the point of the square roots of
// the first 8 primes and of the cube roots of the first 64, and so they are computed, exactly, in whole numbers.
// Tests    FilesTests/SHA256Tests.swift

/// The SHA-256 hash function.
public enum SHA256 {
  /// The digest of `bytes` as 64 lower-case hexadecimal digits, like the output of `sha256sum`.
  public static func hexDigest(of bytes: [UInt8]) -> String {
    var state = firstState
    let wholeBlocks = bytes.count / 64
    for block in 0..<wholeBlocks { absorb(bytes.span, from: block * 64, into: &state) }
    // Padding: one bit 1, zeros, and the length in bits as a 64-bit number at the end of the last block.
    var tail = Array(bytes[(wholeBlocks * 64)...])
    tail.append(0x80)
    while tail.count % 64 != 56 { tail.append(0) }
    let bitCount = UInt64(bytes.count) * 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bitCount >> shift))
    }
    for block in 0..<tail.count / 64 { absorb(tail.span, from: block * 64, into: &state) }
    let digits = Array("0123456789abcdef")
    let hexadecimal = (0..<64).map { (index: Int) -> Character in
      let shift = UInt32(28 - 4 * (index % 8))
      return digits[Int((state[index / 8] >> shift) & 15)]
    }
    return String(hexadecimal)
  }

  private static let primes = (2...311).filter { n in !(2..<n).contains { n % $0 == 0 } }
  private static let firstState = SIMD8((0..<8).map { rootFraction(of: primes[$0], power: 2) })
  private static let constants = primes.map { rootFraction(of: $0, power: 3) }

  /// The first 32 bits after the point of the root: the low half of the largest r with r^power ≤ n · 2^(32 · power).
  private static func rootFraction(of n: Int, power: Int) -> UInt32 {
    let target = UInt128(n) << UInt128(32 * power)
    var root: UInt128 = 0
    for bit in stride(from: 37, through: 0, by: -1) {
      let candidate = root | (1 << UInt128(bit))
      if (0..<power).reduce(UInt128(1), { product, _ in product * candidate }) <= target { root = candidate }
    }
    return UInt32(truncatingIfNeeded: root)
  }

  @inline(__always)
  private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { (word >> count) | (word << (32 - count)) }

  /// One application of the compression function to the 64 bytes from `first` on.
  private static func absorb(_ bytes: Span<UInt8>, from first: Int, into state: inout SIMD8<UInt32>) {
    // The message schedule W, of which only the latest 16 words are ever needed.
    var schedule = [16 of UInt32](repeating: 0)
    let constants = constants.span
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for t in 0..<64 {
      if t < 16 {
        let index = first + 4 * t
        schedule[t] =
          UInt32(bytes[index]) << 24 | UInt32(bytes[index + 1]) << 16 | UInt32(bytes[index + 2]) << 8
          | UInt32(bytes[index + 3])
      } else {
        let (old, recent) = (schedule[(t + 1) & 15], schedule[(t + 14) & 15])
        let smallSigma0 = rotate(old, 7) ^ rotate(old, 18) ^ (old >> 3)
        let smallSigma1 = rotate(recent, 17) ^ rotate(recent, 19) ^ (recent >> 10)
        schedule[t & 15] = schedule[t & 15] &+ smallSigma0 &+ schedule[(t + 9) & 15] &+ smallSigma1
      }
      let bigSigma1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
      let first = h &+ bigSigma1 &+ ((e & f) ^ (~e & g)) &+ constants[t] &+ schedule[t & 15]
      let bigSigma0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
      let second = bigSigma0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    state &+= SIMD8(a, b, c, d, e, f, g, h)
  }
}
