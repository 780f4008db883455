import Kernels
import Networks
import Oracle
import Testing

@Suite("Wrong layers against the bounds of the cases that name them")
struct LayerMutantsTests {
  private static let mutants =
    matrixMutants + convolutionMutants + rectifierMutants + poolMutants + unitRowMutants + batchNormMutants
    + sequenceMutants + rowMutants

  @Test func wrongLayersAreTenBoundsAwayWhereverACaseNamesThem() throws {
    var killed: Set<String> = []
    for recipe in try layerRecipes() {
      let (right, scales) = (try recipe.answer(as: Double.self), try recipe.scales())
      #expect(!recipe.catches.isEmpty, "\(recipe.slug)")
      for name in recipe.catches {
        let found = Self.mutants.filter { $0.name == name && $0.operation == recipe.prompt.operation }
        #expect(found.count == 1, "\(recipe.slug): \(found.count) mutants are called \"\(name)\"")
        guard let mutant = found.first else { continue }
        let wrong = right.merging(try mutant.answer(recipe)) { $1 }
        let ratio = worstRatio(wrong, right, scales).ratio
        #expect(ratio >= 10, "\(recipe.slug): \"\(name)\" is only \(ratio) bounds away")
        killed.insert(mutant.operation + ": " + name)
      }
    }
    let all = Set(Self.mutants.map { $0.operation + ": " + $0.name })
    #expect(all.count == Self.mutants.count)
    #expect(killed == all, "no case names \(all.subtracting(killed).sorted())")
  }

  // The mutants of sequences share one walk; without a mistake it must be right.
  @Test func invariantTheRightHabitsAreRight() throws {
    for recipe in try layerRecipes() where recipe.prompt.operation == "batch-norm-sequence" {
      let (right, scales) = (try recipe.answer(as: Double.self), try recipe.scales())
      let ratio = worstRatio(try rightSequence.answer(recipe), right, scales, unit: 0x1p-52).ratio
      #expect(ratio <= 1, "\(recipe.slug): \(ratio)")
    }
  }
}
