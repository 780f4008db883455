// One operation inside a trace as a question of its own: so every mutant of a convolution can be asked of each convolution of a step.
//
// The inputs are those that the operation read, the output is the tensor that it made. Of a gradient the value's side is filled with
// zeros where it does not matter, and with what was read where it does.
// Tests    OracleTests/ElementaryQuestionsTests.swift
import Files
import Kernels
import Networks

/// A prompt for one operation of a trace, and the outputs that the traced tensor is, one behind the other.
struct ElementaryQuestion {
  let prompt: Prompt
  let outputs: [String]
  /// What the output is divided by in the trace: the number of heads, for one head's part of a mean.
  var divisor = 1.0
}

extension TraceStep {
  /// This operation alone; nil of one that no operation of the corpus computes by itself.
  var elementary: ElementaryQuestion? {
    switch site.operation {
    case "convolution", "convolution-weight-gradient", "convolution-input-gradient": convolution
    case "linear", "linear-weight-gradient", "linear-input-gradient", "sum-of-rows": linear
    case "batch-norm", "batch-norm-relu", "batch-norm-gradient", "batch-norm-parameter-gradients": batchNorm
    case "add-relu":
      question("relu", ["x": input(0), "residual": input(1), "y.cotangent": input(0)], "y")
    case "relu-gradient": question("relu", ["x": input(1), "y.cotangent": input(0)], "x.gradient")
    case "global-average-pool":
      question("global-average-pool", ["x": input(0), "y.cotangent": site.value], "y")
    case "global-average-pool-gradient":
      question(
        "global-average-pool", ["x": Tensor(shape: site.value.shape), "y.cotangent": input(0)], "x.gradient")
    case "l2-normalise": question("l2-normalisation", ["x": input(0), "y.cotangent": input(0)], "y")
    case "l2-normalise-gradient":
      question("l2-normalisation", ["x": input(1), "y.cotangent": input(0)], "x.gradient")
    case "sobel": question("sobel", ["x": input(0), "y.cotangent": site.value], "y")
    case "softmax": question("softmax-of-rows", ["x": input(0), "y.cotangent": input(0)], "y")
    case "softmax-gradient":
      question(
        "softmax-of-rows",
        ["x": read(site.inputs[1].replacing("probabilities", with: "logits")), "y.cotangent": input(0)], "x.gradient")
    default: loss
    }
  }

  private func question(
    _ operation: String, _ inputs: [String: Tensor<Double>?], _ output: String, _ parameters: [String: JSON] = [:],
    others: [String: TensorValue] = [:]
  ) -> ElementaryQuestion? {
    var given = others
    for (name, tensor) in inputs {
      guard let tensor else { return nil }
      given[name] = .real(tensor)
    }
    return ElementaryQuestion(
      prompt: Prompt(operation: operation, parameters: parameters, inputs: given), outputs: [output])
  }

  /// The stride and padding of a square kernel that keeps or divides the size of its maps.
  private func geometry(_ x: [Int], _ weight: [Int], _ output: [Int]) -> [String: JSON]? {
    guard x.count == 4, weight.count == 4, output.count == 4 else { return nil }
    let padding = weight[2] / 2
    let stride = (1...8).first { (x[2] + 2 * padding - weight[2]) / $0 + 1 == output[2] }
    return stride.map { ["stride": .integer($0), "padding": .integer(padding)] }
  }

  private var convolution: ElementaryQuestion? {
    guard let first = input(0), let second = input(1) else { return nil }
    let zeros = Tensor<Double>(shape: site.value.shape)
    switch site.operation {
    case "convolution":
      guard let parameters = geometry(first.shape, second.shape, zeros.shape) else { return nil }
      return question("convolution", ["x": first, "weight": second, "y.cotangent": zeros], "y", parameters)
    case "convolution-weight-gradient":
      guard let parameters = geometry(second.shape, zeros.shape, first.shape) else { return nil }
      let weight = read(String(site.name.dropLast(".gradient".count))) ?? zeros
      return question(
        "convolution", ["x": second, "weight": weight, "y.cotangent": first], "weight.gradient", parameters)
    default:
      guard let parameters = geometry(zeros.shape, second.shape, first.shape) else { return nil }
      return question("convolution", ["x": zeros, "weight": second, "y.cotangent": first], "x.gradient", parameters)
    }
  }

