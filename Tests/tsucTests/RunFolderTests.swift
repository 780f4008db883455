import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc

@Suite("Run folder")
struct RunFolderTests {
  @Test func workedExampleOfAFolder() throws {
    try withTemporaryFolder { parent in
      let folder = try RunFolder(creating: "\(parent)/a/b")
      try folder.write("text", to: "clusters/one.txt")
      #expect(try String(contentsOfFile: "\(parent)/a/b/clusters/one.txt", encoding: .utf8) == "text")
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(parent)/a/b/clusters") == ["one.txt"])
    }
  }

  @Test func invariantNothingIsOverwritten() throws {
    try withTemporaryFolder { parent in
      let path = "\(parent)/run"
      #expect(RunFolder.freeName(path) == path)
      let folder = try RunFolder(creating: path)
      #expect(RunFolder.freeName(path) == path + "-2")
      #expect(throws: RunError("\(path) exists already and is not overwritten; choose another --out")) {
        _ = try RunFolder(creating: path)
      }
      try folder.write("first", to: "x")
      #expect(throws: RunError("\(path)/x exists already and is not overwritten; choose another name")) {
        try folder.write("second", to: "x")
      }
      #expect(try String(contentsOfFile: "\(path)/x", encoding: .utf8) == "first")
    }
  }

  @Test func invariantAnEmptyFolderIsRemovedAndAnotherIsNot() throws {
    try withTemporaryFolder { parent in
      let empty = try RunFolder(creating: "\(parent)/empty")
      empty.removeIfEmpty()
      #expect(!FileManager.default.fileExists(atPath: empty.path))
      let full = try RunFolder(creating: "\(parent)/full")
      try full.write("text", to: "x")
      full.removeIfEmpty()
      #expect(FileManager.default.fileExists(atPath: full.file("x")))
    }
  }

  @Test(arguments: ["/dev/full/run", "/dev/null/a/run", "/proc/run"])
  func workedExampleOfPlacesWithoutRoom(path: String) {
    let error = #expect(throws: RunError.self) { _ = try RunFolder(creating: path) }
    #expect(error?.description.contains("the folder \(path) cannot be made: ") == true)
  }

  @Test func workedExampleOfFilesWithoutRoom() {
    #expect(throws: RunError("/dev/full exists already and is not overwritten; choose another name")) {
      try writeNewFile(Data([1]), to: "/dev/full")
    }
    #expect(throws: RunError.self) { try writeNewFile(Data([1]), to: "/dev/null/x") }
  }
}
