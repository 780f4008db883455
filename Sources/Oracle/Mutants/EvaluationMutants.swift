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
  _ name: String, _ mistake: String, _ change: @escaping @Sendable (ContingencyTable) -> [String: Double]?
) -> Mutation {
  Mutation(name, mistake, scores) { question in
    let prompt = question.prompt
    let table = ContingencyTable(
      predictions: try prompt.integers("predictions"), targets: try prompt.integers("targets"),
      clusters: try prompt.integer("clusters"), classes: try prompt.integer("classes"))
    return change(table)?.mapValues { .number($0) }
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
  ofTable("evaluate.unmatched", "clusters not matched to classes") { table in
    let diagonal = table.counts.indices.reduce(0) {
      $0 + ($1 < table.counts[$1].count ? table.counts[$1][$1] : 0)
    }
    return ["accuracy": Double(diagonal) / Double(table.total)]
  },
  ofTable("evaluate.greedy-matching", "greedy matching") { table in
    var (used, matched): (Set<Int>, Int) = ([], 0)
    for row in table.counts {
      guard let best = row.indices.filter({ !used.contains($0) }).max(by: { row[$0] < row[$1] }) else { continue }
      used.insert(best)
      matched += row[best]
    }
    return ["accuracy": Double(matched) / Double(table.total)]
  },
  ofTable("evaluate.many-to-one", "every cluster matched to its largest class") { table in
    ["accuracy": Double(table.counts.reduce(0) { $0 + ($1.max() ?? 0) }) / Double(table.total)]
  },
  ofTable("evaluate.smallest-matching", "the matching minimised instead of maximised") { table in
    let most = table.counts.joined().max() ?? 0
    let size = max(table.counts.count, table.counts.first?.count ?? 0)
    guard size == table.counts.count, size == table.counts.first?.count else { return nil }
    let worst = HungarianAccuracy(counts: table.counts.map { $0.map { most - $0 } }).matched
    return ["accuracy": Double(size * most - worst) / Double(table.total)]
  },
  ofTable("evaluate.geometric-nmi", "NMI over the geometric mean of the entropies") { table in
    let entropy = sizesAndEntropies(table)
    guard entropy.clusters > 0, entropy.classes > 0 else { return nil }
    let information = table.normalisedMutualInformation * (entropy.clusters + entropy.classes) / 2
    return ["nmi": information / (entropy.clusters * entropy.classes).squareRoot()]
  },
  ofTable("evaluate.information-not-normalised", "mutual information not normalised") { table in
    let entropy = sizesAndEntropies(table)
    return ["nmi": table.normalisedMutualInformation * (entropy.clusters + entropy.classes) / 2]
  },
  ofTable("evaluate.unadjusted-rand-index", "the Rand index without its adjustment") { table in
    func pairs(_ sizes: [Int]) -> Double { sizes.reduce(0) { $0 + Double($1 * ($1 - 1)) / 2 } }
    let all = pairs([table.total])
    guard all > 0 else { return nil }
    let both = pairs(Array(table.counts.joined()))
    return ["ari": (all + 2 * both - pairs(table.clusterSizes) - pairs(table.classSizes)) / all]
  },
  ofTable("evaluate.nothing-for-single-parts", "NMI and ARI 0 where both partitions are one part") { table in
    let entropy = sizesAndEntropies(table)
    return entropy.clusters == 0 && entropy.classes == 0 ? ["nmi": 0, "ari": 0] : nil
  },
  .asking("evaluate.one-neighbour", "the nearest neighbour alone", "weighted-neighbours") { prompt in
    let k = try prompt.integer("k", default: 200)
    prompt.parameters["k"] = .integer(1)
    return k > 1
  },
  .asking("evaluate.farthest-neighbours", "similarities sorted upwards", "weighted-neighbours") { prompt in
    let queries: Tensor<Double> = try prompt.tensor("queries")
    prompt.inputs["queries"] = .real(queries.mapped { -$1 })
    return true
  },
  .asking("evaluate.unweighted-votes", "votes not weighed", "weighted-neighbours") { prompt in
    let temperature = try prompt.number(.temperature, as: Double.self)
    prompt.parameters["temperature"] = .integer(1000)
    return temperature < 1000
  },
  Mutation("evaluate.labels-shifted", "labels counted from 1", "weighted-neighbours") { question in
    guard case .integers(let right, let shape)? = question.right["predictions"] else { return nil }
    return ["predictions": .integers(right.map { $0 + 1 }, shape: shape)]
  },
  Mutation("evaluate.last-among-equals", "the last among equals", "weighted-neighbours") { question in
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
  selection("evaluate.last-epoch", "the last epoch") { losses, heads in
    let epoch = losses.count - 1
    return (epoch, least(heads[epoch]))
  },
  selection("evaluate.largest-loss", "the largest loss") { losses, heads in
    let epoch = least(losses.map { -$0 })
    return (epoch, least(heads[epoch]))
  },
  selection("evaluate.last-of-equal-losses", "the last among equals") { losses, heads in
    func last(_ values: [Double]) -> Int { values.indices.reduce(0) { values[$1] <= values[$0] ? $1 : $0 } }
    let epoch = last(losses)
    return (epoch, last(heads[epoch]))
  },
  selection("evaluate.head-of-any-epoch", "head of the best epoch of its own") { losses, heads in
    let best = heads[0].indices.map { h in heads.map { $0[h] }.min() ?? 0 }
    return (least(losses), least(best))
  },
  selection("evaluate.first-head", "the first head always") { losses, _ in (least(losses), 0) },
  selection("evaluate.largest-magnitude", "the largest by magnitude") { losses, heads in
    let epoch = least(losses.map { -abs($0) })
    return (epoch, least(heads[epoch].map { -abs($0) }))
  },
]

private func least(_ values: [Double]) -> Int { values.indices.reduce(0) { values[$1] < values[$0] ? $1 : $0 } }

private func selection(
  _ name: String, _ mistake: String,
  _ choose: @escaping @Sendable (_ losses: [Double], _ heads: [[Double]]) -> (epoch: Int, head: Int)
) -> Mutation {
  Mutation(name, mistake, "model-selection") { question in
    let (losses, heads) = (try question.input("losses").values, try question.input("head_losses"))
    let chosen = choose(losses, (0..<heads.rows).map { Array(heads.row($0)) })
    return ["epoch": .integers([chosen.epoch], shape: []), "head": .integers([chosen.head], shape: [])]
  }
}
