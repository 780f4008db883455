// `tsuc explain sgd`: momentum, Nesterov's step, weight decay, and where the rate stands.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks

/// Three steps down f(w) = Σ c_i w_i² / 2, computed.
package struct DescentExample: Sendable {
  /// The optimiser's constants.
  package let momentum, weightDecay: Double
  /// c; the gradient of f is c w.
  package let curvature: [Double]
  /// The learning rate of each step.
  package let rates: [Double]
  /// w before the first step.
  package let start: [Double]
  /// c w before each step.
  package let gradients: Rows
  /// c w, decayed g, velocity v, and g + momentum v of each step; w and v after each.
  let steps, parameters, velocities: Rows

  /// The inputs, moved as the example says, and the steps.
  package init(_ example: Example) {
    let (momentum, decay) = (example.constant(0.9), example.constant(0.05))
    let curvature = [example.constant(2), example.constant(0.5)]
    let rates = [example.constant(0.1), example.constant(0.1) + 0.02, example.constant(0.01)]
    let start = example.rows([[1, -2]])[0]
    var (w, v) = (start, [0.0, 0.0])
    var (gradients, steps, parameters, velocities): (Rows, Rows, Rows, Rows) = ([], [], [], [])
    for rate in rates {
      let gradient = zip(curvature, w).map { $0 * $1 }
      let decayed = zip(gradient, w).map { $0 + decay * $1 }
      v = zip(v, decayed).map { momentum * $0 + $1 }
      let direction = zip(decayed, v).map { $0 + momentum * $1 }
      steps.append(gradient + decayed + v + direction)
      w = zip(w, direction).map { $0 - rate * $1 }
      gradients.append(gradient)
      parameters.append(w)
      velocities.append(v)
    }
    (self.momentum, weightDecay, self.curvature, self.rates, self.start) = (momentum, decay, curvature, rates, start)
    (self.gradients, self.steps, self.parameters, self.velocities) = (gradients, steps, parameters, velocities)
  }

  /// The library's w and v after each step.
  var library: (parameters: [Double], velocities: Rows) {
    var point = Point(parameter: Parameter(Tensor(shape: [start.count], values: start)))
    var optimiser = SGD(momentum: momentum, nesterov: true, weightDecay: weightDecay)
    var (parameters, velocities): ([Double], Rows) = ([], [])
    for (rate, gradient) in zip(rates, gradients) {
      point.parameter.gradient.values = gradient
      optimiser.stepAndZeroGradients(&point, learningRate: rate)
      parameters += point.parameter.value.values
      velocities.append(optimiser.velocities["w"]?.values ?? [])
    }
    return (parameters, velocities)
  }
}

/// A module of one parameter.
private struct Point: Module {
  var parameter: Parameter<Double>

  mutating func forEachParameter(
    prefix: String, _ body: (String, inout Parameter<Double>) throws -> Void
  ) rethrows { try body(prefix + "w", &parameter) }
}

extension Explanation {
  static let descent = Explanation(
    name: "sgd", aliases: ["nesterov", "momentum"],
    title: "stochastic gradient descent with Nesterov's momentum and weight decay, as PyTorch's",
    references: References(
      sources: [("Sources/Networks/SGD.swift", "SGD"), ("Sources/Kernels/Elementwise.swift", "sgdUpdate")],
      tests: ["Tests/NetworksTests/SGDTests.swift"],
      golden: ["optimiser/sgd-nesterov-falling-rate", "optimiser/sgd-paper", "optimiser/sgd-strong-decay-nesterov"])
  ) { example in
    let given = DescentExample(example)
    let (momentum, decay, curvature) = (given.momentum, given.weightDecay, given.curvature)
    let (rates, start, parameters) = (given.rates, given.start, given.parameters)
    let found = given.library
    let point = Tensor<Double>(rows: [start])
    let names = rates.indices.map { "step \($0)" }
    return [
      .prose(
        """
        The momentum buffer is a sum of past gradients that fade. The rate stands outside it: when the rate falls, old gradients are \
        scaled down with it at once. Weight decay joins the gradient first, so it too is kept in the buffer. It applies to all \
        parameters of the encoder, batch norms and biases included.
        """),
      .heading("Formula"),
      .formula(
        """
        g ← gradient + decay · w           the gradient of f + (decay/2) ‖w‖²
        b ← momentum · b + g               b, the momentum buffer, starts at 0, so the first b is g
        w ← w − rate · (g + momentum · b)  Nesterov's step with the new b; plain: w ← w − rate · b
        """),
      .heading("Example: f(w) = Σ c_i w_i² / 2 with two parameters, the rate falls at the third step"),
      .constants([
        .init("momentum", momentum), .init("decay", decay), .init("c₀", curvature[0]), .init("c₁", curvature[1]),
      ]),
      .table(
        NumberTable(
          "gradient c w, decayed g, momentum buffer b, and g + momentum b: two parameters each",
          columns: ["c w", "", "g", "", "b", "", "g + momentum b", ""], names: names, numbers: given.steps)),
      .table(
        NumberTable(
          "w after each step", columns: ["rate", "w₀", "w₁"],
          rows: [("start", [.none] + start.map { .number($0) })]
            + names.indices.map { (names[$0], ([rates[$0]] + parameters[$0]).map { .number($0) }) })),
      .agreement(CrossCheck("w", parameters.flatMap { $0 }, found.parameters, by: "SGD")),
      .agreement(CrossCheck("b", given.velocities.flatMap { $0 }, found.velocities.flatMap { $0 }, by: "SGD")),
      .heading("Gradient: the first momentum buffer is the gradient of f + (decay/2) ‖w‖² at the start"),
      .gradient(
        GradientCheck(
          "b after step 0", Tensor(rows: [found.velocities[0]]), at: point, names: ["b"],
          columns: ["w₀", "w₁"]
        ) { w in zip(curvature, w.values).reduce(0) { $0 + ($1.0 + decay) * $1.1 * $1.1 / 2 } }),
    ]
  }
}
