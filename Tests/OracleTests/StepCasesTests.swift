import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of steps and trajectories")
struct StepCasesTests {
  @Test(arguments: ["step", "trajectory"]) func floatStaysInsideItsBound(area: String) throws {
    for recipe in try recipes(area) {
      let (ratio, name) = worstRatio(
        try recipe.answer(as: Float.self), try recipe.answer(as: Double.self), try recipe.scales())
      let margin = try Operations.named(recipe.prompt.operation).margins(recipe.prompt)["relu"] ?? 1
      #expect(ratio <= 1, "\(recipe.slug): \(name) is \(ratio) bounds away")
      #expect(margin >= 1e-3, "\(recipe.slug): a rectifier is \(margin) from its kink")
    }
  }
}
