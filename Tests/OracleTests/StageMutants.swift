// Wrong implementations of the assignment loss, of both stages' totals and of the class heads.
import Kernels
import Networks
import Oracle
import TwoStage

private let perBit = 1 / Double.log(2)

/// Wrong implementations of the assignment loss.
let informationMutants: [Mutant] = [
  .taking("mutual-information", "symmetrised", .truth(false), unless: .truth(true)),
  .taking("mutual-information", "symmetrised", .truth(true), unless: .truth(true)),
  .taking("mutual-information", "marginalEntropyWeight", .integer(1), unless: .integer(1)),
  Mutant("mutual-information", "the sign turned") { _, right in scaled(right, by: -1, ["loss", "information"]) },
  Mutant("mutual-information", "logarithms of base 2") { _, right in
    scaled(right, by: perBit, ["loss", "information", "first.gradient", "second.gradient"])
  },
  Mutant("mutual-information", "joint not divided by its sum") { recipe, right in
    scaled(right, by: Double(try recipe.prompt.real("first").rows), ["joint"])
  },
  Mutant("mutual-information", "the weight on one marginal alone") { recipe, right in
    let weight = try recipe.prompt.number("marginalEntropyWeight", default: 1)
    guard weight > 1, case .real(let joint)? = right["joint"], case .real(let loss)? = right["loss"] else { return nil }
    // L = −Σ P (log P − β log r − log q): the second marginal counts once.
    let columns = (0..<joint.columns).map { c in (0..<joint.rows).reduce(0) { $0 + joint.values[$1 * joint.rows + c] } }
    let entropy = -columns.reduce(0) { $0 + $1 * Double.log($1) }
    var wrong = right
    wrong["loss"] = .number(loss.values[0] + (weight - 1) * entropy)
    return wrong
  },
  Mutant("mutual-information", "gradients of the views swapped") { _, right in
    var wrong = right
    (wrong["first.gradient"], wrong["second.gradient"]) = (right["second.gradient"], right["first.gradient"])
    return wrong
  },
]

/// Wrong implementations of stage 1's total.
let stageOneMutants: [Mutant] = [
  .taking("stage-one-loss", "stopsGradient", .truth(false), unless: .truth(true)),
  .taking("stage-one-loss", "stopsGradient", .truth(true), unless: .truth(true)),
  .taking("stage-one-loss", "augmentationSpace", .text("embedding"), unless: .text("relation")),
  .taking("stage-one-loss", "augmentationSpace", .text("relation"), unless: .text("relation")),
  .taking("stage-one-loss", "reduction", .text("mean"), unless: .text("mean")),
  .taking("stage-one-loss", "reduction", .text("sum"), unless: .text("mean")),
  .asking("stage-one-loss", "the weight of the entropy lost") { prompt in
    let weight = try prompt.number("entropyWeight", default: 0)
    prompt.parameters["entropyWeight"] = .integer(1)
    return weight > 0 && weight != 1
  },
  .asking("stage-one-loss", "one temperature for bank and batch") { prompt in
    let (bank, batch) = (prompt.parameters["bankTemperature"], prompt.parameters["temperature"])
    prompt.parameters["temperature"] = bank
    return bank != batch
  },
  .asking("stage-one-loss", "neighbours left out") { $0.inputs.removeValue(forKey: "neighbours") != nil },
  .asking("stage-one-loss", "the bank updated before the loss") { prompt in
    var bank = MemoryBank(rows: try prompt.real("bank"), momentum: 0.5)
    bank.update(images: try prompt.integers("images"), embeddings: try prompt.real("embeddings"))
    prompt.inputs["bank"] = .real(bank.rows)
    return true
  },
  .asking("stage-one-loss", "views interleaved") { prompt in
    let views = try prompt.real("embeddings")
    let half = views.rows / 2
    let interleaved: Tensor<Double> = views.rows((0..<views.rows).map { $0 % 2 * half + $0 / 2 })
    prompt.inputs["embeddings"] = .real(interleaved)
    return true
  },
]

