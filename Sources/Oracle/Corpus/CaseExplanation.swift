// A case told to a reader: what it computes, on what, what it is for, and why its values can be trusted.
// Tests    OracleTests/CaseExplanationTests.swift
import Files
import Kernels
import Networks

extension CaseDescription {
  /// The description as text of several lines; `inputs` are the prompt's tensors.
  package func explanation(inputs: [String: TensorValue]) -> String {
    var lines = ["\(id): \(summary)", ""]
    func add(_ title: String, _ entries: [String]) {
      for (index, entry) in entries.enumerated() {
        let heading = index == 0 ? title : ""
        lines.append("  " + heading + String(repeating: " ", count: 12 - heading.count) + entry)
      }
    }
    add("operation", [operation])
    add("formula", [formula])
    add("parameters", parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value.compact)" })
    add("inputs", inputs.sorted { $0.key < $1.key }.map { name, value in input(name, value) })
    add(
      "outputs",
      outputs.sorted { $0.key < $1.key }.map { name, output in
        "\(name)  \(output.type) \(output.shape)"
          + (output.terms.map { $0 == 1 ? "" : ", sums of up to \($0) terms" } ?? "")
      })
    add("catches", catches)
    add("margins", margins.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value) from the nearest kink or tie" })
    add(
      "witnesses",
      witnesses.map { witness in
        "\(witness.name) \(witness.version), within \(witness.distance) bounds of float64"
          + (witness.outputs.map { ", for \($0.joined(separator: ", "))" } ?? "")
      })
    if !outputs.isEmpty && witnesses.isEmpty { add("witnesses", ["none: the values are this package's own"]) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func input(_ name: String, _ value: TensorValue) -> String {
    let origin = generated[name].map { ", generated: \($0.scale) · normal, seed \($0.seed), image \($0.image)" } ?? ""
    return switch value {
    case .real(let tensor):
      "\(name)  real \(tensor.shape)"
        + (tensor.count == 0 ? "" : ", from \(tensor.values.min() ?? 0) to \(tensor.values.max() ?? 0)") + origin
    case .integers(_, let shape): "\(name)  whole numbers \(shape)"
    case .bytes(_, let shape): "\(name)  bytes \(shape)"
    }
  }
}

extension CorpusCase {
  /// Every tensor of the case as an npy file by relative path: inputs/NAME.npy, expected/NAME.npy, scale/NAME.npy.
  ///
  /// Throws if a tensor's name could lead out of the folder.
  package func arrays() throws(OracleError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in Set(prompt.inputs.keys).union(expected.keys) where name.contains("/") || name.contains("\0") {
      throw OracleError("\(description.id): a tensor named \"\(name)\" cannot name a file")
    }
    for (name, value) in prompt.inputs { files["inputs/\(name).npy"] = value.npy(asFloat: true) }
    for (name, value) in expected { files["expected/\(name).npy"] = value.npy(asFloat: false) }
    for (name, scale) in scales { files["scale/\(name).npy"] = TensorValue.real(scale.values).npy(asFloat: true) }
    return files
  }
}

extension Corpus {
  /// Writes every tensor of some cases into a new folder of npy files; returns how many there are.
  package func export(_ ids: [String], to path: String) throws(OracleError) -> Int {
    var count = 0
    try NewFolder.write(to: path) { folder throws(OracleError) in
      for id in ids {
        for (name, bytes) in try load(id).arrays() {
          try folder.add(bytes, as: "\(id)/\(name)")
          count += 1
        }
      }
    }
    return count
  }
}

extension TensorValue {
  fileprivate func npy(asFloat: Bool) -> [UInt8] {
    switch self {
    case .real(let tensor) where asFloat: Npy.encoded(tensor.converted(to: Float.self))
    case .real(let tensor): Npy.encoded(tensor)
    case .integers(let integers, let shape): Npy.encoded(integers: integers, shape: shape)
    case .bytes(let bytes, let shape): Npy.encoded(bytes: bytes, shape: shape)
    }
  }
}
