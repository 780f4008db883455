import Foundation
import Kernels
import Testing

@Suite("Files that are created without waiting for the disk")
struct UnsynchronisedFilesTests {
  private func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test(arguments: [0, 1, 100_000]) func invariantBytesComeBack(count: Int) throws {
    try withTemporaryFolder { folder in
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
      #expect(createUnsynchronisedFile("\(folder)/a", bytes) == 0)
      let read = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/a"))
      #expect([UInt8](read) == bytes)
      #expect(synchroniseFileSystem(of: folder) == 0 && synchroniseNames(in: folder) == 0)
    }
  }

  // What stands there stays as it is.
  @Test func mistakesHaveTheSystemsNumbers() throws {
    try withTemporaryFolder { folder in
      #expect(createUnsynchronisedFile("\(folder)/a", [1]) == 0)
      #expect(createUnsynchronisedFile("\(folder)/a", [2]) == EEXIST)
      let read = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/a"))
      #expect([UInt8](read) == [1])
      #expect(createUnsynchronisedFile("\(folder)/none/a", []) == ENOENT)
      #expect(createUnsynchronisedFile("/dev/full", [1]) == EEXIST)
      #expect(synchroniseFileSystem(of: "\(folder)/none") == ENOENT && synchroniseNames(in: "\(folder)/none") == ENOENT)
    }
  }
}
