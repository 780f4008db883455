// The Python dictionary in the header of an npy file: known keys in any order, either quotation mark, values as text.
//
// Tests    FilesTests/NpyHeaderTests.swift, NetworksTests/NpyTests.swift

/// A dictionary that is read once from its start to its end.
struct NpyDictionary {
  private var rest: Substring
  private let keys: [String]
  private let name: String

  /// A dictionary of at most such keys in some bytes of a file.
  init(_ bytes: ArraySlice<UInt8>, keys: [String], name: String) {
    rest = String(decoding: bytes, as: UTF8.self)[...]
    (self.keys, self.name) = (keys, name)
  }

  /// The values as they are written, without the quotes of a text.
  mutating func read() throws(NpyError) -> [String: String] {
    var values: [String: String] = [:]
    guard take("{") else { throw fault("{") }
    while !take("}") {
      guard let key = takeText(), keys.contains(key) else { throw fault("a known key") }
      guard values[key] == nil else { throw NpyError(description: "\(name): the header gives \(key) twice") }
      guard take(":") else { throw fault(":") }
      guard let value = takeValue() else { throw fault("the end of the value of \(key)") }
      values[key] = value
      guard take(",") || rest.first == "}" else { throw fault(", or }") }
    }
    guard rest.allSatisfy({ $0.isWhitespace || $0 == "\0" }) else { throw fault("nothing more") }
    return values
  }

  private func fault(_ expected: String) -> NpyError {
    NpyError(
      description: "\(name): the header is no dictionary of descr, fortran_order and shape: "
        + "\(expected) was expected at \"\(rest.prefix(20))\"")
  }

  private mutating func take(_ character: Character) -> Bool {
    rest = rest.drop { $0.isWhitespace }
    guard rest.first == character else { return false }
    rest.removeFirst()
    return true
  }

  /// A text between quotation marks of either kind; nil, and nothing is taken, if there is none.
  private mutating func takeText() -> String? {
    let before = rest
    for mark: Character in ["'", "\""] where take(mark) {
      guard let end = rest.firstIndex(of: mark) else { break }
      let text = String(rest[..<end])
      rest = rest[rest.index(after: end)...]
      return text
    }
    rest = before
    return nil
  }

  /// A text, a list or a tuple with all that is in it, or a word; nil if it does not end.
  private mutating func takeValue() -> String? {
    if let text = takeText() { return text }
    rest = rest.drop { $0.isWhitespace }
    let start = rest
    var (depth, mark) = (0, Character?.none)
    while let character = rest.first {
      if let open = mark {
        if character == open { mark = nil }
      } else {
        if depth == 0 && (character == "," || character == "}") { break }
        if "'\"".contains(character) { mark = character }
        if "([".contains(character) { depth += 1 }
        if ")]".contains(character) { depth -= 1 }
        if depth < 0 { return nil }
      }
      rest.removeFirst()
    }
    guard depth == 0, mark == nil, !rest.isEmpty else { return nil }
    let value = start[..<rest.startIndex]
    return String(value.reversed().drop { $0.isWhitespace }.reversed())
  }
}
