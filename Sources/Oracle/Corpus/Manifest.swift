// manifest.json: which files belong to the corpus, and one hash over all of them.
//
//     hash = SHA-256 of the lines "SHA-256 of the file, two spaces, path" in the order of the paths' bytes, each ended by \n
//
// which is what `find cases -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints.
// Schema   Fixtures/corpus/schema/manifest.schema.json
// Tests    OracleTests/ManifestTests.swift
import Files
import Kernels
import Networks

/// The list of a corpus's files.
public struct Manifest: Sendable, Equatable {
  /// The file's name.
  static let name = "manifest.json"

  /// The version of the package's own corpus, which is its folder's name.
  package static let current = "v2"

  /// The version of the corpus; a later one never changes the meaning of an identifier.
  public var version = Self.current
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
      announced = try members.take("hash").string(of: "\"hash\"")
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
    guard version == Self.current else {
      throw OracleError("\(name): the corpus is of version \(version), not \(Self.current)")
    }
    guard announced == hash else {
      throw OracleError("\(name): the hash of the listed files is \(hash), not \(announced); the list was changed")
    }
  }
}
