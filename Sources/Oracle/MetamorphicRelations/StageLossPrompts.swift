// The prompts of both stages' total losses, with constants at which no probability is near 0 or 1.
// Tests    OracleTests/RelationTests.swift
import Files
import Kernels
import Networks

extension RelationDrawing {
  /// A prompt of stage 1's loss; half of the images have two neighbours.
  func stageOne(_ embeddings: Tensor<Double>, _ bank: Tensor<Double>, _ batchImages: [Int]) -> Prompt {
    let neighbours = (0..<images).flatMap { (i: Int) -> [Int] in
      i % 2 == 0 ? [(i + 1) % images, (i + 3) % images] : [-1, -1]
    }
    return Prompt(
      operation: "stage-one-loss",
      parameters: [
        "entropyWeight": .number(0.4), "bankTemperature": .number(0.25), "temperature": .number(0.375),
      ],
      inputs: [
        "embeddings": .real(embeddings), "bank": .real(bank), "images": .listOf(batchImages),
        "neighbours": .integers(neighbours, shape: [images, 2]),
      ])
  }

  /// A prompt of stage 2's loss; beyond a size of 16 without the consistency loss, whose bounds cost B³.
  func stageTwo(_ embeddings: Tensor<Double>, _ heads: Tensor<Double>) -> Prompt {
    Prompt(
      operation: "stage-two-loss",
      parameters: [
        "headTemperature": .number(0.25), "temperature": .number(0.375),
        "consistencyWeight": .number(size > 16 ? 0 : 0.5),
        "marginalEntropyWeight": .integer(2),
      ],
      inputs: ["embeddings": .real(embeddings), "heads": .real(heads)])
  }

  /// A prompt of the assignment loss.
  func information(
    _ first: Tensor<Double>, _ second: Tensor<Double>, parameters: [String: JSON] = [:]
  ) -> Prompt {
    Prompt(
      operation: "mutual-information", parameters: parameters,
      inputs: ["first": .real(first), "second": .real(second)])
  }

  /// Two views of every image of the batch, the first above the second.
  var embeddings: Tensor<Double> { rows(2 * batch, 1) }
  /// The bank.
  var bank: Tensor<Double> { rows(images, 2) }
  /// Three heads.
  var heads: Tensor<Double> { grid([3, features, classes], 3) }

  /// The rows of both views when the batch is in another order.
  func bothViews(_ order: [Int]) -> [Int] { order + order.map { $0 + batch } }
}

/// The outputs of stage 1's loss.
let stageOneOutputs = ["and", "ue", "aug", "total", "embeddings.gradient"]
/// The outputs of stage 2's loss.
let stageTwoOutputs = [
  "assignment", "consistency", "total", "heads.losses", "heads.information", "embeddings.gradient",
]

extension RelationJudgement {
  /// All outputs but gradients are equal.
  mutating func expectEqualLosses(_ answers: RelationAnswers, _ outputs: [String], _ a: String, _ b: String) {
    for output in outputs where !output.hasSuffix(".gradient") {
      expect(output, answers(a, output), equals: answers(b, output))
    }
  }

  /// Row i of one output is row order[i] of another's.
  mutating func expectRows(
    _ name: String, _ a: [BoundedNumber], are b: [BoundedNumber], inOrder order: [Int], columns: Int
  ) {
    for (i, row) in order.enumerated() {
      for j in 0..<columns { expect(name, a[i * columns + j], equals: b[row * columns + j], at: [i, j]) }
    }
  }
}
