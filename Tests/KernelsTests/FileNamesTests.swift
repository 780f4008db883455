import Foundation
import Testing

@testable import Kernels

@Suite("Names of files in bytes")
struct FileNamesTests {
  /// A name that is not UTF-8 can only be made by a program that takes bytes: the shell.
  @Test func namesThatAreNotUTF8() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.currentDirectoryURL = URL(fileURLWithPath: folder)
    shell.arguments = ["-c", "echo one > \"$(printf 'a\\377.png')\"; mkdir \"$(printf 'b\\303')\"; echo two > é.png"]
    try shell.run()
    shell.waitUntilExit()
    try #require(shell.terminationStatus == 0)
    let names = undecodableNames(in: folder).sorted { $0.lexicographicallyPrecedes($1) }
    #expect(names == [Array("a".utf8) + [0xFF] + Array(".png".utf8), Array("b".utf8) + [0xC3]])
    let file = try #require(openRegularFile(Array("\(folder)/".utf8) + names[0]))
    let handle = FileHandle(fileDescriptor: file, closeOnDealloc: true)
    #expect(try handle.readToEnd() == Data("one\n".utf8))
    #expect(openRegularFile(Array("\(folder)/".utf8) + names[1]) == nil)
    #expect(openRegularFile(Array("\(folder)/none".utf8)) == nil)
    #expect(undecodableNames(in: folder + "/none") == [])
  }
}