  private var linear: ElementaryQuestion? {
    guard let first = input(0), let weight = read("linear.weight"), let bias = read("linear.bias") else { return nil }
    let zeros = Tensor<Double>(shape: [first.rows, weight.columns])
    func given(_ x: Tensor<Double>?, _ output: String) -> ElementaryQuestion? {
      question("linear", ["x": x, "weight": weight, "bias": bias, "y.cotangent": first], output)
    }
    switch site.operation {
    case "linear":
      return question("linear", ["x": first, "weight": weight, "bias": bias, "y.cotangent": site.value], "y")
    case "linear-weight-gradient": return given(input(1), "weight.gradient")
    case "linear-input-gradient": return given(zeros, "x.gradient")
    default: return given(zeros, "bias.gradient")
    }
  }

  /// A batch norm as one operation; its moments are those of what it reads.
  private var batchNorm: ElementaryQuestion? {
    let isForward = site.operation.hasPrefix("batch-norm") && !site.operation.contains("gradient")
    guard let statistics = site.inputs.first(where: { $0.hasSuffix("mean") }) else { return nil }
    let prefix = statistics.replacing("running_mean", with: "").replacing("mean", with: "")
    let trains = !statistics.hasSuffix("running_mean")
    guard let weight = read(prefix + "weight"), let bias = read(prefix + "bias") else { return nil }
    let channels = weight.count
    let (mean, variance) = (
      given(prefix + "running_mean") ?? Tensor(shape: [channels]),
      given(prefix + "running_var") ?? Tensor(shape: [channels], values: [Double](repeating: 1, count: channels))
    )
    // Of a block's batch norms the first is rectified, as the stem's is.
    let rectified = isForward ? site.operation.hasSuffix("relu") : prefix.hasSuffix("bn1.")
    let output =
      isForward
      ? "y"
      : site.operation == "batch-norm-gradient"
        ? "x.gradient" : site.name.hasSuffix("weight.gradient") ? "weight.gradient" : "bias.gradient"
    return question(
      "batch-norm",
      [
        "x": isForward ? input(0) : input(1), "weight": weight, "bias": bias, "runningMean": mean,
        "runningVariance": variance, "y.cotangent": isForward ? site.value : input(0),
      ], output,
      ["mode": .string(trains ? "training" : "evaluation"), "rectified": .bool(rectified)])
  }

  /// An input of the prompt itself, before the step.
  private func given(_ name: String) -> Tensor<Double>? {
    guard case .real(let tensor)? = prompt.inputs[name] else { return nil }
    return tensor
  }

  /// The prompt's parameters that an operation knows.
  private func parameters(of operation: String) -> [String: JSON] {
    let known = (try? Operations.named(operation))?.parameters.map(\.name) ?? []
    return prompt.parameters.filter { known.contains($0.key) }
  }

  private var loss: ElementaryQuestion? {
    let isGradient = site.operation.hasSuffix("gradient")
    switch site.operation {
    case "memory-logits", "memory-logits-gradient":
      guard let bank = given("bank"), let first = input(0) else { return nil }
      let embeddings = isGradient ? Tensor<Double>(shape: site.value.shape) : first
      return question(
        "memory-logits",
        ["bank": bank, "embeddings": embeddings, "logits.cotangent": isGradient ? first : site.value],
        isGradient ? "embeddings.gradient" : "logits", parameters(of: "memory-logits"))
    case "and-loss", "and-loss-gradient": return ofLogits("instance-neighbourhood", isGradient)
    case "ue-loss", "ue-loss-gradient": return ofLogits("unification-entropy", isGradient)
    case "batch-loss", "relation-gradient": return batchLoss(site.operation == "relation-gradient")
    case "mutual-information", "mutual-information-gradient": return information(isGradient)
    case "sgd": return sgd
    case "memory-update": return memoryUpdate
    default: return nil
    }
  }

