import Files
import Kernels
import Networks
import Testing

@testable import Oracle

/// Mistakes of a forward pass, with the gradients that automatic differentiation makes of them: written out by hand here.
@Suite("Carried gradients")
struct CarriedGradientsTests {
  private func diagnose(_ id: String, _ wrong: (Question) throws -> [String: TensorValue]) throws -> [String] {
    let item = try ownCorpus.get().load(id)
    let question = Question(item.prompt, right: item.expected)
    let answers = item.expected.merging(try wrong(question)) { $1 }.mapValues { value -> StoredTensor in
      guard case .real(let tensor) = value else { return StoredTensor(type: "I64", value: value) }
      return StoredTensor(type: "F32", value: .real(tensor.mapped { Double(Float($1)) }))
    }
    var diagnostician = Diagnostician()
    let found = diagnostician.diagnose(item, answers, profile: .float32)
    return try #require(found).mutants
  }

  @Test func aLeakIsNamedWithItsGradient() throws {
    let found = try diagnose("op/relu-maps") { question in
      let (x, g) = (try question.input("x"), try question.input("y.cotangent"))
      return [
        "y": .real(x.mapped { $1 > 0 ? $1 : 0.01 * $1 }),
        "x.gradient": .real(x.mapped { $1 > 0 ? g.values[$0] : 0.01 * g.values[$0] }),
      ]
    }
    #expect(found == ["relu.leak"])
  }

  // The flipped kernel's weight gradient is the flipped gradient of the flipped weight.
  @Test func aFlippedKernelIsNamedWithItsGradients() throws {
    let found = try diagnose("op/convolution-3x3") { question in
      let weight = try question.input("weight")
      let taps = weight.shape[2] * weight.shape[3]
      func turned(_ tensor: Tensor<Double>) -> Tensor<Double> {
        tensor.mapped { i, _ in tensor.values[i - i % taps + taps - 1 - i % taps] }
      }
      var answer = try question.altered { $0.inputs["weight"] = .real(turned(weight)) }
      guard case .real(let gradient)? = answer["weight.gradient"] else { throw OracleError("no gradient") }
      answer["weight.gradient"] = .real(turned(gradient))
      return answer
    }
    #expect(found == ["convolution.flipped-kernel"])
  }

  // x / (‖x‖ + ε): ∂x = g / (n + ε) − x ⟨x, g⟩ / (n (n + ε)²), where ε is large enough to be seen.
  @Test func anAddedEpsilonIsNamedWithItsGradient() throws {
    let found = try diagnose("op/l2-normalisation-large-epsilon") { question in
      let (x, g) = (try question.input("x"), try question.input("y.cotangent"))
      let epsilon = try question.prompt.number("epsilon", default: 1e-12)
      var (y, gradient) = (x, x)
      for a in 0..<x.rows {
        let n = x.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot()
        let along = zip(x.row(a), g.row(a)).reduce(0) { $0 + $1.0 * $1.1 }
        for i in a * x.columns..<(a + 1) * x.columns {
          y.values[i] = x.values[i] / (n + epsilon)
          gradient.values[i] =
            n == 0 ? 0 : g.values[i] / (n + epsilon) - x.values[i] * along / (n * (n + epsilon) * (n + epsilon))
        }
      }
      return ["y": .real(y), "x.gradient": .real(gradient)]
    }
    #expect(found == ["l2norm.epsilon-added"])
  }

  // A backward pass alone may be that of another function; the value is right then.
  @Test func aBackwardPassOfAnotherFunctionIsNamed() throws {
    let found = try diagnose("op/relu-maps") { question in
      let (x, g) = (try question.input("x"), try question.input("y.cotangent"))
      return ["x.gradient": .real(x.mapped { $1 > 0 ? g.values[$0] : 0.01 * g.values[$0] })]
    }
    #expect(found == ["relu.leak"])
  }

  // Half of the derivative is no derivative.
  @Test func whatIsNoDerivativeIsNotNamed() throws {
    let found = try diagnose("op/relu-maps") { question in
      let (x, g) = (try question.input("x"), try question.input("y.cotangent"))
      return [
        "y": .real(x.mapped { $1 > 0 ? $1 : 0.01 * $1 }),
        "x.gradient": .real(x.mapped { $1 > 0 ? g.values[$0] : 0.005 * g.values[$0] }),
      ]
    }
    #expect(found.isEmpty)
  }

  // With a stop-gradient the right gradient is no derivative either, and nothing is concluded.
  @Test func stopGradientsAreLeftAlone() throws {
    let item = try ownCorpus.get().load("loss/batch-loss-one-sided")
    #expect(try item.prompt.bool(.stopsGradient))
    var carried = CarriedGradients(Question(item.prompt, right: item.expected))
    #expect(carried.gradient(of: "rows") { $0.right } == nil)
    // The full gradient is the derivative of the right value, and no mistake of a value.
    var full = item.prompt
    full.parameters["stopsGradient"] = .bool(false)
    guard case .real(let gradient)? = try Question(full).right["rows.gradient"] else { return }
    let given = CarriedGradients.Given(
      input: "rows", values: gradient.values, bounds: gradient.values.map { 1e-7 * abs($0) })
    #expect(!carried.areDerivatives([given]) { $0.right })
  }
}
