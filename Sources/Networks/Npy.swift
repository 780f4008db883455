// One array in one file, in NumPy's format (version 1.0): float32 or float64, C order.
//
//     6 bytes "\u{93}NUMPY", 2 bytes version 1 0, 2 bytes header length, little-endian
//     header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } padded with spaces and a newline, so that
//             the values begin at a multiple of 64 bytes
//     the values, little-endian, row-major
//
// Tests    NetworksTests/NpyTests.swift
import Foundation
import Kernels

/// Why an npy file cannot be read or written: what was expected, what was found, and where.
public struct NpyError: Error, CustomStringConvertible, Equatable {
  public let description: String
}

/// Reads and writes npy files.
public enum Npy {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Writes a tensor; an old file at `path` is replaced only when the new one is complete.
  public static func write<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, to path: String) throws(NpyError) {
    do {
      try FileBytes.write(encoded(tensor), to: path)
    } catch {
      throw NpyError(description: error.description)
    }
  }

  /// Reads a tensor; the file must hold '<f4' for `Float`, '<f8' for `Double`.
  public static func read<Scalar: RealScalar>(
    _ path: String, as type: Scalar.Type = Scalar.self
  ) throws(NpyError) -> Tensor<Scalar> {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch {
      throw NpyError(description: error.description)
    }
    return try decode(bytes, name: path)
  }

  /// The bytes of an npy file.
  public static func encoded<Scalar: RealScalar>(_ tensor: Tensor<Scalar>) -> [UInt8] {
    let lengths = tensor.shape.map(String.init).joined(separator: ", ") + (tensor.shape.count == 1 ? "," : "")
    var header = Array("{'descr': '\(descriptor(Scalar.self))', 'fortran_order': False, 'shape': (\(lengths)), }".utf8)
    while (magic.count + 4 + header.count + 1) % 64 != 0 { header.append(UInt8(ascii: " ")) }
    header.append(UInt8(ascii: "\n"))
    var bytes = magic + [1, 0]
    FileBytes.append(UInt16(header.count), to: &bytes)
    return bytes + header + FileBytes.bytes(of: tensor.values)
  }

  /// The tensor in the bytes of an npy file; `name` stands for the file in messages.
  public static func decode<Scalar: RealScalar>(
    _ bytes: [UInt8], name: String, as type: Scalar.Type = Scalar.self
  ) throws(NpyError) -> Tensor<Scalar> {
    guard bytes.count >= 10, Array(bytes[..<6]) == magic else {
      throw NpyError(description: "\(name) is no npy file: it does not begin with \\x93NUMPY and a version")
    }
    guard bytes[6] == 1, bytes[7] == 0 else {
      throw NpyError(description: "\(name) is an npy file of version \(bytes[6]).\(bytes[7]), not 1.0")
    }
    let start = 10 + Int(FileBytes.word(in: bytes, at: 8, as: UInt16.self))
    guard start <= bytes.count else {
      throw NpyError(
        description: "\(name) is cut off: its header should end at byte \(start), and the file at byte \(bytes.count)")
    }
    let header = String(decoding: bytes[10..<start], as: UTF8.self)
    let shape = try parse(header, expected: descriptor(type), name: name)
    let size = MemoryLayout<Scalar>.size
    guard let count = FileBytes.elementCount(shape), (bytes.count - start) % size == 0,
      count == (bytes.count - start) / size
    else {
      throw NpyError(
        description:
          "\(name): an array of shape \(shape) and type \(descriptor(type)) cannot have \(bytes.count - start) bytes")
    }
    return Tensor(shape: shape, values: FileBytes.values(in: bytes, at: start, count: count, as: type))
  }

  private static func descriptor<Scalar: RealScalar>(_ type: Scalar.Type) -> String {
    MemoryLayout<Scalar>.size == 4 ? "<f4" : "<f8"
  }

  /// The shape in the header, a Python dictionary, after checking the type and the order.
  private static func parse(_ header: String, expected: String, name: String) throws(NpyError) -> [Int] {
    guard let type = value(of: "descr", in: header)?.split(separator: "'").first.map(String.init),
      let order = value(of: "fortran_order", in: header),
      let tuple = value(of: "shape", in: header), tuple.hasPrefix("("), let end = tuple.firstIndex(of: ")")
    else {
      throw NpyError(description: "\(name): the header lacks descr, fortran_order or shape: \(header)")
    }
    guard type == expected else {
      throw NpyError(description: "\(name) holds values of type \(type), not \(expected)")
    }
    guard order.hasPrefix("False") else {
      throw NpyError(description: "\(name) is in Fortran order; save it in C order (numpy.ascontiguousarray)")
    }
    let lengths = tuple[tuple.index(after: tuple.startIndex)..<end].split(separator: ",")
      .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    let shape = lengths.compactMap { Int($0) }
    guard shape.count == lengths.count, shape.allSatisfy({ $0 >= 0 }) else {
      throw NpyError(description: "\(name): the shape \(tuple[...end]) is not a tuple of lengths")
    }
    return shape
  }

  /// What follows `'key':` in the header.
  private static func value(of key: String, in header: String) -> Substring? {
    header.range(of: "'\(key)':").map { header[$0.upperBound...].drop { $0 == " " } }
  }
}
