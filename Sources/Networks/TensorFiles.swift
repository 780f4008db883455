// Tensors in npy and safetensors files.
// Tests    NetworksTests/NpyTests.swift, NetworksTests/SafetensorsTests.swift, NetworksTests/SafetensorsValuesTests.swift
import Files
import Kernels

extension Npy {
  /// Writes a tensor; an old file at `path` is replaced only when the new one is complete.
  public static func write<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, to path: String) throws(NpyError) {
    try write(tensor.values, shape: tensor.shape, to: path)
  }

  /// Reads a tensor; throws unless the file is whole and holds '<f4' for `Float`, '<f8' for `Double`, in C order.
  public static func read<Scalar: RealScalar>(
    _ path: String, as type: Scalar.Type = Scalar.self
  ) throws(NpyError) -> Tensor<Scalar> {
    Tensor(try readValues(path, as: type))
  }

  /// The bytes of an npy file.
  public static func encoded<Scalar: RealScalar>(_ tensor: Tensor<Scalar>) -> [UInt8] {
    encoded(tensor.values, shape: tensor.shape)
  }

  /// The tensor in the bytes of an npy file; `name` stands for the file in messages.
  public static func decode<Scalar: RealScalar>(
    _ bytes: [UInt8], name: String, as type: Scalar.Type = Scalar.self
  ) throws(NpyError) -> Tensor<Scalar> {
    Tensor(try decodeValues(bytes, name: name, as: type))
  }
}

extension Safetensors {
  /// Writes tensors of one type; an old file at `path` is replaced only when the new one is complete.
  public static func write<Scalar: RealScalar>(
    _ tensors: [(name: String, tensor: Tensor<Scalar>)], metadata: [String: String] = [:], to path: String
  ) throws(SafetensorsError) {
    var file = SafetensorsFile(metadata: metadata)
    for (name, tensor) in tensors { file.append(tensor, named: name) }
    try file.write(to: path)
  }
}

extension SafetensorsFile {
  /// Adds a tensor as F32 or F64; stops if the name is taken or reserved.
  public mutating func append<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, named name: String) {
    append(values: tensor.values, shape: tensor.shape, named: name)
  }

  /// Adds a tensor as F16 or BF16, rounded to nearest, ties to even; stops if the name is taken or reserved.
  public mutating func append(_ tensor: Tensor<Double>, as format: ReducedPrecision, named name: String) {
    append(values: tensor.values, shape: tensor.shape, as: format, named: name)
  }

  /// The tensor of a name, whose type must be F32 for `Float` and F64 for `Double`; throws if there is none such.
  public func tensor<Scalar: RealScalar>(
    named name: String, as type: Scalar.Type = Scalar.self
  ) throws(SafetensorsError) -> Tensor<Scalar> {
    Tensor(try values(named: name, as: type))
  }

  /// The real numbers of a name, whose type may be F64, F32, F16 or BF16; Double holds all of them exactly.
  public func reals(named name: String) throws(SafetensorsError) -> Tensor<Double> {
    Tensor(try realValues(named: name))
  }
}

extension Tensor {
  /// What a file holds, whose shape and number of values were compared.
  fileprivate init(_ contents: (shape: [Int], values: [Scalar])) {
    self.init(shape: contents.shape, values: contents.values)
  }
}
