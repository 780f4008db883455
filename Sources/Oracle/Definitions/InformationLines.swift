// The assignment loss of one head and the class heads, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks
import TwoStage

extension MutualInformationOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .output("joint", "P = S / Σ S,  S = Y₁ᵀ Y₂ or, symmetrised, half the sum of it and its transpose") { line in
        let sums = try Self.sums(&line)
        let total = TrackedNumber.sum(sums.values)
        return .matrix(sums.map { $0 / total }, terms: max(line.shape("first")[0], sums.values.count))
      },
      DefinitionLine("row-sums", "classes", "r_c = Σ_d P_cd, before the floor") { line in
        let p = try line.matrix("joint")
        return .list((0..<p.rows).map { .sum(p.row($0)) }, terms: p.rows)
      },
      DefinitionLine("column-sums", "classes", "q_d = Σ_c P_cd, before the floor") { line in
        let p = try line.matrix("joint").transposed
        return .list((0..<p.rows).map { .sum(p.row($0)) }, terms: p.rows)
      },
      DefinitionLine(
        "logarithms", "classes × classes", "ℓ_cd = log P_cd − β log r_c − β log q_d, each of P, r, q at least 2⁻⁵²"
      ) {
        line in
        let weight = try TrackedNumber(rounded: line.prompt.number(.marginalEntropyWeight))
        return .matrix(try Self.logarithms(&line, weight: weight))
      },
      .output("loss", "L = −Σ P ℓ, entries of P below 2⁻⁵² taken as 2⁻⁵²") { line in
        let logarithms = try line.matrix("logarithms")
        return .number(-.dot(try Self.floored(&line, "joint"), logarithms.values), terms: logarithms.values.count)
      },
      .output("information", "I = Σ P (log P − log r − log q)") { line in
        let logarithms = try Self.logarithms(&line, weight: TrackedNumber(exact: 1))
        return .number(.dot(try Self.floored(&line, "joint"), logarithms.values), terms: logarithms.values.count)
      },
      DefinitionLine(
        "joint.gradient", "classes × classes",
        "G_cd = ∂L/∂P_cd = −ℓ_cd − 1 + β Σ_d P_cd / r_c + β Σ_c P_cd / q_d, no part of what the floor replaced"
      ) { line in
        let (p, logarithms) = (try line.matrix("joint"), try line.matrix("logarithms"))
        let cells = TrackedMatrix(rows: p.rows, columns: p.rows, values: try Self.floored(&line, "joint"))
        let weight = try TrackedNumber(rounded: line.prompt.number(.marginalEntropyWeight))
        let one = TrackedNumber(exact: 1)
        func slopes(_ sums: [TrackedNumber], _ cells: TrackedMatrix) -> [TrackedNumber] {
          sums.enumerated().map { c, sum in
            sum.value < Self.floor ? TrackedNumber(exact: 0) : weight * (TrackedNumber.sum(cells.row(c)) / sum)
          }
        }
        let rows = slopes(try line.list("row-sums"), cells)
        let columns = slopes(try line.list("column-sums"), cells.transposed)
        return .matrix(
          p.mapped { c, d, p in
            let own = p.value < Self.floor ? [] : [-logarithms.row(c)[d], -one]
            return .sum([rows[c], columns[d]] + own)
          }, terms: p.rows)
      },
      .output("first.gradient", "∂Y₁ = Y₂ Dᵀ,  D = sym(G − Σ P G) / Σ S") { line in
        let (d, y) = (try Self.pulled(&line), try line.matrix("second"))
        return .matrix(y.multiplied(byTransposed: d), terms: d.values.count)
      },
      .output("second.gradient", "∂Y₂ = Y₁ D") { line in
        let (d, y) = (try Self.pulled(&line), try line.matrix("first"))
        return .matrix(y.multiplied(by: d), terms: d.values.count)
      },
    ]
  }

  private static let floor = 0x1p-52

  private static func sums(_ line: inout LineReader) throws -> TrackedMatrix {
    let (first, second) = (try line.matrix("first"), try line.matrix("second"))
    return try symmetric(first.transposed.multiplied(by: second), line.prompt)
  }

  private static func symmetric(_ matrix: TrackedMatrix, _ prompt: Prompt) throws -> TrackedMatrix {
    try prompt.bool(.symmetrised) ? (matrix + matrix.transposed).map { $0.scaledExactly(by: 0.5) } : matrix
  }

  /// Values with the floor for what is below it.
  private static func floored(_ line: inout LineReader, _ name: String) throws -> [TrackedNumber] {
    try line.list(name).map { $0.value < floor ? TrackedNumber(exact: floor) : $0 }
  }

  private static func logarithms(_ line: inout LineReader, weight: TrackedNumber) throws -> TrackedMatrix {
    let rows = try floored(&line, "row-sums").map { weight * .log($0) }
    let columns = try floored(&line, "column-sums").map { weight * .log($0) }
    let cells = TrackedMatrix(rows: rows.count, columns: rows.count, values: try floored(&line, "joint"))
    return cells.mapped { c, d, p in .log(p) - rows[c] - columns[d] }
  }

  private static func pulled(_ line: inout LineReader) throws -> TrackedMatrix {
    let (gradient, joint) = (try line.matrix("joint.gradient"), try line.matrix("joint"))
    let mean = TrackedNumber.dot(joint.values, gradient.values)
    let total = TrackedNumber.sum(try sums(&line).values)
    return try symmetric(gradient.map { ($0 - mean) / total }, line.prompt)
  }
}

