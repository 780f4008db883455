// The loss of stage 1, traced by a tracer from embeddings to their gradient.
//
//     V ─ z = V Mᵀ / τ ─┬─ L_AND ─ ∂z ─┐
//                       └─ L_UE ── ∂z ─┴─ ∂z M / τ ─┐
//     V ─ G = Mᵀ M, relations, cosines ─ L_AUG ─ ∂V ─┴─ ∂V
//
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks
import TwoStage

extension Tracer {
  /// Records every term of L_AND + w L_UE + L_AUG and returns the total's gradient, "embeddings.gradient".
  @specialized(where Scalar == Double)
  mutating func stageOneLoss(
    _ embeddings: Traced<Scalar>, _ loss: StageOneLoss<Scalar>, bank: MemoryBank<Scalar>, images: [Int],
    neighbourhoods: Neighbourhoods, entropyWeight: Scalar
  ) -> Traced<Scalar> {
    let memory = Traced(name: "bank", value: bank.rows)
    let logits = logits(embeddings, bank, as: "logits")
    let distribution = BankDistribution(logits: logits.value, images: images + images)

    let and = loss.neighbourhood.evaluate(distribution, neighbourhoods: neighbourhoods)
    let reads = ["logits", "images", "neighbours"]
    let sizes = Self.rowSizes(logits.value)
    var total = number("and", and.loss, from: reads, by: "and-loss", magnitude: sizes.mean)
    let andGradient = record(
      "and.logits.gradient", and.logitsGradient, from: reads, by: "and-loss-gradient", terms: logits.value.columns,
      errors: Self.rowErrors(and.logitsGradient, sizes: sizes.rows))
    _ = embeddingsGradient(of: andGradient, memory, bank, as: "and.embeddings.gradient")
    var logitsGradient = andGradient
    if entropyWeight > 0 {
      let ue = loss.entropy.evaluate(distribution)
      let entropy = number("ue", ue.loss, from: ["logits", "images"], by: "ue-loss", magnitude: 2 * sizes.mean)
      // ∂H/∂z = −p (log p + H): the bracket errs by its terms' sizes, not by its own.
      let scale = loss.entropy.reduction.scale(rows: logits.value.rows) as Scalar
      let columns = logits.value.columns
      let probabilities = distribution.probabilities.values
      let magnitudes = probabilities.indices.map {
        2 * scale * probabilities[$0] * (abs(logits.value.values[$0]) + 2 * sizes.rows[$0 / columns])
          * (1 + sizes.rows[$0 / columns])
      }
      let ueGradient = record(
        "ue.logits.gradient", ue.logitsGradient, from: ["logits", "images"], by: "ue-loss-gradient", terms: columns,
        errors: [.each(magnitudes), .shared(magnitudes, length: columns, count: logits.value.rows)])
      _ = embeddingsGradient(of: ueGradient, memory, bank, as: "ue.embeddings.gradient")
      var sum = andGradient.value
      add(ueGradient.value.values, scaledBy: entropyWeight, into: &sum.values)
      logitsGradient = record(
        "logits.gradient", sum, from: [andGradient.name, ueGradient.name], by: "weighted-sum", terms: 2,
        errors: [.each(sum.magnitudes.values)])
      total = number(
        "and+ue", total.value.values[0] + entropyWeight * entropy.value.values[0], from: ["and", "ue"],
        by: "weighted-sum", magnitude: 0)
    }
    let first = embeddingsGradient(of: logitsGradient, memory, bank, as: "bank.embeddings.gradient")
    let (augmentation, second) = augmentationLoss(embeddings, loss, bank: memory)
    _ = number(
      "total", total.value.values[0] + augmentation.value.values[0], from: [total.name, "aug"], by: "add",
      magnitude: abs(total.value.values[0]) + abs(augmentation.value.values[0]))
    return sum(first, second, as: "embeddings.gradient")
  }

