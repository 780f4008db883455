// What a step changes, traced by a tracer: parameters and velocities by SGD, the rows of the memory bank; and what it must not.
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks
import TwoStage

extension Tracer {
  /// One step of the optimiser on recorded gradients; NAME.new and NAME.velocity.new of every parameter.
  @specialized(where Scalar == Double)
  mutating func update(
    _ encoder: inout ImageEncoder<Scalar>, by optimiser: inout SGD<Scalar>, learningRate: Double
  ) {
    var before: [(name: String, value: Tensor<Scalar>, gradient: Tensor<Scalar>, velocity: Tensor<Scalar>)] = []
    encoder.forEachParameter { name, parameter in
      if let gradient = values[name + ".gradient"] { parameter.gradient = gradient }
      before.append(
        (
          name, parameter.value, parameter.gradient,
          optimiser.velocities[name] ?? Tensor(shape: parameter.value.shape)
        ))
    }
    optimiser.stepAndZeroGradients(&encoder, learningRate: learningRate)
    var after: [String: Tensor<Scalar>] = [:]
    encoder.forEachParameter { name, parameter in after[name] = parameter.value }
    let (rate, momentum, decay) = (Scalar(learningRate), optimiser.momentum, optimiser.weightDecay)
    var perturbed: [String: Tensor<Scalar>] = [:]
    for (name, value, gradient, velocity) in before {
      guard let new = after[name], let moved = optimiser.velocities[name] else { continue }
      let reads = [name, name + ".gradient", name + ".velocity"]
      let sizes = value.values.indices.map { (index: Int) -> Scalar in
        let pulls = abs(gradient.values[index]) + 2 * decay * abs(value.values[index])
        return pulls + 2 * momentum * abs(velocity.values[index]) + abs(moved.values[index])
      }
      optimiser.velocities[name] =
        record(name + ".velocity.new", moved, from: reads, by: "sgd", terms: 3, errors: [.each(sizes)]).value
      perturbed[name] =
        record(
          name + ".new", new, from: reads, by: "sgd", terms: 3,
          errors: [.each(sizes.indices.map { abs(new.values[$0]) + 3 * rate * sizes[$0] })]
        ).value
    }
    encoder.forEachParameter { name, parameter in
      if let value = perturbed[name] { parameter.value = value }
    }
    encoder.forEachBuffer { name, buffer in
      if let value = values[name + ".new"] { buffer = value }
    }
  }

  /// The bank after a batch, "bank.new".
  @specialized(where Scalar == Double)
  mutating func update(
    _ bank: MemoryBank<Scalar>, images: [Int], embeddings: Traced<Scalar>
  ) -> MemoryBank<Scalar> {
    var updated = bank
    updated.update(images: images, embeddings: embeddings.value)
    let columns = bank.rows.columns
    var (magnitudes, shared) = (
      [Scalar](repeating: 0, count: bank.rows.count), [Scalar](repeating: 0, count: bank.rows.count)
    )
    for (b, image) in images.enumerated() {
      let old = Array(bank.rows.row(image))
      let views = [Array(embeddings.value.row(b)), Array(embeddings.value.row(b + images.count))]
      let (mu, size) = (bank.momentum, old.indices)
      let blend = size.map { d -> Scalar in
        let view =
          switch bank.viewPolicy {
          case .first: views[0][d]
          case .second: views[1][d]
          case .mean: (views[0][d] + views[1][d]) / 2
          }
        return mu * old[d] + (1 - mu) * view
      }
      let length = max(dotProduct(blend, blend).squareRoot(), 1e-12)
      for d in size {
        let terms = mu * abs(old[d]) + (1 - mu) * (abs(views[0][d]) + abs(views[1][d]))
        magnitudes[image * columns + d] = 2 * terms / length + 2 * abs(blend[d]) / length
        shared[image * columns + d] = blend[d] / length
      }
    }
    let isStored = arithmetic.storage.contains(.bank)
    let new = record(
      "bank.new", updated.rows, from: ["bank", "images", embeddings.name], by: "memory-update", terms: columns,
      errors: [.each(magnitudes), .shared(shared, length: columns, count: bank.rows.rows)],
      // The old row is rounded before the blend, and the new one after it.
      factorErrors: isStored ? [.each(magnitudes), .each(updated.rows.magnitudes.values)] : [])
    return MemoryBank(
      rows: new.value, temperature: bank.temperature, momentum: bank.momentum, viewPolicy: bank.viewPolicy)
  }

  /// What a step leaves as it is of heads, "heads.new": heads × features × classes.
  mutating func keep(_ heads: ClusterHeads<Scalar>) {
    let values = heads.weights.flatMap(\.value.values)
    let shape = [heads.headCount] + heads.weights[0].value.shape
    _ = record("heads.new", Tensor(shape: shape, values: values), from: ["heads"], by: "copy", errors: [])
  }

  /// What a step leaves as it is of every Sobel stream, "sobel.weight.new": its filters on the channels, where a third rounds.
  mutating func filters(of encoder: ImageEncoder<Scalar>) {
    let configuration = encoder.configuration
    let weight = Sobel<Scalar>(channels: configuration.inputChannels).weight
    for (s, stream) in configuration.streams.enumerated() where stream == .sobel {
      let name = encoder.trunks.count == 1 ? "" : "streams.\(s)."
      _ = record(
        name + "sobel.weight.new", weight, from: [], by: "constant", errors: [.each(weight.magnitudes.values)])
    }
  }
}
