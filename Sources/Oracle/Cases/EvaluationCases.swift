// What judges a run: nearest neighbours, scores of clusterings, the choice of epoch and head.
// Tests    OracleTests/ShallowCasesTests.swift
import Kernels
import Networks

/// The cases of the area "evaluate".
enum EvaluationCases {
  /// All of them.
  static func all() throws(OracleError) -> [CaseRecipe] { try neighbours() + scores() + selections() }

  private static func neighbours() throws(OracleError) -> [CaseRecipe] {
    let cases: [(String, Int, Double, Int, String)] = [
      ("one", 1, 0.125, 4, "similarities sorted upwards"), ("weighted", 5, 0.25, 4, "votes not weighed"),
      ("sharp", 7, 0.03125, 3, "overflow of exp(q·f / σ)"), ("flat", 9, 2, 3, "weights by similarity alone"),
      ("all", 200, 0.125, 4, "more neighbours than images"),
      ("absent-classes", 6, 0.25, 9, "classes that do not occur"),
    ]
    return try cases.enumerated().map { index, item throws(OracleError) in
      for seed in UInt32(500 + 50 * index)...UInt32(549 + 50 * index) {
        let drawing = NetworkDrawing(seed: seed)
        var stream = RandomStream(seed: seed, purpose: .test, image: 9)
        let labels = (0..<23).map { _ in stream.integer(below: min(item.3, 4)) }
        let prompt = Prompt(
          operation: "weighted-neighbours",
          parameters: ["k": .integer(item.1), "temperature": .number(item.2), "classes": .integer(item.3)],
          inputs: [
            "features": drawing.unitRows([23, 5], 0), "queries": drawing.unitRows([7, 5], 1),
            "labels": .integers(labels, shape: [23]),
          ])
        let margins = try WeightedNeighboursOperation().margins(prompt)
        if margins.values.allSatisfy({ $0 >= 1e-3 }) {
          return CaseRecipe(
            area: "evaluate", slug: "weighted-neighbours-" + item.0, summary: "\(item.1) neighbours, σ \(item.2)",
            catches: [item.4], prompt: prompt)
        }
      }
      throw OracleError("no seed keeps the neighbours of \(item.0) apart")
    }
  }

  private static func scores() -> [CaseRecipe] {
    // Clusters × classes, by counts: the order of the images does not matter to any score.
    let tables: [(String, [[Int]], String)] = [
      ("permuted", [[0, 5, 0], [0, 0, 4], [6, 0, 0]], "clusters not matched to classes"),
      ("greedy-fails", [[5, 4, 0], [4, 0, 0], [0, 3, 3]], "greedy matching"),
      ("transpose-differs", [[3, 5, 1], [4, 0, 2], [0, 6, 2]], "table transposed"),
      ("more-clusters", [[4, 1], [0, 3], [2, 0], [1, 1]], "clusters left over matched twice"),
      ("more-classes", [[4, 1, 0, 2], [0, 3, 5, 1]], "rectangular tables refused"),
      ("empty-cluster", [[3, 2, 1], [0, 0, 0], [1, 0, 4]], "0 log 0"),
      ("empty-class", [[3, 0, 1], [1, 0, 4]], "0 log 0"),
      ("one-cluster", [[3, 2, 4]], "NMI not 0 where entropy is 0"),
      ("independent", [[4, 6], [8, 12]], "NMI or ARI not 0 for independent partitions"),
      ("worse-than-chance", [[2, 2], [2, 2]], "ARI cut at 0"),
      ("one-image", [[1]], "NMI of single parts"),
    ]
    return tables.map { slug, table, catches in
      var (predictions, targets): ([Int], [Int]) = ([], [])
      for (p, row) in table.enumerated() {
        for (t, count) in row.enumerated() {
          predictions += Array(repeating: p, count: count)
          targets += Array(repeating: t, count: count)
        }
      }
      var stream = RandomStream(seed: 77, purpose: .test, image: predictions.count)
      let order = stream.permutation(of: predictions.count)
      return CaseRecipe(
        area: "evaluate", slug: "cluster-scores-" + slug, summary: "the table \(table)", catches: [catches],
        prompt: Prompt(
          operation: "cluster-scores",
          parameters: ["clusters": .integer(table.count), "classes": .integer(table[0].count)],
          inputs: [
            "predictions": .integers(order.map { predictions[$0] }, shape: [order.count]),
            "targets": .integers(order.map { targets[$0] }, shape: [order.count]),
          ]))
    }
  }

  private static func selections() -> [CaseRecipe] {
    let cases: [(String, [Double], [[Double]], String)] = [
      (
        "middle", [-0.5, -1.25, -1], [[-1, -2], [-0.5, -0.75], [-3, -1]],
        "head of the last or the best epoch of its own"
      ),
      ("ties", [-1, -2, -2], [[0, -1, -1], [-1, -3, -3], [-4, 0, 0]], "the last among equals"),
      ("single", [0.5], [[0.25, -0.25, 0.125]], "one epoch"),
      ("positive", [3, 2.5, 2.75, 4], [[1, 2], [4, 3], [0, 1], [2, 2]], "the largest by magnitude"),
    ]
    return cases.map { slug, losses, heads, catches in
      CaseRecipe(
        area: "evaluate", slug: "model-selection-" + slug, summary: "\(losses.count) epochs, \(heads[0].count) heads",
        catches: [catches],
        prompt: Prompt(
          operation: "model-selection",
          inputs: [
            "losses": .real(Tensor<Double>(shape: [losses.count], values: losses)),
            "head_losses": .real(Tensor<Double>(rows: heads)),
          ]))
    }
  }
}
