// `tsuc explain bn` and `l2`: batch normalisation, and rows of unit length.
// Tests    tsucTests/ExplainTests.swift
import Kernels
import Networks
import Oracle

extension Explanation {
  static let batchNorm = Explanation(
    name: "bn", aliases: ["batch-norm"],
    title: "batch normalisation: one mean and one variance for each channel of the batch",
    places: Places(
      sources: [
        ("Sources/Networks/BatchNorm.swift", "BatchNorm"),
        ("Sources/Kernels/ReferenceBatchNorm.swift", "referenceNormaliseChannels"),
        ("Sources/Kernels/BatchNormGradients.swift", "normaliseChannelsGradients"),
      ],
      tests: ["Tests/NetworksTests/BatchNormTests.swift", "Tests/KernelsTests/BatchNormKernelsTests.swift"],
      golden: ["op/batch-norm-rows", "op/batch-norm-evaluation", "op/batch-norm-sequence-three-steps"])
  ) { example in
    // n values of each of two channels: four images of one pixel.
    let x = example.rows([[1, 0.5], [2, -1], [4, 0], [5, 2.5]])
    let g = example.rows([[1, 0.5], [-0.5, 1], [0.25, -1], [0, 0.75]])
    let (gamma, beta) = (example.rows([[1.5, 0.5]])[0], example.rows([[0.25, -1]])[0])
    let (runningMean, runningVariance) = (example.rows([[2, 0]])[0], example.rows([[1, 1.5]])[0])
    let (epsilon, momentum, n) = (1e-5, 0.1, Double(x.count))
    let means = transposed(x).map(mean)
    let variances = zip(transposed(x), means).map { values, m in mean(values.map { ($0 - m) * ($0 - m) }) }
    let normalised = x.map { row in
      row.indices.map { (row[$0] - means[$0]) / (variances[$0] + epsilon).squareRoot() }
    }
    let y = normalised.map { row in row.indices.map { gamma[$0] * row[$0] + beta[$0] } }
    let newMeans = zip(runningMean, means).map { (1 - momentum) * $0 + momentum * $1 }
    let newVariances = zip(runningVariance, variances).map { (1 - momentum) * $0 + momentum * $1 * n / (n - 1) }
    func maps(_ rows: Rows) -> TensorValue { .real(Tensor<Double>(shape: [4, 2, 1, 1], values: rows.flatMap { $0 })) }
    func channels(_ values: [Double]) -> TensorValue { .real(Tensor<Double>(shape: [2], values: values)) }
    let prompt = Prompt(
      operation: "batch-norm", parameters: ["epsilon": .number(epsilon), "momentum": .number(momentum)],
      inputs: [
        "x": maps(x), "y.cotangent": maps(g), "weight": channels(gamma), "bias": channels(beta),
        "runningMean": channels(runningMean), "runningVariance": channels(runningVariance),
      ])
    let question = try Question(prompt)
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
        m = Σ x / n       v = Σ (x − m)² / n, biased      x̂ = (x − m) / √(v + ε)      y = γ x̂ + β
        running mean ← (1 − μ) old + μ m        running variance ← (1 − μ) old + μ v n / (n − 1)
        with g = ∂L/∂y:   ∂γ = Σ g x̂    ∂β = Σ g    ∂x = γ / √(v + ε) · (g − ∂β / n − x̂ ∂γ / n)
        """),
      .heading("Example: four images of one pixel, two channels"),
      .table(NumberTable("x", columns: columns, names: names, numbers: x)),
      .table(
        NumberTable("mean and biased variance", columns: columns, names: ["m", "v"], numbers: [means, variances])),
      .table(NumberTable("x̂ = (x − m) / √(v + ε)", columns: columns, names: names, numbers: normalised)),
      .table(NumberTable("y = γ x̂ + β", columns: columns, names: ["γ", "β"] + names, numbers: [gamma, beta] + y)),
      .agreement(CrossCheck("y", y.flatMap { $0 }, try question.real("y"), by: "BatchNorm.forward")),
      .table(
        NumberTable(
          "running statistics, before and after", columns: columns,
          names: ["mean", "new mean", "variance", "new variance"],
          numbers: [runningMean, newMeans, runningVariance, newVariances])),
      .agreement(
        CrossCheck(
          "running statistics", newMeans + newVariances,
          try question.real("runningMean.new").values + question.real("runningVariance.new").values, by: "BatchNorm")),
      .heading("Gradient of Σ g ∘ y for a given g"),
      .table(NumberTable("g", columns: columns, names: names, numbers: g)),
      .gradient(
        try GradientCheck(
          "∂L/∂x", Tensor(rows: question.real("x.gradient").list), at: Tensor(rows: x), names: names, columns: columns
        ) { x in
          var moved = prompt
          moved.inputs["x"] = maps(x.list)
          return dot(try Question(moved).real("y").values, g.flatMap { $0 })
        }),
      .prose("Each channel of ∂L/∂x sums to zero: adding one number to all of x changes nothing."),
    ]
      + (try question.mistakes(
        ["batchnorm.biased-running-variance", "batchnorm.constant-statistics"],
        watching: [
          Watched("y₀₀", "y"), Watched("new variance", "runningVariance.new"), Watched("∂x₀₀", "x.gradient"),
          Watched("∂x₁₀", "x.gradient", 2),
        ]))
  }

  static let unitRows = Explanation(
    name: "l2", aliases: ["normalise", "unit"],
    title: "rows of unit length: the last step of the encoder",
    places: Places(
      sources: [("Sources/Networks/L2Normalisation.swift", "L2Normalisation")],
      tests: ["Tests/NetworksTests/L2NormalisationTests.swift"],
      golden: ["op/l2-normalisation-rows", "edge/l2-normalisation-zero-row"])
  ) { example in
    let u = example.rows([[3, 4, 0], [1, -2, 2]])
    let g = example.rows([[1, 0, 0.5], [-0.5, 1, 0.25]])
    let lengths = u.map(length)
    let v = zip(u, lengths).map { row, length in row.map { $0 / length } }
    let along = zip(v, g).map { dot($0, $1) }
    let question = try Question(.asking("l2-normalisation", rows: ["x": u, "y.cotangent": g]))
    let layer = L2Normalisation<Double>()
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
      .agreement(CrossCheck("v", v.flatMap { $0 }, try question.real("y"), by: "L2Normalisation.forward")),
      .heading("Gradient of Σ g ∘ v for a given g"),
      .table(
        NumberTable(
          "g, and its part ⟨v, g⟩ along v", columns: columns + ["⟨v, g⟩"], names: names,
          numbers: zip(g, along).map { $0 + [$1] })),
      .gradient(
        GradientCheck("∂L/∂u", try question.real("x.gradient"), at: Tensor(rows: u), names: names, columns: columns) {
          dot(layer.forward($0).output.values, g.flatMap { $0 })
        }),
    ]
      + (try question.mistakes(
        ["l2norm.gradient-unprojected", "l2norm.gradient-undivided"],
        watching: columns.indices.map { Watched("∂u₀" + ["x", "y", "z"][$0], "x.gradient", $0) }))
  }
}
