import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Files of data sets")
struct DataFileTests {
  @Test func invariantARawAndAGzippedFileReadAlike() throws {
    try withTemporaryFolder { folder in
      let contents = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
      try write(contents, to: "\(folder)/raw")
      try write(gzipFile(contents), to: "\(folder)/packed")
      for name in ["raw", "packed"] {
        let file = try DataFile(opening: "\(folder)/\(name)")
        #expect(file.size == 1000 && file.name == name)
        #expect(try file.start(3) == [0, 7, 14])
        #expect(try file.start(2000) == contents)
        #expect(try file.bytes() == contents)
        var records: [[UInt8]] = []
        try file.forEachRecord(length: 300, count: 3) { records.append(Array($0)) }
        #expect(records == (0..<3).map { Array(contents[$0 * 300..<($0 + 1) * 300]) })
      }
    }
  }

  // Two blocks of 4 MiB and a bit: the records at their borders must not be lost or come twice.
  @Test func invariantRecordsOfALargeFileComeInOrder() throws {
    try withTemporaryFolder { folder in
      let length = 100_003
      let path = "\(folder)/large"
      try write([], to: path)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      for number in 0..<90 { try handle.write(contentsOf: Data(repeating: UInt8(number), count: length)) }
      try handle.close()
      var firsts: [UInt8] = []
      try DataFile(opening: path).forEachRecord(length: length, count: 90) { record in
        firsts.append(record[record.startIndex] == record[record.endIndex - 1] ? record[record.startIndex] : 255)
      }
      #expect(firsts == Array(0..<90))
    }
  }

  @Test func goldenSentences() throws {
    func problem(_ path: String) -> String? {
      do {
        _ = try DataFile(opening: path)
        return nil
      } catch { return error.problem }
    }
    try withTemporaryFolder { folder in
      #expect(problem("\(folder)/none") == "there is no such file")
      #expect(problem(folder) == "this is a folder where a file was expected")
      #expect(problem("/dev/null") == "this is neither a file nor a folder, so it cannot be read")
      try write([0x1F, 0x8B, 8, 0], to: "\(folder)/damaged")
      #expect(problem("\(folder)/damaged") == "the gzip file is damaged: the gzip file ends too early")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/damaged")
      #expect(problem("\(folder)/link")?.hasPrefix("the gzip file is damaged") == true)
    }
  }

  @Test func workedExampleOfReasons() {
    #expect(DataFile.reason(CocoaError(.fileReadNoPermission)) == "permission is denied")
    #expect(DataFile.reason(CocoaError(.fileReadNoSuchFile)) == "there is no such file")
    #expect(!DataFile.reason(CocoaError(.fileReadUnknown)).hasSuffix("."))
  }
}
