// Wrong judges of a run: nearest neighbours, scores of a clustering, the choice of epoch and head.
// Tests    OracleTests/MutantsTests.swift
import Files
import Evaluation
import Kernels
import Networks
import TwoStage

private let scores = "cluster-scores"

/// Scores of another table.
private func ofTable(
  _ mistake: Mistake, _ change: @escaping @Sendable (ContingencyTable) -> [String: Double]?
) -> Mutation {
  Mutation(mistake, scores) { question in
    let prompt = question.prompt
    let table = ContingencyTable(
      predictions: try prompt.integers("predictions"), targets: try prompt.integers("targets"),
      clusters: try prompt.integer("clusters"), classes: try prompt.integer("classes"))
    // How many are matched is a whole number.
    return change(table)?.reduce(into: [:]) { answer, item in
      answer[item.key] = item.key == "matched" ? .integers([Int(item.value)], shape: []) : .number(item.value)
    }
  }
}

private func sizesAndEntropies(_ table: ContingencyTable) -> (clusters: Double, classes: Double) {
  func entropy(_ sizes: [Int]) -> Double {
    sizes.reduce(0) { sum, size in
      let share = Double(size) / Double(table.total)
      return size == 0 ? sum : sum - share * Double.log(share)
    }
  }
  return (entropy(table.clusterSizes), entropy(table.classSizes))
}

