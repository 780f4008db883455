// manifest.json: which files belong to the corpus, and one hash over all of them.
//
//     hash = SHA-256 of the lines "SHA-256 of the file, two spaces, path" in the order of the paths' bytes, each ended by \n
//
// which is what `find cases -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints.
//
// A corpus may extend an earlier one: its folder holds the further cases alone, and its manifest names the version and the hash
// of the other, whose folder lies beside it.
// Schema   Fixtures/corpus/schema/manifest.schema.json
// Tests    OracleTests/ManifestTests.swift
import Files
import Kernels
import Networks

/// The list of a corpus's files.
public struct Manifest: Sendable, Equatable {
  /// The file's name.
  static let name = "manifest.json"

  /// The known versions, each of which is its folder's name; the first stands alone, a later one extends an earlier one.
  static let versions = ["v2", "v3"]

  /// The version of the package's own corpus.
  package static let current = "v3"

  /// A corpus that another one extends.
  public struct Base: Sendable, Equatable {
    /// Its version, which is its folder's name.
    public var version: String
    /// The hash of all its cases.
    public var hash: String
  }

  /// The version of the corpus; a later one never changes the meaning of an identifier.
  public var version = Self.current
  /// The earlier corpus whose cases belong to this one too; nil where it stands alone.
  public var extends: Base?
  /// Whether answers lack a witness; such a corpus is for trials.
  public var isDraft = false
  /// The identifiers of the cases.
  public var cases: [String]
  /// The SHA-256 of every file by relative path.
  public var files: [String: String]
  /// In a folder of prompts, the hash of the corpus that they belong to.
  public var corpus: String?

  /// The manifest of files by relative path.
  init(files: [String: [UInt8]]) {
    (self.files, cases) = ([:], [])
    for (name, bytes) in files { list(bytes, as: name) }
    sort()
  }

  /// Lists one more file by its relative path; the cases are in order after ``sort()``.
  mutating func list(_ bytes: [UInt8], as name: String) {
    files[name] = SHA256.hexDigest(of: bytes)
    guard name.hasPrefix("cases/"), name.hasSuffix("/case.json") else { return }
    cases.append(String(name.dropFirst("cases/".count).dropLast("/case.json".count)))
  }

  /// Puts the cases into the order of their bytes.
  mutating func sort() { cases.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// One hash over all files.
  public var hash: String {
    let lines = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { "\($0.value)  \($0.key)\n" }
    return SHA256.hexDigest(of: Array(lines.joined().utf8))
  }

  /// The bytes of the file.
  var encoded: [UInt8] {
    var members: [String: JSON] = [
      "version": .string(version), "cases": .array(cases.map { .string($0) }),
      "files": .object(files.mapValues { .string($0) }), "hash": .string(hash), "draft": .bool(isDraft),
    ]
    if let corpus { members["corpus"] = .string(corpus) }
    if let extends {
      members["extends"] = .object(["version": .string(extends.version), "hash": .string(extends.hash)])
    }
    return Array(JSON.object(members).pretty.utf8)
  }

  /// Reads the file; `name` stands for it in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    let announced: String
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      version = try members.take("version").string(of: "\"version\"")
      cases = try members.take("cases").strings(of: "\"cases\"")
      files = [:]
      for (path, digest) in try members.take("files").members(of: "\"files\"") {
        files[path] = try digest.string(of: "the digest of \(path)")
      }
      isDraft = try members.optional("draft")?.bool(of: "\"draft\"") ?? false
      corpus = try members.optional("corpus")?.string(of: "\"corpus\"")
      extends = try members.optional("extends").map { json throws(JSONError) in try Self.base(json) }
      announced = try members.take("hash").string(of: "\"hash\"")
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
    guard let place = Self.versions.firstIndex(of: version) else {
      throw OracleError("\(name): the corpus is of version \(version), not \(Self.versions.joined(separator: " or "))")
    }
    if let base = extends?.version, !Self.versions[..<place].contains(base) {
      throw OracleError("\(name): a corpus of version \(version) extends none of version \(base), only an earlier one")
    }
    guard announced == hash else {
      throw OracleError("\(name): the hash of the listed files is \(hash), not \(announced); the list was changed")
    }
  }

  private static func base(_ json: JSON) throws(JSONError) -> Base {
    var members = MemberReader(json, "\"extends\"")
    let base = Base(
      version: try members.take("version").string(of: "\"version\""),
      hash: try members.take("hash").string(of: "\"hash\""))
    try members.finish()
    return base
  }
}
