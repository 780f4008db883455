// What porters get wrong in the layers, in the heads, in the memory bank and in what is read from it.
// Tests    tsuc-oracleTests/MistakesTests.swift
import Files
import Explain
import Oracle

extension TermMistakes {
  static let batchNorm = TermMistakes(term: "bn") { example in
    let given = BatchNormExample(example)
    func channels(_ values: [Double]) -> TensorValue { .numbers(values, shape: [values.count]) }
    return try Prompt(
      operation: "batch-norm",
      parameters: ["epsilon": .number(given.epsilon), "momentum": .number(given.momentum)],
      inputs: [
        "x": .real(given.maps(given.x)), "y.cotangent": .real(given.maps(given.cotangent)),
        "weight": channels(given.gamma), "bias": channels(given.beta), "runningMean": channels(given.runningMean),
        "runningVariance": channels(given.runningVariance),
      ]
    ).mistakes(
      ["batchnorm.biased-running-variance", "batchnorm.constant-statistics"],
      watching: [
        Watched("y₀₀", "y"), Watched("new variance", "runningVariance.new"), Watched("∂x₀₀", "x.gradient"),
        Watched("∂x₁₀", "x.gradient", 2),
      ])
  }

  static let unitRows = TermMistakes(term: "l2") { example in
    let given = UnitRowsExample(example)
    return try Prompt.asking("l2-normalisation", rows: ["x": given.u, "y.cotangent": given.cotangent]).mistakes(
      ["l2norm.gradient-unprojected", "l2norm.gradient-undivided"],
      watching: ["x", "y", "z"].enumerated().map { Watched("∂u₀" + $1, "x.gradient", $0) })
  }

  static let heads = TermMistakes(term: "norm-fc") { example in
    let given = HeadExample(example)
    let shape = [given.weight.count, given.weight[0].count]
    var prompt = Prompt.asking(
      "cluster-heads", ["headTemperature": .number(given.temperature)], rows: ["embeddings": given.views])
    prompt.inputs["heads"] = .numbers(given.weight.flatMap { $0 }, shape: [1] + shape)
    prompt.inputs["probabilities.cotangent"] = .numbers(
      given.cotangent.flatMap { $0 }, shape: [1, given.views.count, shape[1]])
    return try prompt.mistakes(
      ["normfc.feature-axis", "head.diagonal-softmax-gradient"],
      watching: (0..<3).map { Watched("y₀" + subscripted($0), "probabilities", $0) } + [
        Watched("∂L/∂x₀", "embeddings.gradient"), Watched("∂L/∂y₀", "embeddings.gradient", 1),
      ])
  }

  static let bank = TermMistakes(term: "bank") { example in
    let given = BankExample(example)
    let small = given.small
    let update = Prompt.asking(
      "memory-update", ["bankMomentum": .number(given.momentum)],
      rows: ["bank": small.bank, "embeddings": small.views], wholes: ["images": small.images])
    let products = Prompt.asking(
      "memory-logits", ["bankTemperature": .number(small.temperature)],
      rows: ["bank": small.bank, "embeddings": small.views, "logits.cotangent": given.cotangent])
    return try update.mistakes(
      ["memory.momentum-swapped", "memory.not-normalised", "memory.chained-writes"],
      watching: [
        Watched("m₀ x", "bank.new"), Watched("m₀ y", "bank.new", 1), Watched("m₂ x", "bank.new", 4),
        Watched("m₂ y", "bank.new", 5),
      ])
      + products.mistakes(
        ["memory.gradient-without-temperature"], in: "the gradient",
        watching: [Watched("∂L/∂x₀", "embeddings.gradient"), Watched("∂L/∂y₀", "embeddings.gradient", 1)])
  }

  static let anchors = TermMistakes(term: "anchors") { example in
    let given = AnchorsExample(example)
    let (bank, temperature) = (given.small.bank, JSON.number(given.small.temperature))
    let discovery = Prompt.asking(
      "neighbourhood-discovery",
      [
        "bankTemperature": temperature, "round": .integer(given.round), "k": .integer(given.neighbourCount),
        "rate": .number(given.rate),
      ], rows: ["bank": bank])
    let surprise = Prompt.asking("bank-entropies", ["bankTemperature": temperature], rows: ["bank": bank])
    return try discovery.mistakes(
      ["neighbour.largest-entropy", "neighbour.own-image"],
      watching: [
        Watched("anchor", "anchors"), Watched("its neighbour", "neighbours"), Watched("anchor", "anchors", 1),
        Watched("its neighbour", "neighbours", 1),
      ])
      + surprise.mistakes(
        ["neighbour.entropy-of-others"], in: "the entropies",
        watching: bank.indices.map { Watched("h" + subscripted($0), "entropies", $0) })
  }
}
