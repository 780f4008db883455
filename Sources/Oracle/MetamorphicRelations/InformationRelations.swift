// Mutual information lies between 0 and ln k, and is 0 where one view knows nothing of the other.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about the value of mutual information.
let informationRelations: [Relation] = [
  Relation(
    name: "information-range", summary: "0 ≤ I ≤ ln k, and I = 0 for independent views; the joint sums to 1",
    catches: ["logarithm to the base 2", "sign flipped", "joint not divided by its sum"],
    largest: 128, outputs: ["information", "joint"],
    prompts: { d in
      // Sharp agreement comes near the upper end: row b is nearly all of class b mod k.
      var logits = d.grid([d.batch, d.classes], 7)
      for b in 0..<d.batch { logits.values[b * d.classes + b % d.classes] += 10 }
      let sharp = Tensor(
        shape: logits.shape,
        values: softmaxOfRows(logits.values, columns: d.classes).map { Double(Float($0)) })
      let constant = d.distributions(1, 8)
      let same = Tensor(
        shape: logits.shape, values: (0..<logits.count).map { constant.values[$0 % d.classes] })
      let plain: [String: JSON] = ["symmetrised": .bool(false)]
      return [
        "agreeing": d.information(sharp, sharp), "drawn": d.information(d.distributions(d.batch, 4), sharp),
        "independent": d.information(d.distributions(d.batch, 4), same, parameters: plain),
      ]
    },
    judge: { d, answers, judgement in
      let classes = Double.log(Double(d.classes))
      let most = BoundedNumber(classes, error: 0x1p-51 * classes)
      for role in ["agreeing", "drawn", "independent"] {
        let information = answers(role, "information")[0]
        judgement.expect("at least 0", information, atLeast: BoundedNumber(0))
        judgement.expect("at most ln k", most, atLeast: information)
        judgement.expect(
          "sum of the joint", BoundedNumber.sum(answers(role, "joint")), equals: BoundedNumber(1))
      }
      judgement.expect("independent views", answers("independent", "information")[0], equals: BoundedNumber(0))
    })
]
