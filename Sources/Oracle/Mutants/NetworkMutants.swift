// Mistakes inside a network or a whole step: one operation of the step is wrong, and all that follows is computed from it.
// Tests    OracleTests/MutantsTests.swift
import Kernels
import Networks

private let steps = ["stage-one-step", "stage-two-step"]
private let trajectories = ["stage-one-trajectory", "stage-two-trajectory"]
private let networks = ["residual-block", "encoder"]

/// One operation of a step, as a mistake in it sees it.
struct TraceStep {
  let prompt: Prompt
  let site: TraceSite<Double>
  let recorded: [String: Tensor<Double>]

  /// A tensor that the operation read: recorded on the way, left by an earlier step, or given.
  func read(_ name: String) -> Tensor<Double>? {
    if let tensor = recorded[name] ?? recorded[name + ".new"] { return tensor }
    guard case .real(let tensor)? = prompt.inputs[name] else { return nil }
    return tensor
  }

  /// The operation's input of a number.
  func input(_ number: Int) -> Tensor<Double>? {
    site.inputs.indices.contains(number) ? read(site.inputs[number]) : nil
  }

  func scaled(by factor: Double) -> Tensor<Double> { site.value.mapped { factor * $1 } }
}

/// A mistake in one kind of operation of a graph.
struct NodeMistake: Sendable {
  /// The mistake.
  let mistake: Mistake
  /// The graph's operations that it gets wrong.
  let edges: Set<String>
  /// The operations of the corpus in whose traces it is made.
  let operations: [String]
  /// The wrong tensor; nil where this one comes out right.
  let change: @Sendable (TraceStep) -> Tensor<Double>?

  /// The mutant's name.
  var name: String { mistake.name }

  /// The mutations of all operations in whose traces it is made.
  var mutations: [Mutation] {
    operations.map { operation in
      Mutation(mistake, operation) { question in
        guard let recorded = try Operations.named(operation) as? any RecordedOperation else { return nil }
        return try recorded.answer(question.prompt) { (site: TraceSite<Double>, values: [String: Tensor<Double>]) in
          edges.contains(site.operation)
            ? change(TraceStep(prompt: question.prompt, site: site, recorded: values)) : nil
        }
      }
    }
  }
}

/// A mistake in some operations of the graph, by default in networks, steps and trajectories.
func inside(
  _ mistake: Mistake, _ edges: Set<String>, in operations: [String] = networks + steps + trajectories,
  _ change: @escaping @Sendable (TraceStep) -> Tensor<Double>?
) -> NodeMistake {
  NodeMistake(mistake: mistake, edges: edges, operations: operations, change: change)
}

let networkMutations: [Mutation] = nodeMistakes.flatMap(\.mutations)

let nodeMistakes: [NodeMistake] = layerMistakes + releasedMistakes

