// Wrong implementations of the losses: what each answers to a case where it differs.
import Kernels
import Networks
import Oracle
import TwoStage

/// A wrong implementation of one operation.
struct Mutant: Sendable, CustomStringConvertible {
  let description: String
  let operation: String
  /// The wrong answer, changed from the right one; nil where this mistake is none or has no definition.
  let answer: @Sendable (CaseRecipe, _ right: [String: TensorValue]) throws -> [String: TensorValue]?

  init(
    _ operation: String, _ description: String,
    _ answer: @escaping @Sendable (CaseRecipe, [String: TensorValue]) throws -> [String: TensorValue]?
  ) {
    (self.operation, self.description, self.answer) = (operation, operation + ": " + description, answer)
  }

  /// The right answer to a changed prompt; nil if `change` finds nothing to change.
  static func asking(
    _ operation: String, _ description: String, _ change: @escaping @Sendable (inout Prompt) throws -> Bool
  ) -> Mutant {
    Mutant(operation, description) { recipe, _ in
      var wrong = recipe
      return try change(&wrong.prompt) ? try wrong.answer(as: Double.self) : nil
    }
  }

  /// A parameter that is taken for another value where it is not that.
  static func taking(
    _ operation: String, _ parameter: String, _ value: ParameterValue, unless fallback: ParameterValue? = nil,
    _ applies: @escaping @Sendable (Prompt) -> Bool = { _ in true }
  ) -> Mutant {
    asking(operation, "\(parameter) taken for \(value)") { prompt in
      guard applies(prompt), prompt.parameters[parameter] != value, (prompt.parameters[parameter] ?? fallback) != value
      else { return false }
      prompt.parameters[parameter] = value
      return true
    }
  }
}

extension TensorValue {
  /// A list of whole numbers.
  static func listOf(_ numbers: [Int]) -> TensorValue { .integers(numbers, shape: [numbers.count]) }
}

extension Prompt {
  /// A real input in Double.
  func real(_ name: String) throws -> Tensor<Double> { try tensor(name) }
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
}

/// Every real output, or those named, times a factor.
func scaled(_ answer: [String: TensorValue], by factor: Double, _ names: [String]? = nil) -> [String: TensorValue] {
  Dictionary(
    uniqueKeysWithValues: answer.map { name, value in
      guard case .real(let tensor) = value, names?.contains(name) ?? true else { return (name, value) }
      return (name, .real(Tensor<Double>(shape: tensor.shape, values: tensor.values.map { factor * $0 })))
    })
}

private func isMean(_ prompt: Prompt) -> Bool { prompt.parameters["reduction"] != .text("sum") }
private func isReleased(_ prompt: Prompt) -> Bool { prompt.parameters["denominator"] != .text("paper") }
private let perBit = 1 / Double.log(2)

/// Wrong implementations of the losses against the bank.
let bankLossMutants: [Mutant] = [
  .taking("instance-neighbourhood", "reduction", .text("sum"), unless: .text("mean")),
  .taking("instance-neighbourhood", "reduction", .text("mean"), unless: .text("mean")),
  Mutant("instance-neighbourhood", "divided by B instead of 2B") { recipe, right in
    isMean(recipe.prompt) ? scaled(right, by: 2) : nil
  },
  Mutant("instance-neighbourhood", "logarithms of base 2") { _, right in scaled(right, by: perBit) },
  .asking("instance-neighbourhood", "neighbours left out") { prompt in
    prompt.inputs.removeValue(forKey: "neighbours") != nil
  },
  .asking("instance-neighbourhood", "only the nearest neighbour") { prompt in
    guard let lists = prompt.neighbourLists(), try prompt.integers("images").contains(where: { lists[$0].count > 1 })
    else { return false }
    prompt.setNeighbours(lists.map { Array($0.prefix(1)) })
    return true
  },
  .asking("instance-neighbourhood", "a symmetric relation") { prompt in
    guard let lists = prompt.neighbourLists() else { return false }
    var both = lists
    for (i, list) in lists.enumerated() { for j in list where !lists[j].contains(i) { both[j].append(i) } }
    prompt.setNeighbours(both)
    return try prompt.integers("images").contains { both[$0] != lists[$0] }
  },
  .asking("instance-neighbourhood", "neighbours of the place in the batch") { prompt in
    let images = try prompt.integers("images")
    guard let lists = prompt.neighbourLists(), Set(images).count == images.count,
      images.enumerated().contains(where: { lists[$0] != lists[$1] })
    else { return false }
    var placed = lists
    for (a, image) in images.enumerated() { placed[image] = lists[a] }
    prompt.setNeighbours(placed)
    return true
  },
  textbookNeighbourhood("own image left out of the neighbourhood", .ownLeftOut),
  textbookNeighbourhood("logarithms of members instead of their sum's", .logarithmsSummed),
  .taking("unification-entropy", "reduction", .text("sum"), unless: .text("mean")),
  .taking("unification-entropy", "reduction", .text("mean"), unless: .text("mean")),
  Mutant("unification-entropy", "entropy raised instead of lowered") { _, right in scaled(right, by: -1) },
  Mutant("unification-entropy", "logarithms of base 2") { _, right in scaled(right, by: perBit) },
  .asking("unification-entropy", "own image left out although a constant was asked for") { prompt in
    prompt.parameters.removeValue(forKey: "ownLogit") != nil
  },
  .asking("unification-entropy", "own image masked by −10 where others are that low") { prompt in
    let logits = try prompt.real("logits").values
    guard logits.reduce(0, +) / Double(logits.count) < -6, prompt.parameters["ownLogit"] == nil else { return false }
    prompt.parameters["ownLogit"] = .integer(-10)
    return true
  },
  textbookEntropy("own image kept", .ownKept), textbookEntropy("the entropy missing in its gradient", .entropyMissing),
]

