import Kernels
import Testing

@testable import Files

@Suite("Inflate")
struct InflateTests {
  private func inflate(_ bytes: [UInt8], limit: Int = 100_000) throws(InflateError) -> [UInt8] {
    try Inflate.decompress(bytes, limit: limit).output
  }

  // A last (1) stored (00) block: the length 2 and its complement, then the bytes; the end is the sixth byte.
  @Test func workedExampleStoredBlock() throws {
    let result = try Inflate.decompress([9, 0b001, 2, 0, 0xFD, 0xFF, 65, 66, 77], from: 1, limit: 10)
    #expect(result.output == [65, 66])
    #expect(result.end == 8)
  }

  // Last block (1), fixed code (10 in order of reading), 'a' = 0x30 + 97 = 10010001, end = 0000000:
  // bits 1 10 10010001 0000000 fill bytes from their lowest bit: 01001011, 00000100, 0.
  @Test func workedExampleFixedBlock() throws { #expect(try inflate([0x4B, 0x04, 0x00]) == [97]) }

  @Test func invariantRoundTrip() throws {
    var stream = RandomStream(seed: 1, purpose: .test)
    for count in [0, 1, 2, 3, 4, 257, 258, 259, 600, 70_000] {
      for levels in [1, 3, 256] {
        let bytes = (0..<count).map { _ in UInt8(stream.integer(below: levels)) }
        #expect(try inflate(Deflate.compress(bytes)) == bytes)
      }
    }
  }

  @Test(
    arguments: [
      ([], InflateError.truncated),
      ([0b111], .reservedBlockType),
      ([0b001, 2, 0, 0xFD, 0xFE, 65, 66], .storedLengthMismatch),
      ([0b001, 2, 0, 0xFD, 0xFF, 65], .truncated),
      // Fixed code, then a repeat (length 3 = 0000001, distance 1 = 00000) where nothing stands yet.
      ([0b0000_0011, 0b0000_0010, 0], .distanceTooFar),
      // Fixed code, then the symbol 286 = 11000110, which has a code and no meaning.
      ([0b0001_1011, 0b0000_0011, 0], .undefinedCode),
      // Dynamic block with 32 + 257 literal codes, three more than exist.
      ([0b1111_1101, 0, 0, 0], .badCodeLengths),
      // Dynamic block whose code for code lengths has no code at all.
      ([0b0000_0101, 0, 0, 0, 0, 0, 0], .undefinedCode),
    ] as [([UInt8], InflateError)])
  func goldenErrors(bytes: [UInt8], error: InflateError) {
    #expect(throws: error) { try inflate(bytes) }
  }

  @Test func goldenOutputLimit() throws {
    let packed = Deflate.compress(Array(repeating: 7, count: 1000))
    #expect(try inflate(packed, limit: 1000).count == 1000)
    #expect(throws: InflateError.outputAbove(limit: 999)) { try inflate(packed, limit: 999) }
  }

  // Little by little, in pieces of any size, the same bytes come, although only 32 KiB of what was read are kept.
  @Test(arguments: [1, 7, 4096, 300_000]) func invariantLittleByLittle(piece: Int) throws {
    var stream = RandomStream(seed: 3, purpose: .test)
    // A block of noise comes again after 32,767 bytes, which is as far as a distance reaches.
    let noise = (0..<32_767).map { _ in UInt8(stream.integer(below: 256)) }
    let bytes = noise + noise + noise + Array(repeating: 9, count: 200_000) + noise
    let packed = Deflate.compress(bytes)
    let (first, second) = (packed.count / 3, packed.count / 2)
    // Three parts with something between them.
    let parts = Array(packed[..<first]) + [1, 2] + packed[first..<second] + [3] + packed[second...]
    let places = [0..<first, first + 2..<second + 2, second + 3..<parts.count]
    var inflate = Inflate(reader: BitReader(bytes: parts, parts: places), limit: bytes.count)
    var (found, next) = ([UInt8](), [UInt8]())
    repeat {
      try inflate.read(piece, into: &next)
      found += next
    } while next.count == piece
    #expect(found == bytes)
    var reader = inflate.reader
    #expect(reader.isAtEnd() || reader.alignToByte() == parts.count)
    var limited = Inflate(reader: BitReader(bytes: packed, position: 0), limit: bytes.count - 1)
    #expect(throws: InflateError.outputAbove(limit: bytes.count - 1)) {
      for _ in 0...bytes.count / piece { try limited.read(piece, into: &next) }
    }
  }

  @Test func workedExampleOfAPrefix() {
    let packed = Deflate.compress([1, 2, 3, 4, 5, 6, 7, 8])
    #expect(Inflate.prefix(of: packed, count: 3) == [1, 2, 3])
    #expect(Inflate.prefix(of: packed, count: 30) == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(Inflate.prefix(of: [0b111], count: 30) == [])
  }

  // Kraft sums: 1/2 + 1/4 is incomplete, 3 · 1/2 is too much; one code of one bit is allowed.
  @Test func goldenCodesThatFitAndDoNot() throws {
    #expect(throws: InflateError.badCodeLengths) { try HuffmanCode(lengths: [1, 2]) }
    #expect(throws: InflateError.badCodeLengths) { try HuffmanCode(lengths: [1, 1, 1]) }
    #expect(throws: InflateError.badCodeLengths) { try HuffmanCode(lengths: [2]) }
    #expect(try HuffmanCode(lengths: [0, 1]).table == [17, 0])
    // An entry holds the symbol above four bits of length: symbol 1 has one bit, symbols 0 and 2 have two.
    let (one, zero, two): (UInt16, UInt16, UInt16) = (1 << 4 | 1, 0 << 4 | 2, 2 << 4 | 2)
    #expect(try HuffmanCode(lengths: [2, 1, 2]).table == [one, zero, one, two])
  }

  // Nothing but an error or an answer may come of rubbish: 20,000 random streams of up to 40 bytes.
  @Test func invariantRubbishNeverTraps() {
    var stream = RandomStream(seed: 2, purpose: .test)
    var answers = 0
    for _ in 0..<20_000 {
      let bytes = (0..<stream.integer(below: 40)).map { _ in UInt8(stream.integer(below: 256)) }
      if (try? inflate(bytes)) != nil { answers += 1 }
    }
    #expect(answers < 20_000)
  }
}
