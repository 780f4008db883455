// `tsuc explain assign` and `stage2`: from embeddings to the classes' loss, and the total of stage 2.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// Two images, two views each, and two heads of two classes.
package struct SmallHeads: Sendable {
  /// V, the first views above the second views.
  package let views: Rows
  /// W of each head, features × classes.
  package let weights: [Rows]
  /// τ_c.
  package let temperature: Double
  /// The names of the rows of V.
  let names = ["image 0, first", "image 1, first", "image 0, second", "image 1, second"]

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    views = example.rows([[0.96, 0.28], [-0.28, 0.96], [0.8, 0.6], [-0.6, 0.8]])
    weights = [example.rows([[1, -0.5], [0.5, 2]]), example.rows([[0.3, -1.5], [-1.2, 0.4]])]
    temperature = example.constant(0.5)
  }

  /// The library's heads.
  var library: ClusterHeads<Double> {
    ClusterHeads(weights: weights.map { Tensor(rows: $0) }, temperature: temperature)
  }

  /// Both heads, and their losses.
  func steps() -> (heads: [HeadSteps], information: [InformationSteps]) {
    let heads = weights.map { HeadSteps(views: views, weight: $0, temperature: temperature) }
    return (
      heads,
      heads.map {
        InformationSteps(first: Array($0.probabilities.prefix(2)), second: Array($0.probabilities.suffix(2)))
      }
    )
  }

  /// What the library says of a loss of these views and heads.
  func evaluate(_ loss: StageTwoLoss<Double>) -> StageTwoLoss<Double>.Evaluation {
    var heads = library
    return loss.evaluate(embeddings: Tensor(rows: views), accumulatingInto: &heads)
  }

  /// The inputs.
  var inputs: [Passage] {
    [
      .constants([.init("τ_c", temperature)]),
      .table(NumberTable("V, first views above second views", columns: ["x", "y"], names: names, numbers: views)),
    ]
      + weights.enumerated().map { h, weight in
        .table(NumberTable("W of head \(h)", columns: numbered("w", 2), names: ["x", "y"], numbers: weight))
      }
  }
}

/// The same heads with the constants of the total loss.
package struct StageTwoExample: Sendable {
  /// The views and the heads.
  package let small: SmallHeads
  /// λ, the weight of L_cp.
  package let consistencyWeight: Double
  /// The temperature of L_cp.
  package let temperature: Double

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    small = SmallHeads(example)
    (consistencyWeight, temperature) = (example.constant(0.25), example.constant(0.4))
  }
}

private let classColumns = ["c = 0", "c = 1"]

extension Explanation {
  static let assignment = Explanation(
    name: "assign", aliases: ["L_assign"],
    title: "L_assign of stage 2: minus the mutual information of both views' classes",
    references: References(
      sources: [
        ("Sources/TwoStage/StageTwoLoss.swift", "StageTwoLoss"),
        ("Sources/TwoStage/Losses/MutualInformationLoss.swift", "MutualInformationLoss"),
      ],
      tests: [
        "Tests/TwoStageTests/StageTwoLossTests.swift", "Tests/TwoStageTests/Losses/MutualInformationLossTests.swift",
      ],
      golden: ["loss/stage-two-loss-no-consistency", "loss/stage-two-loss-three-heads"])
  ) { example in
    let small = SmallHeads(example)
    let (heads, information) = small.steps()
    let loss = StageTwoLoss<Double>(consistencyWeight: 0)
    let found = small.evaluate(loss)
    let losses = information.map(\.loss)
    return [
      .prose(
        """
        Each head turns both views of an image into class probabilities (tsuc explain norm-fc) and has its own loss (tsuc explain \
        mi). The heads share nothing but the encoder. Their losses are averaged, not summed, or five heads would count five times \
        against L_cp.
        """),
      .heading("Formula"),
      .formula(
        """
        y_h = softmax(V W̄_h / τ_c)       Y₁ = y_h of the first views,  Y₂ = y_h of the second views
        L_assign = (1/H) Σ_h −I(P_h),    P_h = (Y₁ᵀ Y₂ + Y₂ᵀ Y₁) / 2 over its sum
        """),
      .heading("Example: two images, two heads of two classes"),
    ] + small.inputs
      + zip(heads, information).enumerated().flatMap { h, steps -> [Passage] in
        [
          .heading("Head \(h)"),
          .table(
            NumberTable(
              "y = softmax(V W̄ / τ_c)", columns: classColumns, names: small.names, numbers: steps.0.probabilities)),
        ] + steps.1.passages
      } + [
        .heading("Together"),
        .table(
          NumberTable(
            "−I of each head, and their mean", columns: ["head 0", "head 1", "mean"], names: ["L"],
            numbers: [losses + [mean(losses)]])),
        .agreement(CrossCheck("heads' losses", losses, found.heads, by: "StageTwoLoss")),
        .agreement(CrossCheck("L_assign", [mean(losses)], [found.assignment], by: "StageTwoLoss")),
        .heading("Gradient of the embeddings, through both heads"),
        .gradient(
          GradientCheck(
            "∂L/∂V", found.embeddingsGradient, at: Tensor(rows: small.views), names: small.names,
            columns: ["x", "y"]
          ) {
            var heads = small.library
            return loss.evaluate(embeddings: $0, accumulatingInto: &heads).total
          }),
      ]
  }

