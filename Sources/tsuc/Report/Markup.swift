// Elements of HTML and SVG as text that is XML too: every tag is closed, every attribute quoted and escaped.
// Tests    tsucTests/Report/LineChartTests.swift
import Commands
import Foundation

/// Text as it may stand in HTML and XML, in attributes too; control characters, which XML refuses, become U+FFFD.
func escaped(_ text: String) -> String {
  var result = ""
  for letter in text.unicodeScalars {
    switch letter {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case "\u{0}"..."\u{8}", "\u{B}", "\u{C}", "\u{E}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
    default: result.unicodeScalars.append(letter)
    }
  }
  return result
}

/// An element with attributes, whose values are escaped here, around markup.
func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String = "") -> String {
  let tag = name + attributes.map { " \($0.key)=\"\(escaped($0.value))\"" }.joined()
  // HTML closes <i/> and its like only with an end tag; these four have none.
  let isVoid = ["img", "input", "meta", "br"].contains(name)
  return isVoid ? "<\(tag)/>" : "<\(tag)>\(content)</\(name)>"
}

/// A coordinate with at most one decimal.
func coordinate(_ value: Double) -> String {
  let text = decimals(value, 1)
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A whole number with commas: 1,797.
func grouped(_ number: Int) -> String {
  var (digits, text) = (String(abs(number))[...], "")
  while digits.count > 3 {
    text = "," + digits.suffix(3) + text
    digits = digits.dropLast(3)
  }
  return (number < 0 ? "-" : "") + digits + text
}

/// A picture as an address that holds all of it.
func dataAddress(png: [UInt8]) -> String { "data:image/png;base64," + Data(png).base64EncodedString() }
