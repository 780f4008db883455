// Wrong implementations of the memory bank: its products, and what a batch writes into it.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let update = "memory-update"

/// Wrong constants and indices of an update, in an operation that makes one.
func memoryConstantMutations(_ operation: String) -> [Mutation] {
  [
    .asking(
      Mistake("memory.momentum-swapped", "momentum swapped", right: "new = μ old + (1 − μ) view, then unit length"),
      operation
    ) { prompt in
      let momentum = try prompt.number(.bankMomentum, as: Double.self)
      prompt.parameters["bankMomentum"] = .number(1 - momentum)
      return momentum != 0.5
    }
  ]
    + ["second", "first", "mean"].map { view in
      .taking(
        Mistake(
          "memory.\(view)-view", "the view written: \(view)",
          right: "the policy says which view is written" + (view == "second" ? "" : "; the second by default")),
        operation, "viewPolicy", .string(view),
        unless: .string("second")
      ) { prompt in
        guard operation == update, let images = prompt.inputs["images"], let views = prompt.inputs["embeddings"] else {
          return operation != update
        }
        return views.shape.count > 1 && views.shape[views.shape.count - 2] != images.shape.last
      }
    }
}

/// Rows made unit before use, where they are not.
func normalisedBeforeUse(_ operation: String, _ input: String) -> Mutation {
  .asking(Mistake("memory.normalised-before-use", "\(input) normalised before use"), operation) { prompt in
    let rows: Tensor<Double> = try prompt.tensor(input)
    let unit = L2Normalisation().forward(rows).output
    prompt.inputs[input] = .real(unit)
    return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
  }
}

let memoryMutations: [Mutation] =
  memoryConstantMutations(update) + [
    Mutation(
      Mistake("memory.not-normalised", "row not normalised again", right: "a row has unit length after its update"),
      update
    ) { question in
      let (bank, views) = (try question.input("bank"), try question.input("embeddings"))
      let (images, momentum) = (
        try question.prompt.integers("images"), try question.prompt.number(.bankMomentum, as: Double.self)
      )
      guard views.rows == 2 * images.count,
        (question.prompt.parameters["viewPolicy"] ?? .string("second")) == .string("second"),
        Set(images).count == images.count
      else { return nil }
      var new = bank
      for (b, image) in images.enumerated() {
        for (d, view) in views.row(images.count + b).enumerated() {
          new.values[image * bank.columns + d] =
            momentum * bank.row(image)[bank.row(image).startIndex + d]
            + (1 - momentum) * view
        }
      }
      return ["bank.new": .real(new)]
    },
    Mutation(
      Mistake("memory.never-assigned", "the new row never assigned", right: "the normalised row is written back"),
      update
    ) { question in
      ["bank.new": .real(try question.input("bank"))]
    },
    Mutation(
      Mistake(
        "memory.first-duplicate", "the first place of a repeated image kept",
        right: "of an image that occurs twice the last place is kept"), update
    ) { question in
      let images = try question.prompt.integers("images")
      guard Set(images).count < images.count, question.prompt.inputs["images"]?.shape.count == 1 else { return nil }
      let (views, count) = (try question.input("embeddings"), images.count)
      let order = (0..<views.rows).map { $0 / count * count + count - 1 - $0 % count }
      let turned: Tensor<Double> = views.rows(order)
      return try question.altered { prompt in
        prompt.inputs["images"] = .listOf(images.reversed())
        prompt.inputs["embeddings"] = .real(turned)
      }
    },
    Mutation(
      Mistake(
        "memory.chained-writes", "writes of both views or of a repeated image chained",
        right: "every write starts from the bank before the batch"), update
    ) { question in
      let images = try question.prompt.integers("images")
      let views = try question.input("embeddings")
      guard views.shape.count == 2, views.rows > images.count || Set(images).count < images.count else { return nil }
      var bank = MemoryBank(
        rows: try question.input("bank"), momentum: try question.prompt.number(.bankMomentum, as: Double.self))
      for a in 0..<views.rows { bank.update(images: [images[a % images.count]], embeddings: views.rows([a])) }
      return ["bank.new": .real(bank.rows)]
    },
    Mutation(
      Mistake(
        "memory.second-step-lost", "a second step left out", right: "the second step starts from what the first left"),
      update
    ) { question in
      guard let images = question.prompt.inputs["images"], images.shape.count == 2 else { return nil }
      let (views, all) = (try question.input("embeddings"), try question.prompt.integers("images"))
      return try question.altered { prompt in
        prompt.inputs["images"] = .listOf(Array(all.prefix(images.shape[1])))
        prompt.inputs["embeddings"] = .real(
          Tensor<Double>(shape: Array(views.shape.dropFirst()), values: Array(views.row(0))))
      }
    },
    .asking(
      Mistake(
        "memory.batch-place", "rows named by their place in the batch",
        right: "rows are those of the images' numbers in the data set"), update
    ) { prompt in
      guard let images = prompt.inputs["images"] else { return false }
      let count = images.shape.last ?? 0
      prompt.inputs["images"] = .integers(
        (0..<images.shape.reduce(1, *)).map { $0 % count }, shape: images.shape)
      return true
    },
    .asking(
      Mistake("memory.sorted-images", "images sorted, embeddings not", right: "images and embeddings keep their order"),
      update
    ) { prompt in
      guard case .integers(let images, let shape)? = prompt.inputs["images"], shape.count == 1 else { return false }
      prompt.inputs["images"] = .listOf(images.sorted())
      return images != images.sorted() && Set(images).count == images.count
    },
    Mutation(
      Mistake("memory.gradient-without-temperature", "the temperature missing in the gradient", right: "∂V = ∂z M / τ"),
      "memory-logits"
    ) {
      question in
      question.scaled(by: try question.prompt.number(.bankTemperature, as: Double.self), ["embeddings.gradient"])
    },
    Mutation(
      Mistake("memory.multiplied-by-temperature", "multiplied by the temperature", right: "z = V Mᵀ / τ"),
      "memory-logits"
    ) { question in
      let temperature = try question.prompt.number(.bankTemperature, as: Double.self)
      return question.scaled(by: temperature * temperature, ["logits"])
    },
    normalisedBeforeUse("memory-logits", "bank"),
  ]
