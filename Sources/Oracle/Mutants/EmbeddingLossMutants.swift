// Wrong implementations of the losses against the bank as functions of embeddings.
//
// Every mistake in a loss of logits is made here too, between right products with the bank; the others are in these products.
// Tests    OracleTests/MutantsTests.swift, OracleTests/BankLossOperationsTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let suffix = "-of-embeddings"
private let operations = ["instance-neighbourhood", "unification-entropy"].map { $0 + suffix }

let embeddingLossMutations: [Mutation] =
  (bankLossMutations + portingMutations + zeroLogZeroMutations + overflowMutations)
  .filter { operations.contains($0.operation + suffix) }.map(ofEmbeddings)
  + operations.flatMap(productMutations)

/// A mistake in a loss of logits, inside the loss of embeddings.
private func ofEmbeddings(_ mutation: Mutation) -> Mutation {
  Mutation(Mistake(mutation.mistake.name, mutation.mistake.wrong), mutation.operation + suffix) { question in
    let bank = try bank(question.prompt)
    var inner = question.prompt
    inner.operation = mutation.operation
    inner.parameters["bankTemperature"] = nil
    (inner.inputs["embeddings"], inner.inputs["bank"]) = (nil, nil)
    inner.inputs["logits"] = .real(bank.logits(of: try question.input("embeddings")))
    guard var wrong = try mutation.answer(Question(inner)) else { return nil }
    if case .real(let gradient)? = wrong.removeValue(forKey: "logits.gradient") {
      wrong["embeddings.gradient"] = .real(bank.embeddingsGradient(ofLogits: gradient))
    }
    return wrong
  }
}

private func bank(_ prompt: Prompt) throws -> MemoryBank<Double> {
  MemoryBank(rows: try prompt.tensor("bank"), temperature: try prompt.number(.bankTemperature))
}

private func productMutations(_ operation: String) -> [Mutation] {
  [
    Mutation(Mistake("memory.gradient-without-temperature", "the temperature missing in the gradient"), operation) {
      question in
      question.scaled(by: try question.prompt.number(.bankTemperature, as: Double.self), ["embeddings.gradient"])
    },
    .asking(Mistake("memory.multiplied-by-temperature", "multiplied by the temperature"), operation) { prompt in
      let temperature = try prompt.number(.bankTemperature, as: Double.self)
      prompt.parameters["bankTemperature"] = .number(1 / temperature)
      return temperature != 1
    },
    .taking(
      Mistake(
        "memory.default-temperature", "temperature left at its default",
        right: "the temperature of the bank is a parameter, 0.1 by default"), operation, "bankTemperature",
      .number(0.1), unless: .number(0.1)),
    .asking(Mistake("memory.updated-before-loss", "the bank updated before the loss"), operation) { prompt in
      var bank = MemoryBank(rows: try prompt.tensor("bank", as: Double.self), momentum: 0.5)
      bank.update(images: try prompt.integers("images"), embeddings: try prompt.tensor("embeddings", as: Double.self))
      prompt.inputs["bank"] = .real(bank.rows)
      return bank.rows.rows > 1
    },
    normalisedBeforeUse(operation, "bank"),
    .asking(
      Mistake(
        "memory.embeddings-normalised", "embeddings normalised before the products",
        right: "embeddings are taken as they are given; their normalisation belongs to the encoder"), operation
    ) { prompt in
      let rows: Tensor<Double> = try prompt.tensor("embeddings")
      let unit = L2Normalisation().forward(rows).output
      prompt.inputs["embeddings"] = .real(unit)
      return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
    },
    Mutation(
      Mistake(
        "memory.gradient-projected", "gradient projected as if its rows had unit length",
        right: "∂L/∂V is that of free rows; the projection belongs to the encoder's normalisation"), operation
    ) { question in
      let (v, g) = (try question.input("embeddings"), try question.output("embeddings.gradient"))
      let along = (0..<v.rows).map { a in
        let (row, pull) = (v.row(a), g.row(a))
        return zip(row, pull).reduce(0) { $0 + $1.0 * $1.1 } / row.reduce(0) { $0 + $1 * $1 }
      }
      return ["embeddings.gradient": .real(g.mapped { $1 - along[$0 / v.columns] * v.values[$0] })]
    },
  ]
}
