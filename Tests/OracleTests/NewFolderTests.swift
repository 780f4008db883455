import Foundation
import Testing

@testable import Oracle

@Suite("New folders")
struct NewFolderTests {
  @Test func invariantCompleteOrNotAtAll() throws {
    try withFolder { path in
      func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path(".")).sorted() }
      try NewFolder.write(to: path("a")) { folder throws(OracleError) in
        try folder.add([1, 2], as: "x/y/z")
        try folder.add([], as: "w")
        // Until it is complete it has another name.
        #expect(!CorpusFiles.exists(path("a")))
      }
      #expect(try names() == ["a"])
      #expect(try CorpusFiles.paths(below: path("a")) == ["w", "x/y/z"])
      #expect(try CorpusFiles.read(path("a/x/y/z")) == [1, 2])
      // An error leaves nothing, not even what was written before it.
      expectError("enough") {
        try NewFolder.write(to: path("b")) { folder throws(OracleError) in
          try folder.add([1], as: "x")
          throw OracleError("enough")
        }
      }
      expectError("\(path("b")) cannot be written", "File exists") {
        try NewFolder.write(to: path("b")) { folder throws(OracleError) in
          try folder.add([1], as: "x")
          try folder.add([2], as: "x")
        }
      }
      #expect(try names() == ["a"])
    }
  }

  @Test func invariantWhatStandsThereStays() throws {
    try withFolder { path in
      try NewFolder.write(to: path("a")) { folder throws(OracleError) in try folder.add([1], as: "x") }
      try CorpusFiles.write(["x": [1]], to: path("file"))
      var asked = false
      for taken in ["a", "file/x"] {
        expectError("exists already and is not overwritten") {
          try NewFolder.write(to: path(taken)) { _ in asked = true }
        }
      }
      #expect(!asked)
      #expect(try CorpusFiles.read(path("a/x")) == [1])
      expectError("cannot be written") { try NewFolder.write(to: "/dev/null/x") { _ in } }
      // Another takes the name while this one is being written.
      expectError("cannot be written") {
        try NewFolder.write(to: path("b")) { folder throws(OracleError) in
          try folder.add([1], as: "x")
          try CorpusFiles.write(["other": [2]], to: path("c"))
          try? FileManager.default.moveItem(atPath: path("c"), toPath: path("b"))
        }
      }
      #expect(try CorpusFiles.paths(below: path("b")) == ["other"])
    }
  }
}
