// `tsuc explain bn` and `l2`: batch normalisation, and rows of unit length.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks

/// Four images of one pixel and two channels.
package struct BatchNormExample: Sendable {
  /// The batch, images × channels, and some ∂L/∂y.
  package let x, cotangent: Rows
  /// γ and β of each channel.
  package let gamma, beta: [Double]
  /// The running statistics of each channel before the batch.
  package let runningMean, runningVariance: [Double]
  /// ε, added to the variance.
  package let epsilon = 1e-5
  /// The momentum: the weight of the batch in the running statistics.
  package let momentum = 0.1

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    x = example.rows([[1, 0.5], [2, -1], [4, 0], [5, 2.5]])
    cotangent = example.rows([[1, 0.5], [-0.5, 1], [0.25, -1], [0, 0.75]])
    (gamma, beta) = (example.rows([[1.5, 0.5]])[0], example.rows([[0.25, -1]])[0])
    (runningMean, runningVariance) = (example.rows([[2, 0]])[0], example.rows([[1, 1.5]])[0])
  }

  /// Rows as images of one pixel.
  package func maps(_ rows: Rows) -> Tensor<Double> {
    Tensor(shape: [rows.count, gamma.count, 1, 1], values: rows.flatMap { $0 })
  }

  /// The library's layer before the batch.
  var library: BatchNorm<Double> {
    var initialisation = Initialisation(seed: 0)
    var layer = BatchNorm<Double>(
      channels: gamma.count, epsilon: epsilon, momentum: momentum, initialisation: &initialisation)
    func channels(_ values: [Double]) -> Tensor<Double> { Tensor(shape: [values.count], values: values) }
    (layer.weight, layer.bias) = (Parameter(channels(gamma)), Parameter(channels(beta)))
    (layer.runningMean, layer.runningVariance) = (channels(runningMean), channels(runningVariance))
    return layer
  }
}

/// Two rows of three numbers.
package struct UnitRowsExample: Sendable {
  /// u, the rows, and some ∂L/∂v.
  package let u, cotangent: Rows

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    u = example.rows([[3, 4, 0], [1, -2, 2]])
    cotangent = example.rows([[1, 0, 0.5], [-0.5, 1, 0.25]])
  }
}

extension Explanation {
  static let batchNorm = Explanation(
    name: "bn", aliases: ["batch-norm"],
    title: "batch normalisation: one mean and one variance for each channel of the batch",
    references: References(
      sources: [
        ("Sources/Networks/BatchNorm.swift", "BatchNorm"),
        ("Sources/Kernels/ReferenceBatchNorm.swift", "referenceBatchNormalise"),
        ("Sources/Kernels/BatchNormGradients.swift", "batchNormaliseGradients"),
      ],
      tests: ["Tests/NetworksTests/BatchNormTests.swift", "Tests/KernelsTests/BatchNormKernelsTests.swift"],
      golden: ["op/batch-norm-rows", "op/batch-norm-evaluation", "op/batch-norm-sequence-three-steps"])
  ) { example in
    let given = BatchNormExample(example)
    let (x, g, gamma, beta) = (given.x, given.cotangent, given.gamma, given.beta)
    let (runningMean, runningVariance) = (given.runningMean, given.runningVariance)
    // n values of each channel: an image has one pixel.
    let (epsilon, momentum, n) = (given.epsilon, given.momentum, Double(x.count))
    let means = transposed(x).map(mean)
    let variances = zip(transposed(x), means).map { values, m in mean(values.map { ($0 - m) * ($0 - m) }) }
    let normalised = x.map { row in
      row.indices.map { (row[$0] - means[$0]) / (variances[$0] + epsilon).squareRoot() }
    }
    let y = normalised.map { row in row.indices.map { gamma[$0] * row[$0] + beta[$0] } }
    let newMeans = zip(runningMean, means).map { (1 - momentum) * $0 + momentum * $1 }
    let newVariances = zip(runningVariance, variances).map { (1 - momentum) * $0 + momentum * $1 * n / (n - 1) }
    var layer = given.library
    let (output, cache) = layer.forward(given.maps(x), mode: .training)
    let gradient = layer.backward(given.maps(g), cache: cache)
    let (names, columns) = ((0..<4).map { "image \($0)" }, ["channel 0", "channel 1"])
    return [
      .prose(
        """
        Every channel is shifted and scaled to mean 0 and variance 1 over the batch and all pixels, then scaled by γ and shifted by \
        β, which are learned. In training the gradient flows through mean and variance too. Evaluation uses running statistics, \
        which are constants. Both views of stage 1 and 2 pass in one batch and share their statistics.
        """),
      .heading("Formula"),
      .formula(
        """
        E[x] = Σ x / n                          Var[x] = Σ (x − E[x])² / n, biased
        x̂ = (x − E[x]) / √(Var[x] + ε)          y = γ x̂ + β
        running mean ← (1 − momentum) old + momentum E[x]
        running variance ← (1 − momentum) old + momentum Var[x] n / (n − 1)
        with g = ∂L/∂y:   ∂γ = Σ g x̂    ∂β = Σ g
                          ∂x = γ / √(Var[x] + ε) · (g − ∂β / n − x̂ ∂γ / n)
        """),
      .heading("Example: four images of one pixel, two channels"),
      .table(NumberTable("x", columns: columns, names: names, numbers: x)),
      .table(
        NumberTable(
          "mean and biased variance", columns: columns, names: ["E[x]", "Var[x]"], numbers: [means, variances])),
      .table(NumberTable("x̂ = (x − E[x]) / √(Var[x] + ε)", columns: columns, names: names, numbers: normalised)),
      .table(NumberTable("y = γ x̂ + β", columns: columns, names: ["γ", "β"] + names, numbers: [gamma, beta] + y)),
      .agreement(CrossCheck("y", y.flatMap { $0 }, output, by: "BatchNorm.forward")),
      .table(
        NumberTable(
          "running statistics, before and after", columns: columns,
          names: ["mean", "new mean", "variance", "new variance"],
          numbers: [runningMean, newMeans, runningVariance, newVariances])),
      .agreement(
        CrossCheck(
          "running statistics", newMeans + newVariances,
          layer.runningMean.values + layer.runningVariance.values, by: "BatchNorm")),
      .heading("Gradient of Σ g ∘ y for a given g"),
      .table(NumberTable("g", columns: columns, names: names, numbers: g)),
      .gradient(
        GradientCheck(
          "∂L/∂x", Tensor(rows: gradient.list), at: Tensor(rows: x), names: names, columns: columns
        ) { x in
          var layer = given.library
          return dot(layer.forward(given.maps(x.list), mode: .training).output.values, g.flatMap { $0 })
        }),
      .prose("Each channel of ∂L/∂x sums to zero: adding one number to all of x changes nothing."),
    ]
  }

