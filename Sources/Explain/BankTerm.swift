// `tsuc explain bank`: the products with the memory bank, and what a batch writes into it.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// A gradient of the logits to pull back, and a weight of the old row.
package struct BankExample: Sendable {
  /// The bank and the batch.
  package let small: SmallBank
  /// ρ, the weight of the old row.
  package let momentum: Double
  /// Some ∂L/∂z.
  package let cotangent: Rows

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    small = SmallBank(example)
    momentum = example.constant(0.75)
    cotangent = example.rows([[1, -0.5, 0.25, 0], [0.5, 1, -1, 0.75], [-0.25, 0.5, 1, -1], [1, 0.25, -0.5, 0.5]])
  }

  /// The library's bank after the batch has been written into it.
  var written: MemoryBank<Double> {
    var bank = MemoryBank(rows: Tensor(rows: small.bank), temperature: small.temperature, momentum: momentum)
    bank.update(images: small.images, embeddings: Tensor(rows: small.views))
    return bank
  }
}

extension Explanation {
  static let bank = Explanation(
    name: "bank", aliases: ["M", "memory"],
    title: "the memory bank of stage 1: one remembered vector for each image",
    references: References(
      sources: [("Sources/TwoStage/MemoryBank.swift", "MemoryBank")],
      tests: ["Tests/TwoStageTests/MemoryBankTests.swift"],
      golden: ["memory/memory-logits-quarter", "memory/memory-update-second", "memory/memory-update-half"])
  ) { example in
    let given = BankExample(example)
    let (small, momentum, cotangent) = (given.small, given.momentum, given.cotangent)
    // The second view of image b is row b + 2.
    let mixed = small.images.enumerated().map { b, image in
      zip(small.bank[image], small.views[b + 2]).map { momentum * $0 + (1 - momentum) * $1 }
    }
    let lengths = mixed.map(length)
    let units = zip(mixed, lengths).map { row, length in row.map { $0 / length } }
    var written = small.bank
    for (image, row) in zip(small.images, units) { written[image] = row }
    let (bank, names) = (small.library, small.images.map { "m\(subscripted($0))" })
    return [
      .prose(
        """
        The bank takes the place of a trained layer with one output for each image. A step reads it first and writes it last. It \
        is a buffer: no gradient goes into it, and no optimiser knows of it. Rows start as random numbers, uniform in ±√(3/D), and \
        have length one from their first write on.
        """),
      .heading("Formula"),
      .formula(
        """
        z_aj = ⟨v_a, m_j⟩ / τ                     ∂L/∂v_a = (1/τ) Σ_j (∂L/∂z_aj) m_j
        m_i ← u / ‖u‖,   u = ρ m_i + (1 − ρ) v    v: the second view of image i; ρ weighs the OLD row
        """),
      .heading("Example: reading"),
    ] + small.passages + [
      .table(NumberTable("g, some ∂L/∂z", columns: small.columns, names: small.rowNames, numbers: cotangent)),
      .gradient(
        GradientCheck(
          "∂L/∂V = g M / τ", bank.embeddingsGradient(ofLogits: Tensor(rows: cotangent)), at: Tensor(rows: small.views),
          names: small.rowNames, columns: ["x", "y"]
        ) { dot(bank.logits(of: $0).values, cotangent.flatMap { $0 }) }),
      .heading("Example: writing the batch of images 0 and 2"),
      .constants([.init("ρ", momentum)]),
      .table(
        NumberTable(
          "u = ρ m + (1 − ρ) v of the second view, its length, and u / ‖u‖",
          columns: ["u x", "u y", "‖u‖", "new x", "new y"],
          names: names, numbers: mixed.indices.map { mixed[$0] + [lengths[$0]] + units[$0] })),
      .table(
        NumberTable(
          "the bank afterwards; other rows keep every bit", columns: ["x", "y"], names: small.imageNames,
          numbers: written)),
      .agreement(CrossCheck("the bank", written.flatMap { $0 }, given.written.rows, by: "MemoryBank.update")),
    ]
  }
}
