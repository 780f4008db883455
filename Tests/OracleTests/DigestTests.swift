import Kernels
import Testing

@testable import Oracle

@Suite("Digests of draws")
struct DigestTests {
  // By hand: 1 is 0x3f800000; 1 + 2⁻²⁴ is halfway to the next Float, and 1 + 2⁻²³ + 2⁻²⁴ + 2⁻³⁰ is 2⁻³⁰ beyond one.
  @Test func workedExampleOfRecords() {
    var records = DigestRecords()
    records.append(word: 0x0403_0201)
    records.append(byte: 5)
    records.append(nearestFloatTo: 1)
    #expect(records.bytes == [1, 2, 3, 4, 5, 0, 0, 0x80, 0x3f] && records.margin == .infinity)
    records.append(nearestFloatTo: 1 + 0x1p-23 + 0x1p-24 + 0x1p-30, unit: 0x1p-31)
    #expect(records.bytes.suffix(4) == [2, 0, 0x80, 0x3f] && records.margin == 2)
    records.append(nearestFloatTo: 1 + 0x1p-24, unit: 1)
    #expect(records.margin == 0)
    var other = DigestRecords()
    other.append(digestOf: Array("abc".utf8))
    #expect(other.bytes.prefix(4) == [0xba, 0x78, 0x16, 0xbf] && other.bytes.count == 32 && other.bytes.last == 0xad)
  }

  @Test func invariantDrawsStandInOrder() {
    let records = DigestRecords.ofEach(2345) { i, records in
      records.append(word: UInt32(i))
      records.meet(margin: Double(abs(i - 1700)))
    }
    #expect(records.bytes.count == 4 * 2345 && records.margin == 0)
    #expect((0..<2345).allSatisfy { Int(records.bytes[4 * $0]) + 256 * Int(records.bytes[4 * $0 + 1]) == $0 })
  }

  @Test(arguments: Digest.all.map(\.name)) func goldenDigests(name: String) throws {
    let (digest, file) = (try Digest.named(name), try DigestFile(reading: DigestFile.ownPath))
    // Ten thousand views take half a second; the program compares them.
    for draws in ["colour-views", "anchors"].contains(name) ? [100] : [100, 10_000] {
      let value = digest.value(draws: draws)
      #expect(file.difference(from: value, of: digest, draws: draws) == nil, "\(name) \(draws)")
      #expect((value.margin == nil) == (digest.marginUnit == nil))
    }
  }

  @Test func invariantMarginsDwarfTheRoundingOfBinary64() throws {
    let file = try DigestFile(reading: DigestFile.ownPath)
    // The polar method errs by less than 8 units, a factor by 4; sides and entropies by some 10⁻¹⁵.
    let least = [
      "normal-numbers": 50.0, "jitter-factors": 20, "crop-boxes": 1e-12, "crop-boxes-tall": 1e-12, "anchors": 1e-12,
    ]
    #expect(Set(least.keys) == Set(Digest.all.filter { $0.marginUnit != nil }.map(\.name)))
    for (name, margin) in least {
      for draws in Digest.draws { #expect(try #require(file.values[name]?[draws]?.margin) > margin, "\(name)") }
    }
  }
}
