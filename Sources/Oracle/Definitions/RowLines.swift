// The softmax family, rows of unit length and the Sobel filter, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension RowOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    let sums = DefinitionLine("log-sum-exp", "rows", "ℓ_a = log Σ_k exp x_ak over the entries that are there") { line in
      let (x, present) = (try line.matrix("x"), try Self.present(&line))
      return .list((0..<x.rows).map { a in .logSumExp(present[a].map { x.row(a)[$0] }) }, terms: x.columns)
    }
    let probabilities = DefinitionLine("probabilities", "rows × columns", "p_aj = exp(x_aj − ℓ_a)") {
      try Self.softmax(&$0)
    }
    let means = DefinitionLine("means", "rows", "Σ_k g_ak y_ak") { line in
      let (g, y) = (try line.matrix("y.cotangent"), try line.matrix("y"))
      return .list((0..<y.rows).map { .dot(g.row($0), y.row($0)) }, terms: y.columns)
    }
    switch kind {
    case .softmax:
      return [
        sums, .output("y", "y_aj = exp(x_aj − ℓ_a)") { try Self.softmax(&$0) }, means,
        .output("x.gradient", "∂x_aj = y_aj (g_aj − Σ_k g_ak y_ak)") { line in
          let (y, g) = (try line.matrix("y"), try line.matrix("y.cotangent"))
          let means = try line.list("means")
          return .matrix(y.mapped { a, j, y in y * (g.row(a)[j] - means[a]) })
        },
      ]
    case .logSoftmax:
      return [
        sums, .output("y", "y_aj = x_aj − ℓ_a", reads: ["x", "log-sum-exp"]), probabilities,
        .output("x.gradient", "∂x_aj = g_aj − p_aj Σ_k g_ak", reads: ["probabilities", "y.cotangent"]),
      ]
    case .logSumExp:
      return [
        .output("y", "y_a = log Σ_k exp x_ak over the entries that are there", reads: ["x", "absent"]),
        sums, probabilities,
        .output("x.gradient", "∂x_aj = g_a p_aj", reads: ["probabilities", "y.cotangent"]),
      ]
    case .entropy:
      return [
        sums, probabilities,
        .output("y", "y_a = −Σ_j p_aj (x_aj − ℓ_a)", reads: ["x", "log-sum-exp", "probabilities"]),
        .output(
          "x.gradient", "∂x_aj = −g_a p_aj (x_aj − ℓ_a + y_a)",
          reads: ["x", "log-sum-exp", "probabilities", "y", "y.cotangent"]),
      ]
    }
  }

  private static func softmax(_ line: inout LineReader) throws -> LineValue {
    let (x, sums, present) = (try line.matrix("x"), try line.list("log-sum-exp"), try present(&line))
    var p = TrackedMatrix(exact: Tensor(shape: [x.rows, x.columns]))
    for a in 0..<x.rows { for j in present[a] { p.values[a * x.columns + j] = .exp(x.row(a)[j] - sums[a]) } }
    return .matrix(p)
  }

  /// The columns of every row that are there.
  private static func present(_ line: inout LineReader) throws -> [[Int]] {
    let shape = line.shape("x")
    let absent = line.holds("absent") ? try line.integers("absent") : []
    return (0..<shape[0]).map { a in (0..<shape[1]).filter { absent.isEmpty || absent[a * shape[1] + $0] == 0 } }
  }
}

extension L2NormalisationOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("norms", "rows", "‖x_a‖ = √(Σ_j x_aj²)") { line in
        let x = try line.matrix("x")
        return .list((0..<x.rows).map { TrackedNumber.dot(x.row($0), x.row($0)).squareRoot }, terms: x.columns)
      },
      .output("y", "y_a = x_a / max(‖x_a‖, ε)") { line in
        let (x, norms, ε) = (try line.matrix("x"), try line.list("norms"), try Self.smallest(line.prompt))
        return .matrix(x.mapped { a, _, x in x / (norms[a].value > ε.value ? norms[a] : ε) })
      },
      DefinitionLine("along", "rows", "⟨y_a, g_a⟩") { line in
        let (y, g) = (try line.matrix("y"), try line.matrix("y.cotangent"))
        return .list((0..<y.rows).map { .dot(y.row($0), g.row($0)) }, terms: y.columns)
      },
      .output("x.gradient", "∂x_a = (g_a − y_a ⟨y_a, g_a⟩) / ‖x_a‖ where ‖x_a‖ > ε, g_a / ε where not, 0 where x_a = 0")
      {
        line in
        let (y, g) = (try line.matrix("y"), try line.matrix("y.cotangent"))
        let (norms, along, ε) = (try line.list("norms"), try line.list("along"), try Self.smallest(line.prompt))
        return .matrix(
          g.mapped { a, j, g in
            if norms[a].value == 0 { return TrackedNumber(exact: 0) }
            return norms[a].value > ε.value ? (g - y.row(a)[j] * along[a]) / norms[a] : g / ε
          })
      },
    ]
  }

  private static func smallest(_ prompt: Prompt) throws -> TrackedNumber {
    TrackedNumber(rounded: try prompt.number(epsilon))
  }
}

extension SobelOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("grey", "batch × height × width", "the mean of the channels") { line in
        let (x, shape) = (try line.list("x"), line.shape("x"))
        let (channels, pixels) = (shape[1], shape[2] * shape[3])
        let means = (0..<shape[0] * pixels).map { i -> TrackedNumber in
          let first = i / pixels * channels * pixels + i % pixels
          // A product with 1 / channels may be one of a convolution, whose factors a profile rounds.
          let shares = [TrackedNumber](repeating: TrackedNumber(rounded: 1 / Double(channels)), count: channels)
          return .dot((0..<channels).map { x[first + $0 * pixels] }, shares, rounding: .ofMatrices)
        }
        return .real(means, shape: [shape[0], shape[2], shape[3]], terms: channels)
      },
      .output(
        "y", "y[n,o] = K[o] ⋆ grey[n], zero padding 1,  K[0] = [1 0 −1; 2 0 −2; 1 0 −1],  K[1] = K[0]ᵀ", reads: ["grey"]
      ),
      .output(
        "x.gradient", "the transposed sums of the cotangent, over the number of channels", reads: ["y.cotangent"]),
    ]
  }
}
