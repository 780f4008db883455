// `tsuc explain aug`: the batch loss of relations to the bank.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// r_a = M v_a / ‖M v_a‖ computed.
struct RelationRows {
  let relations, units: Rows
  let lengths: [Double]

  init(views: Rows, bank: Rows) {
    relations = products(views, bank)
    lengths = relations.map(length)
    units = zip(relations, lengths).map { row, length in row.map { $0 / length } }
  }
}

extension BatchLoss<Double> {
  /// The batch loss of the relations of `views`, whose keys are the relations of `keys`, constants.
  func relationLoss(_ views: Tensor<Double>, keys: Rows, bank: Rows) -> Double {
    let (queries, constants) = (
      RelationRows(views: views.list, bank: bank), RelationRows(views: keys, bank: bank)
    )
    return evaluate(cosines: Tensor(rows: products(queries.units, constants.units))).loss
  }
}

extension Explanation {
  static let relations = Explanation(
    name: "aug", aliases: ["L_aug", "relation"],
    title: "L_AUG of stage 1: two views of one image should relate alike to all images of the bank",
    references: References(
      sources: [
        ("Sources/TwoStage/Losses/RelationLoss.swift", "RelationLoss"),
        ("Sources/TwoStage/Losses/BatchLoss.swift", "BatchLoss"),
      ],
      tests: ["Tests/TwoStageTests/Losses/RelationLossTests.swift"],
      golden: ["loss/relation-loss-one-sided", "loss/stage-one-loss-embedding-space"])
  ) { example in
    let small = SmallBank(example)
    let (views, bank, tau) = (small.views, small.bank, small.temperature)
    let relation = RelationRows(views: views, bank: bank)
    let steps = BatchLossSteps(cosines: products(relation.units, relation.units), temperature: tau)
    let gram = products(transposed(bank), transposed(bank))
    let pulled = products(views, gram)
    let short = zip(products(pulled, views), relation.lengths).map { row, length in
      zip(row, relation.lengths).map { $0 / (length * $1) }
    }
    let loss = BatchLoss<Double>(temperature: tau)
    let found = RelationLoss(batchLoss: loss).evaluate(embeddings: Tensor(rows: views), gram: small.library.gram)
    return [
      .prose(
        """
        A view's relations are its products with every image of the bank, made a unit vector of N numbers. The batch loss of \
        tsuc explain cp is applied to these, not to the embeddings. The bank's temperature cancels; the batch has its own. No \
        vector of N numbers is needed: the D × D matrix G = MᵀM gives every cosine.
        """),
      .heading("Formula"),
      .formula(
        """
        r_a = M v_a / ‖M v_a‖          L = batch loss of the rows r (tsuc explain cp), keys constant
        ⟨r_a, r_b⟩ = v_aᵀ G v_b / (n_a n_b),   G = Mᵀ M,   n_a = ‖M v_a‖ = √(v_aᵀ G v_a)
        ∂L/∂v_a = (1/n_a) (Σ_b g_ab u_b − c_a u_a),   u_a = G v_a / n_a,   c_a = Σ_b g_ab ⟨r_a, r_b⟩
        """),
      .heading("Example: two images, two views each, a bank of four"),
      .constants([.init("τ_b", tau)]),
      .table(NumberTable("M, the bank", columns: ["x", "y"], names: small.imageNames, numbers: bank)),
      .table(NumberTable("V, the embeddings", columns: ["x", "y"], names: small.rowNames, numbers: views)),
      .table(
        NumberTable(
          "M v and n = ‖M v‖", columns: small.columns + ["n"], names: small.rowNames,
          numbers: zip(relation.relations, relation.lengths).map { $0 + [$1] })),
      .table(NumberTable("r = M v / n", columns: small.columns, names: small.rowNames, numbers: relation.units)),
      .table(NumberTable("G = Mᵀ M", columns: ["x", "y"], names: ["x", "y"], numbers: gram)),
      .agreement(
        CrossCheck(
          "⟨r_a, r_b⟩ from r", steps.cosines.flatMap { $0 }, short.flatMap { $0 }, by: "v_aᵀ G v_b / (n_a n_b)")),
    ] + steps.passages(names: small.rowNames) + [
      .agreement(CrossCheck("L", [steps.loss], [found.loss], by: "RelationLoss")),
      .heading("Gradient, through the length of M v, with the keys constant"),
      .gradient(
        GradientCheck(
          "∂L/∂v", found.embeddingsGradient, at: Tensor(rows: views), names: small.rowNames,
          columns: ["x", "y"]
        ) { loss.relationLoss($0, keys: views, bank: bank) }),
    ]
  }
}