  /// One parameter's step from the state before it.
  private var sgd: ElementaryQuestion? {
    guard site.inputs.count == 3, let gradient = read(site.inputs[1]), let weight = given(site.inputs[0]),
      let rate = prompt.parameters["learningRate"]
    else { return nil }
    var parameters = parameters(of: "sgd")
    parameters["rates"] = .array([rate])
    return question(
      "sgd",
      [
        "parameter": weight, "velocity": given(site.inputs[2]) ?? Tensor(shape: weight.shape),
        "gradients": Tensor(shape: [1] + gradient.shape, values: gradient.values),
      ], site.name.hasSuffix(".velocity.new") ? "velocities" : "parameters", parameters)
  }

  private var memoryUpdate: ElementaryQuestion? {
    question(
      "memory-update", ["bank": given("bank"), "embeddings": input(2)], "bank.new", parameters(of: "memory-update"),
      others: prompt.inputs.filter { $0.key == "images" })
  }

  private func ofLogits(_ operation: String, _ isGradient: Bool) -> ElementaryQuestion? {
    guard case .integers(let images, _)? = prompt.inputs["images"] else { return nil }
    var others = ["images": TensorValue.integers(images + images, shape: [2 * images.count])]
    if operation == "instance-neighbourhood" { others["neighbours"] = prompt.inputs["neighbours"] }
    return question(
      operation, ["logits": read("logits")], isGradient ? "logits.gradient" : "loss", parameters(of: operation),
      others: others)
  }

  /// The batch loss of embeddings, or of their relations to the bank.
  private func batchLoss(_ isGradient: Bool) -> ElementaryQuestion? {
    guard let embeddings = read("embeddings") else { return nil }
    let isRelation = isGradient || site.inputs.first == "aug.cosines" && recorded["aug.relations"] != nil
    guard isRelation else {
      return question("batch-loss", ["rows": embeddings], "loss", parameters(of: "batch-loss"))
    }
    return question(
      "relation-loss", ["embeddings": embeddings, "bank": given("bank")], isGradient ? "embeddings.gradient" : "loss",
      parameters(of: "relation-loss"))
  }

  /// One head's loss; its gradient is a share of a mean over the heads.
  private func information(_ isGradient: Bool) -> ElementaryQuestion? {
    guard let y = input(0), y.rows % 2 == 0, let heads = given("heads") else { return nil }
    let half = y.rows / 2
    let (first, second): (Tensor<Double>, Tensor<Double>) = (y.rows(0..<half), y.rows(half..<y.rows))
    let asked = question(
      "mutual-information", ["first": first, "second": second], "loss", parameters(of: "mutual-information"))
    guard isGradient, let asked else { return asked }
    return ElementaryQuestion(
      prompt: asked.prompt, outputs: ["first.gradient", "second.gradient"], divisor: Double(heads.rows))
  }
}

extension ElementaryQuestion {
  /// The traced tensor among the outputs of an answer; nil where it is not there or has another shape.
  func tensor(in answer: [String: TensorValue], like shape: [Int]) -> Tensor<Double>? {
    var values: [Double] = []
    for output in outputs {
      guard case .real(let tensor)? = answer[output] else { return nil }
      values += divisor == 1 ? tensor.values : tensor.values.map { $0 / divisor }
    }
    return values.count == shape.reduce(1, *) ? Tensor(shape: shape, values: values) : nil
  }

  /// The traced tensor as gradients of inputs; nil where it is none.
  func gradients(_ values: [Double], _ bounds: [Double]) -> [CarriedGradients.Given]? {
    var (gradients, start): ([CarriedGradients.Given], Int) = ([], 0)
    for output in outputs {
      let input = String(output.dropLast(".gradient".count))
      guard output.hasSuffix(".gradient"), let count = prompt.inputs[input]?.count, start + count <= values.count else {
        return nil
      }
      let part = start..<start + count
      gradients.append(
        CarriedGradients.Given(
          input: input, values: values[part].map { $0 * divisor }, bounds: bounds[part].map { $0 * divisor }))
      start += count
    }
    return start == values.count ? gradients : nil
  }
}
