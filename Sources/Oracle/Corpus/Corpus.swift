// The frozen corpus on disk: its manifest, and its cases, every byte of which is checked against its digest.
//
// One that extends an earlier corpus is read together with it: the cases of both folders are the cases of one corpus.
// Tests    OracleTests/CorpusTests.swift
import Files
import Foundation
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
  /// What its bounds allow to be stored in 16 bits.
  var storage: Set<HalfStorage> = []
}

/// The golden corpus.
public struct Corpus: Sendable {
  /// Where it is.
  public let path: String
  /// Its files, those of the corpus that it extends among them, and the hash of all.
  public let manifest: Manifest
  /// The folder of every file.
  private let folders: [String: String]
  /// The hash of its own files, without those of the corpus that it extends.
  let ownHash: String

  /// Opens a corpus, together with the one that it extends: that of a folder, or the package's own.
  ///
  /// Manifests are checked, and that each folder holds the files it lists and no others; their bytes when they are read.
  public init(at path: String? = nil) throws(OracleError) {
    let path = path ?? Self.ownPath
    var manifest = try Self.manifest(in: path)
    ownHash = manifest.hash
    var folders = manifest.files.mapValues { _ in path }
    if let base = manifest.extends {
      let earlier = try Corpus(at: Self.folder(of: base.version, besides: path))
      guard earlier.manifest.hash == base.hash else {
        throw OracleError(
          "\(path) extends a corpus with the hash \(base.hash), but \(earlier.path) has \(earlier.manifest.hash)")
      }
      if let twice = manifest.cases.first(where: earlier.manifest.cases.contains) {
        throw OracleError("\(path) holds the case \(twice), and so does \(earlier.path), which it extends")
      }
      manifest.cases += earlier.manifest.cases
      manifest.files.merge(earlier.manifest.files) { own, _ in own }
      manifest.sort()
      folders.merge(earlier.folders) { own, _ in own }
    }
    (self.path, self.manifest, self.folders) = (path, manifest, folders)
  }

  /// The corpus that this one extends: where it is, and its hash.
  var extended: (path: String, hash: String)? {
    manifest.extends.map { (Self.folder(of: $0.version, besides: path), $0.hash) }
  }

  /// The corpus that answers were made for: the one that this one extends where they name its hash, else this one.
  package func named(by capability: Capability) throws(OracleError) -> Corpus {
    guard let extended, extended.hash == capability.corpus else { return self }
    return try Corpus(at: extended.path)
  }

  /// The folder of another version: the sibling of one.
  private static func folder(of version: String, besides path: String) -> String {
    URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(version).path
  }

  /// The manifest of a folder alone, found to list the files that are there.
  private static func manifest(in path: String) throws(OracleError) -> Manifest {
    let name = "\(path)/\(Manifest.name)"
    guard CorpusFiles.exists(name) else {
      throw OracleError("there is no corpus at \(path): it has no \(Manifest.name)")
    }
    let manifest = try Manifest(bytes: CorpusFiles.read(name), name: name)
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
    return manifest
  }

  /// The package's own corpus, found from the sources upwards, else from the current folder.
  public static var ownPath: String { PackageFixtures.path("corpus/\(Manifest.current)") }

  private static func files(_ id: String) -> [String] {
    ["case.json", "inputs.safetensors", "expected.safetensors"].map { "cases/\(id)/\($0)" }
  }

  /// Where a listed file is.
  func place(of file: String) -> String { "\(folders[file] ?? path)/\(file)" }

  /// The bytes of a listed file, found to be those that were frozen.
  private func bytes(_ file: String) throws(OracleError) -> [UInt8] {
    let bytes = try CorpusFiles.read(place(of: file))
    guard SHA256.hexDigest(of: bytes) == manifest.files[file] else {
      throw OracleError("\(place(of: file)) was changed: its SHA-256 is not that of the manifest")
    }
    return bytes
  }

  /// Checks every file's digest; throws at the first that is missing or not the one of the manifest.
  public func verify() throws(OracleError) {
    for file in manifest.files.keys.sorted() { _ = try bytes(file) }
  }

  /// The description of a case alone.
  public func description(of id: String) throws(OracleError) -> CaseDescription {
    let file = Self.files(id)[0]
    return try CaseDescription(bytes: bytes(file), name: place(of: file))
  }

  /// The prompt of a case, and its description.
  func prompt(_ id: String) throws(OracleError) -> (description: CaseDescription, prompt: Prompt) {
    guard manifest.cases.contains(id) else { throw OracleError("there is no case \"\(id)\"") }
    let files = Self.files(id)
    return try PromptFolder.decode(
      id, caseFile: bytes(files[0]), inputs: bytes(files[1]),
      folder: String(place(of: files[0]).dropLast("/case.json".count)))
  }

  /// One case; throws if there is none of the name, or a file of it is damaged.
  public func load(_ id: String) throws(OracleError) -> CorpusCase {
    let (description, prompt) = try prompt(id)
    let file = Self.files(id)[2]
    let context = place(of: file)
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
