// Takes a JSON value for what it should be; `place` names it in the sentence if it is something else.
// Tests    FilesTests/JSONTests.swift

extension JSON {
  private func wrong(_ place: String, _ expected: String) -> JSONError {
    JSONError(description: "\(place) has a value of the wrong kind: \(expected) was expected, not \(kind)")
  }

  /// The members of an object.
  package func members(of place: String) throws(JSONError) -> [String: JSON] {
    guard case .object(let members) = self else { throw wrong(place, "an object") }
    return members
  }

  /// The elements of a list.
  package func elements(of place: String) throws(JSONError) -> [JSON] {
    guard case .list(let list) = self else { throw wrong(place, "a list") }
    return list
  }

  /// The text.
  package func text(of place: String) throws(JSONError) -> String {
    guard case .text(let text) = self else { throw wrong(place, "text") }
    return text
  }

  /// The truth value.
  package func truth(of place: String) throws(JSONError) -> Bool {
    guard case .truth(let truth) = self else { throw wrong(place, "true or false") }
    return truth
  }

  /// The whole number; 3.0 is none.
  package func integer(of place: String) throws(JSONError) -> Int {
    guard case .integer(let integer) = self else { throw wrong(place, "a whole number") }
    return integer
  }

  /// The number, whole or not.
  package func number(of place: String) throws(JSONError) -> Double {
    switch self {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw wrong(place, "a number")
    }
  }

  /// A list of whole numbers.
  package func integers(of place: String) throws(JSONError) -> [Int] {
    try elements(of: place).map { element throws(JSONError) in try element.integer(of: "an element of \(place)") }
  }

  /// A list of texts.
  package func texts(of place: String) throws(JSONError) -> [String] {
    try elements(of: place).map { element throws(JSONError) in try element.text(of: "an element of \(place)") }
  }
}
