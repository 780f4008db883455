import Files
import TestSupport
import Testing

@testable import Images

@Suite("Announced sizes")
struct AnnouncedSizeTests {
  @Test func workedExamples() {
    #expect(AnnouncedSize.bytes(idxFile([3, 2, 2], [])) == 16 + 12)
    #expect(AnnouncedSize.bytes(idxFile([Int(UInt32.max), Int(UInt32.max), 9], [])) == nil)
    let npy = npyFile("<f4", "2, 3", [])
    #expect(AnnouncedSize.bytes(npy) == npy.count + 24)
    #expect(AnnouncedSize.bytes(PNG.encode([1, 2], width: 2, height: 1)) == 2 * 3)
    #expect(AnnouncedSize.bytes(Array("P5 2 1 255\n".utf8)) == 2 + 11)
    #expect(AnnouncedSize.bytes(Array("P3 2 1 255\n".utf8)) == 96)
    #expect(AnnouncedSize.bytes([3, 1, 2, 3]) == nil && AnnouncedSize.bytes(Array("P5 x".utf8)) == 0)
  }

  // 4 MB in a small file: far more than the two pixels, the values or the text that its beginning announces.
  @Test func stopsAtGzipOfFarMoreThanAnnounced() throws {
    let zeros = [UInt8](repeating: 0, count: 4 << 20)
    try withTemporaryFolder { folder in
      for (name, start) in [
        ("1.png", PNG.encode([1, 2], width: 2, height: 1)), ("1.pgm", Array("P5 2 1 255\nab".utf8)),
        ("x-idx3", idxFile([2, 1, 1], [1, 2])), ("x.npy", npyFile("|u1", "2, 1, 1", [1, 2])),
      ] {
        try makeFolder("\(folder)/\(name)")
        let path = "\(folder)/\(name)/\(name)"
        try write(gzipFile(start + zeros), to: path)
        let isPicture = name.hasPrefix("1")
        let problem = loadingProblem(isPicture ? "\(folder)/\(name)" : path)
        #expect(problem?.contains("decompress to more than") == true, "\(name): \(problem ?? "nothing")")
        // Some bytes more than announced are passed over.
        try write(gzipFile(start + [1, 2, 3]), to: path)
        #expect(loadingProblem(isPicture ? "\(folder)/\(name)" : path) == nil)
      }
      // What is no picture is not decompressed at all.
      try makeFolder("\(folder)/none")
      try write(gzipFile(Array("text".utf8) + zeros), to: "\(folder)/none/a.png")
      #expect(loadingProblem("\(folder)/none")?.hasPrefix("this is no picture") == true)
    }
  }
}
