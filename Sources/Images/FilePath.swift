// Paths as text, also those whose names are not UTF-8: a byte that is none is written as \x and two hexadecimal digits.
//
//     the bytes 61 FF 2E 70 6E 67    a\xFF.png
//
// A file that is really called a\xFF.png comes first: what exists as it is written is never read otherwise.
// Tests    ImagesTests/FilePathTests.swift
import Foundation
import Kernels

/// Paths whose last part may not be UTF-8.
package enum FilePath {
  /// A name of any bytes as text.
  static func text(_ name: [UInt8]) -> String {
    var text = ""
    var rest = name[...]
    while !rest.isEmpty {
      // The longest beginning that is UTF-8 is at most three bytes longer than it is without its last character.
      let length = (1...min(4, rest.count)).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
      guard let length, let character = String(validating: rest.prefix(length), as: UTF8.self) else {
        let digits = String(rest[rest.startIndex], radix: 16, uppercase: true)
        text += "\\x" + (digits.count < 2 ? "0" : "") + digits
        rest = rest.dropFirst()
        continue
      }
      text += character
      rest = rest.dropFirst(length)
    }
    return text
  }

  /// The bytes of a path in which bytes that are not UTF-8 are written in digits; nil where none are.
  static func bytes(_ path: String) -> [UInt8]? {
    let parts = path.components(separatedBy: "\\x")
    guard parts.count > 1 else { return nil }
    var bytes = Array(parts[0].utf8)
    var hasAny = false
    for part in parts.dropFirst() {
      if let byte = UInt8(part.prefix(2), radix: 16), part.prefix(2).count == 2, byte >= 0x80 {
        bytes += [byte] + Array(part.dropFirst(2).utf8)
        hasAny = true
      } else {
        bytes += Array("\\x\(part)".utf8)
      }
    }
    return hasAny ? bytes : nil
  }

  /// The contents of a regular file whose name is not UTF-8; nil where there is none.
  package static func contents(ofUndecodable path: String) -> Data? {
    openUndecodable(path).flatMap { try? $0.readToEnd() ?? Data() }
  }

  /// Whether there is something at a path, also where a name is not UTF-8.
  package static func exists(_ path: String) -> Bool { DataFile.exists(path) }

  /// Opens a regular file whose name is not UTF-8; nil where there is none, or where a file is called just so.
  static func openUndecodable(_ path: String) -> FileHandle? {
    guard !FileManager.default.fileExists(atPath: path), let bytes = bytes(path) else { return nil }
    return openRegularFile(bytes).map { FileHandle(fileDescriptor: $0, closeOnDealloc: true) }
  }
}
