import Files
import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of optimiser, schedules, random numbers and evaluation")
struct ShallowCasesTests {
  private static let areas = ["optimiser", "schedule", "rng", "evaluate"]

  @Test(arguments: areas) func floatStaysInsideItsBound(area: String) throws {
    for casePrompt in try corpusPrompts(in: area) {
      let (ratio, name) = worstRatio(
        try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self), try casePrompt.scales())
      #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
      let margins = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)
      // The corner of a crop is 1e-4 of a pixel at least from the next: a thousand roundings of Float.
      let least = casePrompt.prompt.operation == "crop-parameters" ? ["place": 1e-4] : [:]
      #expect(margins.allSatisfy { $0.value >= least[$0.key] ?? 1e-3 }, "\(casePrompt.slug): \(margins)")
    }
  }

  @Test func invariantSlugsAreUnique() throws {
    let all = try corpusPrompts.get().map { $0.id }
    #expect(Set(all).count == all.count)
    #expect(all.count >= 90)
  }

  // Caffe's and Keras's rule keeps the rate inside the velocity; the rules differ as soon as the rate changes.
  @Test func wrongRateInsideTheVelocityIsFarOutside() throws {
    for casePrompt in try corpusPrompts(in: "optimiser")
    where casePrompt.slug.contains("-rate") && !casePrompt.slug.contains("zero") {
      let (prompt, right) = (casePrompt.prompt, try casePrompt.answer(as: Double.self))
      guard case .real(let start)? = prompt.inputs["parameter"], case .real(let gradients)? = prompt.inputs["gradients"]
      else { continue }
      let (rates, m) = (try prompt.numbers("rates"), try prompt.number("momentum"))
      let (decay, nesterov) = (try prompt.number("weightDecay"), try prompt.bool("nesterov"))
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
      #expect(worstRatio(wrong, right, try casePrompt.scales()).ratio > 10, "\(casePrompt.slug)")
    }
  }

  @Test func wrongPromptsAreErrors() throws {
    for casePrompt in try corpusPrompts(in: "optimiser", "schedule", "rng", "evaluate", "block", "step")
    where casePrompt.slug.hasSuffix("one") || casePrompt.slug.hasSuffix("first") || casePrompt.slug.hasSuffix("paper")
      || casePrompt.slug.hasSuffix("identity") || casePrompt.slug.hasSuffix("single")
      || casePrompt.slug.hasSuffix("known-answers")
    {
      let operation = try Operations.named(casePrompt.prompt.operation)
      for name in casePrompt.prompt.inputs.keys where !name.hasSuffix("velocity") && name != "neighbours" {
        var prompt = casePrompt.prompt
        prompt.inputs[name] = nil
        #expect(throws: OracleError.self, "\(casePrompt.slug) without \(name)") {
          try operation.answer(prompt, as: Float.self)
        }
        prompt.inputs[name] = .real(Tensor<Double>(shape: [0]))
        #expect(throws: OracleError.self, "\(casePrompt.slug), empty \(name)") {
          try operation.answer(prompt, as: Float.self)
        }
      }
      for name in casePrompt.prompt.parameters.keys {
        var prompt = casePrompt.prompt
        for wrong in [JSON.string("wrong"), .integer(-7), .array([.bool(true)])] {
          prompt.parameters[name] = wrong
          if wrong == .integer(-7), ["learningRate", "ownLogit"].contains(name) { continue }
          #expect(throws: OracleError.self, "\(casePrompt.slug), \(name) \(wrong)") {
            try operation.answer(prompt, as: Float.self)
          }
        }
      }
    }
  }
}
