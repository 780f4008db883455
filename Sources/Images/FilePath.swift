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

  /// The parts of a path, each behind the byte that is not UTF-8 and written in digits, if one is there.
  private static func parts(_ path: String) -> [(byte: UInt8?, text: String)] {
    let parts = path.components(separatedBy: "\\x")
    return [(nil, parts[0])]
      + parts.dropFirst().map { part in
        guard let byte = UInt8(part.prefix(2), radix: 16), part.prefix(2).count == 2, byte >= 0x80 else {
          return (nil, "\\x\(part)")
        }
        return (byte, String(part.dropFirst(2)))
      }
  }

  /// The bytes of a path in which bytes that are not UTF-8 are written in digits; nil where none are.
  static func bytes(_ path: String) -> [UInt8]? {
    let parts = parts(path)
    guard parts.contains(where: { $0.byte != nil }) else { return nil }
    return parts.flatMap { ($0.byte.map { [$0] } ?? []) + Array($0.text.utf8) }
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

  /// A path as a shell takes it for one word, on one line.
  ///
  /// Control characters and bytes that are not UTF-8 stand in $'…', which bash, zsh and ksh know, as does POSIX since 2024.
  package static func shellWord(_ path: String) -> String {
    let isUndecodable = openUndecodable(path) != nil
    if !isUndecodable && !hasControl(path) {
      let isPlain = path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+@%".contains($0)) }
      return isPlain && !path.isEmpty
        ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
    func hexadecimal(_ byte: UInt8) -> String { "\\x" + digits(UInt32(byte), count: 2) }
    return "$'"
      + (isUndecodable ? parts(path) : [(nil, path)]).map { byte, text in
        (byte.map(hexadecimal) ?? "")
          + escaped(text, quote: "'") { String($0).utf8.map(hexadecimal).joined() }
      }.joined() + "'"
  }

  /// A path as Python's text, on one line.
  ///
  /// Bytes that are not UTF-8 are those lone surrogates by which Python's functions open such files.
  static func pythonText(_ path: String) -> String {
    let isUndecodable = openUndecodable(path) != nil
    return "\""
      + (isUndecodable ? parts(path) : [(nil, path)]).map { byte, text in
        (byte.map { "\\udc" + digits(UInt32($0), count: 2) } ?? "")
          + escaped(text, quote: "\"") { "\\u" + digits($0.value, count: 4) }
      }.joined() + "\""
  }

  /// A path as it is told where it is to be named: as a shell's word if it would not fit on a line otherwise.
  static func shown(_ path: String) -> String { hasControl(path) ? shellWord(path) : path }

  private static func hasControl(_ text: String) -> Bool { text.unicodeScalars.contains(where: isControl) }

  /// What is not shown, or ends a line.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }

  private static func escaped(
    _ text: String, quote: Unicode.Scalar, control: (Unicode.Scalar) -> String
  ) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case quote, "\\": "\\\(scalar)"
      case "\n": "\\n"
      case "\t": "\\t"
      case _ where isControl(scalar): control(scalar)
      default: String(scalar)
      }
    }.joined()
  }

  private static func digits(_ number: UInt32, count: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
