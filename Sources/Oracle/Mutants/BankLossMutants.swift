// Wrong implementations of the two losses against the bank, L_AND and L_UE.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let and = "instance-neighbourhood"
private let ue = "unification-entropy"
private let perBit = 1 / Double.log(2)

extension Prompt {
  /// The rows of the whole-number table "neighbours", without what is not there.
  func neighbourLists() -> [[Int]]? {
    guard case .integers(let table, let shape)? = inputs["neighbours"] else { return nil }
    return (0..<shape[0]).map { i in table[i * shape[1]..<(i + 1) * shape[1]].filter { $0 >= 0 } }
  }

  /// Puts lists of neighbours in the place of others.
  mutating func setNeighbours(_ lists: [[Int]]) {
    let width = max(1, lists.map(\.count).max() ?? 0)
    let table = lists.flatMap { $0 + Array(repeating: -1, count: width - $0.count) }
    inputs["neighbours"] = .integers(table, shape: [lists.count, width])
  }

  /// Whether a loss is reduced to its mean.
  var asksForMean: Bool { parameters["reduction"] != .string("sum") }
}

/// Wrong reductions of one operation.
func reductionMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      "loss.summed", "the sum taken although the mean was asked for", operation, "reduction", .string("sum"),
      unless: .string("mean")),
    .taking(
      "loss.averaged", "the mean taken although the sum was asked for", operation, "reduction", .string("mean"),
      unless: .string("mean")),
  ]
}

/// Neighbours that are lost, shortened, made mutual or named by the batch, in an operation that takes them.
func neighbourhoodMutations(_ operation: String) -> [Mutation] {
  [
    .asking("and.no-neighbours", "neighbours left out", operation) {
      $0.inputs.removeValue(forKey: "neighbours") != nil
    },
    .asking("and.nearest-neighbour-only", "only the nearest neighbour", operation) { prompt in
      guard let lists = prompt.neighbourLists(), try prompt.integers("images").contains(where: { lists[$0].count > 1 })
      else { return false }
      prompt.setNeighbours(lists.map { Array($0.prefix(1)) })
      return true
    },
    .asking("and.symmetric-neighbours", "a symmetric relation", operation) { prompt in
      guard let lists = prompt.neighbourLists() else { return false }
      var both = lists
      for (i, list) in lists.enumerated() { for j in list where !lists[j].contains(i) { both[j].append(i) } }
      prompt.setNeighbours(both)
      return try prompt.integers("images").contains { both[$0] != lists[$0] }
    },
    .asking("and.batch-place", "neighbours of the place in the batch", operation) { prompt in
      let images = try prompt.integers("images")
      guard let lists = prompt.neighbourLists(), Set(images).count == images.count,
        images.enumerated().contains(where: { lists[$0] != lists[$1] })
      else { return false }
      var placed = lists
      for (a, image) in images.enumerated() { placed[image] = lists[a] }
      prompt.setNeighbours(placed)
      return true
    },
  ]
}

let bankLossMutations: [Mutation] =
  reductionMutations(and) + reductionMutations(ue) + neighbourhoodMutations(and) + [
    Mutation("loss.divided-by-images", "divided by B instead of 2B", and) { question in
      question.prompt.asksForMean ? question.scaled(by: 2) : nil
    },
    Mutation("loss.divided-by-images", "divided by B instead of 2B", ue) { question in
      question.prompt.asksForMean ? question.scaled(by: 2) : nil
    },
    Mutation("loss.binary-logarithm", "logarithms of base 2", and) { $0.scaled(by: perBit) },
    Mutation("loss.binary-logarithm", "logarithms of base 2", ue) { $0.scaled(by: perBit) },
    textbookNeighbourhood("and.own-image-left-out", "own image left out of the neighbourhood", .ownLeftOut),
    textbookNeighbourhood(
      "and.summed-logarithms", "logarithms of members instead of their sum's", .logarithmsSummed),
    Mutation("ue.sign", "entropy raised instead of lowered", ue) { $0.scaled(by: -1) },
    .asking("ue.own-logit-ignored", "own image left out although a constant was asked for", ue) { prompt in
      prompt.parameters.removeValue(forKey: "ownLogit") != nil
    },
    .asking("ue.finite-mask", "own image masked by −10", ue) { prompt in
      guard prompt.parameters["ownLogit"] == nil else { return false }
      prompt.parameters["ownLogit"] = .integer(-10)
      return true
    },
    textbookEntropy("ue.own-image-kept", "own image kept", .ownKept),
    textbookEntropy("ue.gradient-without-entropy", "the entropy missing in its gradient", .entropyMissing),
  ]

/// 0 · log 0 taken as NaN, where a distribution has nothing to choose from.
func zeroLogZero(
  _ operation: String, _ input: String, _ output: String, _ hasNoChoice: @escaping @Sendable ([Int]) -> Bool
)
  -> Mutation
{
  Mutation("loss.zero-log-zero", "0 log 0 is not a number", operation) { question in
    hasNoChoice(try question.input(input).shape) ? try question.changed(output) { _, _ in .nan } : nil
  }
}

let zeroLogZeroMutations: [Mutation] = [
  zeroLogZero(and, "logits", "loss") { $0[1] == 1 }, zeroLogZero(ue, "logits", "loss") { $0[1] == 1 },
  zeroLogZero("batch-loss", "rows", "loss") { $0[0] == 2 },
  zeroLogZero("bank-entropies", "bank", "entropies") { $0[0] == 1 },
]

private func textbookNeighbourhood(
  _ name: String, _ mistake: String, _ wrong: TextbookBankLoss.Mistake
) -> Mutation {
  Mutation(name, mistake, and) { question in
    let images = try question.prompt.integers("images")
    guard question.prompt.asksForMean, let lists = question.prompt.neighbourLists(),
      images.contains(where: { !lists[$0].isEmpty })
    else { return nil }
    let found = TextbookBankLoss(mistake: wrong).neighbourhood(
      try question.input("logits"), images: images, members: { [$0] + lists[$0] })
    return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
  }
}

private func textbookEntropy(_ name: String, _ mistake: String, _ wrong: TextbookBankLoss.Mistake) -> Mutation {
  Mutation(name, mistake, ue) { question in
    guard question.prompt.asksForMean, question.prompt.parameters["ownLogit"] == nil,
      try question.input("logits").columns > 1
    else { return nil }
    let found = TextbookBankLoss(mistake: wrong).entropy(
      try question.input("logits"), images: try question.prompt.integers("images"))
    return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
  }
}
