// Wrong scores of votes, similarities of neighbours and top-k accuracies.
// Tests    OracleTests/MutantsTests.swift
import Files
import Evaluation
import Kernels
import Networks

private let votes = "vote-scores"
private let similar = "neighbour-similarities"

/// Scores of the voters by another weight; predictions as they were.
private func weighing(
  _ name: String, _ mistake: String,
  _ weight: @escaping @Sendable (_ similarity: Double, _ largest: Double, _ temperature: Double) -> Double
) -> Mutation {
  Mutation(name, mistake, votes) { question in
    let (classifier, queries, leavesOut) = try VoteScoresOperation.inputs(question.prompt, as: Double.self)
    var scores = try question.output("scores").mapped { _, _ in 0 }
    for (a, list) in classifier.voters(queries, leavingOut: leavesOut).enumerated() {
      for voter in list {
        scores.values[a * scores.columns + classifier.labels[voter.row]] += weight(
          voter.similarity, list[0].similarity, classifier.temperature)
      }
    }
    return ["scores": .real(scores), "predictions": .listOf(classifier.classes(of: scores))]
  }
}

/// Hits by another rule.
private func hits(
  _ name: String, _ mistake: String,
  _ isHit: @escaping @Sendable (_ row: [Double], _ target: Int, _ count: Int) -> Bool
) -> Mutation {
  Mutation(name, mistake, "top-accuracy") { question in
    let (scores, targets) = (try question.input("scores"), try question.prompt.integers("targets"))
    let count = try question.prompt.integer("count", default: 5)
    let hits = targets.indices.map { isHit(Array(scores.row($0)), targets[$0], count) ? 1 : 0 }
    let matched = hits.reduce(0, +)
    return [
      "hits": .listOf(hits), "matched": .integers([matched], shape: []),
      "accuracy": .number(Double(matched) / Double(hits.count)),
    ]
  }
}

/// Scores above the target's, and those equal to it.
private func above(_ row: [Double], _ target: Int) -> Int { row.count { $0 > row[target] } }

/// Similarities of the right neighbours by another product.
private func similarity(
  _ name: String, _ mistake: String, _ product: @escaping @Sendable ([Double], [Double]) -> Double
) -> Mutation {
  Mutation(name, mistake, similar) { question in
    guard case .integers(let found, let shape)? = question.right["neighbours"] else { return nil }
    let (rows, queries) = (try question.input("rows").lists, try question.prompt.integers("queries"))
    let values: [Double] = found.enumerated().map { index, row in product(rows[queries[index / shape[1]]], rows[row]) }
    return ["similarities": .real(Tensor<Double>(shape: shape, values: values))]
  }
}

let voteMutations: [Mutation] = [
  weighing("evaluate.unweighted-votes", "votes not weighed") { _, _, _ in 1 },
  weighing("vote.similarity-itself", "weights by similarity alone") { s, _, _ in s },
  weighing("vote.not-relative", "scores not relative to the nearest") { s, _, tau in Double.exp(s / tau) },
  weighing("vote.temperature-outside", "temperature outside the exponential") { s, largest, tau in
    Double.exp(s - largest) / tau
  },
  weighing("vote.temperature-multiplied", "multiplied by the temperature") { s, largest, tau in
    Double.exp((s - largest) * tau)
  },
  Mutation("vote.shares", "scores divided by their sum", votes) { question in
    let scores = try question.output("scores")
    let sums = (0..<scores.rows).map { scores.row($0).reduce(0, +) }
    return ["scores": .real(scores.mapped { $1 / sums[$0 / scores.columns] })]
  },
  .taking(
    "vote.default-temperature", "temperature left at its default", votes, "temperature", .number(0.1),
    unless: .number(0.1)),
  .taking("evaluate.one-neighbour", "the nearest neighbour alone", votes, "k", .integer(1), unless: .integer(200)),
  .taking("vote.own-image", "the query's own image votes", votes, "leavesOut", .bool(false), unless: .bool(false)),
  .asking("evaluate.farthest-neighbours", "similarities sorted upwards", votes) { prompt in
    let queries: Tensor<Double> = try prompt.tensor("queries")
    prompt.inputs["queries"] = .real(queries.mapped { -$1 })
    return true
  },
  .asking("memory.normalised-before-use", "cosines instead of products", votes) { prompt in
    for name in ["features", "queries"] {
      let rows: Tensor<Double> = L2Normalisation().forward(try prompt.tensor(name)).output
      prompt.inputs[name] = .real(rows)
    }
    return true
  },
  Mutation("evaluate.labels-shifted", "labels counted from 1", votes) { question in
    guard case .integers(let right, let shape)? = question.right["predictions"] else { return nil }
    return ["predictions": .integers(right.map { $0 + 1 }, shape: shape)]
  },
  hits("top.best-alone", "the best class alone") { row, target, _ in row.indices.max { row[$0] < row[$1] } == target },
  hits("top.smallest", "smallest scores first") { row, target, k in row.count { $0 < row[target] } < k },
  hits("top.one-more", "one place too many") { row, target, k in above(row, target) < k + 1 },
  hits("top.higher-class-first", "equal scores by the higher class") { row, target, k in
    above(row, target) + row.indices.count { $0 > target && row[$0] == row[target] } < k
  },
  hits("top.equals-count", "equal scores all count") { row, target, k in above(row, target) < k },
  hits("top.equals-lose", "equal scores all lose") { row, target, k in
    above(row, target) + row.count { $0 == row[target] } <= k
  },
  .taking("top.always-five", "always 5", "top-accuracy", "count", .integer(5), unless: .integer(5)),
  similarity("neighbour.distance", "distances instead of products") { x, y in
    KMeansTrace.squaredDistance(x, y).squareRoot()
  },
  similarity("neighbour.last-feature", "the last features of a vector loop lost") { x, y in
    zip(x, y).prefix(x.count / 4 * 4).reduce(0) { $0 + $1.0 * $1.1 }
  },
  Mutation("memory.normalised-before-use", "cosines instead of products", similar) { question in
    let rows: Tensor<Double> = L2Normalisation().forward(try question.input("rows")).output
    return try question.altered { $0.inputs["rows"] = .real(rows) }
  },
  Mutation("neighbour.own-image", "the query's own similarity", similar) { question in
    guard case .integers(let found, let shape)? = question.right["neighbours"] else { return nil }
    let (rows, queries) = (try question.input("rows").lists, try question.prompt.integers("queries"))
    let similarities = try question.output("similarities").values
    var (indices, values): ([Int], [Double]) = ([], [])
    for (q, query) in queries.enumerated() {
      let rest = q * shape[1]..<(q + 1) * shape[1] - 1
      indices.append(query)
      indices += found[rest]
      values.append(rows[query].reduce(0) { $0 + $1 * $1 })
      values += similarities[rest]
    }
    return [
      "neighbours": .integers(indices, shape: shape),
      "similarities": .real(Tensor<Double>(shape: shape, values: values)),
    ]
  },
  Mutation("neighbour.upwards", "neighbours in rising order", similar) { question in
    guard case .integers(let found, let shape)? = question.right["neighbours"] else { return nil }
    let similarities = try question.output("similarities").values
    let turned = found.indices.map { $0 / shape[1] * shape[1] + shape[1] - 1 - $0 % shape[1] }
    return [
      "neighbours": .integers(turned.map { found[$0] }, shape: shape),
      "similarities": .real(Tensor<Double>(shape: shape, values: turned.map { similarities[$0] })),
    ]
  },
]
