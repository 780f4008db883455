// Mistakes in a network or a whole step that another prompt shows: wrong modes, constants, optimisers, and the order of updates.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let stageOne = ["stage-one-step", "stage-one-trajectory"]
private let stageTwo = ["stage-two-step", "stage-two-trajectory"]
private let networks = ["residual-block", "encoder"]

/// Outputs that exist in the right answer, with the right shapes.
private func kept(_ answer: [String: TensorValue], of question: Question) -> [String: TensorValue] {
  answer.filter { question.right[$0.key]?.shape == $0.value.shape }
}

/// Constants of the optimiser, in an operation that steps.
private func descentMutations(_ operation: String) -> [Mutation] {
  [
    .asking(Mistake("sgd.nesterov-swapped", "Nesterov's step and the plain one exchanged"), operation) { prompt in
      prompt.parameters["nesterov"] = .bool(!(try prompt.bool(.nesterov)))
      return try prompt.number(.momentum, as: Double.self) > 0
    },
    .asking(Mistake("sgd.velocity-lost", "the velocity forgotten between steps"), operation) { prompt in
      let momentum = try prompt.number(.momentum, as: Double.self)
      prompt.parameters["momentum"] = .integer(0)
      return momentum > 0
    },
    .asking(Mistake("sgd.no-decay", "decay left out"), operation) { prompt in
      let decay = try prompt.number(.weightDecay, as: Double.self)
      prompt.parameters["weightDecay"] = .integer(0)
      return decay > 0
    },
    .asking(Mistake("sgd.default-momentum", "momentum of 0.9 always"), operation) { prompt in
      let momentum = try prompt.number(.momentum, as: Double.self)
      prompt.parameters["momentum"] = .number(0.9)
      return momentum != 0.9
    },
    Mutation(Mistake("sgd.no-decay-of-vectors", "decay left out of biases and batch norms"), operation) { question in
      let decay = try question.prompt.number(.weightDecay, as: Double.self)
      let rate = try question.prompt.number(.learningRate, as: Double.self)
      let momentum = try question.prompt.number(.momentum, as: Double.self)
      guard decay > 0, !operation.hasSuffix("trajectory") else { return nil }
      let slope = try question.prompt.bool(.nesterov) ? 1 + momentum : 1
      var wrong: [String: TensorValue] = [:]
      for (name, value) in question.prompt.inputs {
        guard case .real(let given) = value, given.shape.count == 1, let new = try? question.output(name + ".new"),
          let velocity = try? question.output(name + ".velocity.new")
        else { continue }
        wrong[name + ".new"] = .real(new.mapped { $1 + rate * slope * decay * Double(given.values[$0]) })
        wrong[name + ".velocity.new"] = .real(velocity.mapped { $1 - decay * Double(given.values[$0]) })
      }
      return wrong
    },
  ]
}

/// Kernels turned by half a turn, forth in the prompt and back in the answer: true convolution throughout.
private func flipped(_ operation: String) -> Mutation {
  Mutation(Mistake("convolution.flipped-kernel", "kernel flipped: true convolution"), operation) { question in
    func turned(_ tensor: Tensor<Double>) -> Tensor<Double> {
      let taps = tensor.shape[2] * tensor.shape[3]
      return tensor.mapped { i, _ in tensor.values[i - i % taps + taps - 1 - i % taps] }
    }
    func isKernel(_ name: String, _ value: TensorValue) -> Bool { name.contains(".weight") && value.shape.count == 4 }
    let answer = try question.altered { prompt in
      for (name, value) in prompt.inputs where isKernel("." + name, value) {
        prompt.inputs[name] = .real(turned(try question.input(name)))
      }
    }
    return answer.reduce(into: [:]) { wrong, item in
      guard case .real(let tensor) = item.value, isKernel("." + item.key, item.value) else {
        wrong[item.key] = item.value
        return
      }
      wrong[item.key] = .real(turned(tensor))
    }
  }
}

let stepMutations: [Mutation] =
  (stageOne + stageTwo).flatMap(descentMutations)
  + stageOne.flatMap { stageOneConstantMutations($0) + memoryConstantMutations($0) }
  + stageTwo.flatMap(stageTwoConstantMutations)
  + (networks + stageOne + stageTwo).map(flipped)
  + networks.flatMap(modeMutations)
  + orderMutations

