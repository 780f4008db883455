// An example of a backend: plain loops in Float that share nothing with the package but the types of its prompts.
import Networks
import Oracle

/// Answers two operations in Float.
public struct PlainBackend: CorpusBackend {
  /// Makes the backend.
  public init() {}

  /// Only what is claimed is asked; the report counts the rest as unsupported.
  public var capability: Capability {
    Capability(
      backend: "plain", version: "1", scalar: "float32", claims: ["optimiser/sgd-*", "evaluate/model-selection-*"])
  }

  public func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
    switch prompt.operation {
    case "sgd": try descent(prompt)
    case "model-selection": try selection(prompt)
    default: throw OracleError("the plain backend has no operation \(prompt.operation)")
    }
  }

  /// g ← gradient + decay w,  v ← momentum v + g,  w ← w − rate (nesterov ? g + momentum v : v)
  private func descent(_ prompt: Prompt) throws -> [String: TensorValue] {
    let start = try prompt.tensor("parameter", as: Float.self)
    let gradients = try prompt.tensor("gradients", as: Float.self)
    let momentum = Float(try prompt.number("momentum"))
    let decay = Float(try prompt.number("weightDecay"))
    let isNesterov = try prompt.bool("nesterov")
    var weights = start.values
    var velocity = [Float](repeating: 0, count: start.count)
    if prompt.inputs["velocity"] != nil { velocity = try prompt.tensor("velocity", as: Float.self).values }
    var (parameters, velocities): ([Float], [Float]) = ([], [])
    for (step, rate) in try prompt.numbers("rates").enumerated() {
      for i in weights.indices {
        let gradient = gradients.values[step * weights.count + i] + decay * weights[i]
        velocity[i] = momentum * velocity[i] + gradient
        weights[i] -= Float(rate) * (isNesterov ? gradient + momentum * velocity[i] : velocity[i])
      }
      parameters += weights
      velocities += velocity
    }
    return [
      "parameters": .real(Tensor<Float>(shape: gradients.shape, values: parameters)),
      "velocities": .real(Tensor<Float>(shape: gradients.shape, values: velocities)),
    ]
  }

  /// The epoch of the lowest loss, and its head of the lowest loss.
  private func selection(_ prompt: Prompt) throws -> [String: TensorValue] {
    let losses = try prompt.tensor("losses", as: Float.self)
    let heads = try prompt.tensor("head_losses", as: Float.self)
    func lowest(_ values: some Collection<Float>) -> Int {
      values.enumerated().reduce((0, Float.infinity)) { $1.1 < $0.1 ? ($1.0, $1.1) : $0 }.0
    }
    let epoch = lowest(losses.values)
    return [
      "epoch": .integers([epoch], shape: []), "head": .integers([lowest(heads.row(epoch))], shape: []),
    ]
  }
}
