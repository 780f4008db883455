import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of losses")
struct LossCasesTests {
  @Test func floatStaysInsideItsBound() throws { try expectFloatInside("loss") }

  @Test func invariantThereAreEnoughCases() throws {
    let all = try corpusPrompts(in: "loss", "memory", "neighbour", "head")
    #expect(all.count >= 60)
    #expect(all.allSatisfy { !$0.catches.isEmpty })
  }

  @Test func invariantReorderingsStayInside() throws {
    let count = try expectReorderingsInside(["loss", "memory", "neighbour", "head"], runs: 4)
    #expect(count >= 400)
  }

  @Test(arguments: ["loss", "memory", "neighbour", "head"]) func wrongByAHundredthIsOutside(area: String) throws {
    for casePrompt in try corpusPrompts(in: area) {
      let scales = try casePrompt.scales()
      for (name, value) in try casePrompt.answer(as: Double.self) {
        guard case .real(let tensor) = value, let scale = scales[name] else { continue }
        let least = leastHundredth(tensor, scale)
        #expect(least >= 10, "\(casePrompt.slug) \(name): \(least)")
      }
    }
  }
}