extension ClusterHeadsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "directions", "heads × features × classes", "W̄ = W / ‖W[:, k]‖ by class or W / ‖W[d, :]‖ by feature"
      ) {
        line in
        let heads = try Self.heads(&line)
        return .real(
          heads.flatMap(\.directions.values), shape: line.shape("heads"), terms: line.shape("heads").max() ?? 1)
      },
      DefinitionLine("logits", "heads × rows × classes", "z = V W̄ / τ_c") { line in
        let (v, shape) = (try line.matrix("embeddings"), line.shape("heads"))
        let (directions, size) = (try line.list("directions"), shape[1] * shape[2])
        let τ = try TrackedNumber(rounded: line.prompt.number(.headTemperature))
        let logits = (0..<shape[0]).flatMap { h in
          let head = TrackedMatrix(
            rows: shape[1], columns: shape[2], values: Array(directions[h * size..<(h + 1) * size]))
          return v.multiplied(by: head).values.map { $0 / τ }
        }
        return .real(logits, shape: [shape[0], v.rows, shape[2]], terms: shape[1])
      },
      .output("probabilities", "y = softmax of the rows of z") { line in
        let (logits, shape) = (try line.list("logits"), line.shape("logits"))
        let rows = TrackedMatrix(rows: shape[0] * shape[1], columns: shape[2], values: logits)
        let sums = (0..<rows.rows).map { TrackedNumber.logSumExp(rows.row($0)) }
        return .real(rows.mapped { a, _, z in .exp(z - sums[a]) }.values, shape: shape, terms: shape[2])
      },
      .output("classes", "argmax of the rows of z", reads: ["logits"]),
      DefinitionLine("logits.gradient", "heads × rows × classes", "∂z_k = y_k (g_k − Σ_l g_l y_l)") { line in
        let shape = line.shape("logits")
        func rows(_ values: [TrackedNumber]) -> TrackedMatrix {
          TrackedMatrix(rows: shape[0] * shape[1], columns: shape[2], values: values)
        }
        let (y, g) = (rows(try line.list("probabilities")), rows(try line.list("probabilities.cotangent")))
        let means = (0..<y.rows).map { TrackedNumber.dot(g.row($0), y.row($0)) }
        return .real(
          y.mapped { a, k, y in y * (g.row(a)[k] - means[a]) }.values, shape: shape, terms: shape[2])
      },
      .output("embeddings.gradient", "∂V = Σ_h ∂z W̄ᵀ / τ_c", reads: ["logits.gradient", "directions"]),
      .output(
        "heads.gradient", "∂W̄ = Vᵀ ∂z / τ_c, then through the division by its length",
        reads: ["logits.gradient", "directions", "embeddings"]),
    ]
  }

  private static func heads(_ line: inout LineReader) throws -> [TrackedHead] {
    line.note(["heads"])
    let embeddings: Tensor<Double> = try line.network.matrix("embeddings")
    let heads = try line.network.finiteHeads(features: embeddings.columns, as: Double.self)
    let nothing = TrackedMatrix(rows: 0, columns: embeddings.columns, values: [])
    return heads.weights.map {
      TrackedHead(weight: $0.value, embeddings: nothing, temperature: heads.temperature, axis: heads.axis)
    }
  }
}
