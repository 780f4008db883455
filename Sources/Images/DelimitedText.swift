// Lines of fields, as spreadsheets and data frames write them: CSV, or with a tab or a semicolon instead of the comma.
//
// A field that begins with a quotation mark ends at the next single one and may hold separators and line ends; two
// marks in it stand for one. Lines end with LF, CR LF or CR; empty ones are passed over.
// Source   RFC 4180
// Tests    ImagesTests/DelimitedTextTests.swift

/// A text as lines of fields.
package struct DelimitedText: Equatable {
  /// One line with its number in the text, from 1.
  package struct Line: Equatable {
    package let number: Int
    package var fields: [String]
  }

  /// The lines that are not empty, all with the same number of fields.
  package var lines: [Line]

  /// Reads a text; what separates its fields is found out from it.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8, with or without its mark (BOM).
  ///   - path: Stands for the file in messages.
  /// - Throws: A sentence, if it is no such text or its lines differ in their number of fields.
  package init(_ bytes: [UInt8], path: String) throws(ImageSetError) {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: path, problem: problem) }
    guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
      throw fail("the text is UTF-16; save it as UTF-8")
    }
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw fail(
        "the file is neither IDX nor npy, and no text in UTF-8 either; save a text as UTF-8, and numbers with numpy.save"
      )
    }
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    for separator in [",", "\t", ";"] as [Character] {
      let lines = try Self.lines(text, separator: separator.asciiValue, path: path)
      guard let first = lines.first, lines.contains(where: { $0.fields.count > 1 }) else { continue }
      guard let other = lines.first(where: { $0.fields.count != first.fields.count }) else {
        self.lines = lines
        return
      }
      // Other marks than the comma also occur in names.
      guard separator == "," else { continue }
      throw fail(
        "line \(other.number) has \(other.fields.count) field\(other.fields.count == 1 ? "" : "s"), line \(first.number) "
          + "has \(first.fields.count); a name that holds a comma must stand in quotation marks")
    }
    lines = try Self.lines(text, separator: nil, path: path)
  }

  private static func lines(
    _ text: ArraySlice<UInt8>, separator: UInt8?, path: String
  ) throws(ImageSetError) -> [Line] {
    let (quote, lineFeed, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
    var (lines, fields, field) = ([Line](), [String](), [UInt8]())
    var (number, first, quoted, wasQuoted) = (1, 1, false, false)
    func endField() {
      let value = String(decoding: field, as: UTF8.self)
      fields.append(wasQuoted ? value : value.withoutSpaceAround)
      (field, wasQuoted) = ([], false)
    }
    func endLine() {
      let isEmpty = fields.isEmpty && !wasQuoted
      endField()
      if !isEmpty || fields != [""] { lines.append(Line(number: first, fields: fields)) }
      (fields, first) = ([], number)
    }
    var index = text.startIndex
    while index < text.endIndex {
      let byte = text[index]
      index += 1
      let next = index < text.endIndex ? text[index] : nil
      let isLineEnd = byte == lineFeed || byte == carriageReturn && next != lineFeed
      if isLineEnd { number += 1 }
      if quoted {
        if byte != quote {
          field.append(byte)
        } else if next == quote {
          field.append(quote)
          index += 1
        } else {
          quoted = false
        }
      } else if byte == quote && !wasQuoted && field.allSatisfy({ $0 == UInt8(ascii: " ") }) {
        (quoted, wasQuoted, field) = (true, true, [])
      } else if byte == separator {
        endField()
      } else if isLineEnd {
        endLine()
      } else if byte != carriageReturn {
        field.append(byte)
      }
    }
    guard !quoted else {
      throw ImageSetError(
        path: path,
        problem: "the quotation mark of line \(first) is not closed; two of them inside quotes stand for one")
    }
    endLine()
    return lines
  }
}

extension StringProtocol {
  /// The text without white space before and behind it.
  var withoutSpaceAround: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
