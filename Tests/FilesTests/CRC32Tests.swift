import Testing

@testable import Files

@Suite("CRC-32 and Adler-32")
struct CRC32Tests {
  // The check value that the catalogue of CRC parameters gives for CRC-32: the digits 1 to 9.
  @Test func goldenCheckValue() { #expect(CRC32.checksum(of: Array("123456789".utf8)) == 0xCBF4_3926) }

  @Test func goldenNothing() {
    #expect(CRC32.checksum(of: [UInt8]()) == 0)
    #expect(Adler32.checksum(of: []) == 1)
  }

  // "ab": low sum 1 + 97 + 98 = 196 = 0xC4; high sum (1 + 97) + 196 = 294 = 0x126.
  @Test func workedExampleAdler() { #expect(Adler32.checksum(of: Array("ab".utf8)) == 0x0126_00C4) }

  // 6000 bytes of 255: low = 1 + 1530000 mod 65521 = 23018; high by Python's zlib.adler32.
  @Test func goldenAdlerWrapsAround() {
    #expect(Adler32.checksum(of: Array(repeating: 255, count: 6000)) == 0xA497_59EA)
  }
}
