// What porters get wrong in what drives and judges a run: random numbers, views, optimiser, schedules, scores.
// Tests    tsuc-oracleTests/MistakesTests.swift
import Files
import Evaluation
import Explain
import Oracle

extension TermMistakes {
  static let views = TermMistakes(term: "views") { example in
    let given = ViewsExample(example)
    func range(_ range: ClosedRange<Double>) -> JSON {
      .array([.number(range.lowerBound), .number(range.upperBound)])
    }
    return try Prompt(
      operation: "crop-parameters",
      parameters: [
        "seed": .integer(given.seed), "epoch": .integer(given.epoch), "view": .integer(0),
        "images": .array((given.image..<given.image + 3).map { .integer($0) }), "height": .integer(given.size),
        "width": .integer(given.size), "area": range(given.area), "ratio": range(given.ratio),
      ], inputs: [:]
    ).mistakes(
      ["crop.linear-aspect", "crop.sides-swapped", "crop.ratio-on-sides"],
      watching: ["left", "top", "width", "height"].enumerated().map { Watched($1, "boxes", $0) })
  }

  static let philox = TermMistakes(term: "philox") { example in
    let given = PhiloxExample(example)
    let block = Prompt(
      operation: "philox",
      inputs: [
        "counters": .integers([0, given.view, given.image, given.epoch], shape: [1, 4]),
        "keys": .integers([given.seed, given.purpose], shape: [1, 2]),
      ])
    let draws = Prompt.asking(
      "uniform",
      [
        "seed": .integer(given.seed), "purpose": .integer(given.purpose), "epoch": .integer(given.epoch),
        "image": .integer(given.image), "view": .integer(given.view), "count": .integer(4),
      ])
    return try block.mistakes(
      ["philox.seven-rounds", "philox.weyl-swapped"], watching: (0..<4).map { Watched("word \($0)", "words", $0) })
      + draws.mistakes(
        ["rng.low-bits"], in: "the numbers", watching: (0..<4).map { Watched("u" + subscripted($0), "y", $0) })
  }

  static let descent = TermMistakes(term: "sgd") { example in
    let given = DescentExample(example)
    var prompt = Prompt.asking(
      "sgd",
      [
        "rates": .array(given.rates.map { .number($0) }), "momentum": .number(given.momentum), "nesterov": .bool(true),
        "weightDecay": .number(given.weightDecay),
      ], rows: ["gradients": given.gradients])
    prompt.inputs["parameter"] = .numbers(given.start, shape: [given.start.count])
    return try prompt.mistakes(
      ["sgd.rate-inside-velocity", "sgd.sutskever-nesterov", "sgd.decoupled-decay"],
      watching: given.rates.indices.map { Watched("w₀, step \($0)", "parameters", given.start.count * $0) })
  }

  static let schedule = TermMistakes(term: "schedule") { example in
    let given = ScheduleExample(example)
    return try Prompt.asking(
      "learning-rate",
      [
        "base": .number(given.base), "schedule": .string("paper"), "length": .integer(given.length),
        "epochs": .array(given.epochs.map { .integer($0) }),
      ]
    ).mistakes(
      ["schedule.first-drop-at-80", "schedule.one-epoch-late"],
      watching: [2, 3, 4, 6].map { Watched("t = \(given.epochs[$0])", "rates", $0) })
  }

  static let entropyWeight = TermMistakes(term: "w") { example in
    let given = ScheduleExample(example)
    return try Prompt.asking(
      "entropy-weight",
      [
        "step": .number(given.step), "schedule": .string("paper"), "length": .integer(given.length),
        "round": .integer(given.round), "epochs": .array(given.epochs.map { .integer($0) }),
      ]
    ).mistakes(
      ["schedule.entropy-over-all-rounds", "schedule.entropy-one-epoch-late"],
      watching: [0, 2, 3, 6].map { Watched("t = \(given.epochs[$0])", "weights", $0) })
  }

  static let nearestNeighbours = TermMistakes(term: "knn") { example in
    let given = NearestNeighboursExample(example)
    return try Prompt.asking(
      "weighted-neighbours",
      ["k": .integer(given.neighbourCount), "temperature": .number(given.temperature)],
      rows: ["features": given.rows, "queries": given.query], wholes: ["labels": given.labels]
    ).mistakes(["evaluate.unweighted-votes"], watching: [Watched("the query's class", "predictions")])
  }

  static let hungarian = TermMistakes(term: "hungarian") { example in
    let given = HungarianExample(example)
    return try Prompt.asking(
      "cluster-scores",
      ["clusters": .integer(given.counts.count), "classes": .integer(given.counts[0].count)],
      wholes: ["predictions": given.images.map(\.cluster), "targets": given.images.map(\.label)]
    ).mistakes(
      ["evaluate.greedy-matching", "evaluate.unmatched", "evaluate.many-to-one"],
      watching: [Watched("accuracy", "accuracy")])
  }
}
