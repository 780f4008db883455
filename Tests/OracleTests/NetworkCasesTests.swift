import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of networks")
struct NetworkCasesTests {
  @Test(arguments: ["block", "encoder"]) func floatStaysInsideItsBound(area: String) throws {
    let clock = ContinuousClock()
    var start = clock.now
    let all = try recipes(area)
    print("RECIPES", area, all.count, clock.now - start)
    for recipe in all {
      start = clock.now
      let scales = try recipe.scales()
      let took = clock.now - start
      let (ratio, name) = worstRatio(
        try recipe.answer(as: Float.self), try recipe.answer(as: Double.self), scales)
      let margin = try Operations.named(recipe.prompt.operation).margins(recipe.prompt)["relu"] ?? 1
      print("CASE", recipe.slug, ratio, name, "terms", scales.values.first?.terms ?? 0, "margin", margin, took)
      #expect(ratio <= 1, "\(recipe.slug): \(name) is \(ratio) bounds away")
      #expect(margin >= 1e-3, "\(recipe.slug): a rectifier is \(margin) from its kink")
    }
  }
}
