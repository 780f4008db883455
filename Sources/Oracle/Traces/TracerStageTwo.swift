// The loss of stage 2, traced by a tracer from embeddings to their gradient.
//
//     V ─ x = V W̄ / τ_c ─ softmax ─ P ─ −I, each head ─ ∂y ─ ∂x ─ ∂x W̄ᵀ ─┐
//     V ─ cosines ─ L_cp ─ λ ∂V ────────────────────────────────────────┴─ ∂V
//
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks
import TwoStage

extension Tracer {
  /// Records every term of L_assign + λ L_cp and returns the total's gradient, "embeddings.gradient".
  @specialized(where Scalar == Double)
  mutating func stageTwoLoss(
    _ embeddings: Traced<Scalar>, _ loss: StageTwoLoss<Scalar>, heads: ClusterHeads<Scalar>
  ) -> Traced<Scalar> {
    let (batch, share) = (embeddings.value.rows / 2, 1 / Scalar(heads.headCount))
    var (losses, traced): ([Traced<Scalar>], [TracedHead<Scalar>]) = ([], [])
    for h in 0..<heads.headCount {
      traced.append(head(embeddings, heads, h, batch: batch, loss.assignment, share: share, losses: &losses))
    }
    let assignmentValue = share * losses.reduce(0) { $0 + $1.value.values[0] }
    let assignment = number(
      "assignment", assignmentValue, from: losses.map(\.name), by: "mean", magnitude: 0, terms: heads.headCount)

    // Heads are added in order, each as a continued chain.
    var gradient = Tensor<Scalar>(shape: embeddings.value.shape)
    var magnitudes = gradient
    for (logitsGradient, directions) in traced.map({ ($0.logitsGradient.value, $0.directions.value) }) {
      // x = V W̄ / τ_c: the scores V W̄ have the logits' gradient over τ_c.
      let scores = Tensor(shape: logitsGradient.shape, values: logitsGradient.values.map { $0 / heads.temperature })
      accumulate(factor(scores), factor(directions), into: &gradient)
      accumulate(scores.magnitudes, directions.magnitudes, into: &magnitudes)
    }
    let first = record(
      "assignment.embeddings.gradient", gradient,
      from: traced.flatMap { [$0.logitsGradient.name, $0.directions.name] }, by: "head-gradient",
      terms: heads.headCount * heads.classCount, errors: [.each(magnitudes.values)])
    let weight = loss.consistencyWeight
    guard weight > 0 else {
      // The corpus' scales were made of the undisturbed value; a diagnosis copies what it found.
      let copied = isPerturbed ? assignmentValue : assignment.value.values[0]
      _ = number("total", copied, from: ["assignment"], by: "copy", magnitude: 0)
      return record("embeddings.gradient", first.value, from: [first.name], by: "copy", errors: [])
    }
    let (consistency, pairs, _) = batchLoss(embeddings, embeddings, loss.consistency, "consistency")
    let second = product(pairs, embeddings, as: "consistency.embeddings.gradient")
    _ = number(
      "total", assignment.value.values[0] + weight * consistency.value.values[0], from: ["assignment", "consistency"],
      by: "weighted-sum",
      magnitude: abs(assignment.value.values[0]) + abs(weight * consistency.value.values[0]))
    var sum = first.value
    for i in sum.values.indices { sum.values[i] += weight * second.value.values[i] }
    return record(
      "embeddings.gradient", sum, from: [first.name, second.name], by: "weighted-sum", terms: 2,
      errors: [.each(sum.values.indices.map { abs(sum.values[$0]) + abs(weight * second.value.values[$0]) })])
  }

