// Mistakes inside a network or a whole step: one operation of the walk is wrong, and all that follows is computed from it.
// Tests    OracleTests/MutantsTests.swift
import Kernels
import Networks

private let steps = ["stage-one-step", "stage-two-step"]
private let trajectories = ["stage-one-trajectory", "stage-two-trajectory"]
private let networks = ["residual-block", "encoder"]

/// One operation of a walk, as a mistake in it sees it.
struct Walk {
  let prompt: Prompt
  let site: RecordedSite<Double>
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
struct EdgeMistake: Sendable {
  /// The mutant's name.
  let name: String
  /// The mistake in a few words.
  let mistake: String
  /// The graph's operations that it gets wrong.
  let edges: Set<String>
  /// The operations of the corpus in whose walks it is made.
  let operations: [String]
  /// The wrong tensor; nil where this one comes out right.
  let change: @Sendable (Walk) -> Tensor<Double>?

  /// The mutations of all operations in whose walks it is made.
  fileprivate var mutations: [Mutation] {
    operations.map { operation in
      Mutation(name, mistake, operation) { question in
        guard let recorded = try Operations.named(operation) as? any RecordedOperation else { return nil }
        return try recorded.answer(question.prompt) { (site: RecordedSite<Double>, values: [String: Tensor<Double>]) in
          edges.contains(site.operation)
            ? change(Walk(prompt: question.prompt, site: site, recorded: values)) : nil
        }
      }
    }
  }
}

private func inside(
  _ name: String, _ mistake: String, _ edges: Set<String>, in operations: [String] = networks + steps + trajectories,
  _ change: @escaping @Sendable (Walk) -> Tensor<Double>?
) -> EdgeMistake {
  EdgeMistake(name: name, mistake: mistake, edges: edges, operations: operations, change: change)
}

let networkMutations: [Mutation] = edgeMistakes.flatMap(\.mutations)

let edgeMistakes: [EdgeMistake] = [
  inside("batchnorm.biased-running-variance", "running variance biased", ["running-average"]) { walk in
    guard walk.site.name.hasSuffix("running_var.new"), let variance = walk.input(0), let old = walk.input(1) else {
      return nil
    }
    return old.mapped { 0.9 * $1 + 0.1 * variance.values[$0] }
  },
  inside("batchnorm.momentum-swapped", "momentum swapped", ["running-average"]) { walk in
    guard let old = walk.input(1) else { return nil }
    // new = 0.9 old + 0.1 batch, hence batch = (new − 0.9 old) / 0.1.
    return walk.site.value.mapped { 0.1 * old.values[$0] + 0.9 * ($1 - 0.9 * old.values[$0]) / 0.1 }
  },
  inside("batchnorm.unbiased-normalisation", "normalised by the variance of n − 1", ["batch-moments"]) { walk in
    guard walk.site.name.hasSuffix("variance"), let shape = walk.input(0)?.shape else { return nil }
    let n = Double(shape[0] * shape[2] * shape[3])
    return n > 1 ? walk.scaled(by: n / (n - 1)) : nil
  },
  inside(
    "batchnorm.constant-statistics", "statistics treated as constants in the gradient", ["batch-norm-gradient"]
  ) { walk in
    guard walk.site.inputs.count == 6, walk.site.inputs[4].hasSuffix("variance"), let g = walk.input(0),
      let output = walk.input(2), let variance = walk.input(4), let weight = walk.input(5)
    else { return nil }
    // Nothing below zero leaves a rectifier.
    let rectified = output.values.allSatisfy { $0 >= 0 }
    let pixels = g.shape[2] * g.shape[3]
    return g.mapped { i, v in
      let c = i / pixels % g.shape[1]
      let passes: Double = rectified && output.values[i] <= 0 ? 0 : 1
      return passes * v * weight.values[c] / (variance.values[c] + 1e-5).squareRoot()
    }
  },
  inside(
    "convolution.mean-weight-gradient", "weight gradient averaged over the batch", ["convolution-weight-gradient"]
  ) { walk in
    guard let batch = walk.input(0)?.rows, batch > 1 else { return nil }
    return walk.scaled(by: 1 / Double(batch))
  },
  inside("relu.gradient-unmasked", "gradient not stopped below zero", ["relu-gradient"]) { $0.input(0) },
  inside("block.no-final-relu", "the sum not rectified", ["add-relu"]) { walk in
    guard let a = walk.input(0), let b = walk.input(1) else { return nil }
    return a.mapped { $1 + b.values[$0] }
  },
  inside("block.shortcut-gradient-lost", "gradient around the block lost", ["add"]) { walk in
    walk.site.inputs.count == 2 && walk.site.inputs[0].hasSuffix("conv1.input.gradient") ? walk.input(0) : nil
  },
  inside("pool.sum", "sum instead of mean", ["global-average-pool"]) { walk in
    guard let shape = walk.input(0)?.shape else { return nil }
    return walk.scaled(by: Double(shape[2] * shape[3]))
  },
  inside("pool.gradient-undivided", "gradient not divided by the pixels", ["global-average-pool-gradient"]) { walk in
    let shape = walk.site.value.shape
    return walk.scaled(by: Double(shape[2] * shape[3]))
  },
  inside("linear.mean-weight-gradient", "weight gradient averaged over the rows", ["linear-weight-gradient"]) { walk in
    walk.input(0).map { walk.scaled(by: 1 / Double($0.rows)) }
  },
  inside("linear.no-bias", "bias left out", ["linear"]) { walk in
    guard let bias = walk.input(2) else { return nil }
    return walk.site.value.mapped { $1 - bias.values[$0 % bias.count] }
  },
  inside("l2norm.left-out", "rows not normalised", ["l2-normalise"]) { $0.input(0) },
  inside("l2norm.gradient-unprojected", "gradient not projected", ["l2-normalise-gradient"]) { walk in
    guard let g = walk.input(0), let rows = walk.input(1) else { return nil }
    let lengths = (0..<rows.rows).map { a in rows.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return g.mapped { $1 / max(lengths[$0 / g.columns], 1e-12) }
  },
  inside("encoder.streams-swapped", "streams joined in the wrong order", ["concatenate"]) { walk in
    let width = walk.site.value.columns / walk.site.inputs.count
    return walk.site.value.mapped { i, _ in
      let (row, column) = (i / walk.site.value.columns, i % walk.site.value.columns)
      return walk.site.value.values[
        row * walk.site.value.columns + (column + width) % walk.site.value.columns]
    }
  },
  inside("encoder.stream-gradient-lost", "gradient of one stream lost", ["split"]) { walk in
    walk.site.name.hasPrefix("streams.1.") ? walk.scaled(by: 0) : nil
  },
  inside("sobel.sign", "true convolution instead of correlation", ["sobel"]) { $0.scaled(by: -1) },
  inside("sobel.divided", "filters divided by 8", ["sobel"]) { $0.scaled(by: 0.125) },
  inside("memory.never-assigned", "the new row never assigned", ["memory-update"], in: steps + trajectories) {
    $0.read("bank")
  },
  inside("head.summed", "heads summed instead of averaged", ["mean", "mutual-information-gradient"], in: steps) {
    walk in
    guard let heads = walk.read("heads") else { return nil }
    return walk.site.operation == "mean" && walk.site.name != "assignment" ? nil : walk.scaled(by: Double(heads.rows))
  },
  inside("head.last-gradient-only", "the gradient of the last head alone", ["mutual-information-gradient"], in: steps) {
    walk in
    guard let heads = walk.read("heads") else { return nil }
    return walk.site.name.hasPrefix("heads.\(heads.rows - 1).") ? nil : walk.scaled(by: 0)
  },
  inside(
    "sgd.gradients-accumulated", "gradients not zeroed between steps",
    [
      "convolution-weight-gradient", "batch-norm-parameter-gradients", "linear-weight-gradient", "linear-bias-gradient",
    ], in: trajectories
  ) { walk in
    guard let before = walk.recorded[walk.site.name] else { return nil }
    return walk.site.value.mapped { $1 + before.values[$0] }
  },
]
