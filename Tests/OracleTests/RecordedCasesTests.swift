import Kernels
import Networks
import Oracle
import Testing

/// Blocks, encoders, steps and trajectories: their scales come from repeated walks with random roundings, seconds each.
@Suite("Cases of networks, steps and trajectories")
struct RecordedCasesTests {
  @Test(arguments: ["block", "encoder", "step", "trajectory"]) func invariantRectifiersKeepTheirDistance(
    area: String
  ) throws {
    for recipe in try recipes(area) {
      let margin = try Operations.named(recipe.prompt.operation).margins(recipe.prompt)["relu"] ?? 1
      #expect(margin >= 1e-3, "\(recipe.slug): a rectifier is \(margin) from its kink")
    }
  }

  // Every frozen scale is used by the tests of the frozen corpus. That today's program would freeze the same ones is shown
  // on the smallest case of each area: all of them take half a minute. Frozen scales are rounded up to Float, hence 2⁻²³;
  // without fused multiply-adds the walks themselves round elsewhere; a hundredth is a ninth of the scales' own standard error.
  @Test(arguments: ["block", "encoder", "step"]) func goldenScalesOfTheSmallestCase(area: String) throws {
    let recipe = try #require(try recipes(area).min { $0.scalarCount < $1.scalarCount })
    let frozen = try ownCorpus.get().load("\(area)/\(recipe.slug)").scales
    let drawn = try recipe.scales()
    #expect(Set(drawn.keys) == Set(frozen.keys))
    let slack = Arithmetic.isFused ? 0x1p-23 : 1e-2
    for (name, scale) in drawn {
      let stored = try #require(frozen[name])
      #expect(stored.terms == scale.terms && stored.values.shape == scale.values.shape)
      for (now, then) in zip(scale.values.values, stored.values.values) {
        #expect(abs(then - now) <= slack * now + 0x1p-149, "\(recipe.slug): \(name) was \(then), is \(now)")
      }
    }
    let (ratio, name) = worstRatio(try recipe.answer(as: Float.self), try recipe.answer(as: Double.self), drawn)
    #expect(ratio <= 1, "\(recipe.slug): \(name) is \(ratio) bounds away")
  }
}

extension CaseRecipe {
  /// How many numbers go in.
  fileprivate var scalarCount: Int { prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) } }
}
