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

  /// The outputs of a mean over the rows of logits, reduced as this prompt asks.
  func reduced(_ mean: Textbook<Double>) -> [String: TensorValue] {
    let factor = asksForMean ? 1 : Double(mean.gradient.rows)
    return ["loss": .number(factor * mean.loss), "logits.gradient": .real(mean.gradient.mapped { factor * $1 })]
  }
}

/// Wrong reductions of one operation.
func reductionMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      Mistake("loss.summed", "the sum taken although the mean was asked for", right: "the mean is the default"),
      operation, "reduction", .string("sum"),
      unless: .string("mean")),
    .taking(
      Mistake("loss.averaged", "the mean taken although the sum was asked for", right: "the sum was asked for"),
      operation, "reduction", .string("mean"),
      unless: .string("mean")),
  ]
}

/// Neighbours that are lost, shortened, made mutual or named by the batch, in an operation that takes them.
func neighbourhoodMutations(_ operation: String) -> [Mutation] {
  [
    .asking(
      Mistake(
        "and.no-neighbours", "neighbours left out", right: "an anchor's neighbourhood is the image and its neighbours"),
      operation
    ) {
      $0.inputs.removeValue(forKey: "neighbours") != nil
    },
    .asking(
      Mistake("and.nearest-neighbour-only", "only the nearest neighbour", right: "all k neighbours are members"),
      operation
    ) { prompt in
      guard let lists = prompt.neighbourLists(), try prompt.integers("images").contains(where: { lists[$0].count > 1 })
      else { return false }
      prompt.setNeighbours(lists.map { Array($0.prefix(1)) })
      return true
    },
    .asking(
      Mistake(
        "and.symmetric-neighbours", "a symmetric relation",
        right: "the relation is as found: j near i does not make i near j"), operation
    ) { prompt in
      guard let lists = prompt.neighbourLists() else { return false }
      var both = lists
      for (i, list) in lists.enumerated() { for j in list where !lists[j].contains(i) { both[j].append(i) } }
      prompt.setNeighbours(both)
      return try prompt.integers("images").contains { both[$0] != lists[$0] }
    },
    .asking(
      Mistake(
        "and.batch-place", "neighbours of the place in the batch",
        right: "neighbours are those of the image's number in the data set"), operation
    ) { prompt in
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
    Mutation(
      Mistake("loss.divided-by-images", "divided by B instead of 2B", right: "the mean is over the 2B view rows"), and
    ) { question in
      question.prompt.asksForMean ? question.scaled(by: 2) : nil
    },
    Mutation(Mistake("loss.divided-by-images", "divided by B instead of 2B"), ue) { question in
      question.prompt.asksForMean ? question.scaled(by: 2) : nil
    },
    Mutation(Mistake("loss.binary-logarithm", "logarithms of base 2", right: "logarithms are natural"), and) {
      $0.scaled(by: perBit)
    },
    Mutation(Mistake("loss.binary-logarithm", "logarithms of base 2"), ue) { $0.scaled(by: perBit) },
    textbookNeighbourhood(
      Mistake(
        "and.own-image-left-out", "own image left out of the neighbourhood",
        right: "the image itself is a member of its neighbourhood"), .ownLeftOut),
    textbookNeighbourhood(
      Mistake(
        "and.summed-logarithms", "logarithms of members instead of their sum's",
        right: "L = −log Σ p over the members, not the mean of −log p"), .logarithmsSummed),
    Mutation(
      Mistake("ue.sign", "entropy raised instead of lowered", right: "L_UE is the entropy itself, and is lowered"), ue
    ) { $0.scaled(by: -1) },
    .asking(
      Mistake(
        "ue.own-logit-ignored", "own image left out although a constant was asked for",
        right: "the own image keeps the constant logit that was asked for"), ue
    ) { prompt in
      prompt.parameters.removeValue(forKey: "ownLogit") != nil
    },
    .asking(
      Mistake(
        "ue.finite-mask", "own image masked by −10",
        right: "the own image is left out of the softmax; −10 is not low enough where others are as low"), ue
    ) { prompt in
      guard prompt.parameters["ownLogit"] == nil else { return false }
      prompt.parameters["ownLogit"] = .integer(-10)
      return true
    },
    textbookEntropy(
      Mistake("ue.own-image-kept", "own image kept", right: "the entropy is over the other images"), .ownKept),
    textbookEntropy(
      Mistake("ue.gradient-without-entropy", "the entropy missing in its gradient", right: "∂H/∂z = −p (log p + H)"),
      .entropyMissing),
  ]

/// 0 · log 0 taken as NaN, where a distribution has nothing to choose from.
func zeroLogZero(
  _ operation: String, _ input: String, _ output: String, _ hasNoChoice: @escaping @Sendable ([Int]) -> Bool
)
  -> Mutation
{
  Mutation(
    Mistake(
      "loss.zero-log-zero", "0 log 0 is not a number", right: "0 log 0 is 0: a row without a choice costs nothing"),
    operation
  ) { question in
    hasNoChoice(try question.input(input).shape) ? try question.changed(output) { _, _ in .nan } : nil
  }
}

let zeroLogZeroMutations: [Mutation] = [
  zeroLogZero(and, "logits", "loss") { $0[1] == 1 }, zeroLogZero(ue, "logits", "loss") { $0[1] == 1 },
  zeroLogZero("batch-loss", "rows", "loss") { $0[0] == 2 },
  zeroLogZero("bank-entropies", "bank", "entropies") { $0[0] == 1 },
]

private func textbookNeighbourhood(
  _ mistake: Mistake, _ wrong: TextbookBankLoss.Mistake
) -> Mutation {
  Mutation(mistake, and) { question in
    let images = try question.prompt.integers("images")
    guard let lists = question.prompt.neighbourLists(), images.contains(where: { !lists[$0].isEmpty }) else {
      return nil
    }
    let found = TextbookBankLoss(mistake: wrong).neighbourhood(
      try question.input("logits"), images: images,
      members: { image in [image] + lists[image].reduce(into: []) { if $1 != image, !$0.contains($1) { $0.append($1) } }
      })
    return question.prompt.reduced(found)
  }
}

private func textbookEntropy(_ mistake: Mistake, _ wrong: TextbookBankLoss.Mistake) -> Mutation {
  Mutation(mistake, ue) { question in
    guard question.prompt.parameters["ownLogit"] == nil, try question.input("logits").columns > 1 else { return nil }
    let found = TextbookBankLoss(mistake: wrong).entropy(
      try question.input("logits"), images: try question.prompt.integers("images"))
    return question.prompt.reduced(found)
  }
}
