// `tsuc explain norm-fc`: heads whose class vectors have unit length.
// Tests    ExplainTests/ExplainTests.swift
import Kernels
import Networks
import TwoStage

/// One head computed: y = softmax(V W̄ / τ_c), W̄'s columns of unit length.
struct HeadSteps {
  let lengths: [Double]
  let directions, scores, exponentials, probabilities: Rows
  let sums: [Double]

  /// Works out a head of the given weight, features × classes.
  init(views: Rows, weight: Rows, temperature: Double) {
    let vectors = transposed(weight)
    let lengths = vectors.map(length)
    let units = zip(vectors, lengths).map { vector, length in vector.map { $0 / length } }
    self.lengths = lengths
    directions = transposed(units)
    scores = each(products(views, units)) { $0 / temperature }
    exponentials = each(scores, Double.exp)
    sums = exponentials.map(total)
    probabilities = shares(exponentials)
  }
}

/// One head of three classes in two dimensions.
package struct HeadExample: Sendable {
  /// V, views × features.
  package let views: Rows
  /// W as drawn, features × classes.
  package let weight: Rows
  /// g, some ∂L/∂y.
  package let cotangent: Rows
  /// τ_c.
  package let temperature: Double

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    views = example.rows([[0.6, 0.8], [0.96, -0.28]])
    weight = example.rows([[3, 0.5, -1], [4, 1.2, 0.75]])
    cotangent = example.rows([[1, -0.5, 0.25], [-0.75, 0.5, 1]])
    temperature = example.constant(0.5)
  }
}

extension Explanation {
  static let heads = Explanation(
    name: "norm-fc", aliases: ["heads"],
    title: "the classifier of stage 2: fixed random class vectors of unit length",
    references: References(
      sources: [("Sources/TwoStage/ClusterHeads.swift", "ClusterHeads")],
      tests: ["Tests/TwoStageTests/ClusterHeadsTests.swift"],
      golden: ["head/cluster-heads-class-axis", "head/cluster-heads-released"])
  ) { example in
    let given = HeadExample(example)
    let (views, weight, cotangent, tau) = (given.views, given.weight, given.cotangent, given.temperature)
    let steps = HeadSteps(views: views, weight: weight, temperature: tau)
    var library = ClusterHeads(weights: [Tensor(rows: weight)], temperature: tau)
    let (probabilities, cache) = library.forward(Tensor(rows: views))
    let gradient = library.backward([Tensor(rows: cotangent)], cache: cache)
    let (classes, names, features) = (numbered("w", 3), ["view 0", "view 1"], ["x", "y"])
    return [
      .prose(
        """
        A head is a matrix W of normal random numbers that is never trained: class k stands for the direction of its column. With \
        all columns of length one no class wins by being long. Only the encoder moves, so it must bring images to the directions. \
        Several heads, each with its own random W, are tried at once.
        """),
      .heading("Formula"),
      .formula(
        """
        w_k = W[:, k] / ‖W[:, k]‖       y_ak = exp(⟨v_a, w_k⟩ / τ_c) / Σ_l exp(⟨v_a, w_l⟩ / τ_c)
        with g = ∂L/∂y:   ∂L/∂v_a = (1/τ_c) Σ_k y_ak (g_ak − Σ_l g_al y_al) w_k
        """),
      .heading("Example: one head of three classes in two dimensions"),
      .constants([.init("τ_c", tau)]),
      .table(NumberTable("V", columns: features, names: names, numbers: views)),
      .table(
        NumberTable(
          "W as drawn, and the lengths of its columns", columns: classes, names: features + ["length"],
          numbers: weight + [steps.lengths])),
      .table(NumberTable("columns over their lengths", columns: classes, names: features, numbers: steps.directions)),
      .table(NumberTable("⟨v_a, w_k⟩ / τ_c", columns: classes, names: names, numbers: steps.scores)),
      .table(
        NumberTable(
          "exp of these", columns: classes + ["Σ"], names: names,
          numbers: zip(steps.exponentials, steps.sums).map { $0 + [$1] })),
      .table(NumberTable("y = exp / Σ", columns: classes, names: names, numbers: steps.probabilities)),
      .agreement(
        CrossCheck(
          "y", steps.probabilities.flatMap { $0 }, probabilities[0], by: "ClusterHeads.forward")),
      .heading("Gradient of Σ g ∘ y for a given g"),
      .table(NumberTable("g", columns: classes, names: names, numbers: cotangent)),
      .gradient(
        GradientCheck(
          "∂L/∂V", gradient, at: Tensor(rows: views), names: names, columns: features
        ) { dot(library.forward($0).probabilities[0].values, cotangent.flatMap { $0 }) }),
      .prose(
        """
        The released program divides each row of W, a feature over the classes, by its length. That is another classifier: its \
        class vectors differ in length, and it acts like a smaller temperature.
        """),
    ]
  }
}
