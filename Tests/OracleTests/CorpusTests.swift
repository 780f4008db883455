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

  /// A corpus of two areas, and one beside it that extends it by the others.
  private func makeBoth(_ path: (String) -> String) throws -> (earlier: Corpus, both: Corpus) {
    let prompts = try DraftCorpus.prompts.get()
    let witness = try DraftCorpus.write(DraftCorpus.standIn(), to: path("witness"))
    try Freezing(prompts.filter { ["rng", "schedule"].contains($0.area) }, witnesses: [witness]).write(to: path("v2"))
    let earlier = try Corpus(at: path("v2"))
    let freezing = try Freezing(prompts, extending: earlier, witnesses: [witness])
    #expect(freezing.count == prompts.count - earlier.manifest.cases.count && freezing.refusals.isEmpty)
    try freezing.write(to: path("v3"))
    return (earlier, try Corpus(at: path("v3")))
  }

  @Test func invariantTwoFoldersAreOneCorpus() throws {
    try withFolder { path in
      let (earlier, both) = try makeBoth(path)
      let prompts = try DraftCorpus.prompts.get()
      #expect(try both.prompts() == prompts && earlier.manifest.cases.count < prompts.count)
      try both.verify()
      for item in prompts { #expect(try both.load(item.id).expected == item.answer(as: Double.self), "\(item.id)") }
      // The hash of all files, as that of one folder with both.
      var files = earlier.manifest.files
      files.merge(both.manifest.files) { $1 }
      #expect(files == both.manifest.files)
      #expect(![earlier.manifest.hash, try Corpus(at: path("v2")).manifest.hash].contains(both.manifest.hash))
      let own = try Manifest(bytes: CorpusFiles.read(path("v3/manifest.json")), name: "v3")
      #expect(own.version == "v3" && own.extends == Manifest.Base(version: "v2", hash: earlier.manifest.hash))
      #expect(Set(own.cases).isDisjoint(with: earlier.manifest.cases) && own.hash != both.manifest.hash)
      #expect(earlier.manifest.version == "v2" && earlier.manifest.extends == nil)
    }
  }

  // Answers to the extended corpus alone are stale for both, and the report says who judges them.
  @Test func workedExampleOfAnswersToTheExtendedCorpus() throws {
    try withFolder { path in
      let (earlier, both) = try makeBoth(path)
      var files = try DraftCorpus.standIn(corpus: earlier.manifest.hash, claims: ["rng", "schedule"])
      files = files.filter { !$0.key.hasPrefix("evaluate/") && !$0.key.hasPrefix("optimiser/") }
      let answers = try DraftCorpus.write(files, to: path("answers"))
      let stale = try both.check(answers)
      #expect(stale.problems.count == 1 && stale.problems[0].hasSuffix("; --corpus \(path("v2")) judges them"))
      #expect(try !stale.passed && earlier.check(answers).passed)
    }
  }

  @Test func anotherCorpusThanTheExtendedOneIsAnError() throws {
    try withFolder { path in
      _ = try makeBoth(path)
      try FileManager.default.moveItem(atPath: path("v2"), toPath: path("away"))
      expectError("there is no corpus at \(path("v2"))") { try Corpus(at: path("v3")) }
      _ = try DraftCorpus.make(at: path("v2"))
      expectError("extends a corpus with the hash", "but \(path("v2")) has") { try Corpus(at: path("v3")) }
      // One that holds a case of the other as well.
      var manifest = try Manifest(bytes: CorpusFiles.read(path("v2/manifest.json")), name: "v2")
      (manifest.version, manifest.extends) = ("v3", Manifest.Base(version: "v2", hash: manifest.hash))
      try FileManager.default.removeItem(atPath: path("v3"))
      try FileManager.default.copyItem(atPath: path("v2"), toPath: path("v3"))
      try Data(manifest.encoded).write(to: URL(fileURLWithPath: path("v3/manifest.json")))
      expectError("holds the case evaluate/", "and so does") { try Corpus(at: path("v3")) }
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

  // A port's answers outlive the corpus that asked for them.
  @Test func answersToAnEarlierCorpusAreJudgedByIt() throws {
    let corpus = try ownCorpus.get()
    let earlier = try #require(corpus.extended)
    var capability = Capability(
      backend: "port", version: "1", scalar: "float32", corpus: earlier.hash, claims: ["op"])
    let named = try corpus.named(by: capability)
    #expect(named.manifest.hash == earlier.hash)
    #expect(named.manifest.cases.count < corpus.manifest.cases.count)
    for other in [corpus.manifest.hash, "", "no hash"] {
      capability.corpus = other
      #expect(try corpus.named(by: capability).manifest.hash == corpus.manifest.hash)
    }
  }
}