/// The statistics of the other mode.
private func modeMutations(_ operation: String) -> [Mutation] {
  [
    Mutation(Mistake("batchnorm.batch-statistics-in-evaluation", "batch statistics in evaluation"), operation) {
      question in
      guard try question.prompt.string(.mode) == "evaluation" else { return nil }
      return kept(try question.altered { $0.parameters["mode"] = .string("training") }, of: question)
    },
    Mutation(
      Mistake(
        "batchnorm.running-statistics-in-training", "running statistics in training",
        right: "training normalises by the batch's own statistics"), operation
    ) { question in
      guard try question.prompt.string(.mode) == "training" else { return nil }
      return kept(try question.altered { $0.parameters["mode"] = .string("evaluation") }, of: question)
    },
  ]
}

/// What is done at the wrong time or place of a step.
private let orderMutations: [Mutation] = [
  Mutation(
    Mistake(
      "encoder.stem-stride-ignored", "stride of the stem ignored",
      right: "the first convolution has the configuration's stride"), "encoder"
  ) { question in
    guard try question.prompt.integer("stemStride", default: 1) > 1 else { return nil }
    return kept(try question.altered { $0.parameters["stemStride"] = .integer(1) }, of: question)
  },
  Mutation(Mistake("batchnorm.per-view-statistics", "statistics of each view by itself"), "encoder") { question in
    let images = try question.input("images")
    guard try question.prompt.string(.mode) == "training", images.rows % 2 == 0 else {
      return nil
    }
    let cotangent = try question.input("embeddings.cotangent")
    var values: [Double] = []
    for half in [0..<images.rows / 2, images.rows / 2..<images.rows] {
      let (own, pulled): (Tensor<Double>, Tensor<Double>) = (images.rows(half), cotangent.rows(half))
      let answer = try question.altered { prompt in
        prompt.inputs["images"] = .real(own)
        prompt.inputs["embeddings.cotangent"] = .real(pulled)
      }
      guard case .real(let embeddings)? = answer["embeddings"] else { return nil }
      values += embeddings.values
    }
    return ["embeddings": .real(Tensor<Double>(shape: try question.output("embeddings").shape, values: values))]
  },
  Mutation(Mistake("memory.updated-before-loss", "the bank updated before the loss"), "stage-one-step") { question in
    let new = try question.output("bank.new")
    return try question.altered { $0.inputs["bank"] = .real(new) }.filter { $0.key != "bank.new" }
  },
  Mutation(Mistake("sgd.rate-inside-velocity", "rate inside the velocity"), "stage-one-step", descendingWrongly),
  Mutation(Mistake("sgd.rate-inside-velocity", "rate inside the velocity"), "stage-two-step", descendingWrongly),
]

/// v = m v + rate (g + decay w), w ← w − v or w − (rate g + m v).
@Sendable private func descendingWrongly(_ question: Question) throws -> [String: TensorValue]? {
  let prompt = question.prompt
  let (rate, momentum) = (
    try prompt.number(.learningRate, as: Double.self), try prompt.number(.momentum, as: Double.self)
  )
  let (decay, nesterov) = (
    try prompt.number(.weightDecay, as: Double.self), try prompt.bool(.nesterov)
  )
  var wrong: [String: TensorValue] = [:]
  for name in prompt.inputs.keys {
    guard let gradient = try? question.output(name + ".gradient"), momentum > 0,
      question.right[name + ".velocity.new"] != nil
    else { continue }
    let weight = try question.input(name)
    let velocity = try? question.input(name + ".velocity")
    let decayed = gradient.mapped { $1 + decay * weight.values[$0] }
    let moved = decayed.mapped { momentum * (velocity?.values[$0] ?? 0) + rate * $1 }
    wrong[name + ".velocity.new"] = .real(moved)
    wrong[name + ".new"] = .real(
      weight.mapped {
        $1 - (nesterov ? rate * decayed.values[$0] + momentum * moved.values[$0] : moved.values[$0])
      })
  }
  return wrong
}
