// What a diagnosis can trace tensor by tensor: relation losses, the losses of both stages, blocks, encoders and steps.
// Tests    OracleTests/ComposedMutantsTests.swift, OracleTests/FirstDivergenceTests.swift
import Kernels
import Networks

/// A computation in Double that can be traced again and again, with other tensors in its places.
struct DiagnosticTrace {
  private let prompt: Prompt
  private let operation: any RecordedOperation

  /// Nil where the operation is no composition.
  ///
  /// A trajectory answers what its last step left, and nothing in it can be traced from there.
  init?(_ prompt: Prompt) {
    guard let operation = try? Operations.named(prompt.operation) as? any RecordedOperation,
      operation.area != "trajectory"
    else { return nil }
    (self.prompt, self.operation) = (prompt, operation)
  }

  /// The outputs that are recorded, with what a hook puts in the place of tensors; nil where the prompt cannot be traced.
  func outputs(_ hook: @escaping Hook<Double>) -> [String: TensorValue]? {
    var tracer = Tracer<Double>(hook: { site, recorded in
      var site = site
      site.name = operation.outputsByFirstName[site.name] ?? site.name
      return hook(site, recorded)
    })
    guard (try? operation.record(prompt, in: &tracer)) != nil else { return nil }
    return tracer.values.filter { operation.isOutput($0.key, of: prompt) }.mapValues { .real($0) }
  }

  /// The edges in the order of the computation; nil where the prompt cannot be traced.
  func graph() -> [GraphNode]? {
    var tracer = Tracer<Double>()
    return (try? operation.record(prompt, in: &tracer)) == nil ? nil : tracer.edges
  }
}