  static let unitRows = Explanation(
    name: "l2", aliases: ["normalise", "unit"],
    title: "rows of unit length: the last step of the encoder",
    references: References(
      sources: [("Sources/Networks/L2Normalisation.swift", "L2Normalisation")],
      tests: ["Tests/NetworksTests/L2NormalisationTests.swift"],
      golden: ["op/l2-normalisation-rows", "edge/l2-normalisation-zero-row"])
  ) { example in
    let given = UnitRowsExample(example)
    let (u, g) = (given.u, given.cotangent)
    let lengths = u.map(length)
    let v = zip(u, lengths).map { row, length in row.map { $0 / length } }
    let along = zip(v, g).map { dot($0, $1) }
    let layer = L2Normalisation<Double>()
    let (output, cache) = layer.forward(Tensor(rows: u))
    let gradient = layer.backward(Tensor(rows: g), cache: cache)
    let (names, columns) = (["row 0", "row 1"], ["x", "y", "z"])
    return [
      .prose(
        """
        Only the direction of an embedding counts. A step along the row itself changes nothing, so the gradient loses that part, and \
        what is left is divided by the length. A row of zeros stays a row of zeros and takes no gradient.
        """),
      .heading("Formula"),
      .formula(
        """
        v = u / max(‖u‖, ε)                       ε keeps a row of zeros finite
        with g = ∂L/∂v:   ∂L/∂u = (g − v ⟨v, g⟩) / ‖u‖
        """),
      .heading("Example"),
      .table(
        NumberTable(
          "u, and its length", columns: columns + ["‖u‖"], names: names, numbers: zip(u, lengths).map { $0 + [$1] })),
      .table(NumberTable("v = u / ‖u‖", columns: columns, names: names, numbers: v)),
      .agreement(CrossCheck("v", v.flatMap { $0 }, output, by: "L2Normalisation.forward")),
      .heading("Gradient of Σ g ∘ v for a given g"),
      .table(
        NumberTable(
          "g, and its part ⟨v, g⟩ along v", columns: columns + ["⟨v, g⟩"], names: names,
          numbers: zip(g, along).map { $0 + [$1] })),
      .gradient(
        GradientCheck("∂L/∂u", gradient, at: Tensor(rows: u), names: names, columns: columns) {
          dot(layer.forward($0).output.values, g.flatMap { $0 })
        }),
    ]
  }
}
