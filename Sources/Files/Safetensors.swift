// Named tensors in one file, in the safetensors format: what PyTorch, JAX, MLX and NumPy read without running code.
//
//     8 bytes         n, the header's length, little-endian
//     n bytes         JSON: {"name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, "__metadata__": {…}}
//     the rest        the tensors' bytes, little-endian, row-major, without gaps; offsets count from here
//
// The header is padded with spaces and wide types come first, so that every tensor starts at a multiple of its size.
// Tests    NetworksTests/SafetensorsTests.swift

/// Why a safetensors file cannot be read or written: what was expected, what was found, and where.
public struct SafetensorsError: Error, CustomStringConvertible, Equatable {
  /// One sentence.
  public let description: String

  /// An error of one sentence.
  package init(description: String) { self.description = description }
}

/// Reads safetensors files.
public enum Safetensors {
  /// Reads a whole file; throws if it cannot be read, is cut off, or its header does not describe its data.
  public static func read(_ path: String) throws(SafetensorsError) -> SafetensorsFile {
    do {
      return try SafetensorsFile(bytes: try FileBytes.read(path), name: path)
    } catch let error as FileFailure {
      throw SafetensorsError(description: error.description)
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw SafetensorsError(description: "cannot read \(path): \(error)")
    }
  }
}

/// The tensors and the metadata of one safetensors file.
public struct SafetensorsFile: Sendable {
  /// Free text by key.
  public var metadata: [String: String]
  /// The tensors' names, in the order in which they were appended or lie in the file.
  public private(set) var names: [String] = []
  private var stored: [String: StoredTensor] = [:]
  /// What stands for the file in messages.
  package let path: String

  struct StoredTensor: Sendable {
    var type: String
    var shape: [Int]
    var bytes: [UInt8]
  }

  /// A file without tensors.
  public init(metadata: [String: String] = [:]) {
    self.metadata = metadata
    path = "the file in memory"
  }

  /// The type ("F32", "F64", "I64", …) and shape of a tensor, or nil if there is none of that name.
  public func description(of name: String) -> (type: String, shape: [Int])? {
    stored[name].map { ($0.type, $0.shape) }
  }

  /// Adds real numbers as F32 or F64; stops if the name is taken or reserved, or the shape holds another number of values.
  package mutating func append<Scalar: BinaryFloatingPoint>(values: [Scalar], shape: [Int], named name: String) {
    FileBytes.check(values.count, fill: shape)
    store(
      StoredTensor(type: Self.typeName(Scalar.self), shape: shape, bytes: FileBytes.bytes(of: values)), named: name)
  }

  /// Adds a tensor of one of the format's types by its little-endian bytes; stops if the name is taken or reserved.
  mutating func store(_ tensor: StoredTensor, named name: String) {
    guard stored[name] == nil, name != SafetensorsHeader.metadataKey else {
      fatalError("the tensor name \(name) is taken or reserved")
    }
    stored[name] = tensor
    names.append(name)
  }

  /// The real numbers of a name, whose type must be F32 for `Float` and F64 for `Double`; throws if there are none such.
  package func values<Scalar: BinaryFloatingPoint>(
    named name: String, as type: Scalar.Type
  ) throws(SafetensorsError) -> (shape: [Int], values: [Scalar]) {
    let tensor = try find(name, types: [Self.typeName(type)])
    let count = tensor.bytes.count / MemoryLayout<Scalar>.size
    return (tensor.shape, FileBytes.values(in: tensor.bytes, at: 0, count: count, as: type))
  }

  /// The tensor of a name, whose type must be one of `types`.
  func find(_ name: String, types: [String]) throws(SafetensorsError) -> StoredTensor {
    guard let tensor = stored[name] else {
      let known = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
      throw SafetensorsError(
        description: "\(path) has no tensor named \(name); it holds \(names.count): \(known)")
    }
    guard types.contains(tensor.type) else {
      throw SafetensorsError(
        description: "\(path): the tensor \(name) is of type \(tensor.type), not \(types.joined(separator: " or "))")
    }
    return tensor
  }

  private static func typeName<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) -> String {
    MemoryLayout<Scalar>.size == 4 ? "F32" : "F64"
  }

  /// The file's bytes.
  public func encoded() -> [UInt8] {
    // Wide types first; the order of appending otherwise.
    func size(_ name: String) -> Int { stored[name].flatMap { SafetensorsHeader.sizes[$0.type] } ?? 0 }
    let order = [8, 4, 2, 1].flatMap { width in names.filter { size($0) == width } }
    var header = SafetensorsHeader(metadata: metadata)
    var data: [UInt8] = []
    for name in order {
      guard let tensor = stored[name] else { continue }
      header.entries[name] = .init(
        type: tensor.type, shape: tensor.shape, offsets: [data.count, data.count + tensor.bytes.count])
      data += tensor.bytes
    }
    var text = header.encoded
    while !text.count.isMultiple(of: 8) { text.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + text.count + data.count)
    FileBytes.append(UInt64(text.count), to: &bytes)
    return bytes + text + data
  }

  /// Writes the file; an old file at `path` is replaced only when the new one is complete.
  public func write(to path: String) throws(SafetensorsError) {
    let bytes = encoded()
    do {
      try FileBytes.write(bytes, to: path)
    } catch {
      throw SafetensorsError(description: error.description)
    }
  }

  /// Decodes a file's bytes, checked as by ``Safetensors/read(_:)``; `name` stands for the file in messages.
  public init(bytes: [UInt8], name: String) throws(SafetensorsError) {
    let (header, start) = try SafetensorsHeader.decode(bytes, name: name)
    metadata = header.metadata
    path = name
    for (key, entry) in try header.orderedEntries(dataCount: bytes.count - start, name: name) {
      let data = Array(bytes[start + entry.offsets[0]..<start + entry.offsets[1]])
      store(StoredTensor(type: entry.type, shape: entry.shape, bytes: data), named: key)
    }
  }
}
