import Networks
import Testing

@testable import Oracle

@Suite("Manifests")
struct ManifestTests {
  // The digests of "" and "abc", and of the two lines that sha256sum prints for them, by coreutils.
  @Test func workedExampleOfTheHash() throws {
    let manifest = Manifest(files: ["cases/a/b/case.json": Array("abc".utf8), "cases/a/b/expected.safetensors": []])
    #expect(manifest.cases == ["a/b"])
    #expect(
      manifest.files["cases/a/b/case.json"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(manifest.hash == "5e07b879685547428d1f389cc8360d016f86cef0640fa36d66fb5646bd1a414c")
    #expect(try Manifest(bytes: manifest.encoded, name: "m") == manifest)
  }

  @Test func mistakesAreTold() throws {
    let text = String(decoding: Manifest(files: ["cases/a/b/case.json": [1]]).encoded, as: UTF8.self)
    func read(_ old: String, _ new: String) throws -> Manifest {
      try Manifest(bytes: Array(text.replacing(old, with: new).utf8), name: "manifest.json")
    }
    expectError("the list was changed") { try read("a/b/case.json", "a/c/case.json") }
    expectError("of version v4, not v2 or v3") { try read("\"v3\"", "\"v4\"") }
    expectError("lacks \"hash\"") { try read("\"hash\"", "\"corpus\"") }
    expectError("unknown member \"drafts\"") { try read("\"draft\"", "\"drafts\"") }
  }

  // The hash is that of the own files, whatever they extend.
  @Test func invariantWhatIsExtendedComesBack() throws {
    let alone = Manifest(files: ["cases/a/b/case.json": [1]])
    var manifest = alone
    manifest.extends = Manifest.Base(version: "v2", hash: "abc")
    #expect(try Manifest(bytes: manifest.encoded, name: "m") == manifest && manifest.hash == alone.hash)
    let text = String(decoding: manifest.encoded, as: UTF8.self)
    func read(_ old: String, _ new: String) throws -> Manifest {
      try Manifest(bytes: Array(text.replacing(old, with: new).utf8), name: "m")
    }
    for other in ["v1", "v3"] {
      expectError("version v3 extends none of version \(other), only an earlier one") {
        try read("\"v2\"", "\"\(other)\"")
      }
    }
    expectError("\"extends\" has the unknown member \"hush\"") { try read("\"abc\"", "\"abc\", \"hush\": 1") }
  }
}
