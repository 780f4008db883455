// Named tensors of prompts and answers as safetensors files, and one tensor together with the type it was stored in.
// Tests    OracleTests/PromptFolderTests.swift, OracleTests/ResponseFolderTests.swift
import Files
import Kernels
import Networks

/// A tensor as a file holds it.
package struct StoredTensor: Sendable, Equatable {
  /// The safetensors type: F64, F32, F16, BF16, I64, I32 or U8.
  package var type: String
  /// The values; those of narrow types exactly.
  package var value: TensorValue

  /// A tensor of a type.
  package init(type: String, value: TensorValue) {
    self.type = type
    self.value = value
  }
}

/// How real numbers are stored.
enum RealStorage: Sendable {
  /// F64, always.
  case double
  /// F32, rounded.
  case single
  /// F32 where that loses nothing, else F64.
  case exact
}

/// Reads and writes tensors by name.
enum TensorFile {
  /// The types that a prompt or an answer may use.
  static let types = ["F64", "F32", "F16", "BF16", "I64", "I32", "U8"]

  /// The bytes of a file; names in alphabetical order within each width.
  static func encoded(_ tensors: [String: TensorValue], reals: RealStorage) throws(OracleError) -> [UInt8] {
    var file = SafetensorsFile()
    for (name, value) in tensors.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      guard name != "__metadata__", !name.isEmpty else {
        throw OracleError("a tensor cannot be named \"\(name)\"")
      }
      guard value.fillsShape else {
        throw OracleError("the shape \(value.shape) of \"\(name)\" does not hold \(value.count) values")
      }
      switch value {
      case .real(let tensor):
        if reals == .single || reals == .exact && tensor.values.allSatisfy({ Double(Float($0)) == $0 }) {
          file.append(tensor.converted(to: Float.self), named: name)
        } else {
          file.append(tensor, named: name)
        }
      case .integers(let integers, let shape): file.append(integers: integers, shape: shape, named: name)
      case .bytes(let bytes, let shape): file.append(bytes: bytes, shape: shape, named: name)
      }
    }
    return file.encoded()
  }

  /// The tensors in the bytes of a file; `name` stands for the file in messages.
  static func decode(_ bytes: [UInt8], name: String) throws(OracleError) -> [String: StoredTensor] {
    do throws(SafetensorsError) {
      let file = try SafetensorsFile(bytes: bytes, name: name)
      var tensors: [String: StoredTensor] = [:]
      for tensor in file.names {
        guard let (type, shape) = file.description(of: tensor) else { continue }
        switch type {
        case "I64", "I32":
          tensors[tensor] = StoredTensor(
            type: type, value: .integers(try file.integers(named: tensor).values, shape: shape))
        case "U8":
          tensors[tensor] = StoredTensor(
            type: type, value: .bytes(try file.bytes(named: tensor).values, shape: shape))
        default: tensors[tensor] = StoredTensor(type: type, value: .real(try file.reals(named: tensor)))
        }
      }
      return tensors
    } catch {
      throw OracleError(error.description)
    }
  }
}
