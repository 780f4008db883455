import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Paths that are not UTF-8")
struct FilePathTests {
  @Test(arguments: [
    ([UInt8]("a é 日 👍.png".utf8), "a é 日 👍.png"), ([0x61, 0xFF, 0x2E], "a\\xFF."), ([0xC3], "\\xC3"),
    ([0xC3, 0x28], "\\xC3("), ([0xE9, 0x74, 0xE9], "\\xE9t\\xE9"), ([0xED, 0xA0, 0x80], "\\xED\\xA0\\x80"), ([], ""),
  ]) func names(bytes: [UInt8], text: String) {
    #expect(FilePath.text(bytes) == text)
    #expect(FilePath.bytes("/x/" + text) == (text.contains("\\x") ? Array("/x/".utf8) + bytes : nil))
  }

  @Test func onlyBytesThatAreNoTextAreDecoded() {
    for text in ["a\\x41", "a\\xF", "a\\x", "a\\xGG", "\\x", "a\\x-1"] {
      #expect(FilePath.bytes(text) == nil, "\(text)")
    }
    #expect(FilePath.bytes("\\x41\\xFF") == Array("\\x41".utf8) + [0xFF])
  }

  /// Three pictures, one with a byte of Latin-1 in its name, one that is really called as that is written.
  @Test func picturesAreRead() throws {
    try withTemporaryFolder { folder in
      for (value, name) in ["b.png", "a\\xE9.png", "temporary"].enumerated() {
        try write(PNG.encode([UInt8(value + 1)], width: 1, height: 1), to: "\(folder)/\(name)")
      }
      let shell = Process()
      shell.executableURL = URL(fileURLWithPath: "/bin/sh")
      shell.currentDirectoryURL = URL(fileURLWithPath: folder)
      shell.arguments = ["-c", "mv temporary \"$(printf 'c\\351.png')\""]
      try shell.run()
      shell.waitUntilExit()
      let set = try ImageSet.load(folder)
      #expect(set.imageNames == ["a\\xE9.png", "b.png", "c\\xE9.png"] && set.pixels == [2, 1, 3])
      #expect(set.remarks.isEmpty)
      #expect(try ImageSet.load("\(folder)/c\\xE9.png").pixels == [3])
      #expect(FilePath.contents(ofUndecodable: "\(folder)/c\\xE9.png")?.starts(with: [0x89, 0x50]) == true)
      for name in ["a\\xE9.png", "b.png", "d\\xE9.png"] {
        #expect(FilePath.contents(ofUndecodable: "\(folder)/\(name)") == nil)
      }
    }
  }

  /// What a program prints.
  private func output(_ program: String, _ arguments: String...) throws -> [UInt8] {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](output)
  }

  @Test func workedExamplesOfShellWords() throws {
    for (path, word) in [
      ("/a/b-1.png", "/a/b-1.png"), ("", "''"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("a\\n", "'a\\n'"),
      ("é", "'é'"),
      ("a\nb", "$'a\\nb'"), ("\t'\\", "$'\\t\\'\\\\'"), ("\r1\u{7F}\u{1B}", "$'\\x0d1\\x7f\\x1b'"),
      ("é\u{85}\u{2028}", "$'é\\xc2\\x85\\xe2\\x80\\xa8'"), ("\r\n", "$'\\x0d\\n'"), ("\\xE9", "'\\xE9'"),
    ] {
      #expect(FilePath.shellWord(path) == word)
      #expect(!word.contains { $0.isNewline })
      guard FileManager.default.isExecutableFile(atPath: "/bin/bash") else { continue }
      #expect(try output("bash", "-c", "printf %s \(word)") == Array(path.utf8), "\(word)")
    }
  }

  // Python opens what it is told to, also a name that is not UTF-8.
  @Test func workedExamplesOfPythonTexts() throws {
    #expect(FilePath.pythonText("a\"\\\n\té\u{1}\u{2028}") == #""a\"\\\n\té\u0001\u2028""#)
    let hasPython = try output("python3", "-c", "print(1)") == Array("1\n".utf8)
    try withTemporaryFolder { folder in
      for name in ["a\nb\t'\"", "plain"] { try write([7], to: "\(folder)/\(name)") }
      _ = try output("sh", "-c", "mv '\(folder)/plain' \"$(printf '\(folder)/c\\351\\n.x')\"")
      for name in ["a\nb\t'\"", "c\\xE9\n.x"] {
        let text = FilePath.pythonText("\(folder)/\(name)")
        #expect(!text.contains("\n"))
        guard hasPython else { continue }
        #expect(try output("python3", "-c", "print(open(\(text),'rb').read())") == Array("b'\\x07'\n".utf8), "\(text)")
        guard FileManager.default.isExecutableFile(atPath: "/bin/bash") else { continue }
        #expect(try output("bash", "-c", "cat \(FilePath.shellWord("\(folder)/\(name)"))") == [7])
      }
    }
  }
}
