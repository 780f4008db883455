// The memory bank: logits against it, what flows back through them, and what a step writes.
// Tests    OracleTests/MemoryCasesTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The operations of the area "memory".
let memoryOperations: [any OracleOperation] = [MemoryLogitsOperation(), MemoryUpdateOperation()]

/// Logits of embeddings against the bank, and the gradient of the embeddings; the bank is a constant.
///
/// Outputs: logits, embeddings.gradient.
struct MemoryLogitsOperation: OracleOperation {
  let name = "memory-logits"
  let area = "memory"
  let parameters: [ParameterDeclaration] = [.bankTemperature]
  let inputs: [InputDeclaration] = [
    .bank, .real("embeddings", "rows × features", "V"),
    .real("logits.cotangent", "rows × images", "the gradient of some loss with respect to logits"),
  ]
  let formula = "z = V Mᵀ / τ,  ∂V = ∂z M / τ"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let (bank, embeddings, cotangent) = try inputs(prompt, as: Scalar.self)
    return [
      "logits": .real(bank.logits(of: embeddings)),
      "embeddings.gradient": .real(bank.embeddingsGradient(ofLogits: cotangent)),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (bank, embeddings, cotangent) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable("the logits", cotangent.shape)
    try NetworkPrompt(prompt: prompt).requireTrackable("the bank", bank.rows.shape)
    let (memory, temperature) = (TrackedMatrix(exact: bank.rows), TrackedNumber(rounded: bank.temperature))
    let logits = TrackedMatrix(exact: embeddings).multiplied(byTransposed: memory)
    let gradient = TrackedMatrix(exact: cotangent).multiplied(by: memory)
    return [
      "logits": logits.map { $0 / temperature }.scale(longestSum: bank.rows.columns),
      "embeddings.gradient": gradient.map { $0 / temperature }.scale(longestSum: bank.rows.rows),
    ]
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (MemoryBank<Scalar>, embeddings: Tensor<Scalar>, cotangent: Tensor<Scalar>) {
    let reader = NetworkPrompt(prompt: prompt)
    let bank = try reader.finiteBank(as: Scalar.self)
    let embeddings: Tensor<Scalar> = try reader.matrix("embeddings", columns: bank.rows.columns)
    return (bank, embeddings, try reader.finite("logits.cotangent", [embeddings.rows, bank.rows.rows]))
  }
}

/// The bank after one or more steps.
///
/// Output: bank.new.
struct MemoryUpdateOperation: OracleOperation {
  let multipliesMatrices = false
  let name = "memory-update"
  let area = "memory"
  let parameters: [ParameterDeclaration] = [.bankMomentum, .viewPolicy]
  let inputs: [InputDeclaration] = [
    .bank, .integers("images", "B or steps × B", "the images of the batch, or of every step's"),
    .real(
      "embeddings", "rows × features or steps × rows × features", "B rows, or 2B: the first views above the second ones"
    ),
  ]
  let formula = "m_i ← normalise(μ m_i + (1 − μ) v),  from the row before the step; the image's last place counts"

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    var (bank, steps) = try inputs(prompt, as: Scalar.self)
    for step in steps { bank.update(images: step.images, embeddings: step.embeddings) }
    return ["bank.new": .real(bank.rows)]
  }

  /// The errors of every step; a row that no step names has none and must keep its bits.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let (bank, steps) = try inputs(prompt, as: Double.self)
    try NetworkPrompt(prompt: prompt).requireTrackable("the bank", bank.rows.shape)
    var rows = TrackedMatrix(exact: bank.rows).asStoredBank
    for step in steps { rows = Self.updated(rows, bank, step).asStoredBank }
    return ["bank.new": rows.scale(longestSum: bank.rows.columns)]
  }

  /// "length": the smallest length of a blend of old row and view as a share of what it is blended from.
  ///
  /// Below 10⁻¹² the old row is kept. Blends of exactly zero have no margin.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    var (bank, steps) = try inputs(prompt, as: Double.self)
    var smallest = Double.infinity
    for step in steps {
      let rows = TrackedMatrix(exact: bank.rows)
      for b in step.images.indices {
        let blend = Self.blend(rows, bank, step, b)
        let length = TrackedNumber.dot(blend, blend).value.squareRoot()
        let size = blend.reduce(0) { max($0, $1.roundings.worst) }
        if length > 0 { smallest = min(smallest, length / size) }
      }
      bank.update(images: step.images, embeddings: step.embeddings)
    }
    return smallest.isFinite ? ["length": smallest] : [:]
  }

  private typealias Step<Scalar: RealScalar> = (images: [Int], embeddings: Tensor<Scalar>)

  private static func updated(
    _ rows: TrackedMatrix, _ bank: MemoryBank<Double>, _ step: Step<Double>
  ) -> TrackedMatrix {
    var new = rows
    for (b, image) in step.images.enumerated() {
      let blend = blend(rows, bank, step, b)
      let length = TrackedNumber.dot(blend, blend).squareRoot
      guard length.value >= 1e-12 else { continue }
      for (d, value) in blend.enumerated() { new.values[image * rows.columns + d] = value / length }
    }
    return new
  }

  /// μ m + (1 − μ) v at one place of the batch.
  private static func blend(
    _ rows: TrackedMatrix, _ bank: MemoryBank<Double>, _ step: Step<Double>, _ b: Int
  ) -> [TrackedNumber] {
    let (count, momentum) = (step.images.count, TrackedNumber(rounded: bank.momentum))
    let tracked = TrackedMatrix(exact: step.embeddings)
    let first = tracked.row(b)
    let second = tracked.row(tracked.rows == count ? b : b + count)
    return rows.row(step.images[b]).enumerated().map { d, old in
      let view =
        switch bank.viewPolicy {
        case .second: second[d]
        case .first: first[d]
        case .mean: (first[d] + second[d]).scaledExactly(by: 0.5)
        }
      return momentum * old + (TrackedNumber(exact: 1) - momentum) * view
    }
  }

  private func inputs<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> (MemoryBank<Scalar>, [Step<Scalar>]) {
    let reader = NetworkPrompt(prompt: prompt)
    let bank = try reader.finiteBank(as: Scalar.self)
    let (images, shape) = (try prompt.integers("images"), prompt.shape(of: "images"))
    let views: Tensor<Scalar> = try prompt.tensor("embeddings")
    guard (1...2).contains(shape.count), !images.isEmpty else {
      throw reader.fault("\"images\" must be B or steps × B numbers, but its shape is (\(shape.inWords))")
    }
    try reader.requireIndices(images, "images", below: bank.rows.rows)
    let (steps, count, features) = (shape.count == 2 ? shape[0] : 1, shape.last ?? 0, bank.rows.columns)
    let leading = shape.count == 2 ? [steps] : []
    guard views.shape == leading + [count, features] || views.shape == leading + [2 * count, features] else {
      throw reader.fault(
        "\"embeddings\" must be (\((leading + [count, features]).inWords)) or (\((leading + [2 * count, features]).inWords)), not "
          + "(\(views.shape.inWords))"
      )
    }
    let checked: Tensor<Scalar> = try reader.finite("embeddings", views.shape)
    let size = checked.count / steps
    return (
      bank,
      (0..<steps).map { s in
        (
          Array(images[s * count..<(s + 1) * count]),
          Tensor(
            shape: [size / features, features], values: Array(checked.values[s * size..<(s + 1) * size]))
        )
      }
    )
  }
}
