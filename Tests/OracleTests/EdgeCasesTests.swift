import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Edge cases of losses, banks and scores")
struct EdgeCasesTests {
  private static let operations = [
    "instance-neighbourhood", "unification-entropy", "batch-loss", "relation-loss", "mutual-information",
    "stage-one-loss", "stage-two-loss", "memory-update", "bank-entropies", "neighbourhood-discovery", "nearest-rows",
    "cluster-heads", "weighted-neighbours", "cluster-scores", "instance-neighbourhood-of-embeddings",
    "unification-entropy-of-embeddings",
  ]

  private static func cases() throws -> [CasePrompt] {
    try corpusPrompts(in: "edge").filter { operations.contains($0.prompt.operation) }
  }

  // Ties are what some of these cases are about: they have no margin.
  @Test func floatStaysInsideItsBound() throws {
    let chosen = try Self.cases()
    #expect(chosen.count >= 25)
    for casePrompt in chosen {
      let (answer, right) = (try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self))
      let (ratio, name) = worstRatio(answer, right, try casePrompt.scales())
      #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
      for case (let name, .real(let tensor)) in right {
        #expect(tensor.values.allSatisfy { $0.isFinite }, "\(casePrompt.slug) \(name)")
      }
    }
  }

  private func expectFarOutside(
    _ slug: String, _ wrong: (CasePrompt, _ right: [String: TensorValue]) throws -> [String: TensorValue]
  ) throws {
    let casePrompt = try #require(try Self.cases().first { $0.slug == slug }, "no case \(slug)")
    let right = try casePrompt.answer(as: Double.self)
    let ratio = worstRatio(try wrong(casePrompt, right), right, try casePrompt.scales()).ratio
    #expect(ratio >= 10, "\(slug): only \(ratio) bounds away")
  }

  // Rows in the opposite order prefer, of equal ones, what was the higher index.
  @Test(arguments: ["ties", "all-equal"]) func wrongTiesAreOutside(slug: String) throws {
    try expectFarOutside("nearest-rows-" + slug) { casePrompt, right in
      var turned = casePrompt
      let rows = try casePrompt.prompt.tensor("rows", as: Double.self)
      let reversed: Tensor<Double> = rows.rows((0..<rows.rows).reversed())
      turned.prompt.inputs["rows"] = .real(reversed)
      turned.prompt.inputs["queries"] = .listOf(try casePrompt.prompt.integers("queries").map { rows.rows - 1 - $0 })
      guard case .integers(let found, let shape)? = try turned.answer(as: Double.self)["neighbours"] else {
        return right
      }
      return ["neighbours": .integers(found.map { rows.rows - 1 - $0 }, shape: shape)]
    }
  }

  @Test func wrongCountsOfMembersAreOutside() throws {
    try expectFarOutside("instance-neighbourhood-own-image-and-repeats") { casePrompt, _ in
      let lists = casePrompt.prompt.neighbourLists() ?? []
      let found = TextbookBankLoss().neighbourhood(
        try casePrompt.prompt.tensor("logits", as: Double.self), images: try casePrompt.prompt.integers("images"),
        members: { [$0] + lists[$0] })
      return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
    }
  }

  @Test func wrongRowsOfNothingAreOutside() throws {
    try expectFarOutside("memory-update-opposite-view") { casePrompt, right in
      guard case .real(var bank)? = right["bank.new"] else { return right }
      for d in bank.columns..<2 * bank.columns { bank.values[d] = 0 }
      return ["bank.new": .real(bank)]
    }
  }

  // log P as a similarity minus a log-sum-exp, in Float: the loss of perfect pairs comes out as 0 or as a rounding of 10.
  @Test func wrongLossesOfPerfectPairsAreOutside() throws {
    for loss in [0, 9.5367431640625e-07] {
      try expectFarOutside("batch-loss-antipodal-pairs") { _, right in right.merging(["loss": .number(loss)]) { $1 } }
    }
  }

  // The marginal of a class that no view takes is the floor; its gradient is cut, and would be of the size of log 2⁻⁵² = −36.
  @Test func wrongGradientsThroughTheFloorAreOutside() throws {
    try expectFarOutside("mutual-information-empty-cluster") { casePrompt, right in
      guard case .real(var gradient)? = right["first.gradient"],
        case .real(let second)? = casePrompt.prompt.inputs["second"]
      else { return right }
      let classes = gradient.columns
      for a in 0..<gradient.rows {
        gradient.values[a * classes + classes - 1] += 36 * second.values[a * classes] / Double(gradient.rows)
      }
      return right.merging(["first.gradient": .real(gradient)]) { $1 }
    }
  }
}