let evaluationMutations: [Mutation] = [
  ofTable(
    Mistake(
      "evaluate.unmatched", "clusters not matched to classes",
      right: "clusters are matched to classes before they are counted")
  ) { table in
    let diagonal = table.counts.indices.reduce(0) {
      $0 + ($1 < table.counts[$1].count ? table.counts[$1][$1] : 0)
    }
    return ["accuracy": Double(diagonal) / Double(table.total)]
  },
  ofTable(
    Mistake("evaluate.greedy-matching", "greedy matching", right: "the best one-to-one map, by the Hungarian method")
  ) { table in
    var (used, matched): (Set<Int>, Int) = ([], 0)
    for row in table.counts {
      guard let best = row.indices.filter({ !used.contains($0) }).max(by: { row[$0] < row[$1] }) else { continue }
      used.insert(best)
      matched += row[best]
    }
    return ["accuracy": Double(matched) / Double(table.total)]
  },
  ofTable(
    Mistake(
      "evaluate.many-to-one", "every cluster matched to its largest class",
      right: "a class is matched to one cluster at most")
  ) { table in
    let matched = Double(table.counts.reduce(0) { $0 + ($1.max() ?? 0) })
    return ["accuracy": matched / Double(table.total), "matched": matched]
  },
  ofTable(
    Mistake(
      "evaluate.smallest-matching", "the matching minimised instead of maximised",
      right: "the map with the most matches")
  ) { table in
    let most = table.counts.joined().max() ?? 0
    let size = max(table.counts.count, table.counts.first?.count ?? 0)
    guard size == table.counts.count, size == table.counts.first?.count else { return nil }
    let worst = HungarianAccuracy(counts: table.counts.map { $0.map { most - $0 } }).matched
    return ["accuracy": Double(size * most - worst) / Double(table.total)]
  },
  ofTable(
    Mistake(
      "evaluate.geometric-nmi", "NMI over the geometric mean of the entropies",
      right: "NMI = I / ((H_p + H_t) / 2), the arithmetic mean")
  ) { table in
    let entropy = sizesAndEntropies(table)
    guard entropy.clusters > 0, entropy.classes > 0 else { return nil }
    let information = table.normalisedMutualInformation * (entropy.clusters + entropy.classes) / 2
    return ["nmi": information / (entropy.clusters * entropy.classes).squareRoot()]
  },
  ofTable(
    Mistake(
      "evaluate.information-not-normalised", "mutual information not normalised",
      right: "NMI divides by the mean of the entropies")
  ) { table in
    let entropy = sizesAndEntropies(table)
    return ["nmi": table.normalisedMutualInformation * (entropy.clusters + entropy.classes) / 2]
  },
  ofTable(
    Mistake(
      "evaluate.unadjusted-rand-index", "the Rand index without its adjustment",
      right: "ARI takes off what chance would give")
  ) { table in
    func pairs(_ sizes: [Int]) -> Double { sizes.reduce(0) { $0 + Double($1 * ($1 - 1)) / 2 } }
    let all = pairs([table.total])
    guard all > 0 else { return nil }
    let both = pairs(Array(table.counts.joined()))
    return ["ari": (all + 2 * both - pairs(table.clusterSizes) - pairs(table.classSizes)) / all]
  },
  ofTable(
    Mistake(
      "evaluate.nothing-for-single-parts", "NMI and ARI 0 where both partitions are one part",
      right: "equal partitions score 1, also where both are one part")
  ) { table in
    let entropy = sizesAndEntropies(table)
    return entropy.clusters == 0 && entropy.classes == 0 ? ["nmi": 0, "ari": 0] : nil
  },
  .asking(
    Mistake("evaluate.one-neighbour", "the nearest neighbour alone", right: "k neighbours vote"), "weighted-neighbours"
  ) { prompt in
    let k = try prompt.integer("k", default: 200)
    prompt.parameters["k"] = .integer(1)
    return k > 1
  },
  .asking(
    Mistake("evaluate.farthest-neighbours", "similarities sorted upwards", right: "the k largest similarities count"),
    "weighted-neighbours"
  ) { prompt in
    let queries: Tensor<Double> = try prompt.tensor("queries")
    prompt.inputs["queries"] = .real(queries.mapped { -$1 })
    return true
  },
  .asking(
    Mistake("evaluate.unweighted-votes", "votes not weighed", right: "a neighbour votes with exp(similarity / σ)"),
    "weighted-neighbours"
  ) { prompt in
    let temperature = try prompt.number(.temperature, as: Double.self)
    prompt.parameters["temperature"] = .integer(1000)
    return temperature < 1000
  },
  Mutation(
    Mistake("evaluate.labels-shifted", "labels counted from 1", right: "classes count from 0"), "weighted-neighbours"
  ) { question in
    guard case .integers(let right, let shape)? = question.right["predictions"] else { return nil }
    return ["predictions": .integers(right.map { $0 + 1 }, shape: shape)]
  },
  Mutation(
    Mistake("evaluate.last-among-equals", "the last among equals", right: "the lowest class among equals"),
    "weighted-neighbours"
  ) { question in
    let prompt = question.prompt
    let (labels, classes) = (try prompt.integers("labels"), (try prompt.integers("labels").max() ?? 0) + 1)
    let (features, queries) = (try question.input("features"), try question.input("queries"))
    let classifier = WeightedNearestNeighbours(
      features: features.rows((0..<features.rows).reversed()), labels: labels.reversed(),
      classCount: try prompt.integer("classes", default: classes),
      neighbourCount: try prompt.integer("k", default: 200),
      temperature: try prompt.number(.temperature, as: Double.self))
    let scores = classifier.scores(queries)
    let predictions = (0..<scores.rows).map { a in
      let row = Array(scores.row(a))
      return row.indices.reduce(0) { row[$1] >= row[$0] ? $1 : $0 }
    }
    return ["predictions": .listOf(predictions)]
  },
  selection(Mistake("evaluate.last-epoch", "the last epoch", right: "the epoch of the lowest loss is chosen")) {
    losses, heads in
    let epoch = losses.count - 1
    return (epoch, least(heads[epoch]))
  },
  selection(Mistake("evaluate.largest-loss", "the largest loss", right: "the epoch of the lowest loss is chosen")) {
    losses, heads in
    let epoch = least(losses.map { -$0 })
    return (epoch, least(heads[epoch]))
  },
  selection(
    Mistake(
      "evaluate.last-of-equal-losses", "the last among equals", right: "the first epoch and the first head among equals"
    )
  ) { losses, heads in
    func last(_ values: [Double]) -> Int { values.indices.reduce(0) { values[$1] <= values[$0] ? $1 : $0 } }
    let epoch = last(losses)
    return (epoch, last(heads[epoch]))
  },
  selection(
    Mistake(
      "evaluate.head-of-any-epoch", "head of the best epoch of its own",
      right: "the head of the lowest loss in the chosen epoch")
  ) { losses, heads in
    let best = heads[0].indices.map { h in heads.map { $0[h] }.min() ?? 0 }
    return (least(losses), least(best))
  },
  selection(Mistake("evaluate.first-head", "the first head always", right: "the head of the lowest loss is chosen")) {
    losses, _ in (least(losses), 0)
  },
  selection(Mistake("evaluate.largest-magnitude", "the largest by magnitude", right: "the lowest loss, with its sign"))
  { losses, heads in
    let epoch = least(losses.map { -abs($0) })
    return (epoch, least(heads[epoch].map { -abs($0) }))
  },
]

private func least(_ values: [Double]) -> Int { values.indices.reduce(0) { values[$1] < values[$0] ? $1 : $0 } }

private func selection(
  _ mistake: Mistake,
  _ choose: @escaping @Sendable (_ losses: [Double], _ heads: [[Double]]) -> (epoch: Int, head: Int)
) -> Mutation {
  Mutation(mistake, "model-selection") { question in
    let (losses, heads) = (try question.input("losses").values, try question.input("head_losses"))
    let chosen = choose(losses, (0..<heads.rows).map { Array(heads.row($0)) })
    return ["epoch": .integers([chosen.epoch], shape: []), "head": .integers([chosen.head], shape: [])]
  }
}
