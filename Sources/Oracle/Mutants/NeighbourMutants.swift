// Wrong implementations of neighbourhood discovery.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

let neighbourMutations: [Mutation] = [
  Mutation(Mistake("loss.binary-logarithm", "logarithms of base 2"), "bank-entropies") {
    $0.scaled(by: 1 / Double.log(2))
  },
  Mutation(
    Mistake(
      "neighbour.entropy-of-others", "own image left out",
      right: "the entropy that ranks anchors is over all images, the own one included"), "bank-entropies"
  ) { question in
    let bank = try question.input("bank")
    let tau = try question.prompt.number(.bankTemperature, as: Double.self)
    let logits = bank.multiplied(by: bank, otherTransposed: true).values.map { $0 / tau }
    guard bank.rows > 1 else { return nil }
    let entropies = (0..<bank.rows).map { i in
      TextbookBankLoss().entropy(
        Tensor<Double>(shape: [1, bank.rows], values: Array(logits[i * bank.rows..<(i + 1) * bank.rows])), images: [i]
      ).loss
    }
    return ["entropies": .real(Tensor<Double>(shape: [bank.rows], values: entropies))]
  },
  .taking(
    Mistake(
      "neighbour.default-temperature", "temperature left at its default",
      right: "the bank's temperature is a parameter, 0.1 by default"), "bank-entropies", "bankTemperature",
    .number(0.1), unless: .number(0.1)),
  normalisedBeforeUse("bank-entropies", "bank"),
  discovery(
    Mistake(
      "neighbour.largest-entropy", "anchors of the largest entropy",
      right: "anchors are the images of the lowest entropy"), takesLargest: true),
  discovery(
    Mistake(
      "neighbour.sorted-anchors", "anchors in the order of their images",
      right: "anchors are in the order of their entropies"), sortsAnchors: true),
  discovery(
    Mistake("neighbour.own-image", "the own image taken for the nearest", right: "an image is not its own neighbour"),
    ownFirst: true),
  discovery(Mistake("neighbour.one-anchor-more", "one anchor more", right: "⌊N rate r + 10⁻⁹⌋ anchors"), extra: 1),
  .asking(
    Mistake("neighbour.first-round", "anchors of round 1 kept", right: "anchors grow with the round: ⌊N rate r⌋"),
    "neighbourhood-discovery"
  ) { prompt in
    let round = try prompt.integer("round")
    prompt.parameters["round"] = .integer(1)
    return round > 1
  },
  .asking(
    Mistake("neighbour.sorted-queries", "queries sorted", right: "answers are in the order of the queries"),
    "nearest-rows"
  ) { prompt in
    let queries = try prompt.integers("queries")
    prompt.inputs["queries"] = .listOf(queries.sorted())
    return queries != queries.sorted()
  },
  .asking(Mistake("neighbour.farthest", "the farthest rows", right: "the largest products are nearest"), "nearest-rows")
  { prompt in
    var rows: Tensor<Double> = try prompt.tensor("rows")
    for query in try prompt.integers("queries").prefix(1) {
      for d in query * rows.columns..<(query + 1) * rows.columns { rows.values[d] *= -1 }
    }
    prompt.inputs["rows"] = .real(rows)
    return true
  },
  Mutation(Mistake("neighbour.own-image", "the query itself its nearest"), "nearest-rows") { question in
    guard case .integers(let found, let shape)? = question.right["neighbours"], shape[1] > 0 else { return nil }
    var wrong: [Int] = []
    for (q, query) in try question.prompt.integers("queries").enumerated() {
      wrong.append(query)
      wrong += found[(q * shape[1])...].prefix(shape[1] - 1)
    }
    return ["neighbours": .integers(wrong, shape: shape)]
  },
  Mutation(Mistake("memory.normalised-before-use", "cosines instead of products"), "nearest-rows") { question in
    let rows: Tensor<Double> = L2Normalisation().forward(try question.input("rows")).output
    return try question.altered { $0.inputs["rows"] = .real(rows) }
  },
]

/// Discovery with anchors and neighbours that are put together wrongly.
private func discovery(
  _ mistake: Mistake, takesLargest: Bool = false, sortsAnchors: Bool = false, ownFirst: Bool = false,
  extra: Int = 0
) -> Mutation {
  Mutation(mistake, "neighbourhood-discovery") { question in
    guard case .integers(let anchors, _)? = question.right["anchors"] else { return nil }
    let k = try question.prompt.integer("k", default: 1)
    let bank = MemoryBank(
      rows: try question.input("bank"), temperature: try question.prompt.number(.bankTemperature, as: Double.self))
    let entropies = NeighbourhoodDiscovery.entropies(of: bank)
    let sorted = entropies.indices.sorted { entropies[$0] < entropies[$1] }
    let count = min(entropies.count, anchors.count + extra)
    var chosen = Array(takesLargest ? sorted.reversed().prefix(count) : sorted.prefix(count))
    if sortsAnchors { chosen.sort() }
    // Where all images are anchors there is none more, and anchors may be in order by themselves.
    guard chosen != anchors || ownFirst else { return nil }
    let lists = NeighbourhoodDiscovery.nearest(k, to: chosen, in: bank.rows)
    let neighbours = zip(chosen, lists).flatMap { ownFirst ? [$0] + $1.dropLast() : $1 }
    return ["anchors": .listOf(chosen), "neighbours": .integers(neighbours, shape: [count, k])]
  }
}
