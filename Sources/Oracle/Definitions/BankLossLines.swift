// The two losses against the bank, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks
import TwoStage

extension InstanceNeighbourhoodOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("log-z", "rows", "log Z_a = log Σ_j exp z_aj") { line in
        let z = try line.matrix("logits")
        return .list((0..<z.rows).map { .logSumExp(z.row($0)) }, terms: z.columns)
      },
      DefinitionLine("log-inside", "rows", "log I_a = log Σ_{j∈S_a} exp z_aj,  S_a = {i} ∪ N(i) as a set") { line in
        let (z, members) = (try line.matrix("logits"), try Self.members(&line))
        return .list(
          members.enumerated().map { a, inside in .logSumExp(inside.map { z.row(a)[$0] }) }, terms: z.columns)
      },
      DefinitionLine("row-losses", "rows", "L_a = log Z_a − log I_a") { line in
        let inside = try line.list("log-inside")
        return .list(zip(try line.list("log-z"), inside).map { $0 - $1 })
      },
      .output("loss", "L = (1/R) Σ_a L_a, or the sum") { try $0.reduced("row-losses") },
      DefinitionLine("probabilities", "rows × images", "p_aj = exp(z_aj − log Z_a)") { line in
        let (z, logZ) = (try line.matrix("logits"), try line.list("log-z"))
        return .matrix(z.mapped { a, _, z in .exp(z - logZ[a]) })
      },
      .output("logits.gradient", "∂z_aj = (p_aj − [j ∈ S_a] p_aj / Σ_{k∈S_a} p_ak) / R, or without 1/R") { line in
        let (p, members) = (try line.matrix("probabilities"), try Self.members(&line))
        let factor = try (line.prompt.choice(.reduction) as Reduction).trackedFactor(rows: p.rows)
        let q = members.enumerated().map { a, inside in TrackedNumber.sum(inside.map { p.row(a)[$0] }) }
        return .matrix(
          p.mapped { a, j, p in factor * (members[a].contains(j) ? p - p / q[a] : p) }, terms: p.columns)
      },
    ]
  }

  /// S_a of every row.
  private static func members(_ line: inout LineReader) throws -> [[Int]] {
    let neighbourhoods = try line.network.neighbourhoods(images: line.shape("logits")[1])
    line.note(["neighbours"])
    return try line.integers("images").map { Set(neighbourhoods.members(of: $0)).sorted() }
  }
}

extension UnificationEntropyOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("log-z", "rows", "log Z_a = log Σ_{j≠i} exp z_aj; with ownLogit over all j, z_ai = ownLogit") {
        line in
        let rows = try Self.competitors(&line)
        return .list(rows.map { .logSumExp($0.map(\.z)) }, terms: rows[0].count)
      },
      DefinitionLine("probabilities", "rows × images", "p̃_aj = exp(z_aj − log Z_a); 0 where j = i is left out") {
        line in
        let (rows, logZ, columns) = (try Self.competitors(&line), try line.list("log-z"), line.shape("logits")[1])
        var p = TrackedMatrix(exact: Tensor(shape: [rows.count, columns]))
        for (a, row) in rows.enumerated() { for (j, z) in row { p.values[a * columns + j] = .exp(z - logZ[a]) } }
        return .matrix(p)
      },
      DefinitionLine("row-losses", "rows", "H_a = −Σ_j p̃_aj (z_aj − log Z_a)") { line in
        let (rows, p, logZ) = (
          try Self.competitors(&line), try line.matrix("probabilities"), try line.list("log-z")
        )
        return .list(
          rows.enumerated().map { a, row in -.dot(row.map { p.row(a)[$0.j] }, row.map { $0.z - logZ[a] }) },
          terms: p.columns)
      },
      .output("loss", "L = (1/R) Σ_a H_a, or the sum") { try $0.reduced("row-losses") },
      .output("logits.gradient", "∂z_aj = −p̃_aj (z_aj − log Z_a + H_a) / R, or without 1/R; 0 where j = i") { line in
        let (rows, p, logZ) = (
          try Self.competitors(&line), try line.matrix("probabilities"), try line.list("log-z")
        )
        let (entropies, images) = (try line.list("row-losses"), try line.integers("images"))
        let factor = try (line.prompt.choice(.reduction) as Reduction).trackedFactor(rows: p.rows)
        var gradient = TrackedMatrix(exact: Tensor(shape: [p.rows, p.columns]))
        for (a, row) in rows.enumerated() {
          for (j, z) in row where j != images[a] {
            gradient.values[a * p.columns + j] = -(factor * p.row(a)[j] * (z - logZ[a] + entropies[a]))
          }
        }
        return .matrix(gradient)
      },
    ]
  }

  /// The images that compete in every row, and their logits.
  private static func competitors(_ line: inout LineReader) throws -> [[(j: Int, z: TrackedNumber)]] {
    let (logits, images) = (try line.matrix("logits"), try line.integers("images"))
    let own: Double? = try line.prompt.numberIfGiven(.ownLogit)
    // A bank of one image has no other, and the loss is 0 by definition.
    guard logits.columns > 1 else { throw line.prompt.fault("one image has no lines") }
    return images.enumerated().map { a, image in
      logits.row(a).enumerated().compactMap { j, z in
        j == image ? own.map { (j, TrackedNumber(rounded: $0)) } : (j, z)
      }
    }
  }
}

extension BankLossOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .similarities("rows × images", "z_aj = v_a·m_j / τ", "embeddings", "bank", .bankTemperature, name: "logits"),
      .output("loss", "as of the operation of the logits", reads: ["logits", "images", "neighbours"]),
      DefinitionLine("logits.gradient", "rows × images", "∂L/∂z, as of the operation of the logits") { line in
        let logits = try line.matrix("logits")
        line.note(["images", "neighbours"])
        return .matrix(try logitsGradient(logits, line.prompt), terms: max(logits.rows, logits.columns))
      },
      .output("embeddings.gradient", "∂V = ∂z M / τ, nothing through M", reads: ["logits.gradient", "bank"]),
    ]
  }
}

extension LineReader {
  /// The mean or the sum of the rows' losses, as {reduction} says.
  mutating func reduced(_ name: String, count: Int? = nil) throws -> LineValue {
    let losses = try list(name)
    let factor = try (prompt.choice(.reduction) as Reduction).trackedFactor(rows: count ?? losses.count)
    return .number(factor * TrackedNumber.sum(losses), terms: losses.count)
  }
}

extension TrackedMatrix {
  /// Every element by its row, its column and itself.
  func mapped(_ change: (_ row: Int, _ column: Int, _ value: TrackedNumber) -> TrackedNumber) -> TrackedMatrix {
    TrackedMatrix(
      rows: rows, columns: columns, values: values.indices.map { change($0 / columns, $0 % columns, values[$0]) })
  }
}
