import Kernels
import Networks
import Oracle
import Testing

/// Blocks, encoders, steps and trajectories: their scales come from repeated traces with random roundings, seconds each.
@Suite("Cases of networks, steps and trajectories")
struct TracedCasesTests {
  @Test(arguments: ["block", "encoder", "step", "trajectory"]) func invariantRectifiersKeepTheirDistance(
    area: String
  ) throws {
    for casePrompt in try corpusPrompts(in: area) {
      let margin = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)["relu"] ?? 1
      #expect(margin >= 1e-3, "\(casePrompt.slug): a ReLU is \(margin) from its kink")
    }
  }

  // Every frozen scale is used by the tests of the frozen corpus. That today's program would freeze the same ones is shown
  // on the smallest case of each area: all of them take half a minute. Frozen scales are rounded up to Float, hence 2⁻²³;
  // without fused multiply-adds the traces themselves round elsewhere; a hundredth is a ninth of the scales' own standard error.
  @Test(arguments: ["block", "encoder", "step"]) func goldenScalesOfTheSmallestCase(area: String) throws {
    let casePrompt = try #require(try corpusPrompts(in: area).min { $0.scalarCount < $1.scalarCount })
    let frozen = try ownCorpus.get().load("\(area)/\(casePrompt.slug)").scales
    let drawn = try casePrompt.scales()
    #expect(Set(drawn.keys) == Set(frozen.keys))
    let slack = Arithmetic.isFused ? 0x1p-23 : 1e-2
    for (name, scale) in drawn {
      let stored = try #require(frozen[name])
      #expect(stored.terms == scale.terms && stored.values.shape == scale.values.shape)
      for (now, then) in zip(scale.values.values, stored.values.values) {
        #expect(abs(then - now) <= slack * now + 0x1p-149, "\(casePrompt.slug): \(name) was \(then), is \(now)")
      }
    }
    let (ratio, name) = worstRatio(try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self), drawn)
    #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
  }
}

extension CasePrompt {
  /// How many numbers go in.
  fileprivate var scalarCount: Int { prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}