private func textbookNeighbourhood(_ description: String, _ mistake: TextbookBankLoss.Mistake) -> Mutant {
  Mutant("instance-neighbourhood", description) { recipe, _ in
    let images = try recipe.prompt.integers("images")
    guard isMean(recipe.prompt), let lists = recipe.prompt.neighbourLists(),
      images.contains(where: { !lists[$0].isEmpty })
    else { return nil }
    let found = TextbookBankLoss(mistake: mistake).neighbourhood(
      try recipe.prompt.real("logits"), images: images, members: { [$0] + lists[$0] })
    return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
  }
}

private func textbookEntropy(_ description: String, _ mistake: TextbookBankLoss.Mistake) -> Mutant {
  Mutant("unification-entropy", description) { recipe, _ in
    guard isMean(recipe.prompt), recipe.prompt.parameters["ownLogit"] == nil else { return nil }
    let found = TextbookBankLoss(mistake: mistake).entropy(
      try recipe.prompt.real("logits"), images: try recipe.prompt.integers("images"))
    return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
  }
}

/// Wrong implementations of the batch loss and of the relation loss.
let batchLossMutants: [Mutant] =
  ["batch-loss", "relation-loss"].flatMap { operation in
    [
      Mutant.taking(operation, "stopsGradient", .truth(false), unless: .truth(true)),
      .taking(operation, "stopsGradient", .truth(true), unless: .truth(true)),
      .taking(operation, "reduction", .text("sum"), unless: .text("mean")),
      .taking(operation, "reduction", .text("mean"), unless: .text("mean")),
      .taking(operation, "negativeWeight", .integer(1), unless: .integer(1)),
      .taking(operation, "denominator", .text("paper"), unless: .text("released")) {
        $0.parameters["negativeWeight"] == nil
      },
      .taking(operation, "denominator", .text("released"), unless: .text("released")),
      .asking(operation, "temperature applied twice") { prompt in
        let temperature = try prompt.number("temperature", default: 0.1)
        prompt.parameters["temperature"] = .number(temperature * temperature)
        return temperature != 1
      },
      Mutant(operation, "divided by B instead of 2B") { recipe, right in
        isMean(recipe.prompt) && isReleased(recipe.prompt) ? scaled(right, by: 2) : nil
      },
    ]
  } + TextbookBatchLoss.Mistake.allCases.map(textbookBatch) + [
    .asking("batch-loss", "rows normalised by the loss") { prompt in
      let rows = try prompt.real("rows")
      let unit = L2Normalisation().forward(rows).output
      prompt.inputs["rows"] = .real(unit)
      return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
    },
    Mutant("relation-loss", "embeddings instead of relations") { recipe, _ in
      var wrong = recipe.prompt
      wrong.operation = "batch-loss"
      wrong.inputs = ["rows": wrong.inputs["embeddings"] ?? .integers([], shape: [0])]
      let answer = try Operations.named("batch-loss").answer(wrong, as: Double.self)
      return [
        "loss": answer["loss"] ?? .integers([], shape: [0]),
        "embeddings.gradient": answer["rows.gradient"] ?? .integers([], shape: [0]),
      ]
    },
    .asking("relation-loss", "rows of the bank normalised") { prompt in
      let bank = try prompt.real("bank")
      prompt.inputs["bank"] = .real(L2Normalisation().forward(bank).output)
      return bank.values.contains { abs($0) > 1.01 }
    },
  ]

private func textbookBatch(_ mistake: TextbookBatchLoss.Mistake) -> Mutant {
  Mutant("batch-loss", "\(mistake)") { recipe, _ in
    let prompt = recipe.prompt
    let (weight, tau) = (
      try prompt.number("negativeWeight", default: 1), try prompt.number("temperature", default: 0.1)
    )
    let aboutWeights: [TextbookBatchLoss.Mistake] = [.weightOnlyInLoss, .weightOnPartner, .gradientOfWeightOne]
    // Where a probability is within rounding of 1 the textbook's answer is wrong on its own account.
    guard isMean(prompt), isReleased(prompt), tau > 0.1, weight > 1 || !aboutWeights.contains(mistake) else {
      return nil
    }
    let loss = TextbookBatchLoss(
      temperature: tau, weight: weight, stopsGradient: try prompt.truth("stopsGradient", default: true),
      mistake: mistake)
    let found = loss.evaluate(try prompt.real("rows"))
    return ["loss": .number(found.loss), "rows.gradient": .real(found.gradient)]
  }
}