/// Wrong implementations of stage 2's total.
let stageTwoMutants: [Mutant] = [
  .taking("stage-two-loss", "axis", .text("feature"), unless: .text("class")),
  .taking("stage-two-loss", "axis", .text("class"), unless: .text("class")),
  .taking("stage-two-loss", "symmetrised", .truth(false), unless: .truth(true)),
  .taking("stage-two-loss", "symmetrised", .truth(true), unless: .truth(true)),
  .taking("stage-two-loss", "marginalEntropyWeight", .integer(1), unless: .integer(1)),
  .asking("stage-two-loss", "λ lost") { prompt in
    let weight = try prompt.number("consistencyWeight", default: 1)
    prompt.parameters["consistencyWeight"] = .integer(1)
    return weight > 0 && weight != 1
  },
  .asking("stage-two-loss", "stop-gradient missing or added") { prompt in
    prompt.parameters["stopsGradient"] = .truth(!(try prompt.truth("stopsGradient", default: true)))
    return try prompt.number("consistencyWeight", default: 1) > 0
  },
  .asking("stage-two-loss", "temperatures of heads and batch swapped") { prompt in
    let (heads, batch) = (prompt.parameters["headTemperature"], prompt.parameters["temperature"])
    (prompt.parameters["headTemperature"], prompt.parameters["temperature"]) = (batch, heads)
    return heads != batch
  },
  Mutant("stage-two-loss", "heads summed instead of averaged") { recipe, _ in
    let count = try recipe.prompt.real("heads").rows
    return count > 1 ? try weighingHeads(recipe, { $0 }, times: Double(count)) : nil
  },
  Mutant("stage-two-loss", "the gradient of the last head alone") { recipe, right in
    let heads = try recipe.prompt.real("heads")
    guard heads.rows > 1 else { return nil }
    let last = try weighingHeads(recipe, { $0.rows([$0.rows - 1]) }, times: 1 / Double(heads.rows))
    var wrong = right
    wrong["embeddings.gradient"] = last["embeddings.gradient"]
    return wrong
  },
]

/// The total of some heads' mean times a factor, beside λ L_cp.
private func weighingHeads(
  _ recipe: CaseRecipe, _ choose: (Tensor<Double>) -> Tensor<Double>, times factor: Double
) throws -> [String: TensorValue] {
  var wrong = recipe
  let weight = try recipe.prompt.number("consistencyWeight", default: 1)
  wrong.prompt.parameters["consistencyWeight"] = .number(weight / factor)
  wrong.prompt.inputs["heads"] = .real(choose(try recipe.prompt.real("heads")))
  return scaled(
    try wrong.answer(as: Double.self), by: factor, ["assignment", "total", "embeddings.gradient"])
}

/// Wrong implementations of the class heads.
let headMutants: [Mutant] = [
  .taking("cluster-heads", "axis", .text("feature"), unless: .text("class")),
  .taking("cluster-heads", "axis", .text("class"), unless: .text("class")),
  .asking("cluster-heads", "temperature applied twice") { prompt in
    let temperature = try prompt.number("headTemperature")
    prompt.parameters["headTemperature"] = .number(temperature * temperature)
    return true
  },
  .asking("cluster-heads", "the gradient of the last head alone") { prompt in
    var cotangent = try prompt.real("probabilities.cotangent")
    for i in 0..<cotangent.count - cotangent.columns { cotangent.values[i] = 0 }
    prompt.inputs["probabilities.cotangent"] = .real(cotangent)
    return cotangent.rows > 1
  },
  Mutant("cluster-heads", "the weight not normalised") { recipe, right in
    try textbookHeads(recipe, right, normalises: false, subtractsMean: true)
  },
  Mutant("cluster-heads", "the mean over classes not subtracted") { recipe, right in
    try textbookHeads(recipe, right, normalises: true, subtractsMean: false)
  },
  Mutant("cluster-heads", "the temperature missing in the gradient") { recipe, right in
    scaled(right, by: try recipe.prompt.number("headTemperature"), ["embeddings.gradient"])
  },
]

/// Frozen heads by class, with mistakes.
private func textbookHeads(
  _ recipe: CaseRecipe, _ right: [String: TensorValue], normalises: Bool, subtractsMean: Bool
) throws -> [String: TensorValue]? {
  let prompt = recipe.prompt
  guard prompt.parameters["axis"] == nil else { return nil }
  let (heads, views) = (try prompt.real("heads"), try prompt.real("embeddings"))
  let (cotangent, tau) = (try prompt.real("probabilities.cotangent"), try prompt.number("headTemperature"))
  let (features, classes) = (heads.shape[1], heads.shape[2])
  var (probabilities, gradient) = ([Double](), Tensor<Double>(shape: views.shape))
  for h in 0..<heads.rows {
    var weight = Tensor<Double>(shape: [features, classes], values: Array(heads.row(h)))
    if normalises {
      for k in 0..<classes {
        let length = (0..<features).reduce(0) { $0 + weight.values[$1 * classes + k] * weight.values[$1 * classes + k] }
          .squareRoot()
        for d in 0..<features { weight.values[d * classes + k] /= length }
      }
    }
    let y = softmaxOfRows(views.multiplied(by: weight).values.map { $0 / tau }, columns: classes)
    let g = Array(cotangent.row(h))
    let x = y.indices.map { i in
      let row = i / classes * classes..<(i / classes + 1) * classes
      return y[i] * (g[i] - (subtractsMean ? row.reduce(0) { $0 + y[$1] * g[$1] } : 0)) / tau
    }
    let pulled = Tensor<Double>(shape: [views.rows, classes], values: x).multiplied(by: weight, otherTransposed: true)
    for i in pulled.values.indices { gradient.values[i] += pulled.values[i] }
    probabilities += y
  }
  var wrong = right
  wrong["probabilities"] = .real(Tensor<Double>(shape: [heads.rows, views.rows, classes], values: probabilities))
  wrong["embeddings.gradient"] = .real(gradient)
  return wrong
}
