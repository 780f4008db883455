// The memory bank, its entropies, and nearest rows, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Evaluation
import Kernels
import Networks
import TwoStage

extension DefinitionLine {
  /// The products of rows of one input with rows of another.
  static func similarities(
    _ shape: String, _ equation: String, _ rows: String, _ others: String, _ divisor: ParameterDeclaration? = nil,
    name: String = "similarities"
  ) -> DefinitionLine {
    DefinitionLine(name, shape, equation) { line in
      let (first, second) = (try line.matrix(rows), try line.matrix(others))
      let products = first.multiplied(byTransposed: second)
      guard let divisor else { return .matrix(products, terms: first.columns) }
      let τ = try TrackedNumber(rounded: line.prompt.number(divisor))
      return .matrix(products.map { $0 / τ }, terms: first.columns)
    }
  }

  /// The entropies of softmaxes of the rows of similarities.
  fileprivate static var entropies: [DefinitionLine] {
    [
      DefinitionLine("log-z", "images", "log Z_i = log Σ_j exp s_ij") { line in
        let s = try line.matrix("similarities")
        return .list((0..<s.rows).map { .logSumExp(s.row($0)) }, terms: s.columns)
      },
      DefinitionLine("probabilities", "images × images", "p_ij = exp(s_ij − log Z_i)") { line in
        let (s, logZ) = (try line.matrix("similarities"), try line.list("log-z"))
        return .matrix(s.mapped { i, _, s in .exp(s - logZ[i]) })
      },
    ]
  }

  fileprivate static let entropyEquation = "h_i = −Σ_j p_ij (s_ij − log Z_i)"

  fileprivate static func entropy(_ line: inout LineReader) throws -> LineValue {
    let (s, logZ, p) = (try line.matrix("similarities"), try line.list("log-z"), try line.matrix("probabilities"))
    return .list(
      (0..<s.rows).map { i in -.dot(p.row(i), s.row(i).map { $0 - logZ[i] }) }, terms: s.columns)
  }
}

extension MemoryLogitsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .similarities("rows × images", "v_a·m_j", "embeddings", "bank"),
      .output("logits", "z = similarities / τ") { line in
        let τ = try TrackedNumber(rounded: line.prompt.number(.bankTemperature))
        return .matrix(try line.matrix("similarities").map { $0 / τ })
      },
      .output("embeddings.gradient", "∂V = ∂z M / τ") { line in
        let (g, bank) = (try line.matrix("logits.cotangent"), try line.matrix("bank"))
        let τ = try TrackedNumber(rounded: line.prompt.number(.bankTemperature))
        return .matrix(g.multiplied(by: bank).map { $0 / τ }, terms: bank.rows)
      },
    ]
  }
}

extension MemoryUpdateOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine(
        "views", "B × features", "the view that viewPolicy chooses, or the mean of both; of one step alone"
      ) {
        line in
        let (images, v) = (line.shape("images"), try line.matrix("embeddings"))
        guard images.count == 1 else { return nil }
        guard v.rows == 2 * images[0] else { return .matrix(v) }
        let (first, second) = (v.rows(0..<images[0]), v.rows(images[0]..<v.rows))
        return switch try line.prompt.choice(.viewPolicy) as MemoryViewPolicy {
        case .first: .matrix(first)
        case .second: .matrix(second)
        case .mean: .matrix((first + second).map { $0.scaledExactly(by: 0.5) })
        }
      },
      DefinitionLine("blends", "B × features", "u = μ m_i + (1 − μ) v, m_i the row before the step") { line in
        let (v, bank) = (try line.matrix("views"), try line.matrix("bank").asStoredBank)
        let images = try line.integers("images")
        let μ = try TrackedNumber(rounded: line.prompt.number(.bankMomentum))
        return .matrix(
          v.mapped { b, d, v in μ * bank.row(images[b])[d] + (TrackedNumber(exact: 1) - μ) * v }, terms: 2)
      },
      DefinitionLine("lengths", "B", "‖u‖") { line in
        let u = try line.matrix("blends")
        return .list((0..<u.rows).map { TrackedNumber.dot(u.row($0), u.row($0)).squareRoot }, terms: u.columns)
      },
      .output("bank.new", "m_i = u / ‖u‖, the image's last place counts, no row where ‖u‖ < 10⁻¹²") { line in
        line.note(["blends", "lengths"])
        // Of several steps the lines before it are not told, and it may follow from any of them.
        return line.shape("images").count == 1 ? .known : nil
      },
    ]
  }
}

extension BankEntropiesOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [.similarities("images × images", "s_ij = m_i·m_j / τ", "bank", "bank", .bankTemperature)]
      + DefinitionLine.entropies + [
        .output("entropies", DefinitionLine.entropyEquation) { try DefinitionLine.entropy(&$0) }
      ]
  }
}

extension NeighbourhoodDiscoveryOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [.similarities("images × images", "s_ij = m_i·m_j / τ", "bank", "bank", .bankTemperature)]
      + DefinitionLine.entropies + [
        DefinitionLine("entropies", "images", DefinitionLine.entropyEquation) { try DefinitionLine.entropy(&$0) },
        .output(
          "anchors", "the min(N, ⌊N · rate · round + 10⁻⁹⌋) images of smallest h, the smallest first",
          reads: ["entropies"]),
        .output(
          "neighbours", "of each anchor i the k images j ≠ i of largest s_ij, the largest first",
          reads: ["similarities", "anchors"]),
      ]
  }
}

extension NearestRowsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("similarities", "queries × rows", "m_i·m_j of each query i with every row j") { line in
        let (rows, queries) = (try line.matrix("rows"), try line.integers("queries"))
        let chosen = TrackedMatrix(rows: queries.count, columns: rows.columns, values: queries.flatMap { rows.row($0) })
        return .matrix(chosen.multiplied(byTransposed: rows), terms: rows.columns)
      },
      .output(
        "neighbours", "the k largest of each row but that of i itself, the largest first, ties to the lower j",
        reads: ["similarities"]),
    ]
  }
}

extension WeightedNeighboursOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      .similarities("queries × images", "q·f_j", "queries", "features"),
      DefinitionLine("scores", "queries × classes", "Σ exp((q·f_j − largest) / σ) over the k nearest j of each class") {
        line in
        let (s, labels) = (try line.matrix("similarities"), try line.integers("labels"))
        let (classifier, _) = try Self.classifier(line.prompt, as: Double.self)
        let σ = TrackedNumber(rounded: classifier.temperature)
        let scores = (0..<s.rows).flatMap { a -> [TrackedNumber] in
          let row = s.row(a)
          let nearest = row.indices.sorted { (row[$1].value, $0) < (row[$0].value, $1) }.prefix(
            classifier.neighbourCount)
          let largest = row[nearest[0]]
          return (0..<classifier.classCount).map { c in
            .sum(nearest.filter { labels[$0] == c }.map { .exp((row[$0] - largest) / σ) })
          }
        }
        return .real(scores, shape: [s.rows, classifier.classCount], terms: s.columns)
      },
      .output("predictions", "the class of the largest score, ties to the lower class", reads: ["scores"]),
    ]
  }
}
