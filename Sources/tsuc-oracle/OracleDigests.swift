// `tsuc oracle digests`: what is exact to the bit, by 32 bytes over up to a million draws.
// Tests    tsuc-oracleTests/OracleDigestsTests.swift
import Commands
import Foundation
import Oracle

extension Command {
  /// Computes digests and compares them.
  static let oracleDigests = Command(
    name: "oracle digests", summary: "random numbers, boxes, views, anchors: digests of many draws",
    details: """
      Computes the SHA-256 over the first draws of every kind and compares it with the committed digests, or with a
      port's: {"version": "v1", "digests": {NAME: {"sha256": {"100": HEX, "10000": HEX, "1000000": HEX}}}}.
      Fixtures/digests tells which bytes are digested. Exit status 1 if a digest differs or is missing. A million draws of
      everything take minutes, ten thousand a second.
      """,
    options: [
      Option("only", "NAME", Digest.all.map(\.name).joined(separator: ", ")),
      Option("draws", "N", "100, 10000 or 1000000: digests over up to so many draws (10000)"),
      Option("check", "FILE", "what to compare with (Fixtures/digests/digests.json of this package)"),
      Option("write", "FILE", "a new file for the digests; compared then only with what --check names"), .threads,
    ]
  ) { arguments, console in
    try arguments.useThreads()
    let draws = arguments["draws"] ?? "10000"
    guard let most = Digest.draws.first(where: { "\($0)" == draws }) else {
      throw UsageError("option --draws takes 100, 10000 or 1000000, not \"\(draws)\"")
    }
    let chosen = try forOracle { try arguments["only"].map { [try Digest.named($0)] } ?? Digest.all }
    let out = arguments["write"]
    if let out, CorpusFiles.exists(out) { throw UsageError("\(out) exists already and is not overwritten") }
    let known = arguments["check"] ?? (out == nil ? DigestFile.ownPath : nil)
    let file = try forOracle { try known.map { try DigestFile(reading: $0) } }
    var (found, apart, compared) = (DigestFile(), 0, 0)
    for digest in chosen {
      for count in Digest.draws where count <= most {
        let value = digest.value(draws: count)
        found.set(value, of: digest, draws: count)
        let difference = file?.difference(from: value, of: digest, draws: count)
        if file != nil { compared += 1 }
        if difference != nil { apart += 1 }
        let verdict = file == nil ? "" : "  " + (difference ?? "ok")
        try console.write("\(value.hash)  \(digest.name) \(count)\(verdict)\n")
      }
    }
    if let out { try writeForOracle(found.encoded, to: out) }
    guard let known else { return }
    guard apart == 0 else { throw RunError("\(apart) of \(compared) digests are not those of \(known)") }
    try console.write("PASSED: \(compared) digests are those of \(known)\n")
  }
}

/// Writes a new file; that it cannot be written is exit status 2.
func writeForOracle(_ bytes: [UInt8], to path: String) throws(UsageError) {
  do throws(RunError) {
    try writeNewFile(Data(bytes), to: path)
  } catch {
    throw UsageError(error.description)
  }
}
