// One array in one file, in NumPy's format (version 1.0), C order: float32 and float64; int64 and uint8 are only written.
//
//     6 bytes "\u{93}NUMPY", 2 bytes version 1 0, 2 bytes header length, little-endian
//     header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } padded with spaces and a newline, so that
//             the values begin at a multiple of 64 bytes
//     the values, little-endian, row-major
//
// Tests    NetworksTests/NpyTests.swift
import Foundation
import Kernels

/// Why an npy file cannot be read or written.
public typealias NpyError = Kernels.NpyError

/// Reads and writes npy files.
public enum Npy {
  /// Writes a tensor; an old file at `path` is replaced only when the new one is complete.
  public static func write<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, to path: String) throws(NpyError) {
    do {
      try FileBytes.write(encoded(tensor), to: path)
    } catch {
      throw NpyError(description: error.description)
    }
  }

  /// Reads a tensor; throws unless the file is whole and holds '<f4' for `Float`, '<f8' for `Double`, in C order.
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
    header(descriptor(Scalar.self), tensor.shape) + FileBytes.bytes(of: tensor.values)
  }

  /// The bytes of an npy file of int64; stops if the shape holds another number of values.
  public static func encoded(integers: [Int], shape: [Int]) -> [UInt8] {
    require(
      FileBytes.elementCount(shape) == integers.count, "integers of shape \(shape), but \(integers.count) values")
    var bytes = header("<i8", shape)
    for integer in integers { FileBytes.append(Int64(integer), to: &bytes) }
    return bytes
  }

  /// The bytes of an npy file of uint8; stops if the shape holds another number of values.
  public static func encoded(bytes: [UInt8], shape: [Int]) -> [UInt8] {
    require(FileBytes.elementCount(shape) == bytes.count, "bytes of shape \(shape), but \(bytes.count) values")
    return header("|u1", shape) + bytes
  }

  private static func header(_ descriptor: String, _ shape: [Int]) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = Array("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(lengths)), }".utf8)
    while (NpyHeader.magic.count + 4 + header.count + 1) % 64 != 0 { header.append(UInt8(ascii: " ")) }
    header.append(UInt8(ascii: "\n"))
    var bytes = NpyHeader.magic + [1, 0]
    FileBytes.append(UInt16(header.count), to: &bytes)
    return bytes + header
  }

  /// The tensor in the bytes of an npy file; `name` stands for the file in messages.
  public static func decode<Scalar: RealScalar>(
    _ bytes: [UInt8], name: String, as type: Scalar.Type = Scalar.self
  ) throws(NpyError) -> Tensor<Scalar> {
    let header = try NpyHeader(bytes, name: name)
    let (start, shape) = (header.end, try header.shape(ofTypes: [descriptor(type)], name: name))
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
}
