// The header of an npy file: a magic text, then a Python dictionary of three known keys, each exactly once.
//
//     6 bytes "\u{93}NUMPY", 2 bytes version 1 0, 2 bytes length of the dictionary, little-endian, the dictionary
// Tests    NetworksTests/NpyTests.swift, ImagesTests/NpyImagesTests.swift

/// Why an npy file cannot be read or written: what was expected, what was found, and where.
public struct NpyError: Error, CustomStringConvertible, Equatable {
  /// One sentence.
  public let description: String

  /// An error of one sentence.
  package init(description: String) { self.description = description }
}

/// The dictionary of an npy file: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
package struct NpyHeader {
  /// What every npy file begins with.
  package static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// No header ends behind this byte.
  package static let largestEnd = 10 + Int(UInt16.max)
  private static let keys = ["descr", "fortran_order", "shape"]
  /// The values as they are written, without the quotes of a text.
  private var values: [String: String] = [:]

  /// The place of the first value.
  package let end: Int

  /// Reads the header of a file.
  ///
  /// - Parameters:
  ///   - bytes: At least the first ``largestEnd`` bytes of the file, or all.
  ///   - name: Stands for the file in messages.
  /// - Throws: ``NpyError`` if the file is of another kind or version, ends inside its header, or the header is no dictionary
  ///   of the three keys.
  package init(_ bytes: [UInt8], name: String) throws(NpyError) {
    guard bytes.count >= 10, Array(bytes[..<6]) == Self.magic else {
      throw NpyError(description: "\(name) is no npy file: it does not begin with \\x93NUMPY and a version")
    }
    guard bytes[6] == 1, bytes[7] == 0 else {
      throw NpyError(description: "\(name) is an npy file of version \(bytes[6]).\(bytes[7]), not 1.0")
    }
    end = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    guard end <= bytes.count else {
      throw NpyError(
        description: "\(name) is cut off: its header should end at byte \(end), and the file at byte \(bytes.count)")
    }
    try readDictionary(bytes[10..<end], name: name)
  }

  private mutating func readDictionary(_ bytes: ArraySlice<UInt8>, name: String) throws(NpyError) {
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

  /// The type of the values, such as "<f4" or "|u1"; empty if the header names none.
  package var type: String { values["descr"] ?? "" }

  /// The shape, after checking the type and the order.
  package func shape(ofTypes expected: [String], name: String) throws(NpyError) -> [Int] {
    if let missing = Self.keys.first(where: { values[$0] == nil }) {
      throw NpyError(description: "\(name): the header lacks \(missing)")
    }
    let (order, tuple) = (values["fortran_order"] ?? "", values["shape"] ?? "")
    guard expected.contains(type) else {
      throw NpyError(
        description: "\(name) holds values of type \(type), not \(expected.joined(separator: " or "))")
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
