// Wrong gradients of trainable heads, above all of a vector of zeros, which has no direction.
// Tests    OracleTests/MutantsTests.swift, OracleTests/HeadCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

private let heads = "cluster-heads"

let zeroVectorMutations: [Mutation] = [
  Mutation(
    Mistake(
      "head.zero-vector-gradient", "a vector of zeros given the gradient of its direction over ε",
      right: "a vector of zeros has no direction to turn: its gradient is 0 by definition"), heads
  ) { question in
    try gradient(question) { vector, direction in vector.isZero ? direction.map { $0 / 1e-12 } : nil }
  },
  Mutation(
    Mistake(
      "head.zero-vector-not-a-number", "a vector of zeros divided by its length",
      right: "a length below 1e-12 counts as 1e-12: a vector of zeros stays zero"), heads
  ) { question in
    let weights = try question.input("heads")
    let byClass = (question.prompt.parameters["axis"] ?? .string("class")) == .string("class")
    let some = (0..<weights.rows).contains { h in
      HeadVectors(weights, head: h, byClass: byClass).vectors.contains(where: \.isZero)
    }
    return some ? question.scaled(by: .nan) : nil
  },
  Mutation(
    Mistake(
      "head.gradient-unprojected", "the gradient's part along a class's vector not removed",
      right: "only the direction counts: the part of the gradient along the vector is taken off"), heads
  ) { question in
    try gradient(question) { vector, direction in vector.isZero ? nil : direction.map { $0 / vector.length } }
  },
  Mutation(
    Mistake(
      "head.gradient-undivided", "length missing in the gradient",
      right: "∂W = (∂W̄ − W̄ (W̄·∂W̄)) / ‖W‖: a long vector turns slowly"), heads
  ) { question in
    try gradient(question) { vector, direction in
      let along = zip(vector, direction).reduce(0) { $0 + $1.0 * $1.1 } / (vector.length * vector.length)
      return vector.isZero ? nil : zip(vector, direction).map { $1 - along * $0 }
    }
  },
]

/// What is normalised in one head: the classes' columns, or the features' rows.
private struct HeadVectors {
  let vectors: [[Double]]

  init(_ heads: Tensor<Double>, head: Int, byClass: Bool) {
    let matrix = Tensor<Double>(shape: Array(heads.shape.dropFirst()), values: Array(heads.row(head)))
    vectors = (byClass ? matrix.transposed : matrix).lists
  }
}

/// The gradient of trainable heads from that of their directions, ∂W̄ = Vᵀ ∂x; nil leaves a vector's gradient.
private func gradient(
  _ question: Question, _ pulledBack: (_ vector: [Double], _ direction: [Double]) -> [Double]?
) throws -> [String: TensorValue]? {
  guard var right = try? question.output("heads.gradient") else { return nil }
  let (weights, views) = (try question.input("heads"), try question.input("embeddings"))
  let (p, g) = (try question.output("probabilities"), try question.input("probabilities.cotangent"))
  let temperature = try question.prompt.number(.headTemperature, as: Double.self)
  let byClass = (question.prompt.parameters["axis"] ?? .string("class")) == .string("class")
  let (features, classes) = (weights.shape[1], weights.shape[2])
  for h in 0..<weights.rows {
    let y = Tensor<Double>(shape: [views.rows, classes], values: Array(p.row(h)))
    let pull = Array(g.row(h))
    let means = (0..<y.rows).map { a in
      (0..<classes).reduce(0) { $0 + pull[a * classes + $1] * y.values[a * classes + $1] }
    }
    let scores = y.mapped { $1 * (pull[$0] - means[$0 / classes]) / temperature }
    let directions = views.multiplied(by: scores, transposed: true)
    let parts = (byClass ? directions.transposed : directions).lists
    for (v, vector) in HeadVectors(weights, head: h, byClass: byClass).vectors.enumerated() {
      guard let pulled = pulledBack(vector, parts[v]) else { continue }
      for (i, value) in pulled.enumerated() {
        right.values[h * features * classes + (byClass ? i * classes + v : v * classes + i)] = value
      }
    }
  }
  return ["heads.gradient": .real(right)]
}

extension [Double] {
  fileprivate var isZero: Bool { allSatisfy { $0 == 0 } }
  fileprivate var length: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
