import Networks
import Testing

@testable import Oracle

@Suite("Files of digests")
struct DigestFileTests {
  @Test func goldenFileIsWhatTheProgramWrites() throws {
    let bytes = try CorpusFiles.read(DigestFile.ownPath)
    let file = try DigestFile(bytes: bytes, name: "digests.json")
    #expect(file.encoded == bytes)
    #expect(file.values.count == Digest.all.count && file.values.values.allSatisfy { $0.count == Digest.draws.count })
  }

  @Test func workedExampleOfAPort() throws {
    let (hash, digest) = (String(repeating: "0a", count: 32), Digest.all[0])
    let text = #"{"version": "v1", "digests": {"philox-words": {"sha256": {"100": "\#(hash)"}}}}"#
    let file = try DigestFile(bytes: Array(text.utf8), name: "port.json")
    let other = DigestValue(hash: String(repeating: "b", count: 64))
    #expect(file.difference(from: DigestValue(hash: hash), of: digest, draws: 100) == nil)
    #expect(file.difference(from: DigestValue(hash: hash), of: digest, draws: 10_000) == "missing")
    #expect(file.difference(from: DigestValue(hash: hash), of: Digest.all[1], draws: 100) == "missing")
    #expect(file.difference(from: other, of: digest, draws: 100) == "differs: \(hash)")
  }

  @Test func mistakesAreTold() throws {
    let hash = String(repeating: "0", count: 64)
    func read(_ text: String) throws -> DigestFile { try DigestFile(bytes: Array(text.utf8), name: "d.json") }
    func file(_ digest: String, _ name: String = "shuffles") -> String {
      #"{"version": "v1", "digests": {"\#(name)": \#(digest)}}"#
    }
    #expect(try read(file(#"{"sha256": {"100": "\#(hash)"}}"#)).values["shuffles"]?[100]?.hash == hash)
    expectError("d.json: ") { try read("") }
    expectError("version v2, not v1") { try read(#"{"version": "v2", "digests": {}}"#) }
    expectError("lacks \"digests\"") { try read(#"{"version": "v1"}"#) }
    expectError("unknown member \"x\"") { try read(#"{"version": "v1", "digests": {}, "x": 1}"#) }
    expectError("lacks \"sha256\"") { try read(file("{}")) }
    expectError("over \"99\" draws") { try read(file(#"{"sha256": {"99": "\#(hash)"}}"#)) }
    expectError("is no SHA-256") { try read(file(#"{"sha256": {"100": "\#(hash.dropLast())"}}"#)) }
    expectError("is no SHA-256") { try read(file(#"{"sha256": {"100": "\#(hash.dropLast())G"}}"#)) }
    expectError("unknown member \"sha1\"") { try read(file(#"{"sha256": {}, "sha1": {}}"#)) }
    expectError("a digest \"shufles\"") { try read(file(#"{"sha256": {}}"#, "shufles")) }
    expectError("does not exist") { try DigestFile(reading: "/no/where") }
    expectError("there is no digest \"x\"; there are philox-words") { try Digest.named("x") }
  }
}
