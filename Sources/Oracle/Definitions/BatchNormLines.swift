// Batch normalisation of one batch, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension BatchNormOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("mean", "channels", "m = Σ x / n over batch and pixels; training only") { line in
        guard let batch = try Channels(&line), batch.isTraining else { return nil }
        return .list(batch.sums(batch.x).map { $0 / batch.count }, terms: batch.n)
      },
      DefinitionLine("variance", "channels", "v = Σ (x − m)² / n; training only") { line in
        guard let batch = try Channels(&line), batch.isTraining else { return nil }
        let m = try line.list("mean")
        let squares = batch.each { i, c in
          let d = batch.x[i] - m[c]
          return d * d
        }
        // Of second order in the error n u |x| of the mean, which itself is squared.
        let sizes = batch.sums(batch.x.map { TrackedNumber(exact: abs($0.value)) }).map { $0.value / Double(batch.n) }
        return .list(
          zip(batch.sums(squares), sizes).map { sum, size in
            sum / batch.count + TrackedNumber(value: 0, rounding: Double(batch.n) * 0x1p-24 * size * size)
          }, terms: batch.n)
      },
      DefinitionLine("normalised", "the shape of x", "x̂ = (x − m) / √(v + ε); evaluation: m, v the running ones") {
        line in
        guard let batch = try Channels(&line) else { return nil }
        let (m, deviations) = (try batch.means(&line), try batch.deviations(&line))
        // However it is grouped: x / √(v + ε) and m / √(v + ε) may round before they are subtracted.
        let normalised = batch.each { i, c in
          let size = (abs(batch.x[i].value) + abs(m[c].value)) / deviations[c].value
          return (batch.x[i] - m[c]) / deviations[c] + TrackedNumber(value: 0, rounding: 2 * size)
        }
        return .real(normalised, shape: line.shape("x"), terms: batch.n)
      },
      .output("y", "y = γ x̂ + β, then max(0, y) where rectified", reads: ["normalised", "weight", "bias"]),
      .output("bias.gradient", "∂β = Σ g, g the cotangent, 0 where rectified and y = 0", reads: ["y", "y.cotangent"]),
      .output("weight.gradient", "∂γ = Σ g x̂", reads: ["y", "y.cotangent", "normalised"]),
      .output(
        "x.gradient", "∂x = γ / √(v + ε) (g − ∂β / n − x̂ ∂γ / n); evaluation: γ / √(v + ε) g",
        reads: ["y", "y.cotangent", "weight", "normalised", "variance", "bias.gradient", "weight.gradient"]),
      .output(
        "runningMean.new", "(1 − momentum) runningMean + momentum m; evaluation: as it was",
        reads: ["mean", "runningMean"]),
      .output(
        "runningVariance.new", "(1 − momentum) runningVariance + momentum v n / (n − 1); evaluation: as it was",
        reads: ["variance", "runningVariance"]),
    ]
  }

  /// A batch with its channels.
  private struct Channels {
    let x: [TrackedNumber]
    let isTraining: Bool
    private let shape: [Int]

    init?(_ line: inout LineReader) throws {
      (x, shape, isTraining) = (try line.list("x"), line.shape("x"), try line.network.mode() == .training)
      guard shape.count == 4 else { return nil }
    }

    /// The values of a channel.
    var n: Int { x.count / shape[1] }
    var count: TrackedNumber { TrackedNumber(exact: Double(n)) }

    private func channel(_ i: Int) -> Int { i / (shape[2] * shape[3]) % shape[1] }

    /// One number for every element, by its place and its channel.
    func each(_ make: (_ i: Int, _ channel: Int) -> TrackedNumber) -> [TrackedNumber] {
      x.indices.map { make($0, channel($0)) }
    }

    /// The sum of every channel.
    func sums(_ values: [TrackedNumber]) -> [TrackedNumber] {
      var parts = [[TrackedNumber]](repeating: [], count: shape[1])
      for i in values.indices { parts[channel(i)].append(values[i]) }
      return parts.map { .sum($0) }
    }

    func means(_ line: inout LineReader) throws -> [TrackedNumber] {
      try line.list(isTraining ? "mean" : "runningMean")
    }

    /// √(v + ε).
    func deviations(_ line: inout LineReader) throws -> [TrackedNumber] {
      let ε = TrackedNumber(rounded: try line.prompt.number(.normEpsilon))
      return try line.list(isTraining ? "variance" : "runningVariance").map { ($0 + ε).squareRoot }
    }
  }
}
