// The one field of a CSV file that may hold anything: a file's name.
//
// Standard  RFC 4180, section 2: a field with a comma, a quotation mark or a line break stands in quotation marks, which are
//           doubled inside it.
// Tests     CommandsTests/CSVTests.swift
import Foundation

/// Comma-separated values.
package enum CSV {
  /// A text as a field.
  package static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 10 || $0 == 13 }
    return needsQuotes ? "\"" + text.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : text
  }
}
