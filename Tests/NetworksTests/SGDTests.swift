import Kernels
import Networks
import Testing

@Suite("Stochastic gradient descent")
struct SGDTests {
  /// One parameter vector.
  private struct Vector: Module {
    var parameter: Parameter<Double>
    mutating func forEachParameter(
      prefix: String, _ body: (String, inout Parameter<Double>) throws -> Void
    ) rethrows { try body(prefix + "vector", &parameter) }
  }

  /// The value 1 with gradient 2 and decay 0.5 has g = 2.5.
  ///
  /// First velocity 2.5; Nesterov moves by 2.5 + 0.9 · 2.5 = 4.75, plain by 2.5. At rate 0.1: 1 − 0.475 = 0.525, or 0.75.
  @Test func workedExampleFirstStep() {
    for (nesterov, expected) in [(true, 0.525), (false, 0.75)] {
      var vector = Vector(parameter: Parameter(Tensor(shape: [1], values: [1])))
      vector.parameter.gradient.values = [2]
      var optimiser = SGD<Double>(momentum: 0.9, nesterov: nesterov, weightDecay: 0.5)
      optimiser.stepAndZeroGradients(&vector, learningRate: 0.1)
      #expect(abs(vector.parameter.value.values[0] - expected) < 1e-15)
      #expect(vector.parameter.gradient.values == [0])
      #expect(optimiser.velocities["vector"]?.values == [2.5])
    }
  }

  private struct Stored: Decodable {
    struct Step: Decodable {
      let rate: Double
      let gradient, value, velocity: StoredTensor
    }
    struct Case: Decodable {
      let nesterov: Bool
      let initial: StoredTensor
      let steps: [Step]
    }
    let cases: [Case]
  }

  @Test func goldenThreeStepsWithFallingRate() throws {
    let cases = try storedValues("sgd", as: Stored.self).cases
    #expect(cases.map(\.nesterov) == [true, false])
    for stored in cases {
      var vector = Vector(parameter: Parameter(stored.initial.tensor))
      var optimiser = SGD<Double>(nesterov: stored.nesterov)
      #expect(stored.steps.count == 3)
      for step in stored.steps {
        vector.parameter.gradient = step.gradient.tensor
        optimiser.stepAndZeroGradients(&vector, learningRate: step.rate)
        // A few roundings apart: PyTorch multiplies and adds in separate passes.
        expectClose(vector.parameter.value, step.value, tolerance: 1e-14, "value")
        expectClose(optimiser.velocities["vector"] ?? Tensor(shape: [0]), step.velocity, tolerance: 1e-14, "velocity")
      }
    }
  }

  @Test func stopsOnNesterovWithoutMomentum() async {
    await #expect(processExitsWith: .failure) { _ = SGD<Float>(momentum: 0, nesterov: true) }
  }
}
