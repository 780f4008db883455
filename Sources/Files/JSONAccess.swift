// Takes a JSON value for what it should be; `place` names it in the sentence if it is something else.
// Tests    FilesTests/JSONTests.swift

extension JSON {
  private func wrong(_ context: String, _ expected: String) -> JSONError {
    JSONError(description: "\(context) has a value of the wrong kind: \(expected) was expected, not \(kind)")
  }

  /// The members of an object.
  package func members(of context: String) throws(JSONError) -> [String: JSON] {
    guard case .object(let members) = self else { throw wrong(context, "an object") }
    return members
  }

  /// The elements of a list.
  package func elements(of context: String) throws(JSONError) -> [JSON] {
    guard case .array(let list) = self else { throw wrong(context, "a list") }
    return list
  }

  /// The text.
  package func string(of context: String) throws(JSONError) -> String {
    guard case .string(let text) = self else { throw wrong(context, "text") }
    return text
  }

  /// The truth value.
  package func bool(of context: String) throws(JSONError) -> Bool {
    guard case .bool(let truth) = self else { throw wrong(context, "true or false") }
    return truth
  }

  /// The whole number; 3.0 is none.
  package func integer(of context: String) throws(JSONError) -> Int {
    guard case .integer(let integer) = self else { throw wrong(context, "a whole number") }
    return integer
  }

  /// The number, whole or not.
  package func number(of context: String) throws(JSONError) -> Double {
    switch self {
    case .integer(let integer): return Double(integer)
    case .number(let number): return number
    default: throw wrong(context, "a number")
    }
  }

  /// A list of whole numbers.
  package func integers(of context: String) throws(JSONError) -> [Int] {
    try elements(of: context).map { element throws(JSONError) in try element.integer(of: "an element of \(context)") }
  }

  /// A list of texts.
  package func strings(of context: String) throws(JSONError) -> [String] {
    try elements(of: context).map { element throws(JSONError) in try element.string(of: "an element of \(context)") }
  }
}
