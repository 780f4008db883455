// `tsuc explain sgd`: momentum, Nesterov's step, weight decay, and where the rate stands.
// Tests    tsucTests/ExplainTests.swift
import Kernels
import Networks
import Oracle

extension Explanation {
  static let descent = Explanation(
    name: "sgd", aliases: ["nesterov", "momentum"],
    title: "stochastic gradient descent with Nesterov's momentum and weight decay, as PyTorch's",
    places: Places(
      sources: [("Sources/Networks/SGD.swift", "SGD"), ("Sources/Kernels/Elementwise.swift", "descend")],
      tests: ["Tests/NetworksTests/SGDTests.swift"],
      golden: ["optimiser/sgd-nesterov-falling-rate", "optimiser/sgd-paper", "optimiser/sgd-strong-decay-nesterov"])
  ) { example in
    let (momentum, decay) = (example.constant(0.9), example.constant(0.05))
    let curvature = [example.constant(2), example.constant(0.5)]
    let rates = [example.constant(0.1), example.constant(0.1) + 0.02, example.constant(0.01)]
    let start = example.rows([[1, -2]])[0]
    // f(w) = Σ c_i w_i² / 2, so that its gradient is c w.
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
    var prompt = Prompt.asking(
      "sgd",
      [
        "rates": .list(rates.map { .number($0) }), "momentum": .number(momentum), "nesterov": .truth(true),
        "weightDecay": .number(decay),
      ], rows: ["gradients": gradients])
    prompt.inputs["parameter"] = .real(Tensor<Double>(shape: [2], values: start))
    let question = try Question(prompt)
    let point = Tensor<Double>(rows: [start])
    let names = rates.indices.map { "step \($0)" }
    return [
      .prose(
        """
        The velocity is a sum of past gradients that fade. The rate stands outside it: when the rate falls, old gradients are \
        scaled down with it at once. Weight decay joins the gradient first, so it too is kept in the velocity. It applies to all \
        parameters of the encoder, batch norms and biases included.
        """),
      .heading("Formula"),
      .formula(
        """
        g ← gradient + decay · w           the gradient of f + (decay/2) ‖w‖²
        v ← momentum · v + g               v starts at 0, so the first velocity is g
        w ← w − rate · (g + momentum · v)  Nesterov's step with the new v; plain: w ← w − rate · v
        """),
      .heading("Example: f(w) = Σ c_i w_i² / 2 with two parameters, the rate falls at the third step"),
      .constants([
        .init("momentum", momentum), .init("decay", decay), .init("c₀", curvature[0]), .init("c₁", curvature[1]),
      ]),
      .table(
        NumberTable(
          "gradient c w, decayed g, velocity v, and g + momentum v: two parameters each",
          columns: ["c w", "", "g", "", "v", "", "g + m v", ""], names: names, numbers: steps)),
      .table(
        NumberTable(
          "w after each step", columns: ["rate", "w₀", "w₁"],
          rows: [("start", [.none] + start.map { .number($0) })]
            + names.indices.map { (names[$0], ([rates[$0]] + parameters[$0]).map { .number($0) }) })),
      .agreement(CrossCheck("w", parameters.flatMap { $0 }, try question.real("parameters"), by: "SGD.step")),
      .agreement(CrossCheck("v", velocities.flatMap { $0 }, try question.real("velocities"), by: "SGD.step")),
      .heading("Gradient: the first velocity is the gradient of f + (decay/2) ‖w‖² at the start"),
      .gradient(
        GradientCheck(
          "v after step 0", Tensor<Double>(rows: [try question.real("velocities").list[0]]), at: point, names: ["v"],
          columns: ["w₀", "w₁"]
        ) { w in zip(curvature, w.values).reduce(0) { $0 + ($1.0 + decay) * $1.1 * $1.1 / 2 } }),
    ]
      + (try question.mistakes(
        ["sgd.rate-inside-velocity", "sgd.sutskever-nesterov", "sgd.decoupled-decay"],
        watching: rates.indices.map { Watched("w₀, step \($0)", "parameters", 2 * $0) }))
  }
}
