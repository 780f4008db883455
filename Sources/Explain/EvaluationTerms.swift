// `tsuc explain knn` and `hungarian`: how embeddings and clusters are judged. Labels enter here and nowhere else.
// Tests    ExplainTests/ExplainTests.swift
import Evaluation
import Kernels
import Networks
import TwoStage

/// Four labelled rows and a query.
package struct NearestNeighboursExample: Sendable {
  /// The rows that are known, and the query.
  package let rows, query: Rows
  /// The label of each row.
  package let labels = [0, 1, 1, 0]
  /// k, the number of rows that vote.
  package let neighbourCount = 3
  /// σ.
  package let temperature: Double

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    rows = example.rows([[0.96, 0.28], [0.28, 0.96], [0, 1], [-0.28, 0.96]])
    query = example.rows([[0.8, 0.6]])
    temperature = example.constant(0.1)
  }
}

/// Three clusters of images of three classes.
package struct HungarianExample: Sendable {
  /// n_pt, clusters × classes.
  package let counts: [[Int]]

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    let more = example.whole(0)
    counts = [[5 + more, 4 + more, 0], [4 + more, 0, 0], [0, 3, 3]]
  }

  /// Every image's cluster and class.
  package var images: [(cluster: Int, label: Int)] {
    counts.indices.flatMap { p in
      counts[p].indices.flatMap { t in Array(repeating: (p, t), count: counts[p][t]) }
    }
  }
}

extension Explanation {
  static let nearestNeighbours = Explanation(
    name: "knn", aliases: ["k-nearest"],
    title: "the weighted nearest-neighbour classifier, which judges embeddings by known labels",
    references: References(
      sources: [("Sources/Evaluation/WeightedNearestNeighbours.swift", "WeightedNearestNeighbours")],
      tests: ["Tests/EvaluationTests/WeightedNearestNeighboursTests.swift"],
      golden: ["evaluate/weighted-neighbours-weighted", "edge/weighted-neighbours-tied-neighbours"])
  ) { example in
    let given = NearestNeighboursExample(example)
    let (rows, query) = (given.rows, given.query)
    let (labels, k, sigma) = (given.labels, given.neighbourCount, given.temperature)
    let similarities = products(query, rows)[0]
    let nearest = Array(rows.indices.sorted { (-similarities[$0], $0) < (-similarities[$1], $1) }.prefix(k))
    let largest = similarities[nearest[0]]
    let weights = nearest.map { Double.exp((similarities[$0] - largest) / sigma) }
    let scores = [0, 1].map { c in total(zip(nearest, weights).filter { labels[$0.0] == c }.map(\.1)) }
    let classifier = WeightedNearestNeighbours<Double>(
      features: Tensor(rows: rows), labels: labels, neighbourCount: k, temperature: sigma)
    return [
      .prose(
        """
        A query takes its k most similar rows of the bank. Each votes for its label with a weight that grows fast with the \
        similarity; the class of the largest sum wins. The largest similarity is taken off before the exponential: that divides \
        all scores by one number and keeps a small σ from overflowing.
        """),
      .heading("Formula"),
      .formula(
        """
        score_c = Σ over the k largest ⟨q, f_j⟩ with label c of exp((⟨q, f_j⟩ − max) / σ)
        class = argmax_c score_c;   equal similarities and equal scores by the lower index
        """),
      .heading("Example: three neighbours out of four rows; rows 1 and 2 have label 1, the others label 0"),
      .constants([.init("σ", sigma)]),
      .table(NumberTable("the query q", columns: ["x", "y"], names: ["q"], numbers: query)),
      .table(
        NumberTable(
          "rows f, labels, similarities", columns: ["x", "y", "label", "⟨q, f⟩"],
          rows: rows.indices.map {
            ("f\(subscripted($0))", rows[$0].map { .number($0) } + [.whole(labels[$0]), .number(similarities[$0])])
          })),
      .table(
        NumberTable(
          "the k largest, with weights exp((⟨q, f⟩ − max) / σ)",
          columns: ["row", "label", "(⟨q, f⟩ − max) / σ", "weight"],
          rows: zip(nearest, weights).map { j, weight in
            ("", [.whole(j), .whole(labels[j]), .number((similarities[j] - largest) / sigma), .number(weight)])
          })),
      .table(NumberTable("scores", columns: ["class 0", "class 1"], names: ["score"], numbers: [scores])),
      .agreement(
        CrossCheck("scores", scores, classifier.scores(Tensor(rows: query)), by: "WeightedNearestNeighbours.scores")),
    ]
  }

  static let hungarian = Explanation(
    name: "hungarian", aliases: ["acc", "accuracy"],
    title: "accuracy: clusters are matched one to one with classes so that most images agree",
    references: References(
      sources: [
        ("Sources/Evaluation/HungarianAccuracy.swift", "HungarianAccuracy"),
        ("Sources/Evaluation/ContingencyTable.swift", "ContingencyTable"),
      ],
      tests: ["Tests/EvaluationTests/ContingencyTableTests.swift"],
      golden: ["evaluate/cluster-scores-greedy-fails", "evaluate/cluster-scores-more-clusters"])
  ) { example in
    let given = HungarianExample(example)
    let (counts, images) = (given.counts, given.images)
    let maps = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    let matched = maps.map { map in map.enumerated().reduce(0) { $0 + counts[$1.offset][$1.element] } }
    let best = matched.max() ?? 0
    let accuracies = matched.map { Double($0) / Double(images.count) }
    let library = HungarianAccuracy(counts: counts)
    let table = ContingencyTable(
      predictions: images.map(\.cluster), targets: images.map(\.label), clusters: counts.count,
      classes: counts[0].count)
    return [
      .prose(
        """
        A cluster has a number, not a name. For the score each cluster is given one class, no class twice, so that as many images \
        as possible are right. With three clusters there are six maps, all listed below. With ten there are 3,628,800, so the library \
        solves the assignment by shortest augmenting paths. Nothing is differentiated.
        """),
      .heading("Formula"),
      .formula(
        """
        n_pt     = number of images of class t in cluster p
        accuracy = max over one-to-one maps of Σ_p n_{p, map(p)} / n
        """),
      .heading("Example"),
      .table(
        NumberTable(
          "n_pt", columns: ["class 0", "class 1", "class 2"],
          rows: counts.enumerated().map { p, row in ("cluster \(p)", row.map { .whole($0) }) })),
      .table(
        NumberTable(
          "all maps", columns: ["0 ↦", "1 ↦", "2 ↦", "right", "accuracy", ""],
          rows: maps.indices.map {
            (
              "",
              maps[$0].map { .whole($0) } + [
                .whole(matched[$0]), .number(accuracies[$0]), .name(matched[$0] == best ? "best" : ""),
              ]
            )
          })),
      .agreement(
        CrossCheck("accuracy", [accuracies.max() ?? 0], [table.accuracy], by: "HungarianAccuracy")),
      .agreement(
        CrossCheck("images that are right", [Double(best)], [Double(library.matched)], by: "HungarianAccuracy")),
    ]
  }
}
