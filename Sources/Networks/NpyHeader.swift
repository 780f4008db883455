// The header of an npy file: a Python dictionary of three known keys, each exactly once.
// Tests    NetworksTests/NpyTests.swift

/// The dictionary of an npy file: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
struct NpyHeader {
  private static let keys = ["descr", "fortran_order", "shape"]
  /// The values as they are written, without the quotes of a text.
  private var values: [String: String] = [:]

  /// Reads the dictionary.
  init(_ bytes: ArraySlice<UInt8>, name: String) throws(NpyError) {
    guard bytes.allSatisfy({ $0 < 0x80 }) else {
      throw NpyError(description: "\(name): the header is not ASCII text")
    }
    var rest = String(decoding: bytes, as: UTF8.self)[...]
    func fault(_ expected: String) -> NpyError {
      NpyError(
        description: "\(name): the header is no dictionary of descr, fortran_order and shape: "
          + "\(expected) was expected at \"\(rest.prefix(20))\"")
    }
    func take(_ character: Character) -> Bool {
      rest = rest.drop { $0.isWhitespace }
      guard rest.first == character else { return false }
      rest.removeFirst()
      return true
    }
    guard take("{") else { throw fault("{") }
    while !take("}") {
      guard take("'"), let key = Self.keys.first(where: { rest.hasPrefix("\($0)'") }) else {
        throw fault("a known key")
      }
      rest.removeFirst(key.count + 1)
      guard values[key] == nil else { throw NpyError(description: "\(name): the header gives \(key) twice") }
      guard take(":") else { throw fault(":") }
      rest = rest.drop { $0.isWhitespace }
      let (ends, isQuoted): (Character, Bool) =
        key == "shape" ? (")", false) : rest.first == "'" ? ("'", true) : (",", false)
      if isQuoted { rest.removeFirst() }
      guard let end = rest.firstIndex(of: ends) else { throw fault("the end of the value of \(key)") }
      values[key] = String(ends == ")" ? rest[...end] : rest[..<end])
      rest = ends == "," ? rest[end...] : rest[rest.index(after: end)...]
      guard take(",") || rest.first == "}" else { throw fault(", or }") }
    }
    guard rest.allSatisfy(\.isWhitespace) else { throw fault("nothing more") }
  }

  /// The shape, after checking the type and the order.
  func shape(ofType expected: String, name: String) throws(NpyError) -> [Int] {
    if let missing = Self.keys.first(where: { values[$0] == nil }) {
      throw NpyError(description: "\(name): the header lacks \(missing)")
    }
    let (type, order, tuple) = (values["descr"] ?? "", values["fortran_order"] ?? "", values["shape"] ?? "")
    guard type == expected else {
      throw NpyError(description: "\(name) holds values of type \(type), not \(expected)")
    }
    guard order == "False" else {
      throw NpyError(
        description: "\(name) is in Fortran order (\(order)); save it in C order (numpy.ascontiguousarray)")
    }
    // "(3,)" and "(2, 3)", also "(2, 3, )": at most one comma has nothing after it.
    var lengths = tuple.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.filter { $0 != " " } }
    if lengths.last?.isEmpty == true { lengths.removeLast() }
    let shape = lengths.compactMap { Int($0) }
    guard tuple.hasPrefix("("), shape.count == lengths.count, shape.allSatisfy({ $0 >= 0 }), shape.count <= 64 else {
      throw NpyError(description: "\(name): the shape \(tuple) is not a tuple of lengths")
    }
    return shape
  }
}
