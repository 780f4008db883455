import Kernels
import Networks
import Testing

@testable import Oracle

/// The corpus of the package itself: it is there, untouched, and this package still gives its answers.
@Suite("The frozen corpus")
struct FrozenCorpusTests {
  @Test func goldenEveryByteIsThatOfTheManifest() throws {
    let corpus = try ownCorpus.get()
    try corpus.verify()
    #expect(!corpus.manifest.isDraft)
    for id in corpus.manifest.cases {
      let description = try corpus.description(of: id)
      #expect(!description.witnesses.isEmpty && description.witnesses.allSatisfy { $0.distance <= 1 }, "\(id)")
      #expect(!description.catches.isEmpty && !description.outputs.isEmpty, "\(id)")
    }
  }

  // The stored prompts are the source of the corpus: read and written again, they have the same bytes.
  @Test func goldenPromptsComeAgainByteForByte() throws {
    let corpus = try ownCorpus.get()
    #expect(try corpusPrompts.get().map(\.id) == corpus.manifest.cases)
    for item in try corpusPrompts.get() {
      var description = try CaseDescription(item)
      let frozen = try corpus.description(of: item.id)
      (description.outputs, description.margins) = (frozen.outputs, frozen.margins)
      (description.graph, description.witnesses) = (frozen.graph, frozen.witnesses)
      for (name, bytes) in try PromptFolder.files(description, item.prompt.inputs) {
        #expect(try CorpusFiles.read(corpus.place(of: name)) == bytes, "\(name)")
      }
    }
  }

  @Test(.timeLimit(.minutes(30))) func goldenFloatAnswersLieWithinTheirBounds() throws {
    let report = try ownCorpus.get().check(PackageBackend(Float.self))
    #expect(report.passed && report.count(.ok) == report.cases.count, "\(report)")
  }

  // Chains of fused multiply-adds give one result everywhere; without them last bits differ, and bounds apply.
  @Test(.timeLimit(.minutes(30))) func goldenDoubleAnswersHaveTheSameBits() throws {
    let report = try ownCorpus.get().check(PackageBackend(Double.self))
    #expect(report.passed && report.count(.ok) == report.cases.count, "\(report)")
    if Arithmetic.isFused {
      let apart = report.cases.filter { $0.ratio > 0 }.map(\.id)
      #expect(apart.isEmpty, "\(apart)")
    }
  }
}