  static let stageTwo = Explanation(
    name: "stage2", aliases: ["L_2"],
    title: "the total of stage 2: L_assign + λ L_cp",
    references: References(
      sources: [
        ("Sources/TwoStage/StageTwoLoss.swift", "StageTwoLoss"), ("Sources/TwoStage/StageTwo.swift", "StageTwo"),
      ],
      tests: ["Tests/TwoStageTests/StageTwoLossTests.swift", "Tests/TwoStageTests/StageTwoTests.swift"],
      golden: ["loss/stage-two-loss-weights", "step/stage-two-step-two-streams", "trajectory/stage-two-trajectory-10"])
  ) { example in
    let given = StageTwoExample(example)
    let (small, lambda, tau) = (given.small, given.consistencyWeight, given.temperature)
    let (_, information) = small.steps()
    let pairs = BatchLossSteps(cosines: products(small.views, small.views), temperature: tau)
    let assignment = mean(information.map(\.loss))
    let sum = assignment + lambda * pairs.loss
    let (batchLoss, keys) = (BatchLoss<Double>(temperature: tau), Tensor<Double>(rows: small.views))
    let assignmentLoss = StageTwoLoss<Double>(consistencyWeight: 0)
    let found = small.evaluate(StageTwoLoss(consistency: batchLoss, consistencyWeight: lambda))
    return [
      .prose(
        """
        L_assign (tsuc explain assign) finds classes; alone it would bend the embedding to the heads' first guesses. L_cp (tsuc \
        explain cp) keeps every image apart from the others and beside its other view. Encoder and optimiser: the weights of \
        stage 1 go on, the velocities do not; the bank is gone. The epoch of the lowest mean total is kept, and in it the head \
        of the lowest loss, or a vote of all heads (--stage-two.final-answer).
        """),
      .heading("Formula"),
      .formula(
        """
        one step:  V = E(first views above second views)
                   L = (1/H) Σ_h L_assign(head h of V) + λ L_cp(V)
                   ∂L/∂V ─▶ through the unit rows ─▶ encoder ─▶ SGD with Nesterov's momentum
        """),
      .heading("Example: two images, two heads of two classes"),
      .constants([.init("λ", lambda), .init("τ_b", tau)]),
    ] + small.inputs + [
      .table(
        NumberTable(
          "heads' losses and their mean", columns: ["head 0", "head 1", "L_assign"], names: ["L"],
          numbers: [information.map(\.loss) + [assignment]])),
      .table(
        NumberTable(
          "rows' losses of L_cp and their mean", columns: small.views.indices.map { "row \($0)" } + ["L_cp"],
          names: ["l"],
          numbers: [pairs.losses + [pairs.loss]])),
      .table(
        NumberTable(
          "L = L_assign + λ L_cp", columns: ["L_assign", "λ L_cp", "L"], names: ["L"],
          numbers: [[assignment, lambda * pairs.loss, sum]])),
      .agreement(CrossCheck("L_cp", [pairs.loss], [found.consistency ?? .nan], by: "StageTwoLoss")),
      .agreement(CrossCheck("L", [sum], [found.total], by: "StageTwoLoss")),
      .heading("Gradient of the embeddings, with the keys of L_cp constant"),
      .gradient(
        GradientCheck(
          "∂L/∂V", found.embeddingsGradient, at: keys, names: small.names, columns: ["x", "y"]
        ) {
          var heads = small.library
          return assignmentLoss.evaluate(embeddings: $0, accumulatingInto: &heads).total
            + lambda * batchLoss.evaluate(cosines: $0.multiplied(by: keys, otherTransposed: true)).loss
        }),
    ]
  }
}
