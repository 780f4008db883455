// One array in one file, in NumPy's format (version 1.0), C order: float32 and float64; int64 and uint8 are only written.
//
//     6 bytes "\u{93}NUMPY", 2 bytes version 1 0, 2 bytes header length, little-endian
//     header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } padded with spaces and a newline, so that
//             the values begin at a multiple of 64 bytes
//     the values, little-endian, row-major
//
// Tests    NetworksTests/NpyTests.swift
/// Reads and writes npy files.
public enum Npy {
  /// Writes real numbers; an old file at `path` is replaced only when the new one is complete.
  package static func write<Scalar: BinaryFloatingPoint>(
    _ values: [Scalar], shape: [Int], to path: String
  ) throws(NpyError) {
    do {
      try FileBytes.write(encoded(values, shape: shape), to: path)
    } catch {
      throw NpyError(description: error.description)
    }
  }

  /// Reads real numbers; throws unless the file is whole and holds '<f4' for `Float`, '<f8' for `Double`, in C order.
  package static func readValues<Scalar: BinaryFloatingPoint>(
    _ path: String, as type: Scalar.Type
  ) throws(NpyError) -> (shape: [Int], values: [Scalar]) {
    let bytes: [UInt8]
    do {
      bytes = try FileBytes.read(path)
    } catch {
      throw NpyError(description: error.description)
    }
    return try decodeValues(bytes, name: path, as: type)
  }

  /// The bytes of an npy file of real numbers; stops if the shape holds another number of values.
  package static func encoded<Scalar: BinaryFloatingPoint>(_ values: [Scalar], shape: [Int]) -> [UInt8] {
    FileBytes.check(values.count, fill: shape)
    return header(descriptor(Scalar.self), shape) + FileBytes.bytes(of: values)
  }

  /// The bytes of an npy file of int64; stops if the shape holds another number of values.
  public static func encoded(integers: [Int], shape: [Int]) -> [UInt8] {
    FileBytes.check(integers.count, fill: shape)
    var bytes = header("<i8", shape)
    for integer in integers { FileBytes.append(Int64(integer), to: &bytes) }
    return bytes
  }

  /// The bytes of an npy file of uint8; stops if the shape holds another number of values.
  public static func encoded(bytes: [UInt8], shape: [Int]) -> [UInt8] {
    FileBytes.check(bytes.count, fill: shape)
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

  /// The numbers in the bytes of an npy file; `name` stands for the file in messages.
  package static func decodeValues<Scalar: BinaryFloatingPoint>(
    _ bytes: [UInt8], name: String, as type: Scalar.Type
  ) throws(NpyError) -> (shape: [Int], values: [Scalar]) {
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
    return (shape, FileBytes.values(in: bytes, at: start, count: count, as: type))
  }

  private static func descriptor<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) -> String {
    MemoryLayout<Scalar>.size == 4 ? "<f4" : "<f8"
  }
}
