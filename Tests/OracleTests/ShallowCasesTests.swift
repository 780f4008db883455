import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of optimiser, schedules, random numbers and evaluation")
struct ShallowCasesTests {
  private static let areas = ["optimiser", "schedule", "rng", "evaluate"]

  @Test(arguments: areas) func floatStaysInsideItsBound(area: String) throws {
    for recipe in try recipes(area) {
      let (ratio, name) = worstRatio(
        try recipe.answer(as: Float.self), try recipe.answer(as: Double.self), try recipe.scales())
      #expect(ratio <= 1, "\(recipe.slug): \(name) is \(ratio) bounds away")
      let margins = try Operations.named(recipe.prompt.operation).margins(recipe.prompt)
      // The corner of a crop is 1e-4 of a pixel at least from the next: a thousand roundings of Float.
      let least = recipe.prompt.operation == "crop-parameters" ? ["place": 1e-4] : [:]
      #expect(margins.allSatisfy { $0.value >= least[$0.key] ?? 1e-3 }, "\(recipe.slug): \(margins)")
    }
  }

  @Test func invariantSlugsAreUnique() throws {
    let all = try allRecipes.get().map { "\($0.area)/\($0.slug)" }
    #expect(Set(all).count == all.count)
    #expect(all.count >= 90)
  }

  // Caffe's and Keras's rule keeps the rate inside the velocity; the rules differ as soon as the rate changes.
  @Test func wrongRateInsideTheVelocityIsFarOutside() throws {
    for recipe in try recipes("optimiser") where recipe.slug.contains("-rate") && !recipe.slug.contains("zero") {
      let (prompt, right) = (recipe.prompt, try recipe.answer(as: Double.self))
      guard case .real(let start)? = prompt.inputs["parameter"], case .real(let gradients)? = prompt.inputs["gradients"]
      else { continue }
      let (rates, m) = (try prompt.numbers("rates"), try prompt.number("momentum"))
      let (decay, nesterov) = (try prompt.number("weightDecay"), try prompt.truth("nesterov"))
      var (w, v, steps) = (start.values, start.values.map { _ in 0.0 }, [Double]())
      if case .real(let velocity)? = prompt.inputs["velocity"] { v = velocity.values.map { $0 * rates[0] } }
      for (step, rate) in rates.enumerated() {
        for i in w.indices {
          let g = rate * (gradients.row(step)[step * w.count + i] + decay * w[i])
          v[i] = m * v[i] + g
          w[i] -= nesterov ? g + m * v[i] : v[i]
        }
        steps += w
      }
      var wrong = right
      wrong["parameters"] = .real(Tensor<Double>(shape: gradients.shape, values: steps))
      #expect(worstRatio(wrong, right, try recipe.scales()).ratio > 10, "\(recipe.slug)")
    }
  }

  @Test func wrongPromptsAreErrors() throws {
    for recipe in try recipes("optimiser", "schedule", "rng", "evaluate", "block", "step")
    where recipe.slug.hasSuffix("one") || recipe.slug.hasSuffix("first") || recipe.slug.hasSuffix("paper")
      || recipe.slug.hasSuffix("identity") || recipe.slug.hasSuffix("single") || recipe.slug.hasSuffix("known-answers")
    {
      let operation = try Operations.named(recipe.prompt.operation)
      for name in recipe.prompt.inputs.keys where !name.hasSuffix("velocity") && name != "neighbours" {
        var prompt = recipe.prompt
        prompt.inputs[name] = nil
        #expect(throws: OracleError.self, "\(recipe.slug) without \(name)") {
          try operation.answer(prompt, as: Float.self)
        }
        prompt.inputs[name] = .real(Tensor<Double>(shape: [0]))
        #expect(throws: OracleError.self, "\(recipe.slug), empty \(name)") {
          try operation.answer(prompt, as: Float.self)
        }
      }
      for name in recipe.prompt.parameters.keys {
        var prompt = recipe.prompt
        for wrong in [ParameterValue.text("wrong"), .integer(-7), .list([.truth(true)])] {
          prompt.parameters[name] = wrong
          if wrong == .integer(-7), ["learningRate", "ownLogit"].contains(name) { continue }
          #expect(throws: OracleError.self, "\(recipe.slug), \(name) \(wrong)") {
            try operation.answer(prompt, as: Float.self)
          }
        }
      }
    }
  }
}
