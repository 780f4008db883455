// `tsuc explain mi`: the joint matrix of two views' classes and its mutual information.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// The loss of one head computed from Y₁ and Y₂ (λ_m = 1).
struct InformationSteps {
  /// Y₁ᵀ Y₂, and half the sum of that with its transpose, over its sum.
  let counts, joint: Rows
  let rowSums, columnSums: [Double]
  /// P (log P − log r − log q).
  let terms: Rows
  let loss: Double

  init(first: Rows, second: Rows) {
    let counts = products(transposed(first), transposed(second))
    self.counts = counts
    let symmetric = counts.indices.map { i in counts.indices.map { (counts[i][$0] + counts[$0][i]) / 2 } }
    let sum = total(symmetric.map(total))
    let joint = each(symmetric) { $0 / sum }
    let (rowSums, columnSums) = (joint.map(total), transposed(joint).map(total))
    terms = joint.indices.map { c in
      joint.indices.map { joint[c][$0] * Double.log(joint[c][$0] / (rowSums[c] * columnSums[$0])) }
    }
    (self.joint, self.rowSums, self.columnSums) = (joint, rowSums, columnSums)
    loss = -total(terms.map(total))
  }

  /// P with its marginals, and the terms of the sum.
  var passages: [Passage] {
    let names = joint.indices.map { "c = \($0)" }
    return [
      .table(NumberTable("Y₁ᵀ Y₂, not yet symmetric", columns: names, names: names, numbers: counts)),
      .table(
        NumberTable(
          "P = (Y₁ᵀ Y₂ + its transpose) / 2, over its sum; r and q are its sums", columns: names + ["r"],
          rows: joint.indices.map { (names[$0], (joint[$0] + [rowSums[$0]]).map { .number($0) }) }
            + [("q", columnSums.map { .number($0) } + [.none])])),
      .table(
        NumberTable(
          "P (log P − log r − log q): the terms of the information", columns: names, names: names, numbers: terms)),
    ]
  }
}

/// Three images in three classes.
package struct InformationExample: Sendable {
  /// Y₁ and Y₂, images × classes; every row sums to 1.
  package let first, second: Rows

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    first = shares(example.rows([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]))
    second = shares(example.rows([[0.6, 0.1, 0.3], [0.2, 0.7, 0.1], [0.1, 0.4, 0.5]]))
  }
}

extension Explanation {
  static let information = Explanation(
    name: "mi", aliases: ["iic", "I"],
    title: "one head's loss: minus the mutual information of the classes of two views",
    references: References(
      sources: [("Sources/TwoStage/Losses/MutualInformationLoss.swift", "MutualInformationLoss")],
      tests: ["Tests/TwoStageTests/Losses/MutualInformationLossTests.swift"],
      golden: [
        "loss/mutual-information-released", "loss/mutual-information-weight-2", "edge/mutual-information-empty-cluster",
      ])
  ) { example in
    let given = InformationExample(example)
    let (first, second) = (given.first, given.second)
    let steps = InformationSteps(first: first, second: second)
    let loss = MutualInformationLoss<Double>()
    let classes = (0..<3).map { "c = \($0)" }
    let (one, two) = (Tensor<Double>(rows: first), Tensor<Double>(rows: second))
    let found = loss.evaluate(first: one, second: two)
    // Rows that are moved by differences sum to 1 within the 1e-4 that the library allows.
    return [
      .prose(
        """
        Y₁ and Y₂ hold the class probabilities of the first and the second views. P says how often two views of an image fall into \
        the classes c and c'. Its information is largest, log K, if views always agree (P is diagonal) and all classes are equally \
        large (r = q = 1/K). The loss is minus that, so it is negative, and at best −log K.
        """),
      .heading("Formula"),
      .formula(
        """
        P = (Y₁ᵀ Y₂ + Y₂ᵀ Y₁) / 2 over its sum       r_c = Σ_c' P_cc'       q_c' = Σ_c P_cc'
        L = −Σ_cc' P_cc' (log P_cc' − λ_m log r_c − λ_m log q_c')          λ_m = 1: L = −I
        G = ∂L/∂P = −(log P − λ_m log r − λ_m log q) − 1 + 2 λ_m
        D = (G − Σ P∘G) / Σ P_s, made symmetric
        ∂L/∂Y₁ = Y₂ Dᵀ          ∂L/∂Y₂ = Y₁ D
        """),
      .heading("Example: three images, three classes"),
      .table(NumberTable("Y₁, first views", columns: classes, names: (0..<3).map { "image \($0)" }, numbers: first)),
      .table(NumberTable("Y₂, second views", columns: classes, names: (0..<3).map { "image \($0)" }, numbers: second)),
    ] + steps.passages + [
      .agreement(CrossCheck("P", steps.joint.flatMap { $0 }, found.joint, by: "MutualInformationLoss")),
      .agreement(CrossCheck("L", [steps.loss], [found.loss], by: "MutualInformationLoss")),
      .heading("Gradient"),
      .gradient(
        GradientCheck(
          "∂L/∂Y₁", found.firstGradient, at: one, names: (0..<3).map { "image \($0)" }, columns: classes
        ) { loss.evaluate(first: $0, second: two).loss }),
      .gradient(
        GradientCheck(
          "∂L/∂Y₂", found.secondGradient, at: two, names: (0..<3).map { "image \($0)" },
          columns: classes
        ) { loss.evaluate(first: one, second: $0).loss }),
      .prose("Both views take a gradient. Entries of P below the floor would take none; here there are none."),
    ]
  }
}