private let layerMistakes: [NodeMistake] = [
  inside(Mistake("batchnorm.biased-running-variance", "running variance biased"), ["running-average"]) { step in
    guard step.site.name.hasSuffix("running_var.new"), let variance = step.input(0), let old = step.input(1) else {
      return nil
    }
    return old.mapped { 0.9 * $1 + 0.1 * variance.values[$0] }
  },
  inside(Mistake("batchnorm.momentum-swapped", "momentum swapped"), ["running-average"]) { step in
    guard let old = step.input(1) else { return nil }
    // new = 0.9 old + 0.1 batch, hence batch = (new − 0.9 old) / 0.1.
    return step.site.value.mapped { 0.1 * old.values[$0] + 0.9 * ($1 - 0.9 * old.values[$0]) / 0.1 }
  },
  inside(Mistake("batchnorm.unbiased-normalisation", "normalised by the variance of n − 1"), ["batch-moments"]) {
    step in
    guard step.site.name.hasSuffix("variance"), let shape = step.input(0)?.shape else { return nil }
    let n = Double(shape[0] * shape[2] * shape[3])
    return n > 1 ? step.scaled(by: n / (n - 1)) : nil
  },
  inside(
    Mistake("batchnorm.constant-statistics", "statistics treated as constants in the gradient"), ["batch-norm-gradient"]
  ) { step in
    guard step.site.inputs.count == 6, step.site.inputs[4].hasSuffix("variance"), let g = step.input(0),
      let output = step.input(2), let variance = step.input(4), let weight = step.input(5)
    else { return nil }
    // Nothing below zero leaves a ReLU.
    let withReLU = output.values.allSatisfy { $0 >= 0 }
    let pixels = g.shape[2] * g.shape[3]
    return g.mapped { i, v in
      let c = i / pixels % g.shape[1]
      let passes: Double = withReLU && output.values[i] <= 0 ? 0 : 1
      return passes * v * weight.values[c] / (variance.values[c] + 1e-5).squareRoot()
    }
  },
  inside(
    Mistake("convolution.mean-weight-gradient", "weight gradient averaged over the batch"),
    ["convolution-weight-gradient"]
  ) { step in
    guard let batch = step.input(0)?.rows, batch > 1 else { return nil }
    return step.scaled(by: 1 / Double(batch))
  },
  inside(Mistake("relu.gradient-unmasked", "gradient not stopped below zero"), ["relu-gradient"]) { $0.input(0) },
  inside(
    Mistake("block.no-final-relu", "the sum not rectified", right: "the sum of both branches is rectified"),
    ["add-relu"]
  ) { step in
    guard let a = step.input(0), let b = step.input(1) else { return nil }
    return a.mapped { $1 + b.values[$0] }
  },
  inside(
    Mistake(
      "block.shortcut-gradient-lost", "gradient around the block lost",
      right: "the gradient flows through both branches and is added"), ["add"]
  ) { step in
    step.site.inputs.count == 2 && step.site.inputs[0].hasSuffix("conv1.input.gradient") ? step.input(0) : nil
  },
  inside(Mistake("pool.sum", "sum instead of mean"), ["global-average-pool"]) { step in
    guard let shape = step.input(0)?.shape else { return nil }
    return step.scaled(by: Double(shape[2] * shape[3]))
  },
  inside(Mistake("pool.gradient-undivided", "gradient not divided by the pixels"), ["global-average-pool-gradient"]) {
    step in
    let shape = step.site.value.shape
    return step.scaled(by: Double(shape[2] * shape[3]))
  },
  inside(Mistake("linear.mean-weight-gradient", "weight gradient averaged over the rows"), ["linear-weight-gradient"]) {
    step in
    step.input(0).map { step.scaled(by: 1 / Double($0.rows)) }
  },
  inside(Mistake("linear.no-bias", "bias left out"), ["linear"]) { step in
    guard let bias = step.input(2) else { return nil }
    return step.site.value.mapped { $1 - bias.values[$0 % bias.count] }
  },
  inside(
    Mistake("l2norm.left-out", "rows not normalised", right: "embeddings are divided by their length"), ["l2-normalise"]
  ) { $0.input(0) },
  inside(Mistake("l2norm.gradient-unprojected", "gradient not projected"), ["l2-normalise-gradient"]) { step in
    guard let g = step.input(0), let rows = step.input(1) else { return nil }
    let lengths = (0..<rows.rows).map { a in rows.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return g.mapped { $1 / max(lengths[$0 / g.columns], 1e-12) }
  },
  inside(
    Mistake(
      "encoder.streams-swapped", "streams joined in the wrong order",
      right: "the plain stream's features come first, the Sobel stream's behind"), ["concatenate"]
  ) { step in
    let width = step.site.value.columns / step.site.inputs.count
    return step.site.value.mapped { i, _ in
      let (row, column) = (i / step.site.value.columns, i % step.site.value.columns)
      return step.site.value.values[
        row * step.site.value.columns + (column + width) % step.site.value.columns]
    }
  },
  inside(
    Mistake(
      "encoder.stream-gradient-lost", "gradient of one stream lost",
      right: "the gradient of the joint features is split between the streams"), ["split"]
  ) { step in
    step.site.name.hasPrefix("streams.1.") ? step.scaled(by: 0) : nil
  },
  inside(
    Mistake(
      "sobel.sign", "true convolution instead of correlation",
      right: "correlation: see the operation's formula for the signs"), ["sobel"]
  ) { $0.scaled(by: -1) },
  inside(
    Mistake("sobel.divided", "filters divided by 8", right: "the filters' weights are 1 and 2, not divided"), ["sobel"]
  ) { $0.scaled(by: 0.125) },
  inside(Mistake("memory.never-assigned", "the new row never assigned"), ["memory-update"], in: steps + trajectories) {
    $0.read("bank")
  },
  inside(
    Mistake("head.summed", "heads summed instead of averaged", right: "the losses of the heads are averaged"),
    ["mean", "mutual-information-gradient"], in: steps
  ) {
    step in
    guard let heads = step.read("heads") else { return nil }
    return step.site.operation == "mean" && step.site.name != "assignment" ? nil : step.scaled(by: Double(heads.rows))
  },
  inside(
    Mistake("head.last-gradient-only", "the gradient of the last head alone"), ["mutual-information-gradient"],
    in: steps
  ) {
    step in
    guard let heads = step.read("heads") else { return nil }
    return step.site.name.hasPrefix("heads.\(heads.rows - 1).") ? nil : step.scaled(by: 0)
  },
  inside(
    Mistake(
      "sgd.gradients-accumulated", "gradients not zeroed between steps", right: "gradients are zeroed before each step"),
    [
      "convolution-weight-gradient", "batch-norm-parameter-gradients", "linear-weight-gradient", "sum-of-rows",
    ], in: trajectories
  ) { step in
    guard let before = step.recorded[step.site.name] else { return nil }
    return step.site.value.mapped { $1 + before.values[$0] }
  },
]
