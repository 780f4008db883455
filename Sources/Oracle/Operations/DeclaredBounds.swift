// Bounds for what a backend declares about its arithmetic, found when answers are judged.
//
// What is frozen holds for sums of products whose results are stored in Float. Where an answer fails it, the declared arithmetic is
// imitated, and an element may err by the larger of both bounds:
//
//     convolutions   traced with the method's own roundings: ConvolvingOperation.swift
//     activations    the results of products rounded to 16 bits as well as their factors: in traces as Tracer.swift says, in tracked
//                    numbers as ProductRounding says, and each output y of an operation with products once more by itself, by v of
//                    what was computed: at most |y| + R f, where rounded factors have moved it by R f
//     bank           every row rounded before and after its update
//
// The roundings to 16 bits are counted like those of factors, in units of v.
// Tests    OracleTests/HalfStorageTests.swift, OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

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
  /// These scales of an operation's outputs, wide enough for programs of a declared arithmetic.
  func widened(
    for operation: any OracleOperation, _ prompt: Prompt, _ profile: Profile, margins: [String: Double],
    arithmetic: DeclaredArithmetic, right: [String: TensorValue]
  ) throws(OracleError) -> Self {
    var wide = self
    if let operation = operation as? any ConvolvingOperation,
      arithmetic.convolutions != .direct || operation is any TracedOperation && !arithmetic.isPlain
    {
      let found = try operation.scales(prompt, for: profile, margins: margins, arithmetic: arithmetic)
      wide.merge(found) { direct, other in direct.widened(by: other) }
    }
    guard operation.roundsHard(storing: arithmetic.storage), !arithmetic.storage.isEmpty,
      !(operation is any TracedOperation)
    else { return wide }
    let found = try ProductRounding.storing(arithmetic.storage) { () throws(OracleError) in
      try operation.scales(prompt, for: profile, margins: margins)
    }
    wide.merge(found) { direct, other in direct.widened(by: other) }
    guard arithmetic.storage.contains(.activations), operation.multipliesMatrices else { return wide }
    for (name, scale) in wide {
      guard case .real(let tensor)? = right[name], tensor.shape == scale.values.shape else { continue }
      let factors = scale.factors?.values ?? scale.values.values.map { 2 * $0 }
      wide[name]?.factors = Tensor(
        shape: tensor.shape,
        values: factors.indices.map { i in
          factors[i] + abs(tensor.values[i]) + profile.factorRounding * factors[i]
        })
    }
    return wide
  }
}

extension OracleOperation {
  /// Whether roundings to the format of a profile's factors count: those of products, or of a bank that is stored in it.
  func roundsHard(storing storage: Set<HalfStorage>) -> Bool {
    multipliesMatrices || storage.contains(.bank) && self is MemoryUpdateOperation
  }
}

extension CorpusCase {
  /// The case with bounds for programs of a declared arithmetic; nil where that makes no difference.
  func held(to arithmetic: DeclaredArithmetic, _ profile: Profile) throws(OracleError) -> CorpusCase? {
    guard !arithmetic.isPlain else { return nil }
    let wide = try scales.widened(
      for: Operations.named(prompt.operation), prompt, profile, margins: description.margins, arithmetic: arithmetic,
      right: expected)
    guard wide != scales else { return nil }
    return CorpusCase(
      description: description, prompt: prompt, expected: expected, scales: wide, storage: arithmetic.storage)
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
      guard let item = try held(to: DeclaredArithmetic(convolutions: method), profile) else { continue }
      if !item.compare(answers, profile: profile).contains(where: { $0.verdict == .fail }) { fitting.append(method) }
    }
    return fitting
  }
}
