import TestSupport
import Testing

@testable import Images

@Suite("Files that are not read, and what is said of them")
struct ForeignFilesTests {
  private func problem(_ bytes: [UInt8], _ name: String) throws -> String? {
    try withTemporaryFolder { folder in
      try write(bytes, to: "\(folder)/\(name)")
      return loadingProblem("\(folder)/\(name)")
    }
  }

  /// A tar file: the name of a file in it at byte 0, "ustar" at byte 257.
  private var tar: [UInt8] {
    Array("cifar-10-batches-bin/".utf8) + Array(repeating: 0, count: 236) + Array("ustar".utf8)
      + Array(repeating: 0, count: 762)
  }

  @Test func goldenSentences() throws {
    #expect(
      try problem(gzipFile(tar), "cifar-10-binary.tar.gz")
        == "this is an archive; unpack it with \"tar xzf cifar-10-binary.tar.gz\" and name the folder "
        + "cifar-10-batches-bin")
    #expect(
      try problem(gzipFile(tar), "cifar-10-python.tar.gz")
        == "this is an archive of another version of CIFAR-10; the binary version is needed: fetch "
        + "cifar-10-binary.tar.gz from the page of CIFAR-10, unpack it with \"tar xzf cifar-10-binary.tar.gz\" and name "
        + "the folder cifar-10-batches-bin")
    #expect(
      try problem(tar, "images.tar") == "this is an archive; unpack it with \"tar xf images.tar\" and name the folder")
    #expect(try problem(tar, "my images.tar")?.contains("\"tar xf 'my images.tar'\"") == true)
    #expect(
      try problem([0x80, 2, 0x7D, 0x71, 1], "data_batch_1")?.hasPrefix(
        "this is a Python pickle, which is not read; the binary version is needed: fetch cifar-10-binary.tar.gz")
        == true)
    for (start, word) in [
      (Array("PK\u{3}\u{4}".utf8), "zip"), (Array("PAR1".utf8), "Parquet"), ([0x89, 0x48, 0x44, 0x46], "HDF5"),
    ] as [([UInt8], String)] {
      let said = try problem(start + [1, 2, 3], "x")
      #expect(said?.contains(word) == true, "\(word): \(said ?? "nothing")")
    }
  }

  @Test func goldenFolders() throws {
    try withTemporaryFolder { folder in
      try write([0x80, 2], to: "\(folder)/data_batch_1")
      #expect(
        loadingProblem(folder)?.hasPrefix(
          "this is the Python version of CIFAR-10 (pickles); the binary version is needed")
          == true)
    }
    try withTemporaryFolder { folder in
      try makeFolder("\(folder)/cifar-100-python")
      #expect(
        loadingProblem(folder)?.hasPrefix(
          "the folder holds the Python version of CIFAR-100, cifar-100-python; the binary")
          == true)
    }
    try withTemporaryFolder { folder in
      for name in ["train", "test", "meta"] { try write([0x80, 2], to: "\(folder)/\(name)") }
      #expect(loadingProblem(folder)?.contains("cifar-100-binary.tar.gz") == true)
    }
    try withTemporaryFolder { folder in
      try write([0x1F, 0x8B], to: "\(folder)/cifar-10-binary.tar.gz")
      #expect(
        loadingProblem(folder)
          == "the folder holds cifar-10-binary.tar.gz, not unpacked; unpack it with \"tar xzf cifar-10-binary.tar.gz\" and "
          + "name the folder cifar-10-batches-bin")
    }
  }

  @Test func workedExampleOfFilesThatAreNotThere() throws {
    try withTemporaryFolder { folder in
      for (text, sentence) in [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "\"git lfs pull\" fetches"),
        ("<!DOCTYPE html><html>", "this is a web page (HTML)"), ("\n  <HTML><body>", "this is a web page (HTML)"),
      ] {
        for name in ["x.npy", "x.png", "labels"] {
          try write(Array(text.utf8), to: "\(folder)/\(name)")
          #expect(loadingProblem("\(folder)/\(name)")?.contains(sentence) == true, "\(name)")
        }
        try makeFolder("\(folder)/in")
        try write(Array(text.utf8), to: "\(folder)/in/x.png")
        #expect(loadingProblem("\(folder)/in")?.contains(sentence) == true)
      }
    }
  }
}
