// `tsuc explain and`: the anchor neighbourhood loss.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// L_AND computed for rows of logits.
struct NeighbourhoodSteps {
  let exponentials, probabilities: Rows
  let sums, inside, losses: [Double]
  let loss: Double

  init(_ small: SmallBank) {
    exponentials = each(small.logits, Double.exp)
    probabilities = shares(exponentials)
    sums = exponentials.map(total)
    inside = zip(probabilities, small.rowImages).map { p, i in p[i] + total(small.neighbours[i].map { p[$0] }) }
    losses = inside.map { -Double.log($0) }
    loss = mean(losses)
  }
}

extension Explanation {
  static let neighbourhood = Explanation(
    name: "and", aliases: ["L_and", "npid"],
    title: "L_AND of stage 1: a view is recognised as its own image or a neighbour of it",
    references: References(
      sources: [
        ("Sources/TwoStage/Losses/InstanceNeighbourhoodLoss.swift", "InstanceNeighbourhoodLoss"),
        ("Sources/TwoStage/Losses/BankDistribution.swift", "BankDistribution"),
      ],
      tests: ["Tests/TwoStageTests/Losses/InstanceNeighbourhoodLossTests.swift"],
      golden: ["loss/instance-neighbourhood-one-neighbour", "loss/instance-neighbourhood-several-neighbours"])
  ) { example in
    let small = SmallBank(example)
    let steps = NeighbourhoodSteps(small)
    let loss = InstanceNeighbourhoodLoss<Double>()
    let found = loss.evaluate(
      logits: Tensor(rows: small.logits), images: small.rowImages, neighbourhoods: small.neighbourhoods)
    let members = small.rowImages.map { [$0] + small.neighbours[$0] }

    return [
      .prose(
        """
        The softmax over the bank says which image a view seems to show. Probability on the view's own image is right; so is \
        probability on a neighbour, if the image is an anchor. In round 0 no image has neighbours: then this is the instance \
        loss of NPID.
        """),
      .heading("Formula"),
      .formula(
        """
        z_aj = ⟨v_a, m_j⟩ / τ        p_aj = exp z_aj / Σ_l exp z_al over all images l, the own included
        S_a  = {i} ∪ N(i) if image i of row a is an anchor, else {i}
        l_a  = −log q_a,   q_a = Σ_{j∈S_a} p_aj                 L = mean of l_a over all rows
        ∂L/∂z_aj = (p_aj − [j ∈ S_a] p_aj / q_a) / rows
        """),
      .heading("Example: image 0 is an anchor with the neighbour 1, image 2 has none"),
    ] + small.passages + [
      .table(
        NumberTable(
          "exp z", columns: small.columns + ["Σ"], names: small.rowNames,
          numbers: zip(steps.exponentials, steps.sums).map { $0 + [$1] })),
      .table(
        NumberTable(
          "p = exp z / Σ, q = Σ p over S, l = −log q", columns: small.columns + ["S", "q", "l"],
          rows: small.rowNames.indices.map { a in
            (
              small.rowNames[a],
              steps.probabilities[a].map { .number($0) }
                + [
                  .name("{" + members[a].map(String.init).joined(separator: ",") + "}"), .number(steps.inside[a]),
                  .number(steps.losses[a]),
                ]
            )
          })),
      .agreement(CrossCheck("L", [steps.loss], [found.loss], by: "InstanceNeighbourhoodLoss")),
      .heading("Gradient"),
      .gradient(
        GradientCheck(
          "∂L/∂z", found.logitsGradient, at: Tensor(rows: small.logits), names: small.rowNames,
          columns: small.columns
        ) { loss.evaluate(logits: $0, images: small.rowImages, neighbourhoods: small.neighbourhoods).loss }),
      .prose(
        "Inside S the gradient is negative: these logits rise. Every row sums to zero, as softmax does not see a common shift."
      ),
    ]
  }
}
