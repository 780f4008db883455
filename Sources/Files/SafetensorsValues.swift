// What goes into and comes out of a safetensors file besides Float and Double: whole numbers, bytes, and half precision.
// Tests    NetworksTests/SafetensorsValuesTests.swift

extension SafetensorsFile {
  /// Adds integers as I64; stops if the name is taken or reserved or the shape holds another number of values.
  public mutating func append(integers: [Int], shape: [Int], named name: String) {
    FileBytes.check(integers.count, fill: shape)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * integers.count)
    for integer in integers { FileBytes.append(Int64(integer), to: &bytes) }
    store(StoredTensor(type: "I64", shape: shape, bytes: bytes), named: name)
  }

  /// Adds bytes as U8; stops if the name is taken or reserved or the shape holds another number of values.
  public mutating func append(bytes: [UInt8], shape: [Int], named name: String) {
    FileBytes.check(bytes.count, fill: shape)
    store(StoredTensor(type: "U8", shape: shape, bytes: bytes), named: name)
  }

  /// Adds real numbers as F16 or BF16, rounded to nearest, ties to even; stops if the name is taken or reserved, or the shape
  /// holds another number of values.
  package mutating func append(values: [Double], shape: [Int], as format: ReducedPrecision, named name: String) {
    FileBytes.check(values.count, fill: shape)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * values.count)
    for value in values { FileBytes.append(UInt16(format.bits(of: value)), to: &bytes) }
    store(StoredTensor(type: format == .half ? "F16" : "BF16", shape: shape, bytes: bytes), named: name)
  }

  /// The integers of a name, whose type must be I64 or I32.
  public func integers(named name: String) throws(SafetensorsError) -> (shape: [Int], values: [Int]) {
    let tensor = try find(name, types: ["I64", "I32"])
    let bytes = tensor.bytes
    if tensor.type == "I32" {
      let values = (0..<bytes.count / 4).map { Int(FileBytes.word(in: bytes, at: $0 * 4, as: Int32.self)) }
      return (tensor.shape, values)
    }
    let values = (0..<bytes.count / 8).map { Int(FileBytes.word(in: bytes, at: $0 * 8, as: Int64.self)) }
    return (tensor.shape, values)
  }

  /// The bytes of a name, whose type must be U8.
  public func bytes(named name: String) throws(SafetensorsError) -> (shape: [Int], values: [UInt8]) {
    let tensor = try find(name, types: ["U8"])
    return (tensor.shape, tensor.bytes)
  }

  /// The real numbers of a name, whose type may be F64, F32, F16 or BF16; Double holds all of them exactly.
  package func realValues(named name: String) throws(SafetensorsError) -> (shape: [Int], values: [Double]) {
    let tensor = try find(name, types: ["F64", "F32", "F16", "BF16"])
    switch tensor.type {
    case "F64": return try values(named: name, as: Double.self)
    case "F32": return (tensor.shape, try values(named: name, as: Float.self).values.map(Double.init))
    default:
      let format: ReducedPrecision = tensor.type == "F16" ? .half : .bfloat16
      let values = (0..<tensor.bytes.count / 2).map {
        format.value(of: UInt32(FileBytes.word(in: tensor.bytes, at: $0 * 2, as: UInt16.self)))
      }
      return (tensor.shape, values)
    }
  }
}
