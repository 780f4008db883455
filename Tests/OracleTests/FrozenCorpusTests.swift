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

  @Test func goldenPromptsAreThoseOfTheRecipes() throws {
    let corpus = try ownCorpus.get()
    let recipes = try allRecipes.get()
    #expect(corpus.manifest.cases == recipes.map { "\($0.area)/\($0.slug)" }.sorted())
    for recipe in recipes {
      #expect(try corpus.load("\(recipe.area)/\(recipe.slug)").prompt == recipe.prompt, "\(recipe.slug)")
    }
  }

  @Test(.timeLimit(.minutes(5))) func goldenFloatAnswersLieWithinTheirBounds() throws {
    let report = try ownCorpus.get().check(PackageBackend(Float.self))
    #expect(report.passed && report.count(.ok) == report.cases.count, "\(report)")
  }

  // Chains of fused multiply-adds give one result everywhere; without them last bits differ, and bounds apply.
  @Test(.timeLimit(.minutes(5))) func goldenDoubleAnswersHaveTheSameBits() throws {
    let report = try ownCorpus.get().check(PackageBackend(Double.self))
    #expect(report.passed && report.count(.ok) == report.cases.count, "\(report)")
    if Arithmetic.isFused {
      let apart = report.cases.filter { $0.ratio > 0 }.map(\.id)
      #expect(apart.isEmpty, "\(apart)")
    }
  }
}
