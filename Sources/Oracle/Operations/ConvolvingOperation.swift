// Bounds for backends that compute convolutions by another method than sums of products, found when answers are judged.
//
// What is frozen holds for sums of products. A method that a backend declares is imitated instead: the operation is traced many times
// with the method's own roundings (Traces/ConvolutionRoundings.swift), and an element may err by the larger of both bounds.
// Tests    OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

/// An operation with convolutions.
protocol ConvolvingOperation: OracleOperation {
  /// The scales of its real outputs for programs that compute convolutions by a method, none for those it does not touch.
  ///
  /// - Parameters:
  ///   - prompt: What was asked.
  ///   - profile: Whose roundings are imitated where a kink is near.
  ///   - margins: Those of the prompt.
  ///   - convolutions: The method.
  /// - Returns: Scales by output.
  /// - Throws: A sentence, where the prompt has a fault.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], convolutions: ConvolutionMethod
  ) throws(OracleError) -> [String: RoundingScale]
}

extension ConvolutionOperation: ConvolvingOperation {
  /// Those of the traced passes, beside the direct ones: the sum of both, as a bias is added by the direct rule.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], convolutions: ConvolutionMethod
  ) throws(OracleError) -> [String: RoundingScale] {
    let shape = try shape(prompt)
    guard convolutions.covers(shape) else { return [:] }
    let reader = NetworkPrompt(prompt: prompt)
    let x = Traced(name: "x", value: try reader.maps("x", as: Double.self))
    let weight = Traced(name: "weight", value: try reader.maps("weight", as: Double.self))
    let gradient = Traced(name: "y.cotangent", value: try prompt.tensor("y.cotangent", as: Double.self))
    let outputs: Set = ["y", "x.gradient", "weight.gradient"]
    let traced = try MonteCarloScale.scales(
      factors: profile.factorRounding > 0, convolutions: convolutions, keeping: outputs.contains
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
    _ prompt: Prompt, for profile: Profile, margins: [String: Double], convolutions: ConvolutionMethod
  ) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let x = Traced(name: "x", value: try reader.maps("x", as: Double.self))
    let (_, edges) = Sobel<Double>(channels: x.value.shape[1]).shapes(x.value.shape)
    guard convolutions.covers(edges) else { return [:] }
    let gradient = Traced(name: "y.cotangent", value: try prompt.tensor("y.cotangent", as: Double.self))
    let outputs: Set = ["y", "x.gradient"]
    let traced = try MonteCarloScale.scales(
      factors: profile.factorRounding > 0, convolutions: convolutions, keeping: outputs.contains
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

extension RoundingScale {
  /// The larger error at each element, with the terms of this one.
  func widened(by other: RoundingScale) -> RoundingScale {
    var wide = self
    let share = Double(other.terms) / Double(terms)
    for i in values.values.indices { wide.values.values[i] = max(values.values[i], share * other.values.values[i]) }
    guard let factors = other.factors else { return wide }
    wide.factors = Tensor(
      shape: values.shape,
      values: values.values.indices.map { i in
        max(self.factors?.values[i] ?? 2 * values.values[i], factors.values[i])
      })
    return wide
  }
}

extension [String: RoundingScale] {
  /// These scales of an operation's outputs, wide enough for programs that compute its convolutions by a method.
  func widened(
    for operation: any OracleOperation, _ prompt: Prompt, _ profile: Profile, margins: [String: Double],
    convolutions: ConvolutionMethod
  ) throws(OracleError) -> Self {
    guard convolutions != .direct, let operation = operation as? any ConvolvingOperation else { return self }
    let found = try operation.scales(prompt, for: profile, margins: margins, convolutions: convolutions)
    return merging(found) { direct, other in direct.widened(by: other) }
  }
}

extension CorpusCase {
  /// The case with bounds for programs that compute convolutions by a method; nil where the method makes no difference.
  func held(to convolutions: ConvolutionMethod, _ profile: Profile) throws(OracleError) -> CorpusCase? {
    let wide = try scales.widened(
      for: Operations.named(prompt.operation), prompt, profile, margins: description.margins,
      convolutions: convolutions)
    guard wide != scales else { return nil }
    return CorpusCase(description: description, prompt: prompt, expected: expected, scales: wide)
  }

  /// The methods by which answers to a single convolution are right that fail the bounds of sums.
  ///
  /// Methods err by some bounds of sums, mistakes by thousands; and networks would take minutes: of neither any method is looked for.
  func fittingMethods(_ answers: [String: StoredTensor], _ profile: Profile) throws(OracleError) -> [ConvolutionMethod]
  {
    guard let operation = try? Operations.named(prompt.operation), operation is any ConvolvingOperation,
      !(operation is any TracedOperation), compare(answers, profile: profile).allSatisfy({ $0.ratio < 1000 })
    else { return [] }
    var fitting: [ConvolutionMethod] = []
    for method in ConvolutionMethod.allCases {
      guard let item = try held(to: method, profile) else { continue }
      if !item.compare(answers, profile: profile).contains(where: { $0.verdict == .fail }) { fitting.append(method) }
    }
    return fitting
  }
}
