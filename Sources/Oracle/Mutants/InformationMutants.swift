// Wrong implementations of the assignment loss.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let information = "mutual-information"

/// Wrong constants of the assignment loss, in an operation that takes them.
func informationConstantMutations(_ operation: String) -> [Mutation] {
  [
    .taking(
      Mistake("iic.not-symmetrised", "joint not made symmetric", right: "the joint is (P + Pᵀ) / 2"), operation,
      "symmetrised", .bool(false), unless: .bool(true)),
    .taking(
      Mistake(
        "iic.symmetrised", "joint made symmetric though it should not be",
        right: "symmetrised false leaves the joint as it is"), operation, "symmetrised", .bool(true),
      unless: .bool(true)),
    .taking(
      Mistake(
        "iic.weight-lost", "the weight of the marginal entropies lost", right: "marginal entropies are weighed as asked"
      ), operation, "marginalEntropyWeight", .integer(1),
      unless: .integer(1)),
  ]
}

let informationMutations: [Mutation] = informationConstantMutations(information) + informationFormMutations

private let informationFormMutations: [Mutation] = [
  Mutation(Mistake("iic.sign", "the sign turned", right: "the loss is minus the information"), information) {
    $0.scaled(by: -1).filter { $0.key != "joint" }
  },
  Mutation(Mistake("loss.binary-logarithm", "logarithms of base 2"), information) {
    $0.scaled(by: 1 / Double.log(2)).filter { $0.key != "joint" }
  },
  Mutation(Mistake("iic.joint-not-divided", "joint not divided by its sum", right: "the joint sums to 1"), information)
  { question in
    question.scaled(by: Double(try question.input("first").rows), ["joint"])
  },
  Mutation(
    Mistake(
      "iic.one-marginal-weighed", "the weight on one marginal alone", right: "the weight is on both marginal entropies"),
    information
  ) { question in
    let weight = try question.prompt.number(.marginalEntropyWeight, as: Double.self)
    guard weight > 1, case .real(let joint)? = question.right["joint"] else { return nil }
    // L = −Σ P (log P − β log r − log q): the second marginal counts once.
    let columns = (0..<joint.columns).map { c in
      (0..<joint.rows).reduce(0) { $0 + joint.values[$1 * joint.rows + c] }
    }
    let entropy = -columns.reduce(0) { $0 + ($1 > 0 ? $1 * Double.log($1) : 0) }
    return ["loss": .number(try question.output("loss").values[0] + (weight - 1) * entropy)]
  },
  Mutation(
    Mistake("iic.gradients-swapped", "gradients of the views swapped", right: "each view has its own gradient"),
    information
  ) { question in
    [
      "first.gradient": .real(try question.output("second.gradient")),
      "second.gradient": .real(try question.output("first.gradient")),
    ]
  },
  Mutation(
    Mistake(
      "iic.detached-second-view", "the second view a constant", right: "both views' probabilities take a gradient"),
    information
  ) { question in
    try question.changed("second.gradient") { _, _ in 0 }
  },
  Mutation(
    Mistake(
      "iic.large-floor", "1e-2 added to every entry of the joint before its logarithm",
      right: "the floor under a logarithm is far below every probability that counts"), information
  ) {
    question in
    let (joint, weight) = (
      try question.output("joint"), try question.prompt.number(.marginalEntropyWeight, as: Double.self)
    )
    let classes = joint.rows
    let rows = (0..<classes).map { joint.row($0).reduce(0, +) }
    let columns = (0..<classes).map { c in (0..<classes).reduce(0) { $0 + joint.values[$1 * classes + c] } }
    let loss = joint.values.enumerated().reduce(0) { sum, item in
      let (r, c) = (rows[item.offset / classes], columns[item.offset % classes])
      return sum - item.element
        * (Double.log(item.element + 0.01) - weight * Double.log(r + 0.01) - weight * Double.log(c + 0.01))
    }
    return ["loss": .number(loss)]
  },
]
