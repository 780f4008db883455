// `tsuc explain cp`: the batch loss on embeddings, and Eq. 10-11 as the paper prints them.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// The batch loss computed from the cosines of its rows, first views above second views.
struct BatchLossSteps {
  let cosines: Rows
  let temperature: Double
  /// exp(s_ab), 0 for the row itself; and Q_ab = exp(s_ab) / Z_a.
  let exponentials, shares: Rows
  /// Z_a, −log Q of the partner, −Σ log(1 − Q) of the others, and their sum.
  let sums, positives, negatives, losses: [Double]
  let loss: Double

  init(cosines: Rows, temperature: Double) {
    (self.cosines, self.temperature) = (cosines, temperature)
    let count = cosines.count
    exponentials = cosines.enumerated().map { a, row in
      row.enumerated().map { $0 == a ? 0 : Double.exp($1 / temperature) }
    }
    sums = exponentials.map(total)
    let shares = zip(exponentials, sums).map { row, sum in row.map { $0 / sum } }
    self.shares = shares
    func partner(_ a: Int) -> Int { (a + count / 2) % count }
    positives = shares.indices.map { -Double.log(shares[$0][partner($0)]) }
    negatives = shares.indices.map { a in
      -total(shares.indices.filter { $0 != a && $0 != partner(a) }.map { Double.log(1 - shares[a][$0]) })
    }
    losses = zip(positives, negatives).map { $0 + $1 }
    loss = mean(losses)
  }

  /// The steps as tables.
  func passages(names: [String]) -> [Passage] {
    let columns = cosines.indices.map { "b = \($0)" }
    func table(_ caption: String, _ rows: Rows, _ ends: [(String, [Double])]) -> Passage {
      .table(
        NumberTable(
          caption, columns: columns + ends.map(\.0),
          rows: rows.indices.map { a in
            let cells: [NumberTable.Cell] = rows[a].enumerated().map { $0 == a ? .none : .number($1) }
            return (names[a], cells + ends.map { .number($0.1[a]) })
          }))
    }
    return [
      table("s_ab = ⟨r_a, r_b⟩ / τ_b, without the row itself", each(cosines) { $0 / temperature }, []),
      table("exp s and Z_a = Σ_{b≠a} exp s_ab", exponentials, [("Z", sums)]),
      table("Q_ab = exp s_ab / Z_a", shares, []),
      .table(
        NumberTable(
          "the partner's −log Q, the others' −Σ log(1 − Q), and both: l",
          columns: ["partner", "−log Q", "−Σ log(1−Q)", "l"],
          rows: losses.indices.map { a in
            (
              names[a],
              [
                .whole((a + losses.count / 2) % losses.count), .number(positives[a]), .number(negatives[a]),
                .number(losses[a]),
              ]
            )
          })),
    ]
  }
}

/// The loss by the letter of (10) and (11): only originals are keys, and the query's similarity with itself stays in Z.
private func printedLoss(_ rows: Rows, _ temperature: Double) -> Double {
  let originals = Array(rows.prefix(rows.count / 2))
  let exponentials = each(products(rows, originals)) { Double.exp($0 / temperature) }
  let q = zip(exponentials, exponentials.map(total)).map { row, sum in row.map { $0 / sum } }
  let losses = originals.indices.map { i in
    -Double.log(q[i + originals.count][i])
      - total(originals.indices.filter { $0 != i }.map { Double.log(1 - q[i][$0]) })
  }
  return mean(losses)
}

extension Explanation {
  static let batchLoss = Explanation(
    name: "cp", aliases: ["L_cp", "eq10", "eq11", "eq10-11", "isif"],
    title: "L_cp of stage 2, Eq. 10-11: in a batch of views, pick the other view of the image",
    references: References(
      sources: [
        ("Sources/TwoStage/Losses/BatchLoss.swift", "BatchLoss"),
        ("Sources/TwoStage/Losses/BatchLossRow.swift", "BatchLossRow"),
      ],
      tests: ["Tests/TwoStageTests/Losses/BatchLossTests.swift"],
      golden: ["loss/batch-loss-one-sided", "loss/batch-loss-paper", "edge/batch-loss-antipodal-pairs"])
  ) { example in
    let small = SmallBank(example)
    let rows = small.views
    let tau = small.temperature
    let steps = BatchLossSteps(cosines: products(rows, rows), temperature: tau)
    let (loss, keys) = (BatchLoss<Double>(temperature: tau), Tensor<Double>(rows: rows))
    let found = loss.evaluate(keys)
    let printed = BatchLoss<Double>(temperature: tau, denominator: .paper).evaluate(keys).loss
    return [
      .prose(
        """
        A softmax over the batch instead of over the bank. Each row asks for its partner, the other view of its image, and asks \
        every other row to be unlike. Stage 2 adds it with the weight λ, so that the embedding keeps telling images apart while \
        classes form. L_AUG of stage 1 is the same loss of other rows (tsuc explain aug).
        """),
      .heading("Formula"),
      .formula(
        """
        s_ab = ⟨r_a, sg(r_b)⟩ / τ_b               sg: a constant for gradients; π(a) = (a + B) mod 2B
        Q_ab = exp s_ab / Σ_{c≠a} exp s_ac        the row itself is nowhere, neither above nor below
        l_a  = −log Q_a,π(a) − Σ_{b∉{a,π(a)}} log(1 − Q_ab)             L = mean of l_a over all 2B rows
        ∂L/∂r_a = (1/2Bτ_b) Σ_b g_ab r_b,   g_ab = Q_ab (1 − A_a) − [b = π(a)] + [b ∉ {a,π(a)}] O_ab
                  O = Q / (1 − Q), the odds;   A_a = Σ O_ab over the rows that are neither a nor π(a)
        """),
      .heading("Example: two images, so four rows"),
      .constants([.init("τ_b", tau)]),
      .table(NumberTable("r = V", columns: ["x", "y"], names: small.rowNames, numbers: rows)),
    ] + steps.passages(names: small.rowNames) + [
      .agreement(CrossCheck("L", [steps.loss], [found.loss], by: "BatchLoss")),
      .agreement(
        CrossCheck(
          "L of Eq. 10-11", [printedLoss(rows, tau)], [printed], by: "denominator paper")),
      .prose(
        """
        The paper prints a sum over images in which only originals are keys, augmented views ask for their original, and a \
        query's similarity with itself stays below the line; the second number is that formula's mean over images. The released \
        program, and the default here, is the first.
        """),
      .heading("Gradient, with the second factor of every product a constant"),
      .gradient(
        GradientCheck(
          "∂L/∂r", found.rowsGradient, at: keys, names: small.rowNames, columns: ["x", "y"]
        ) { loss.evaluate(cosines: $0.multiplied(by: keys, otherTransposed: true)).loss }),
    ]
  }
}
