// The header of an npy file: a magic text, then a Python dictionary of three known keys, each exactly once.
//
//     6 bytes "\u{93}NUMPY", 2 bytes version, 2 (version 1.0) or 4 bytes (2.0, 3.0) length of the dictionary, little-endian,
//     the dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
//
// Versions 2.0 and 3.0 exist for long dictionaries and for names outside of Latin-1; what they mean is the same.
// Source   "NEP 1: A simple file format for NumPy arrays", and numpy/lib/format.py
// Tests    FilesTests/NpyHeaderTests.swift, NetworksTests/NpyTests.swift, ImagesTests/NpyImagesTests.swift

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
  /// No header that is read ends behind this byte.
  package static let largestEnd = 12 + 1 << 20
  private static let keys = ["descr", "fortran_order", "shape"]
  /// The values as they are written, without the quotes of a text.
  private let values: [String: String]

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
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw NpyError(description: "\(name) is an npy file of version \(bytes[6]).\(bytes[7]), not 1.0, 2.0 or 3.0")
    }
    let start = bytes[6] == 1 ? 10 : 12
    let length = bytes.count < start ? 0 : bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    end = start + length
    guard bytes.count >= start, length < Self.largestEnd - 12, end <= bytes.count else {
      throw NpyError(
        description: length < Self.largestEnd - 12
          ? "\(name) is cut off: its header should end at byte \(end), and the file at byte \(bytes.count)"
          : "\(name) announces a header of \(length) bytes; at most \(Self.largestEnd - 13) are read")
    }
    var dictionary = NpyDictionary(bytes[start..<end], keys: Self.keys, name: name)
    values = try dictionary.read()
  }

  /// The type of the values, such as "<f4" or "|u1", however it was written; a structured type as the list that it is.
  ///
  /// The order of bytes means nothing where a value has one: "<u1", "=u1" and "uint8" are all "|u1".
  package var type: String { NpyType.canonical(values["descr"] ?? "") }

  /// Whether the first axis is the fastest.
  package var isFortran: Bool { values["fortran_order"] == "True" || values["fortran_order"] == "1" }

  /// The shape, after checking the type and the order.
  package func shape(ofTypes expected: [String], name: String) throws(NpyError) -> [Int] {
    let shape = try shape(name: name)
    guard expected.contains(type) else {
      throw NpyError(
        description: "\(name) holds values of type \(type), not \(expected.joined(separator: " or "))")
    }
    // Of one axis, or with lengths of 1, both orders are the same.
    guard !isFortran || shape.filter({ $0 != 1 }).count < 2 else {
      throw NpyError(
        description: "\(name) is in Fortran order; save it in C order: "
          + "numpy.save(\"c.npy\", numpy.ascontiguousarray(numpy.load(\"\(name)\")))")
    }
    return shape
  }

  /// The shape, whatever the type and the order.
  package func shape(name: String) throws(NpyError) -> [Int] {
    if let missing = Self.keys.first(where: { values[$0] == nil }) {
      throw NpyError(description: "\(name): the header lacks \(missing)")
    }
    let (order, tuple) = (values["fortran_order"] ?? "", values["shape"] ?? "")
    guard ["True", "False", "1", "0"].contains(order) else {
      throw NpyError(description: "\(name): fortran_order is \(order), not True or False")
    }
    // "(3,)" and "(2, 3)", also "(2, 3, )": at most one comma has nothing after it. Python 2 wrote "(2L, 3L)".
    var lengths = tuple.dropFirst().dropLast().split(separator: ",", omittingEmptySubsequences: false)
      .map { length in
        let digits = length.filter { !$0.isWhitespace }
        return digits.hasSuffix("L") ? String(digits.dropLast()) : digits
      }
    if lengths.last?.isEmpty == true { lengths.removeLast() }
    let shape = lengths.compactMap { Int($0) }
    guard tuple.hasPrefix("("), shape.count == lengths.count, shape.allSatisfy({ $0 >= 0 }), shape.count <= 64 else {
      throw NpyError(description: "\(name): the shape \(tuple) is not a tuple of lengths")
    }
    return shape
  }
}

/// The names of NumPy's types.
enum NpyType {
  /// What is written without an order of bytes, by the letter and the size that it stands for.
  private static let names = [
    "B": "u1", "uint8": "u1", "ubyte": "u1", "b": "i1", "int8": "i1", "byte": "i1", "?": "b1", "bool": "b1",
    "H": "u2", "uint16": "u2", "ushort": "u2", "h": "i2", "int16": "i2", "short": "i2", "I": "u4", "uint32": "u4",
    "i": "i4", "int32": "i4", "L": "u8", "Q": "u8", "uint64": "u8", "l": "i8", "q": "i8", "int64": "i8", "int": "i8",
    "e": "f2", "float16": "f2", "half": "f2", "f": "f4", "float32": "f4", "single": "f4", "d": "f8", "float64": "f8",
    "float": "f8", "double": "f8", "O": "O", "object": "O",
  ]

  /// A type with one order of bytes before it: "|" where there is none, "<" or ">".
  static func canonical(_ text: String) -> String {
    guard let first = text.first, first != "[" else { return text }
    let isOrdered = "<>=|".contains(first)
    let rest = isOrdered ? String(text.dropFirst()) : text
    let type = names[rest] ?? rest
    if type.hasSuffix("O") || type.hasPrefix("O") { return "|O" }
    guard type.count >= 2, type.dropFirst().allSatisfy(\.isWholeNumber) else { return text }
    if type.dropFirst() == "1" && "uib".contains(type.first ?? " ") { return "|" + type }
    return (first == ">" ? ">" : "<") + type
  }
}