  /// One head from embeddings to the gradient of its scores.
  @specialized(where Scalar == Double)
  private mutating func head(
    _ embeddings: Traced<Scalar>, _ heads: ClusterHeads<Scalar>, _ h: Int, batch: Int,
    _ assignment: MutualInformationLoss<Scalar>, share: Scalar, losses: inout [Traced<Scalar>]
  ) -> TracedHead<Scalar> {
    let (name, classes, temperature) = ("heads.\(h)", heads.classCount, heads.temperature)
    let directions = record(
      name + ".directions", heads.directions(of: h), from: ["heads"], by: "normalise",
      terms: heads.weights[h].value.rows,
      errors: [.each(heads.directions(of: h).magnitudes.values)])
    let products = factor(embeddings.value).multiplied(by: factor(directions.value))
    let magnitudes = embeddings.value.magnitudes.multiplied(by: directions.value.magnitudes)
    let logits = record(
      name + ".logits", Tensor(shape: products.shape, values: products.values.map { $0 / temperature }),
      from: [embeddings.name, directions.name], by: "matmul", terms: embeddings.value.columns + 1,
      errors: [.each(magnitudes.values.map { $0 / temperature })])
    let softmax = Tensor(shape: products.shape, values: softmaxOfRows(logits.value.values, columns: classes))
    let sizes = Self.rowSizes(logits.value)
    let y = record(
      name + ".probabilities", softmax, from: [logits.name], by: "softmax", terms: classes,
      errors: Self.rowErrors(softmax, sizes: sizes.rows))
    let rounded = factor(y.value)
    // In a diagnosis these are the backend's own, which may be no distributions.
    let found = assignment.evaluate(unchecked: rounded.rows(0..<batch), rounded.rows(batch..<2 * batch))
    let logSizes = logarithms(found.joint, assignment)
    // Rounding every P by v moves −Σ P log(P …) by as much as roundings of the logarithms do.
    let isStored = arithmetic.storage.contains(.activations)
    let size = zip(found.joint.values, logSizes).reduce(0) { $0 + $1.0 * $1.1 }
    losses.append(
      number(
        name + ".loss", found.loss, from: [y.name], by: "mutual-information", magnitude: size,
        terms: max(batch, classes), factorErrors: isStored ? [.each([size])] : []))
    let g = record(
      name + ".probabilities.gradient",
      Tensor(
        shape: y.value.shape,
        values: (found.firstGradient.values + found.secondGradient.values).map { share * $0 }),
      from: [y.name], by: "mutual-information-gradient", terms: max(batch, classes),
      errors: Self.jointErrors(y.value, found, logSizes, share: share),
      factorErrors: Self.jointErrors(y.value, found, logSizes, share: share))
    let means = dotProductsOfRows(g.value.values, y.value.values, columns: classes)
    let sums = dotProductsOfRows(g.value.magnitudes.values, y.value.values, columns: classes)
    let values = g.value.values.indices.map {
      y.value.values[$0] * (g.value.values[$0] - means[$0 / classes])
    }
    let p = y.value.values
    let logitsGradient = record(
      name + ".logits.gradient", Tensor(shape: y.value.shape, values: values), from: [g.name, y.name],
      by: "softmax-gradient", terms: classes,
      errors: [
        .each(p.indices.map { 2 * p[$0] * (abs(g.value.values[$0]) + sums[$0 / classes]) }),
        .shared(p.indices.map { p[$0] * sums[$0 / classes] }, length: classes, count: y.value.rows),
      ])
    return TracedHead(directions: directions, logitsGradient: logitsGradient)
  }

  /// For every pair of classes |ln P| + β |ln r| + β |ln q| + 2: the size of what G is made of.
  @specialized(where Scalar == Double)
  private func logarithms(_ joint: Tensor<Scalar>, _ assignment: MutualInformationLoss<Scalar>) -> [Scalar] {
    let classes = joint.rows
    let (beta, floor) = (assignment.marginalEntropyWeight, assignment.floor)
    let rows = (0..<classes).map { abs(Scalar.log(max(floor, joint.row($0).reduce(0, +)))) }
    let columns = (0..<classes).map { c in
      abs(Scalar.log(max(floor, (0..<classes).reduce(0) { $0 + joint.values[$1 * classes + c] })))
    }
    return joint.values.indices.map {
      abs(Scalar.log(max(floor, joint.values[$0]))) + beta * (rows[$0 / classes] + columns[$0 % classes]) + 2
    }
  }

  /// The error of every entry of ∂L/∂P reaches all images, by the other view's probabilities.
  @specialized(where Scalar == Double)
  private static func jointErrors(
    _ y: Tensor<Scalar>, _ found: MutualInformationLoss<Scalar>.Evaluation, _ sizes: [Scalar], share: Scalar
  ) -> [LocalError<Scalar>] {
    let (classes, batch) = (y.columns, y.rows / 2)
    var errors = [
      LocalError<Scalar>.each((found.firstGradient.values + found.secondGradient.values).map { 2 * share * abs($0) })
    ]
    for c in 0..<classes {
      for d in 0..<classes {
        var pattern = [Scalar](repeating: 0, count: y.count)
        let size = 2 * share * sizes[c * classes + d] / Scalar(batch)
        for a in 0..<batch {
          pattern[a * classes + c] += size * y.values[(a + batch) * classes + d]
          pattern[(a + batch) * classes + d] += size * y.values[a * classes + c]
        }
        errors.append(.shared(pattern, length: y.count, count: 1))
      }
    }
    return errors
  }
}

/// What the gradient of the embeddings needs of a head.
private struct TracedHead<Scalar: RealScalar> {
  let directions: Traced<Scalar>
  let logitsGradient: Traced<Scalar>
}

/// sum += A Bᵀ.
private func accumulate<Scalar: RealScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, into sum: inout Tensor<Scalar>) {
  multiplyMatrices(
    a.values, b.values, into: &sum.values, rows: a.rows, columns: b.rows, depth: b.columns, transposeB: true,
    accumulate: true)
}