  /// z = V Mᵀ / τ.
  @specialized(where Scalar == Double)
  private mutating func logits(
    _ embeddings: Traced<Scalar>, _ bank: MemoryBank<Scalar>, as name: String
  ) -> Traced<Scalar> {
    let magnitudes = embeddings.value.magnitudes.multiplied(by: bank.rows.magnitudes, otherTransposed: true)
    let rounded = MemoryBank(rows: factor(bank.rows), temperature: bank.temperature)
    return record(
      name, rounded.logits(of: factor(embeddings.value)), from: [embeddings.name, "bank"], by: "memory-logits",
      terms: embeddings.value.columns + 1, errors: [.each(magnitudes.values.map { $0 / bank.temperature })])
  }

  /// ∂V = ∂z M / τ.
  @specialized(where Scalar == Double)
  private mutating func embeddingsGradient(
    of logits: Traced<Scalar>, _ memory: Traced<Scalar>, _ bank: MemoryBank<Scalar>, as name: String
  ) -> Traced<Scalar> {
    let magnitudes = logits.value.magnitudes.multiplied(by: bank.rows.magnitudes)
    let rounded = MemoryBank(rows: factor(bank.rows), temperature: bank.temperature)
    return record(
      name, rounded.embeddingsGradient(ofLogits: factor(logits.value)), from: [logits.name, memory.name],
      by: "memory-logits-gradient", terms: logits.value.columns + 1,
      errors: [.each(magnitudes.values.map { $0 / bank.temperature })])
  }

  /// L_AUG, of relations in their Gram form or of the embeddings themselves.
  @specialized(where Scalar == Double)
  private mutating func augmentationLoss(
    _ embeddings: Traced<Scalar>, _ loss: StageOneLoss<Scalar>, bank: Traced<Scalar>
  ) -> (loss: Traced<Scalar>, gradient: Traced<Scalar>) {
    if loss.augmentationSpace == .embedding {
      let (value, pairs, _) = batchLoss(embeddings, embeddings, loss.augmentation, "aug")
      return (value, product(pairs, embeddings, as: "aug.embeddings.gradient"))
    }
    return relationLoss(embeddings, loss.augmentation, bank: bank, "aug")
  }

  /// The batch loss of relations to a bank, in their Gram form, and its gradient: NAME, NAME.embeddings.gradient.
  @specialized(where Scalar == Double)
  mutating func relationLoss(
    _ embeddings: Traced<Scalar>, _ loss: BatchLoss<Scalar>, bank: Traced<Scalar>, _ name: String
  ) -> (loss: Traced<Scalar>, gradient: Traced<Scalar>) {
    let v = embeddings.value
    let features = v.columns
    let gram = product(bank, bank, transposed: true, as: name + ".gram")
    var pulled = product(embeddings, gram, as: name + ".pulled").value
    let squares = dotProductsOfRows(pulled.values, v.values, columns: features)
    let sizes = dotProductsOfRows(pulled.magnitudes.values, v.magnitudes.values, columns: features)
    let inverses = record(
      name + ".inverse-norms", Tensor(shape: [v.rows], values: squares.map { $0 > 1e-24 ? 1 / $0.squareRoot() : 0 }),
      from: [embeddings.name, name + ".pulled"], by: "inverse-norm", terms: features,
      errors: [
        .each(squares.indices.map { squares[$0] > 0 ? 2 * sizes[$0] / (squares[$0] * squares[$0].squareRoot()) : 0 })
      ]
    ).value.values
    var scaled = v
    for i in v.values.indices {
      pulled.values[i] *= inverses[i / features]
      scaled.values[i] *= inverses[i / features]
    }
    let (u, unit) = (
      record(
        name + ".relations", pulled, from: [name + ".pulled", name + ".inverse-norms"], by: "scale-rows",
        errors: [.each(pulled.magnitudes.values)]),
      record(
        name + ".scaled", scaled, from: [embeddings.name, name + ".inverse-norms"], by: "scale-rows",
        errors: [.each(scaled.magnitudes.values)])
    )
    let (value, pairs, cosines) = batchLoss(u, unit, loss, name)
    let along = dotProductsOfRows(pairs.value.values, cosines.value.values, columns: v.rows)
    let alongSizes = dotProductsOfRows(pairs.value.magnitudes.values, cosines.value.magnitudes.values, columns: v.rows)
    var gradient = factor(pairs.value).multiplied(by: factor(u.value))
    let products = pairs.value.magnitudes.multiplied(by: u.value.magnitudes).values
    for i in gradient.values.indices {
      gradient.values[i] =
        inverses[i / features] * (gradient.values[i] - along[i / features] * u.value.values[i])
    }
    let result = record(
      name + ".embeddings.gradient", gradient, from: [pairs.name, cosines.name, u.name, name + ".inverse-norms"],
      by: "relation-gradient", terms: v.rows,
      errors: [
        .each(
          products.indices.map {
            2 * inverses[$0 / features] * (products[$0] + alongSizes[$0 / features] * abs(u.value.values[$0]))
          }),
        .shared(
          products.indices.map {
            inverses[$0 / features] * alongSizes[$0 / features] * u.value.values[$0]
          }, length: features, count: v.rows),
      ])
    return (value, result)
  }

