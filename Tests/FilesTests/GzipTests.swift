import Foundation
import TestSupport
import Testing

@testable import Files

struct GzipCase: Decodable, CustomStringConvertible, Sendable {
  let name: String
  let content: Data
  let count: Int
  let crc: UInt32
  let file: Data
  var description: String { name }
  static let all: [GzipCase] = (try? PackageFiles.fixture("images/gzip.json")) ?? []
}

@Suite("Gzip")
struct GzipTests {
  @Test func goldenCasesAreThere() { #expect(GzipCase.all.count == 11) }

  @Test(arguments: GzipCase.all) func goldenContent(example: GzipCase) throws {
    let content = try Gzip.decompress([UInt8](example.file))
    #expect(content.count == example.count)
    #expect(CRC32.checksum(of: content) == example.crc)
    if !example.content.isEmpty { #expect(content == [UInt8](example.content)) }
  }

  // A prefix is an error, unless it ends where a member ends, or one byte behind, which is no member.
  @Test(arguments: GzipCase.all) func invariantEveryPrefixIsAnError(example: GzipCase) {
    let file = [UInt8](example.file)
    var answers = 0
    for length in 0..<file.count where (try? Gzip.decompress(Array(file[..<length]))) != nil { answers += 1 }
    #expect(answers == (example.name == "three members" ? 4 : 0))
  }

  // CRC-32 finds every single wrong bit of the data. In the header time, system and unguarded texts do not matter, so
  // there the content may come out as it was; but other content never does.
  @Test(arguments: GzipCase.all) func invariantAFlippedBitIsAnErrorOrHarmless(example: GzipCase) throws {
    let file = [UInt8](example.file)
    let content = try Gzip.decompress(file)
    // Every bit of a small file; every seventh of one that decompresses to much.
    for bit in stride(from: 0, to: file.count * 8, by: content.count > 10_000 ? 7 : 1) {
      var damaged = file
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      if let answer = try? Gzip.decompress(damaged), answer != content {
        Issue.record("flipping bit \(bit) of \(example.name) gives other content")
      }
    }
  }

  @Test func goldenErrors() throws {
    let file = gzipFile([1, 2, 3])
    func error(_ index: Int, _ value: UInt8) -> GzipError? {
      var damaged = file
      damaged[index] = value
      do {
        _ = try Gzip.decompress(damaged)
        return nil
      } catch { return error }
    }
    #expect(error(0, 0) == .notGzip(offset: 0))
    #expect(error(2, 7) == .unknownMethod(7))
    #expect(error(3, 0x80) == .reservedFlags(0x80))
    #expect(error(file.count - 8, file[file.count - 8] ^ 1) == .checksum)
    #expect(error(file.count - 4, 4) == .length)
    #expect(throws: GzipError.truncated) { try Gzip.decompress(file + [0x1F, 0x8B, 8]) }
    #expect(throws: GzipError.data(.outputAbove(limit: 2))) { try Gzip.decompress(file, limit: 2) }
    #expect(throws: GzipError.data(.outputAbove(limit: 1))) { try Gzip.decompress(file + file, limit: 4) }
  }

  // What gzip -d does: zeros that fill up a block of a tape, and whatever else is no member, are passed over.
  @Test func workedExampleOfWhatFollows() throws {
    let file = gzipFile([1, 2, 3])
    for surplus in [[0], [UInt8](repeating: 0, count: 512), Array("garbage".utf8), [0x1F], [0, 0x1F, 0x8B]] {
      let contents = try Gzip.contents(file + file + surplus)
      #expect(contents.output == [1, 2, 3, 1, 2, 3] && contents.surplus == surplus.count)
    }
    #expect(try Gzip.contents(file).surplus == 0)
    #expect(throws: GzipError.truncated) { try Gzip.decompress(file + [0x1F, 0x8B]) }
  }

  @Test func workedExampleOfAPrefix() throws {
    let file = gzipFile(Array(repeating: 7, count: 5000))
    #expect(try Gzip.prefix(of: file, count: 10) == Array(repeating: 7, count: 10))
    #expect(try Gzip.prefix(of: file, count: 9000).count == 5000)
    #expect(try Gzip.prefix(of: Array(file.prefix(10)), count: 10) == [])
    #expect(throws: GzipError.notGzip(offset: 0)) { try Gzip.prefix(of: [1, 2], count: 3) }
  }

  @Test func goldenHeaderChecksum() throws {
    let example = try #require(GzipCase.all.first { $0.name == "every header field" })
    var damaged = [UInt8](example.file)
    damaged[4] ^= 1  // The time, which only the header's checksum guards.
    #expect(throws: GzipError.headerChecksum) { try Gzip.decompress(damaged) }
  }
}
