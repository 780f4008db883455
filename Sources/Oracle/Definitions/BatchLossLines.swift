// The batch loss, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks
import TwoStage

extension BatchLossOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("similarities", "2B × 2B", "s_ab = r_a·r_b / τ") { line in
        let (r, τ) = (try line.matrix("rows"), try TrackedNumber(rounded: line.prompt.number(.temperature)))
        return .matrix(r.multiplied(byTransposed: r).map { $0 / τ }, terms: r.columns)
      },
      DefinitionLine(
        "log-z", "2B", "log Z_a = log(exp s_aπ + m Σ_n exp s_an), n ∉ {a, π}; paper: over the B first views"
      ) {
        line in
        let s = try line.matrix("similarities")
        let parts = try Self.parts(&line, s.rows)
        return .list(
          parts.enumerated().map { a, part in .logSumExp(part.all.map { (s.row(a)[$0.b], $0.weight) }) }, terms: s.rows)
      },
      DefinitionLine("probabilities", "2B × 2B", "Q_ab = exp(s_ab − log Z_a); 0 where b has no part in Z_a") { line in
        let (s, logZ) = (try line.matrix("similarities"), try line.list("log-z"))
        let parts = try Self.parts(&line, s.rows)
        return .matrix(
          s.mapped { a, b, s in
            parts[a].all.contains { $0.b == b } ? .exp(s - logZ[a]) : TrackedNumber(exact: 0)
          })
      },
      DefinitionLine("log-complements", "2B × 2B", "log(1 − Q_an) of the negatives n of row a; 0 elsewhere") { line in
        let q = try line.matrix("probabilities")
        let parts = try Self.parts(&line, q.rows)
        return .matrix(
          q.mapped { a, b, q in
            parts[a].negatives.contains(b) ? .log(TrackedNumber(exact: 1) - q) : TrackedNumber(exact: 0)
          })
      },
      DefinitionLine("row-losses", "2B", "l_a = log Z_a − s_aπ − m Σ_n log(1 − Q_an); paper: no s_aπ of first views") {
        line in
        let (s, logZ) = (try line.matrix("similarities"), try line.list("log-z"))
        let complements = try line.matrix("log-complements")
        let parts = try Self.parts(&line, s.rows)
        return .list(
          parts.enumerated().map { a, part in
            let negative = part.weight * TrackedNumber.sum(part.negatives.map { complements.row(a)[$0] })
            return part.positive.map { logZ[a] - s.row(a)[$0] - negative } ?? -negative
          }, terms: s.rows)
      },
      .output("loss", "L = (1/2B) Σ_a l_a, or the sum; paper: (1/B)") { line in
        try line.reduced("row-losses", count: Self.losses(line.prompt))
      },
      DefinitionLine(
        "similarities.gradient", "2B × 2B",
        "∂L/∂s_ab = (Q_ab (1 − A_a) − [b = π] + O_ab) / 2B for m = 1, O = Q / (1 − Q) of negatives, A_a = Σ_n O_an"
      ) { line in
        let q = try line.matrix("probabilities")
        let (parts, one) = (try Self.parts(&line, q.rows), TrackedNumber(exact: 1))
        let factor = try (line.prompt.choice(.reduction) as Reduction).trackedFactor(rows: Self.losses(line.prompt))
        var gradient = TrackedMatrix(exact: Tensor(shape: [q.rows, q.rows]))
        for (a, part) in parts.enumerated() {
          let odds = part.negatives.map { q.row(a)[$0] / (one - q.row(a)[$0]) }
          let own = TrackedNumber(exact: part.positive == nil ? 0 : 1)
          let shared = own - part.weight * TrackedNumber.sum(odds)
          for (b, weight) in part.all {
            var sum = weight * q.row(a)[b] * shared
            if b == part.positive { sum = sum - one }
            if let n = part.negatives.firstIndex(of: b) { sum = sum + weight * odds[n] }
            gradient.values[a * q.rows + b] = factor * sum
          }
        }
        return .matrix(gradient, terms: q.rows)
      },
      .output("rows.gradient", "∂r_a = Σ_b (∂s_ab + ∂s_ba) r_b / τ; without ∂s_ba where stopsGradient is true") {
        line in
        let (g, r) = (try line.matrix("similarities.gradient"), try line.matrix("rows"))
        let τ = try TrackedNumber(rounded: line.prompt.number(.temperature))
        let both = try line.prompt.bool(.stopsGradient) ? g : g + g.transposed
        return .matrix(both.map { $0 / τ }.multiplied(by: r), terms: r.rows)
      },
    ]
  }

  /// How many losses the mean is over.
  private static func losses(_ prompt: Prompt) throws -> Int {
    let (rows, denominator) = (prompt.shape(of: "rows")[0], try prompt.choice(.denominator) as BatchLossDenominator)
    return denominator == .released ? rows : rows / 2
  }

  /// Which part every other row plays in each row's loss.
  private static func parts(_ line: inout LineReader, _ count: Int) throws -> [TrackedBatchLossRow] {
    let loss = try line.network.batchLoss(as: Double.self)
    return (0..<count).map { loss.row($0, of: count) }
  }
}

extension TrackedBatchLossRow {
  /// Everything that has a part in Z, with its weight.
  fileprivate var all: [(b: Int, weight: TrackedNumber)] {
    let one = TrackedNumber(exact: 1)
    return negatives.map { ($0, weight) } + denominatorOnly.map { ($0, one) } + (positive.map { [($0, one)] } ?? [])
  }
}
