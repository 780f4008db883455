// The frozen corpus on disk: its manifest, and its cases, every byte of which is checked against its digest.
// Tests    OracleTests/CorpusTests.swift
import Files
import Kernels
import Networks

/// One case with its answers.
public struct CorpusCase: Sendable {
  /// What it is for.
  public let description: CaseDescription
  /// What it asks.
  public let prompt: Prompt
  /// The right outputs by name.
  public let expected: [String: TensorValue]
  /// The scales of the real outputs.
  public let scales: [String: RoundingScale]
}

/// The golden corpus.
public struct Corpus: Sendable {
  /// Where it is.
  public let path: String
  /// Its files and its hash.
  public let manifest: Manifest

  /// Opens a corpus: that of a folder, or the package's own.
  ///
  /// The manifest is checked, and that the folder holds the files it lists and no others; their bytes when they are read.
  public init(at path: String? = nil) throws(OracleError) {
    let path = path ?? Self.ownPath
    let name = "\(path)/\(Manifest.name)"
    guard CorpusFiles.exists(name) else {
      throw OracleError("there is no corpus at \(path): it has no \(Manifest.name)")
    }
    (self.path, manifest) = (path, try Manifest(bytes: CorpusFiles.read(name), name: name))
    guard !manifest.cases.isEmpty else { throw OracleError("\(name) lists no cases") }
    let present = Set(try CorpusFiles.paths(below: path)).subtracting([Manifest.name])
    if let lost = manifest.files.keys.filter({ !present.contains($0) }).min() {
      throw OracleError("\(path)/\(lost) is missing, which the manifest lists")
    }
    if let other = present.filter({ manifest.files[$0] == nil }).min() {
      throw OracleError("\(path)/\(other) does not belong to the corpus; the manifest does not list it")
    }
    for id in manifest.cases {
      try CaseDescription.check(id, in: name)
      guard let lost = Self.files(id).first(where: { manifest.files[$0] == nil }) else { continue }
      throw OracleError("\(name) lists the case \(id), but no file \(lost)")
    }
  }

  /// The package's own corpus, found from the sources upwards, else from the current folder.
  public static var ownPath: String { PackageFixtures.path("corpus/\(Manifest.current)") }

  private static func files(_ id: String) -> [String] {
    ["case.json", "inputs.safetensors", "expected.safetensors"].map { "cases/\(id)/\($0)" }
  }

  /// The bytes of a listed file, found to be those that were frozen.
  private func bytes(_ file: String) throws(OracleError) -> [UInt8] {
    let bytes = try CorpusFiles.read("\(path)/\(file)")
    guard SHA256.hexDigest(of: bytes) == manifest.files[file] else {
      throw OracleError("\(path)/\(file) was changed: its SHA-256 is not that of the manifest")
    }
    return bytes
  }

  /// Checks every file's digest; throws at the first that is missing or not the one of the manifest.
  public func verify() throws(OracleError) {
    for file in manifest.files.keys.sorted() { _ = try bytes(file) }
  }

  /// The description of a case alone.
  public func description(of id: String) throws(OracleError) -> CaseDescription {
    try CaseDescription(bytes: bytes("cases/\(id)/case.json"), name: "\(path)/cases/\(id)/case.json")
  }

  /// The prompt of a case, and its description.
  func prompt(_ id: String) throws(OracleError) -> (description: CaseDescription, prompt: Prompt) {
    guard manifest.cases.contains(id) else { throw OracleError("there is no case \"\(id)\"") }
    let files = Self.files(id)
    return try PromptFolder.decode(
      id, caseFile: bytes(files[0]), inputs: bytes(files[1]), folder: "\(path)/cases/\(id)")
  }

  /// One case; throws if there is none of the name, or a file of it is damaged.
  public func load(_ id: String) throws(OracleError) -> CorpusCase {
    let (description, prompt) = try prompt(id)
    let file = Self.files(id)[2]
    let context = "\(path)/\(file)"
    var stored = try TensorFile.decode(bytes(file), name: context)
    var (expected, scales): ([String: TensorValue], [String: RoundingScale]) = ([:], [:])
    for (name, output) in description.outputs {
      guard let tensor = stored.removeValue(forKey: name), tensor.type == output.type,
        tensor.value.shape == output.shape
      else { throw OracleError("\(context): the output \"\(name)\" is not \(output.type) \(output.shape)") }
      expected[name] = tensor.value
      guard let terms = output.terms else { continue }
      let factors = stored.removeValue(forKey: "\(name).factors")?.value
      guard case .real(let values)? = stored.removeValue(forKey: "\(name).scale")?.value else {
        throw OracleError("\(context): the output \"\(name)\" lacks a scale")
      }
      var scale = RoundingScale(values: values, terms: terms)
      if case .real(let factors)? = factors { scale.factors = factors }
      guard scale.isFinite(of: output.shape), factors == nil || scale.factors != nil else {
        throw OracleError("\(context): the scales of \"\(name)\" are not of its shape without negative numbers")
      }
      scales[name] = scale
    }
    guard stored.isEmpty, !expected.isEmpty else {
      throw OracleError("\(context) holds other tensors than case.json lists: \(stored.keys.sorted())")
    }
    return CorpusCase(description: description, prompt: prompt, expected: expected, scales: scales)
  }
}
