// `tsuc explain ue`: the unification entropy.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// L_UE computed for rows of logits.
struct EntropySteps {
  /// exp z of the other images, 0 in the own column.
  let exponentials, probabilities, terms: Rows
  let sums, entropies: [Double]
  let loss: Double

  init(_ small: SmallBank) {
    exponentials = zip(small.logits, small.rowImages).map { z, i in z.enumerated().map { $0 == i ? 0 : Double.exp($1) }
    }
    sums = exponentials.map(total)
    probabilities = shares(exponentials)
    terms = each(probabilities) { $0 > 0 ? -$0 * Double.log($0) : 0 }
    entropies = terms.map(total)
    loss = mean(entropies)
  }
}

extension Explanation {
  static let entropy = Explanation(
    name: "ue", aliases: ["L_ue"],
    title: "L_UE of stage 1: a view should be sure which few other images it resembles",
    references: References(
      sources: [("Sources/TwoStage/Losses/UnificationEntropyLoss.swift", "UnificationEntropyLoss")],
      tests: ["Tests/TwoStageTests/Losses/UnificationEntropyLossTests.swift"],
      golden: ["loss/unification-entropy-others", "loss/unification-entropy-low"])
  ) { example in
    let small = SmallBank(example)
    let steps = EntropySteps(small)
    let loss = UnificationEntropyLoss<Double>()
    let found = loss.evaluate(logits: Tensor(rows: small.logits), images: small.rowImages)

    /// A row without its own column.
    func cells(_ row: [Double], _ a: Int) -> [NumberTable.Cell] {
      row.enumerated().map { $0 == small.rowImages[a] ? .none : .number($1) }
    }
    func table(_ caption: String, _ rows: Rows, _ last: String, _ ends: [Double]) -> Passage {
      .table(
        NumberTable(
          caption, columns: small.columns + [last],
          rows: rows.indices.map { (small.rowNames[$0], cells(rows[$0], $0) + [.number(ends[$0])]) }))
    }
    return [
      .prose(
        """
        The own image is taken out of the softmax; what is left is a distribution over the others. Its entropy is lowered, so that \
        a view gathers with a few images instead of floating between all. Enters the total with the weight w (tsuc explain w).
        """),
      .heading("Formula"),
      .formula(
        """
        p̃_aj = exp z_aj / Σ_{l≠i} exp z_al for j ≠ i         i: the image of row a
        H_a  = −Σ_{j≠i} p̃_aj log p̃_aj (0 log 0 = 0)           L = mean of H_a, in [0, log(N − 1)]
        ∂L/∂z_aj = −p̃_aj (log p̃_aj + H_a) / rows for j ≠ i, and exactly 0 for j = i
        """),
      .heading("Example"),
    ] + small.passages + [
      table("exp z of the others", steps.exponentials, "Σ", steps.sums),
      .table(
        NumberTable(
          "p̃ = exp z / Σ", columns: small.columns,
          rows: steps.probabilities.indices.map { (small.rowNames[$0], cells(steps.probabilities[$0], $0)) })),
      table("−p̃ log p̃", steps.terms, "H", steps.entropies),
      .agreement(CrossCheck("L", [steps.loss], [found.loss], by: "UnificationEntropyLoss")),
      .heading("Gradient"),
      .gradient(
        GradientCheck(
          "∂L/∂z", found.logitsGradient, at: Tensor(rows: small.logits), names: small.rowNames,
          columns: small.columns
        ) { loss.evaluate(logits: $0, images: small.rowImages).loss }),
      .prose(
        "A step goes against the gradient: the logit of the likeliest other image rises, so the sure become surer."),
    ]
  }
}
