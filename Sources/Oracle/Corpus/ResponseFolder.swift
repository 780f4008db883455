// A folder of answers: capability.json, and AREA/SLUG.safetensors with the outputs under their names.
// Tests    OracleTests/ResponseFolderTests.swift
import Kernels
import Networks

/// Answers on disk.
public struct ResponseFolder: Sendable {
  /// What can be said about the answers to one case.
  enum Answer {
    /// The outputs by name.
    case tensors([String: StoredTensor])
    /// There is no file.
    case missing
    /// There is a file that cannot be read, and why.
    case unreadable(String)
  }

  /// Where it is.
  public let path: String
  /// Who answered.
  public let capability: Capability

  /// Reads who answered; the answers are read one by one.
  public init(reading path: String) throws(OracleError) {
    guard CorpusFiles.exists(path) else { throw OracleError("there is no folder \(path)") }
    let file = "\(path)/\(Capability.name)"
    guard CorpusFiles.exists(file) else {
      throw OracleError("\(path) holds no \(Capability.name), which says who answered and which cases it claims")
    }
    self.path = path
    capability = try Capability(bytes: CorpusFiles.read(file), name: file)
  }

  /// The answers to one case.
  func answer(_ id: String) -> Answer {
    let file = "\(path)/\(id).safetensors"
    guard CorpusFiles.exists(file) else { return .missing }
    do {
      return .tensors(try TensorFile.decode(CorpusFiles.read(file), name: file))
    } catch {
      return .unreadable(error.description)
    }
  }

  /// The identifiers for which there is a file.
  func ids() throws(OracleError) -> [String] {
    try CorpusFiles.paths(below: path).filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(12)) }
  }
}
