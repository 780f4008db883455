// Which tensor of a computation came from which: the way along which a checker looks for the first wrong one.
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks

/// An operation that is made of many, and knows how they hang together.
package protocol GraphOperation: OracleOperation {
  /// The edges in the order of the computation: every tensor is written before it is read, and only once.
  func graph(_ prompt: Prompt) throws(OracleError) -> [GraphNode]
}

/// An operation that a ``Tracer`` can record tensor by tensor, whether it answers so or by a faster way.
protocol RecordedOperation: OracleOperation {
  /// Computes everything, recording it; stops at the first fault of the prompt.
  func record<Scalar: RealScalar>(_ prompt: Prompt, in tracer: inout Tracer<Scalar>) throws(OracleError)
  /// Whether a recorded tensor is one of the outputs.
  func isOutput(_ name: String, of prompt: Prompt) -> Bool
  /// The outputs that have another name until the trace ends, by that name.
  var outputsByFirstName: [String: String] { get }
}

extension RecordedOperation {
  /// None.
  var outputsByFirstName: [String: String] { [:] }

  /// The recorded outputs of a trace with a hook.
  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, hook: Hook<Scalar>?
  ) throws(OracleError) -> [String: TensorValue] {
    var tracer = Tracer<Scalar>(hook: hook)
    try record(prompt, in: &tracer)
    return tracer.values.filter { isOutput($0.key, of: prompt) }.mapValues { TensorValue.real($0) }
  }
}

/// An operation that is answered by tracing it with a ``Tracer``; the same trace gives its scales, margins and graph.
protocol TracedOperation: GraphOperation, RecordedOperation, ConvolvingOperation {
  /// How many perturbed runs make the scales.
  func perturbedRuns(_ prompt: Prompt) -> Int
}

extension TracedOperation {
  /// As many as ``MonteCarloScale`` says.
  func perturbedRuns(_ prompt: Prompt) -> Int { MonteCarloScale.runs }

  /// The recorded outputs, in `Scalar`.
  package func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    try answer(prompt, hook: nil as Hook<Scalar>?)
  }

  /// The scales of ``MonteCarloScale``.
  package func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    try MonteCarloScale.scales(runs: perturbedRuns(prompt), keeping: { isOutput($0, of: prompt) }) {
      tracer throws(OracleError) in
      try record(prompt, in: &tracer)
    }
  }

  /// The same, or with roundings of the profile's size where a ReLU is so near its kink that they may decide it.
  package func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale] {
    guard isNearKink(margins) else { return try scales(prompt) }
    return try scales(prompt, for: profile, margins: margins, arithmetic: DeclaredArithmetic())
  }

  /// The same in runs that imitate a declared arithmetic.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], arithmetic: DeclaredArithmetic
  ) throws(OracleError) -> [String: RoundingScale] {
    try MonteCarloScale.scales(
      runs: perturbedRuns(prompt), size: isNearKink(margins) ? profile.perturbation : Perturbation.size,
      factors: profile.factorRounding > 0, arithmetic: arithmetic, keeping: { isOutput($0, of: prompt) }
    ) { tracer throws(OracleError) in
      try record(prompt, in: &tracer)
    }
  }

  /// Such scales calibrated for a whole tensor at once; nil where no kink is near, as then they hold already.
  func calibrated(
    _ scales: [String: RoundingScale], _ prompt: Prompt, for profile: Profile, margins: [String: Double],
    arithmetic: DeclaredArithmetic = DeclaredArithmetic(),
    until isEnough: ([String: RoundingScale]) -> Bool = { _ in false }
  ) throws(OracleError) -> [String: RoundingScale]? {
    guard isNearKink(margins) else { return nil }
    return try MonteCarloScale.calibrated(
      scales, size: profile.perturbation, arithmetic: arithmetic, until: isEnough
    ) {
      tracer throws(OracleError) in
      try record(prompt, in: &tracer)
    }
  }

  private func isNearKink(_ margins: [String: Double]) -> Bool {
    margins["relu"].map { $0 < MonteCarloScale.farKink } ?? false
  }

  /// The smallest distance of a ReLU's input from zero, as a share of its layer's root mean square.
  package func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] {
    var tracer = Tracer<Double>(measuresMargins: true)
    try record(prompt, in: &tracer)
    return tracer.margins
  }

  /// Every edge of the trace, also those of tensors that are not outputs.
  package func graph(_ prompt: Prompt) throws(OracleError) -> [GraphNode] {
    var tracer = Tracer<Double>()
    try record(prompt, in: &tracer)
    return tracer.edges
  }
}
