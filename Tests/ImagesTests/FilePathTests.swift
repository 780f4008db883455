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
}
