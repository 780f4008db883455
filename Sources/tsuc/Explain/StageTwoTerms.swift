// `tsuc explain assign` and `stage2`: from embeddings to the classes' loss, and the total of stage 2.
// Tests    tsucTests/ExplainTests.swift
import Kernels
import Networks
import Oracle
import TwoStage

/// Two images, two views each, and two heads of two classes.
private struct SmallHeads {
  let views: Rows
  let weights: [Rows]
  let temperature: Double
  let names = ["image 0, first", "image 1, first", "image 0, second", "image 1, second"]

  init(_ example: Example) {
    views = example.rows([[0.96, 0.28], [-0.28, 0.96], [0.8, 0.6], [-0.6, 0.8]])
    weights = [example.rows([[1, -0.5], [0.5, 2]]), example.rows([[0.3, -1.5], [-1.2, 0.4]])]
    temperature = example.constant(0.5)
  }

  var library: ClusterHeads<Double> {
    ClusterHeads(weights: weights.map { Tensor(rows: $0) }, temperature: temperature)
  }

  func walks() -> (heads: [HeadWalk], information: [InformationWalk]) {
    let heads = weights.map { HeadWalk(views: views, weight: $0, temperature: temperature) }
    return (
      heads,
      heads.map {
        InformationWalk(first: Array($0.probabilities.prefix(2)), second: Array($0.probabilities.suffix(2)))
      }
    )
  }

  func prompt(_ parameters: [String: ParameterValue]) -> Prompt {
    var prompt = Prompt.asking(
      "stage-two-loss", parameters.merging(["headTemperature": .number(temperature)]) { first, _ in first },
      rows: ["embeddings": views])
    prompt.inputs["heads"] = .real(Tensor<Double>(shape: [2, 2, 2], values: weights.flatMap { $0.flatMap { $0 } }))
    return prompt
  }

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

private let classColumns = ["c = 0", "c = 1"]
private let watchedGradient = [
  Watched("∂L/∂x₀", "embeddings.gradient"), Watched("∂L/∂y₀", "embeddings.gradient", 1),
]

extension Explanation {
  static let assignment = Explanation(
    name: "assign", aliases: ["L_assign"],
    title: "L_assign of stage 2: minus the mutual information of both views' classes",
    places: Places(
      sources: [
        ("Sources/TwoStage/StageTwoLoss.swift", "StageTwoLoss"),
        ("Sources/TwoStage/Losses/MutualInformation.swift", "MutualInformation"),
      ],
      tests: [
        "Tests/TwoStageTests/StageTwoLossTests.swift", "Tests/TwoStageTests/Losses/MutualInformationTests.swift",
      ],
      golden: ["loss/stage-two-loss-no-consistency", "loss/stage-two-loss-three-heads"])
  ) { example in
    let small = SmallHeads(example)
    let (heads, information) = small.walks()
    let question = try Question(small.prompt(["consistencyWeight": .integer(0)]))
    let loss = StageTwoLoss<Double>(consistencyWeight: 0)
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
      + zip(heads, information).enumerated().flatMap { h, walk -> [Passage] in
        [
          .heading("Head \(h)"),
          .table(
            NumberTable(
              "y = softmax(V W̄ / τ_c)", columns: classColumns, names: small.names, numbers: walk.0.probabilities)),
        ] + walk.1.passages
      } + [
        .heading("Together"),
        .table(
          NumberTable(
            "−I of each head, and their mean", columns: ["head 0", "head 1", "mean"], names: ["L"],
            numbers: [losses + [mean(losses)]])),
        .agreement(CrossCheck("heads' losses", losses, try question.real("heads.losses"), by: "StageTwoLoss")),
        .agreement(CrossCheck("L_assign", [mean(losses)], [try question.number("assignment")], by: "StageTwoLoss")),
        .heading("Gradient of the embeddings, through both heads"),
        .gradient(
          GradientCheck(
            "∂L/∂V", try question.real("embeddings.gradient"), at: Tensor(rows: small.views), names: small.names,
            columns: ["x", "y"]
          ) {
            var heads = small.library
            return loss.evaluate(embeddings: $0, heads: &heads).total
          }),
      ]
      + (try question.mistakes(
        ["head.summed", "normfc.feature-axis"], watching: [Watched("L_assign", "assignment")] + watchedGradient))
  }

  static let stageTwo = Explanation(
    name: "stage2", aliases: ["L_2"],
    title: "the total of stage 2: L_assign + λ L_cp",
    places: Places(
      sources: [
        ("Sources/TwoStage/StageTwoLoss.swift", "StageTwoLoss"), ("Sources/TwoStage/StageTwo.swift", "StageTwo"),
      ],
      tests: ["Tests/TwoStageTests/StageTwoLossTests.swift", "Tests/TwoStageTests/StageTwoTests.swift"],
      golden: ["loss/stage-two-loss-weights", "step/stage-two-step-two-streams", "trajectory/stage-two-trajectory-10"])
  ) { example in
    let small = SmallHeads(example)
    let (lambda, tau) = (example.constant(0.25), example.constant(0.4))
    let (_, information) = small.walks()
    let pairs = BatchLossWalk(cosines: products(small.views, small.views), temperature: tau)
    let assignment = mean(information.map(\.loss))
    let sum = assignment + lambda * pairs.loss
    let question = try Question(
      small.prompt(["consistencyWeight": .number(lambda), "temperature": .number(tau)]))
    let (batchLoss, keys) = (BatchLoss<Double>(temperature: tau), Tensor<Double>(rows: small.views))
    let assignmentLoss = StageTwoLoss<Double>(consistencyWeight: 0)
    return [
      .prose(
        """
        L_assign (tsuc explain assign) finds classes; alone it would bend the embedding to the heads' first guesses. L_cp (tsuc \
        explain cp) keeps every image apart from the others and beside its other view. Encoder and optimiser: the weights of \
        stage 1 go on, the velocities do not; the bank is gone. The epoch of the lowest mean total is kept, and in it the head \
        of the lowest loss.
        """),
      .heading("Formula"),
      .formula(
        """
        one step:  V = E(first views above second views)
                   L = (1/H) Σ_h L_assign(head h of V) + λ L_cp(V)
                   ∂L/∂V ─▶ through the unit rows ─▶ encoder ─▶ SGD with Nesterov's momentum
        """),
      .heading("Example: two images, two heads of two classes"),
      .constants([.init("λ", lambda), .init("τ of L_cp", tau)]),
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
      .agreement(CrossCheck("L_cp", [pairs.loss], [try question.number("consistency")], by: "StageTwoLoss")),
      .agreement(CrossCheck("L", [sum], [try question.number("total")], by: "StageTwoLoss")),
      .heading("Gradient of the embeddings, with the keys of L_cp constant"),
      .gradient(
        GradientCheck(
          "∂L/∂V", try question.real("embeddings.gradient"), at: keys, names: small.names, columns: ["x", "y"]
        ) {
          var heads = small.library
          return assignmentLoss.evaluate(embeddings: $0, heads: &heads).total
            + lambda * batchLoss.evaluate(cosines: $0.multiplied(by: keys, otherTransposed: true)).loss
        }),
    ]
      + (try question.mistakes(
        ["cp.weight-lost", "head.temperatures-swapped"],
        watching: [Watched("L_assign", "assignment"), Watched("L_cp", "consistency"), Watched("L", "total")]
          + watchedGradient))
  }
}
