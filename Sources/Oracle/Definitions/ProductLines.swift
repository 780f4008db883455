// Layers that are one sum of products or less, line by line: what stands before a bias, a residual, a division.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension MatrixProductOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("product", "rows × columns", "op(a) op(b), before c is added; only where accumulate") { line in
        guard try line.prompt.bool(Self.accumulate) else { return nil }
        let (a, b) = (try line.matrix("a"), try line.matrix("b"))
        let left = try line.prompt.bool(Self.transposeA) ? a.transposed : a
        let right = try line.prompt.bool(Self.transposeB) ? b : b.transposed
        return .matrix(left.multiplied(byTransposed: right), terms: left.columns)
      },
      .output("y", "y = op(a) op(b), plus c where accumulate", reads: ["a", "b", "product", "c"]),
      .output("a.gradient", "∂op(a) = g op(b)ᵀ, stored as a is", reads: ["y.cotangent", "b"]),
      .output("b.gradient", "∂op(b) = op(a)ᵀ g, stored as b is", reads: ["y.cotangent", "a"]),
    ]
  }
}

extension LinearOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("product", "rows × outputs", "x Wᵀ, before the bias") { line in
        let x = try line.matrix("x")
        return .matrix(x.multiplied(byTransposed: try line.matrix("weight")), terms: x.columns)
      },
      .output("y", "y = x Wᵀ + b, b added to every row", reads: ["product", "bias"]),
      .output("x.gradient", "∂x = g W", reads: ["y.cotangent", "weight"]),
      .output("weight.gradient", "∂W = gᵀ x, a sum over the rows", reads: ["y.cotangent", "x"]),
      .output("bias.gradient", "∂b = Σ_rows g", reads: ["y.cotangent"]),
    ]
  }
}

extension ConvolutionOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "padded", "batch × channels × (height + 2 p) × (width + 2 p)", "x with p rows and columns of zeros on each side"
      ) { line in
        let (x, shape, p) = (try line.list("x"), line.shape("x"), try line.prompt.integer(Self.padding))
        let (height, width) = (shape[2] + 2 * p, shape[3] + 2 * p)
        var padded = [TrackedNumber](
          repeating: TrackedNumber(exact: 0), count: shape[0] * shape[1] * height * width)
        for i in x.indices {
          let (plane, pixel) = (i / (shape[2] * shape[3]), i % (shape[2] * shape[3]))
          padded[(plane * height + pixel / shape[3] + p) * width + pixel % shape[3] + p] = x[i]
        }
        return .real(padded, shape: [shape[0], shape[1], height, width], terms: 1)
      },
      .output(
        "y", "y[n,o,i,j] = b[o] + Σ_crs w[o,c,r,s] padded[n,c,i t + r,j t + s], t the stride, w not flipped",
        reads: ["padded", "weight", "bias"]),
      .output(
        "x.gradient", "∂x[n,c,u,v] = Σ w[o,c,r,s] g[n,o,i,j] over i t + r − p = u, j t + s − p = v",
        reads: ["y.cotangent", "weight"]),
      .output(
        "weight.gradient", "∂w[o,c,r,s] = Σ_nij g[n,o,i,j] padded[n,c,i t + r,j t + s]",
        reads: ["y.cotangent", "padded"]),
      .output("bias.gradient", "∂b[o] = Σ_nij g[n,o,i,j]", reads: ["y.cotangent"]),
    ]
  }
}

extension ReLUOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("sum", "the shape of x", "x + residual; only with a residual") { line in
        guard line.holds("residual") else { return nil }
        let sums = zip(try line.list("x"), try line.list("residual")).map { $0 + $1 }
        return .real(sums, shape: line.shape("x"), terms: 1)
      },
      .output("y", "y = max(0, x), of the sum with a residual", reads: ["x", "sum"]),
      .output("x.gradient", "∂x = g where y > 0, else 0, also at 0", reads: ["y", "y.cotangent"]),
      .output("residual.gradient", "the same numbers as ∂x", reads: ["y", "y.cotangent"]),
    ]
  }
}

extension GlobalAveragePoolOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("sums", "batch × channels", "Σ x over the pixels of a channel") { line in
        let (x, shape) = (try line.list("x"), line.shape("x"))
        let pixels = shape[2] * shape[3]
        let sums = (0..<shape[0] * shape[1]).map { TrackedNumber.sum(Array(x[$0 * pixels..<($0 + 1) * pixels])) }
        return .real(sums, shape: [shape[0], shape[1]], terms: pixels)
      },
      .output("y", "y = Σ x / (height · width)", reads: ["sums"]),
      .output("x.gradient", "∂x = g / (height · width) at every pixel of the channel", reads: ["y.cotangent"]),
    ]
  }
}

extension BatchNormSequenceOperation: DefinedOperation {
  package var takesSteps: Bool { true }

  package var lines: [DefinitionLine] {
    [
      .output(
        "runningMeans", "training: (1 − momentum) running mean + momentum m, m the mean of the step's batch",
        reads: ["x", "runningMean"]),
      .output(
        "runningVariances", "training: (1 − momentum) running variance + momentum v n / (n − 1); v divides by n",
        reads: ["x", "runningVariance"]),
      .output(
        "y", "γ (x − m) / √(v + ε) + β, m and v of the batch; evaluation: those that the step before left",
        reads: ["x", "weight", "bias"]),
    ]
  }
}
