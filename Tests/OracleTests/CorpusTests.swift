import Foundation
import Networks
import Testing

@testable import Oracle

@Suite("Corpus folders")
struct CorpusTests {
  @Test func invariantCasesComeBack() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      try corpus.verify()
      for casePrompt in try DraftCorpus.prompts.get() {
        let item = try corpus.load(casePrompt.id)
        let (answers, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
        #expect(item.prompt == casePrompt.prompt && item.expected == answers)
        #expect(item.description.witnesses.map(\.name) == ["stand-in"])
        // Scales are stored as Floats that are not below.
        for (name, scale) in scales {
          let stored = try #require(item.scales[name])
          #expect(stored.terms == scale.terms)
          for (kept, exact) in zip(stored.values.values, scale.values.values) {
            #expect(kept >= exact && kept <= exact * (1 + 0x1p-22) + 0x1p-149)
          }
        }
      }
      expectError("there is no case \"x/y\"") { try corpus.load("x/y") }
    }
  }

  @Test func damageIsTold() throws {
    try withFolder { path in
      _ = try DraftCorpus.make(at: path("v1"))
      let file = path("v1/cases/rng/permutation-12/expected.safetensors")
      let good = try Data(contentsOf: URL(fileURLWithPath: file))
      func put(_ data: Data) throws { try data.write(to: URL(fileURLWithPath: file)) }
      for index in [0, good.count / 2, good.count - 1] {
        var bad = good
        bad[index] ^= 1
        try put(bad)
        expectError("permutation-12/expected.safetensors was changed") { try Corpus(at: path("v1")).verify() }
        expectError("was changed") { try Corpus(at: path("v1")).load("rng/permutation-12") }
      }
      try FileManager.default.removeItem(atPath: file)
      expectError("expected.safetensors is missing") { try Corpus(at: path("v1")) }
      try put(good)
      try Corpus(at: path("v1")).verify()
      try Data().write(to: URL(fileURLWithPath: path("v1/cases/rng/permutation-12/more")))
      expectError("does not belong to the corpus") { try Corpus(at: path("v1")) }
    }
  }

  @Test func emptyAndMissingCorporaAreErrors() throws {
    try withFolder { path in
      expectError("there is no corpus at") { try Corpus(at: path("none")) }
      try CorpusFiles.write([Manifest.name: Manifest(files: [:]).encoded], to: path("empty"))
      expectError("lists no cases") { try Corpus(at: path("empty")) }
      let files = ["cases/a/b/case.json": [UInt8]()]
      try CorpusFiles.write(files.merging([Manifest.name: Manifest(files: files).encoded]) { $1 }, to: path("part"))
      expectError("lists the case a/b, but no file cases/a/b/inputs.safetensors") { try Corpus(at: path("part")) }
    }
  }
}
