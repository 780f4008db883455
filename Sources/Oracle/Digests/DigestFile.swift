// digests.json: the digests by name and number of draws, with their definitions; a port's file may hold digests alone.
//
// Schema   Fixtures/corpus/schema/digests.schema.json
// Tests    OracleTests/DigestFileTests.swift
import Files
import Kernels
import Networks

/// Digests as a file holds them.
package struct DigestFile: Sendable, Equatable {
  /// What the file says of each digest: the value over each number of draws.
  package private(set) var values: [String: [Int: DigestValue]] = [:]

  /// The file that is committed with this package.
  package static var ownPath: String { PackageFixtures.path("digests/digests.json") }

  /// A file without digests.
  package init() {}

  /// Adds a digest.
  package mutating func set(_ value: DigestValue, of digest: Digest, draws: Int) {
    values[digest.name, default: [:]][draws] = value
  }

  /// What keeps a digest from being the file's; nil if they are equal.
  package func difference(from value: DigestValue, of digest: Digest, draws: Int) -> String? {
    guard let stored = values[digest.name]?[draws] else { return "missing" }
    return stored.hash == value.hash ? nil : "differs: \(stored.hash)"
  }

  /// The bytes of the file.
  package var encoded: [UInt8] {
    var digests: [String: JSON] = [:]
    for digest in Digest.all {
      guard let values = values[digest.name] else { continue }
      let keyed = Dictionary(uniqueKeysWithValues: values.map { ("\($0.key)", $0.value) })
      var members: [String: JSON] = [
        "definition": .string(digest.definition), "record": .string(digest.record),
        "sha256": .object(keyed.mapValues { .string($0.hash) }),
      ]
      if let unit = digest.marginUnit {
        members["marginUnit"] = .string(unit)
        members["margins"] = .object(keyed.compactMapValues { $0.margin.map { .number($0) } })
      }
      digests[digest.name] = .object(members)
    }
    return Array(JSON.object(["version": .string("v1"), "digests": .object(digests)]).pretty.utf8)
  }

  /// Reads a file.
  package init(reading path: String) throws(OracleError) {
    try self.init(bytes: CorpusFiles.read(path), name: path)
  }

  /// Reads the bytes of a file; `name` stands for it in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      let version = try members.take("version").string(of: "\"version\"")
      guard version == "v1" else { throw JSONError(description: "the digests are of version \(version), not v1") }
      for (digest, json) in try members.take("digests").members(of: "\"digests\"") {
        values[digest] = try Self.values(json, "\"\(digest)\"")
      }
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
    if let unknown = values.keys.sorted().first(where: { name in !Digest.all.contains { $0.name == name } }) {
      throw OracleError(
        "\(name) holds a digest \"\(unknown)\"; there are \(Digest.all.map(\.name).joined(separator: ", "))")
    }
  }

  private static func values(_ json: JSON, _ context: String) throws(JSONError) -> [Int: DigestValue] {
    var members = MemberReader(json, context)
    for name in ["definition", "record", "marginUnit"] { _ = try members.optional(name)?.string(of: "\"\(name)\"") }
    let margins = try members.object("margins")
    var values: [Int: DigestValue] = [:]
    for (count, hash) in try members.take("sha256").members(of: "\"sha256\" of \(context)") {
      guard let draws = Int(count), Digest.draws.contains(draws) else {
        throw JSONError(
          description: "\(context) has a digest over \"\(count)\" draws; known are 100, 10000 and 1000000")
      }
      let text = try hash.string(of: "the digest of \(context) over \(count) draws")
      guard text.utf8.count == 64, text.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) }) else {
        throw JSONError(description: "the digest of \(context) over \(count) draws is no SHA-256 of 64 small digits")
      }
      let margin = try margins[count]?.number(of: "the margin of \(context)")
      values[draws] = DigestValue(hash: text, margin: margin)
    }
    try members.finish()
    return values
  }
}