  /// The batch loss of the products of two sets of rows, its pair gradient and the products; NAME, NAME.pairs, NAME.cosines.
  @specialized(where Scalar == Double)
  mutating func batchLoss(
    _ rows: Traced<Scalar>, _ others: Traced<Scalar>, _ loss: BatchLoss<Scalar>, _ name: String
  ) -> (loss: Traced<Scalar>, pairs: Traced<Scalar>, cosines: Traced<Scalar>) {
    let cosines = product(rows, others, otherTransposed: true, as: name + ".cosines")
    let found = loss.evaluate(cosines: cosines.value)
    let count = cosines.value.rows
    let divided = Tensor(shape: cosines.value.shape, values: cosines.value.values.map { $0 / loss.temperature })
    let sizes = Self.rowSizes(divided)
    let scale = loss.reduction.scale(rows: count) as Scalar
    let value = number(
      name, found.loss, from: [cosines.name], by: "batch-loss",
      magnitude: abs(found.loss) + 2 * loss.negativeWeight * scale * Scalar(count) * sizes.mean, terms: count)
    // Each row's denominator and sum of odds are shared by the row; their parts are of the size of the gradient's largest.
    let largest = (0..<count).map { a in found.pairGradient.row(a).reduce(0) { max($0, abs($1)) } }
    let magnitudes = found.pairGradient.values.indices.map {
      (abs(found.pairGradient.values[$0]) + largest[$0 / count] * abs(found.pairGradient.values[$0]).squareRoot()
        / max(largest[$0 / count], 1e-30).squareRoot()) * (2 + sizes.rows[$0 / count])
    }
    let pairs = record(
      name + ".pairs", found.pairGradient, from: [cosines.name], by: "batch-loss-gradient", terms: count,
      errors: [.each(magnitudes), .shared(magnitudes, length: count, count: count)])
    return (value, pairs, cosines)
  }

  /// A single number.
  @specialized(where Scalar == Double)
  mutating func number(
    _ name: String, _ value: Scalar, from inputs: [String], by operation: String, magnitude: Scalar, terms: Int = 1,
    factorErrors: @autoclosure () -> [LocalError<Scalar>] = []
  ) -> Traced<Scalar> {
    record(
      name, Tensor(shape: [], values: [value]), from: inputs, by: operation, terms: terms,
      errors: [.each([abs(value) + magnitude])], factorErrors: factorErrors())
  }

  /// For each row of logits the size of the numbers from which its logarithms are made, max |z| + log columns + 1.
  @specialized(where Scalar == Double)
  static func rowSizes(_ logits: Tensor<Scalar>) -> (rows: [Scalar], mean: Scalar) {
    let extra = 1 + Scalar.log(Scalar(max(1, logits.columns)))
    let rows = (0..<logits.rows).map { a in logits.row(a).reduce(0) { max($0, abs($1)) } + extra }
    return (rows, rows.reduce(0, +) / Scalar(max(1, rows.count)))
  }

  /// Softmax's errors: an exponent errs by its own size, and the row's sum errs for all columns at once.
  @specialized(where Scalar == Double)
  static func rowErrors(_ gradient: Tensor<Scalar>, sizes: [Scalar]) -> [LocalError<Scalar>] {
    let columns = gradient.columns
    let magnitudes = gradient.values.indices.map { 2 * abs(gradient.values[$0]) * sizes[$0 / columns] }
    return [
      .each(magnitudes), .shared(magnitudes, length: columns, count: gradient.rows),
    ]
  }
}
