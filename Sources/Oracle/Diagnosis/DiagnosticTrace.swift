// What a diagnosis can trace tensor by tensor: blocks, encoders, steps, and the losses of both stages, which answer without a trace.
// Tests    OracleTests/ComposedMutantsTests.swift, OracleTests/FirstDivergenceTests.swift
import Kernels
import Networks
import TwoStage

/// A computation in Double that can be traced again and again, with other tensors in its places.
struct DiagnosticTrace {
  let prompt: Prompt
  private let record: (inout Tracer<Double>) throws -> Void
  private let isOutput: (String) -> Bool
  /// What outputs are called until the trace ends.
  private let namesOnTheWay: [String: String]

  /// Nil where the operation is no composition, or the prompt is out of its range.
  init?(_ prompt: Prompt) {
    self.prompt = prompt
    namesOnTheWay =
      [
        "residual-block": ["output": "y"],
        "relation-loss": ["aug": "loss", "aug.embeddings.gradient": "embeddings.gradient"],
      ][
        prompt.operation] ?? [:]
    switch prompt.operation {
    case "stage-one-loss":
      record = { try Self.stageOneLoss(prompt, in: &$0) }
      isOutput = { ["and", "ue", "aug", "total", "embeddings.gradient"].contains($0) }
    case "relation-loss":
      record = { try Self.relationLoss(prompt, in: &$0) }
      isOutput = { ["loss", "embeddings.gradient"].contains($0) }
    case "stage-two-loss":
      record = { try Self.stageTwoLoss(prompt, in: &$0) }
      isOutput = { ["assignment", "consistency", "total", "embeddings.gradient"].contains($0) }
    default:
      // A trajectory answers what its last step left; nothing in it can be traced from there.
      guard let operation = try? Operations.named(prompt.operation) as? any TracedOperation,
        operation.area != "trajectory"
      else { return nil }
      record = { try operation.record(prompt, in: &$0) }
      isOutput = { operation.isOutput($0, of: prompt) }
    }
  }

  /// The outputs that are recorded, with what a hook puts in the place of tensors; nil where the prompt cannot be traced.
  func outputs(_ hook: @escaping Hook<Double>) -> [String: TensorValue]? {
    var tracer = Tracer<Double>(hook: { site, recorded in
      var site = site
      site.name = namesOnTheWay[site.name] ?? site.name
      return hook(site, recorded)
    })
    guard (try? record(&tracer)) != nil else { return nil }
    var outputs = tracer.values.filter { isOutput($0.key) }.mapValues { TensorValue.real($0) }
    if prompt.operation == "stage-two-loss" {
      let losses = (0..<tracer.values.count).prefix { tracer.values["heads.\($0).loss"] != nil }
        .compactMap { tracer.values["heads.\($0).loss"]?.values[0] }
      outputs["heads.losses"] = .real(Tensor<Double>(shape: [losses.count], values: losses))
    }
    return outputs
  }

  /// The edges in the order of the computation; nil where the prompt cannot be traced.
  func graph() -> [GraphNode]? {
    var tracer = Tracer<Double>()
    return (try? record(&tracer)) == nil ? nil : tracer.edges
  }

  private static func stageOneLoss(_ prompt: Prompt, in tracer: inout Tracer<Double>) throws {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let bank = try reader.finiteBank(features: embeddings.columns, as: Double.self)
    let images = try reader.indices("images", count: embeddings.rows / 2, below: bank.rows.rows)
    _ = tracer.stageOneLoss(
      Traced(name: "embeddings", value: embeddings), try reader.stageOneLoss(as: Double.self), bank: bank,
      images: images, neighbourhoods: try reader.neighbourhoods(images: bank.rows.rows),
      entropyWeight: try prompt.number(.entropyWeight))
  }

  private static func relationLoss(_ prompt: Prompt, in tracer: inout Tracer<Double>) throws {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let bank: Tensor<Double> = try reader.matrix("bank", columns: embeddings.columns)
    let found = tracer.relationLoss(
      Traced(name: "embeddings", value: embeddings), try reader.batchLoss(as: Double.self),
      bank: Traced(name: "bank", value: bank), "aug")
    tracer.rename(found.loss.name, to: "loss")
    tracer.rename(found.gradient.name, to: "embeddings.gradient")
  }

  private static func stageTwoLoss(_ prompt: Prompt, in tracer: inout Tracer<Double>) throws {
    let reader = NetworkPrompt(prompt: prompt)
    let embeddings: Tensor<Double> = try reader.views("embeddings")
    let heads = try reader.finiteHeads(features: embeddings.columns, as: Double.self)
    _ = tracer.stageTwoLoss(
      Traced(name: "embeddings", value: embeddings), try reader.stageTwoLoss(as: Double.self), heads: heads)
  }
}
