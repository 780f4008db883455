// Scales of operations with convolutions for backends that compute these by another method than sums of products.
//
// The operation is traced many times with the method's own roundings (Traces/ConvolutionRoundings.swift).
// Tests    OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

/// An operation with convolutions.
protocol ConvolvingOperation: OracleOperation {
  /// The scales of its real outputs for programs of a declared arithmetic, none for those that it does not touch.
  ///
  /// - Parameters:
  ///   - prompt: What was asked.
  ///   - profile: Whose roundings are imitated where a kink is near.
  ///   - margins: Those of the prompt.
  ///   - arithmetic: What is declared.
  /// - Returns: Scales by output.
  /// - Throws: A sentence, where the prompt has a fault.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], arithmetic: DeclaredArithmetic
  ) throws(OracleError) -> [String: RoundingScale]
}

extension ConvolutionOperation: ConvolvingOperation {
  /// Those of the traced passes, beside the direct ones: the sum of both, as a bias is added by the direct rule.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], arithmetic: DeclaredArithmetic
  ) throws(OracleError) -> [String: RoundingScale] {
    let shape = try shape(prompt)
    guard arithmetic.convolutions.covers(shape) else { return [:] }
    let reader = NetworkPrompt(prompt: prompt)
    let x = Traced(name: "x", value: try reader.maps("x", as: Double.self))
    let weight = Traced(name: "weight", value: try reader.maps("weight", as: Double.self))
    let gradient = Traced(name: "y.cotangent", value: try prompt.tensor("y.cotangent", as: Double.self))
    let outputs: Set = ["y", "x.gradient", "weight.gradient"]
    let traced = try MonteCarloScale.scales(
      factors: profile.factorRounding > 0, arithmetic: DeclaredArithmetic(convolutions: arithmetic.convolutions),
      keeping: outputs.contains
    ) { tracer in
      _ = tracer.convolution(x, weight, shape: shape, as: "y")
      tracer.convolutionWeightGradient(of: gradient, input: x, weight: weight, shape: shape)
      _ = tracer.convolutionInputGradient(
        of: gradient, input: x.value.shape, weight: weight, shape: shape, as: "x.gradient")
    }
    return try scales(prompt).added(to: traced)
  }
}

extension SobelOperation: ConvolvingOperation {
  /// Those of the traced filter, beside the direct ones.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], arithmetic: DeclaredArithmetic
  ) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let x = Traced(name: "x", value: try reader.maps("x", as: Double.self))
    let (_, edges) = Sobel<Double>(channels: x.value.shape[1]).shapes(x.value.shape)
    guard arithmetic.convolutions.covers(edges) else { return [:] }
    let gradient = Traced(name: "y.cotangent", value: try prompt.tensor("y.cotangent", as: Double.self))
    let outputs: Set = ["y", "x.gradient"]
    let traced = try MonteCarloScale.scales(
      factors: profile.factorRounding > 0, arithmetic: DeclaredArithmetic(convolutions: arithmetic.convolutions),
      keeping: outputs.contains
    ) { tracer in
      _ = tracer.sobel(x, as: "y")
      _ = tracer.sobelGradient(of: gradient, images: x.value.shape, as: "x.gradient")
    }
    return try scales(prompt).added(to: traced)
  }
}

extension [String: RoundingScale] {
  /// The errors of both, with the terms of these; factors as of the others.
  fileprivate func added(to others: [String: RoundingScale]) -> [String: RoundingScale] {
    others.reduce(into: [:]) { sums, entry in
      guard var sum = self[entry.key] else { return }
      let share = Double(entry.value.terms) / Double(sum.terms)
      for i in sum.values.values.indices { sum.values.values[i] += share * entry.value.values.values[i] }
      sum.factors = entry.value.factors
      sums[entry.key] = sum
    }
  }
}
