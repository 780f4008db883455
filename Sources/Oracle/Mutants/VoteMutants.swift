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
  _ mistake: Mistake,
  _ weight: @escaping @Sendable (_ similarity: Double, _ largest: Double, _ temperature: Double) -> Double
) -> Mutation {
  Mutation(mistake, votes) { question in
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
  _ mistake: Mistake,
  _ isHit: @escaping @Sendable (_ row: [Double], _ target: Int, _ count: Int) -> Bool
) -> Mutation {
  Mutation(mistake, "top-accuracy") { question in
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
  _ mistake: Mistake, _ product: @escaping @Sendable ([Double], [Double]) -> Double
) -> Mutation {
  Mutation(mistake, similar) { question in
    guard case .integers(let found, let shape)? = question.right["neighbours"] else { return nil }
    let (rows, queries) = (try question.input("rows").lists, try question.prompt.integers("queries"))
    let values: [Double] = found.enumerated().map { index, row in product(rows[queries[index / shape[1]]], rows[row]) }
    return ["similarities": .real(Tensor<Double>(shape: shape, values: values))]
  }
}

let voteMutations: [Mutation] = [
  weighing(Mistake("evaluate.unweighted-votes", "votes not weighed")) { _, _, _ in 1 },
  weighing(Mistake("vote.similarity-itself", "weights by similarity alone", right: "a vote weighs exp((s − max s)/σ)"))
  { s, _, _ in s },
  weighing(
    Mistake(
      "vote.not-relative", "scores not relative to the nearest",
      right: "scores are relative to the nearest: exp((s − max s)/σ)")
  ) { s, _, tau in Double.exp(s / tau) },
  weighing(
    Mistake("vote.temperature-outside", "temperature outside the exponential", right: "σ stands inside the exponential")
  ) { s, largest, tau in
    Double.exp(s - largest) / tau
  },
  weighing(
    Mistake("vote.temperature-multiplied", "multiplied by the temperature", right: "the exponent is divided by σ")
  ) { s, largest, tau in
    Double.exp((s - largest) * tau)
  },
  Mutation(
    Mistake("vote.shares", "scores divided by their sum", right: "scores are sums, not divided by their total"), votes
  ) { question in
    let scores = try question.output("scores")
    let sums = (0..<scores.rows).map { scores.row($0).reduce(0, +) }
    return ["scores": .real(scores.mapped { $1 / sums[$0 / scores.columns] })]
  },
  .taking(
    Mistake("vote.default-temperature", "temperature left at its default", right: "σ is a parameter, 0.1 by default"),
    votes, "temperature", .number(0.1),
    unless: .number(0.1)),
  .taking(
    Mistake("evaluate.one-neighbour", "the nearest neighbour alone"), votes, "k", .integer(1), unless: .integer(200)),
  .taking(
    Mistake("vote.own-image", "the query's own image votes", right: "with leavesOut image i has no vote on query i"),
    votes, "leavesOut", .bool(false), unless: .bool(false)),
  .asking(Mistake("evaluate.farthest-neighbours", "similarities sorted upwards"), votes) { prompt in
    let queries: Tensor<Double> = try prompt.tensor("queries")
    prompt.inputs["queries"] = .real(queries.mapped { -$1 })
    return true
  },
  .asking(Mistake("memory.normalised-before-use", "cosines instead of products"), votes) { prompt in
    for name in ["features", "queries"] {
      let rows: Tensor<Double> = L2Normalisation().forward(try prompt.tensor(name)).output
      prompt.inputs[name] = .real(rows)
    }
    return true
  },
  Mutation(Mistake("evaluate.labels-shifted", "labels counted from 1"), votes) { question in
    guard case .integers(let right, let shape)? = question.right["predictions"] else { return nil }
    return ["predictions": .integers(right.map { $0 + 1 }, shape: shape)]
  },
  hits(Mistake("top.best-alone", "the best class alone", right: "the target may be any of the k highest")) {
    row, target, _ in row.indices.max { row[$0] < row[$1] } == target
  },
  hits(Mistake("top.smallest", "smallest scores first", right: "the highest scores come first")) { row, target, k in
    row.count { $0 < row[target] } < k
  },
  hits(Mistake("top.one-more", "one place too many", right: "fewer than k classes may stand before the target")) {
    row, target, k in above(row, target) < k + 1
  },
  hits(
    Mistake(
      "top.higher-class-first", "equal scores by the higher class",
      right: "of equal scores the lower class comes first; sorts must be stable")
  ) { row, target, k in
    above(row, target) + row.indices.count { $0 > target && row[$0] == row[target] } < k
  },
  hits(Mistake("top.equals-count", "equal scores all count", right: "equal scores stand in the order of their classes"))
  { row, target, k in above(row, target) < k },
  hits(Mistake("top.equals-lose", "equal scores all lose", right: "equal scores stand in the order of their classes")) {
    row, target, k in
    above(row, target) + row.count { $0 == row[target] } <= k
  },
  .taking(
    Mistake("top.always-five", "always 5", right: "k is a parameter, 5 by default"), "top-accuracy", "count",
    .integer(5), unless: .integer(5)),
  similarity(Mistake("neighbour.distance", "distances instead of products", right: "a similarity is the inner product"))
  { x, y in
    KMeansTrace.squaredDistance(x, y).squareRoot()
  },
  similarity(
    Mistake(
      "neighbour.last-feature", "the last features of a vector loop lost",
      right: "all features are multiplied and added")
  ) { x, y in
    zip(x, y).prefix(x.count / 4 * 4).reduce(0) { $0 + $1.0 * $1.1 }
  },
  Mutation(Mistake("memory.normalised-before-use", "cosines instead of products"), similar) { question in
    let rows: Tensor<Double> = L2Normalisation().forward(try question.input("rows")).output
    return try question.altered { $0.inputs["rows"] = .real(rows) }
  },
  Mutation(Mistake("neighbour.own-image", "the query's own similarity"), similar) { question in
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
  Mutation(Mistake("neighbour.upwards", "neighbours in rising order", right: "the nearest row comes first"), similar) {
    question in
    guard case .integers(let found, let shape)? = question.right["neighbours"] else { return nil }
    let similarities = try question.output("similarities").values
    let turned = found.indices.map { $0 / shape[1] * shape[1] + shape[1] - 1 - $0 % shape[1] }
    return [
      "neighbours": .integers(turned.map { found[$0] }, shape: shape),
      "similarities": .real(Tensor<Double>(shape: shape, values: turned.map { similarities[$0] })),
    ]
  },
]
