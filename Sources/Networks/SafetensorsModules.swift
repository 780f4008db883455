// Whole modules in safetensors files, under the names that PyTorch's state_dict gives them.
//
// PyTorch's batch norm also counts the batches it has learnt from, as the I64 scalar "num_batches_tracked". With a momentum
// nothing depends on that count; it is written where the caller knows it, and not needed for reading.
// Tests    NetworksTests/SafetensorsModulesTests.swift
import Files
import Kernels

extension SafetensorsFile {
  /// Adds every parameter and running statistic of a module.
  ///
  /// - Parameters:
  ///   - module: The network or layer.
  ///   - prefix: What all names begin with, such as "encoder.".
  ///   - batchesTracked: The batches that the batch norms have learnt from; nil leaves the counts out.
  public mutating func append<M: Module>(_ module: M, prefix: String = "", batchesTracked: Int? = nil) {
    var copy = module
    var file = self
    copy.forEachParameter(prefix: prefix) { file.append($1.value, named: $0) }
    copy.forEachBuffer(prefix: prefix) { name, buffer in
      file.append(buffer, named: name)
      if let batchesTracked, name.hasSuffix("running_var") {
        let counter = name.dropLast("running_var".count) + "num_batches_tracked"
        file.append(integers: [batchesTracked], shape: [], named: String(counter))
      }
    }
    self = file
  }

  /// Replaces every parameter and running statistic of a module; throws if one is absent or of another shape.
  public func fill<M: Module>(_ module: inout M, prefix: String = "") throws {
    try module.forEachParameter(prefix: prefix) { $1.value = try tensor(named: $0, shape: $1.value.shape) }
    try module.forEachBuffer(prefix: prefix) { $1 = try tensor(named: $0, shape: $1.shape) }
  }

  /// The tensor of a name, type and shape; throws if there is none such.
  public func tensor<Scalar: RealScalar>(
    named name: String, shape: [Int], as type: Scalar.Type = Scalar.self
  ) throws(SafetensorsError) -> Tensor<Scalar> {
    let tensor = try tensor(named: name, as: type)
    guard tensor.shape == shape else {
      throw SafetensorsError(
        description: "\(path): the tensor \(name) has shape \(tensor.shape) instead of \(shape)")
    }
    return tensor
  }
}
