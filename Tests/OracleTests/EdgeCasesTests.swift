import Kernels
import Networks
import Oracle
import Testing

@Suite("Edge cases of losses, banks and scores")
struct EdgeCasesTests {
  private static let operations = [
    "instance-neighbourhood", "unification-entropy", "batch-loss", "relation-loss", "mutual-information",
    "stage-one-loss", "stage-two-loss", "memory-update", "bank-entropies", "neighbourhood-discovery", "nearest-rows",
    "cluster-heads", "weighted-neighbours", "cluster-scores",
  ]

  private static func cases() throws -> [CaseRecipe] {
    try recipes("edge").filter { operations.contains($0.prompt.operation) }
  }

  // Ties are what some of these cases are about: they have no margin.
  @Test func floatStaysInsideItsBound() throws {
    let chosen = try Self.cases()
    #expect(chosen.count >= 25)
    for recipe in chosen {
      let (answer, right) = (try recipe.answer(as: Float.self), try recipe.answer(as: Double.self))
      let (ratio, name) = worstRatio(answer, right, try recipe.scales())
      #expect(ratio <= 1, "\(recipe.slug): \(name) is \(ratio) bounds away")
      for case (let name, .real(let tensor)) in right {
        #expect(tensor.values.allSatisfy { $0.isFinite }, "\(recipe.slug) \(name)")
      }
    }
  }
}
