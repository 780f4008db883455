// Every row twice: means stay, sums double, and gradients follow.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about a batch that is given twice, and about rows whose gradients cancel.
let duplicationRelations: [Relation] = [
  bankLoss("neighbourhood", "instance-neighbourhood"), bankLoss("entropy", "unification-entropy"),
  Relation(
    name: "information-duplication", summary: "every image twice: loss and joint as before, gradients halved",
    catches: ["joint not divided by its sum", "gradient not divided by the batch"], largest: 128,
    outputs: ["loss", "information", "joint", "first.gradient", "second.gradient"],
    prompts: { d in
      let (first, second) = (d.distributions(d.batch, 4), d.distributions(d.batch, 5, sharpness: 2))
      return ["once": d.information(first, second), "twice": d.information(first.doubled, second.doubled)]
    },
    judge: { d, answers, judgement in
      judgement.expectEqualLosses(answers, ["loss", "information", "joint"], "twice", "once")
      for name in ["first.gradient", "second.gradient"] {
        let (once, twice) = (answers("once", name), answers("twice", name))
        for i in twice.indices {
          judgement.expect(name, 2 * twice[i], equals: once[i % once.count], at: [i / d.classes, i % d.classes])
        }
      }
    }),
]

/// A loss of logits to the bank: rows twice, means and sums; and gradients of a row that sum to nothing.
private func bankLoss(_ name: String, _ operation: String) -> Relation {
  Relation(
    name: "\(name)-duplication",
    summary: "every row twice: the mean as before, the sum doubled, gradients accordingly, their rows summing to 0",
    catches: ["sum for mean", "divided by the images of the bank", "an image lost at the end"], largest: 128,
    outputs: ["loss", "logits.gradient"],
    prompts: { d in
      let (logits, images) = (d.grid([d.batch, d.images], 6), d.batchImages)
      let neighbours = (0..<d.images).map { $0 % 3 == 0 ? ($0 + 2) % d.images : -1 }
      func prompt(_ reduction: String, _ logits: Tensor<Double>, _ images: [Int]) -> Prompt {
        var inputs: [String: TensorValue] = ["logits": .real(logits), "images": .listOf(images)]
        if name == "neighbourhood" { inputs["neighbours"] = .integers(neighbours, shape: [d.images, 1]) }
        return Prompt(operation: operation, parameters: ["reduction": .string(reduction)], inputs: inputs)
      }
      return [
        "mean-once": prompt("mean", logits, images), "mean-twice": prompt("mean", logits.doubled, images + images),
        "sum-once": prompt("sum", logits, images), "sum-twice": prompt("sum", logits.doubled, images + images),
      ]
    },
    judge: { d, answers, judgement in
      func loss(_ role: String) -> BoundedNumber { answers(role, "loss")[0] }
      judgement.expect("mean of both", loss("mean-twice"), equals: loss("mean-once"))
      judgement.expect("sum of both", loss("sum-twice"), equals: 2 * loss("sum-once"))
      judgement.expect("sum over mean", loss("sum-once"), equals: Double(d.batch) * loss("mean-once"))
      for (role, factor) in [("mean", 2.0), ("sum", 1)] {
        let (once, twice) = (answers("\(role)-once", "logits.gradient"), answers("\(role)-twice", "logits.gradient"))
        for i in twice.indices {
          judgement.expect(
            "gradient of the \(role)", factor * twice[i], equals: once[i % once.count],
            at: [i / d.images, i % d.images])
        }
        for a in 0..<d.batch {
          let sum = BoundedNumber.sum(once[a * d.images..<(a + 1) * d.images])
          judgement.expect("row of the gradient", sum, equals: BoundedNumber(0), at: [a])
        }
      }
    })
}
