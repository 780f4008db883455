import Kernels
import Networks
import Oracle
import TestSupport
import Testing

/// The cases that ask the operations of the area "op", in that area and in "edge".
func layerPrompts() throws -> [CasePrompt] {
  try corpusPrompts(in: "op", "edge").filter { try Operations.named($0.prompt.operation).area == "op" }
}

@Suite("Operations of the area op")
struct LayerOperationsTests {
  @Test func floatStaysInsideItsBound() throws {
    for casePrompt in try layerPrompts() {
      let (ratio, name) = worstRatio(
        try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self), try casePrompt.scales())
      #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
    }
  }

  @Test func invariantCasesAreManyDistinctAndAwayFromKinks() throws {
    let all = try layerPrompts()
    #expect(Set(all.map { $0.id }).count == all.count)
    let edges = all.count { $0.area == "edge" }
    #expect(all.count - edges >= 110)
    #expect(edges >= 30)
    let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789-")
    for casePrompt in all {
      #expect(letters.isSuperset(of: casePrompt.slug), "\(casePrompt.slug)")
      let margins = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)
      #expect(margins.values.allSatisfy { $0 >= 1e-3 }, "\(casePrompt.slug): \(margins)")
      for (name, value) in try casePrompt.answer(as: Double.self) {
        guard case .real(let tensor) = value else { continue }
        #expect(tensor.values.allSatisfy { $0.isFinite }, "\(casePrompt.slug) \(name)")
      }
    }
  }

  /// Tensors of which mathematics leaves nothing but rounding errors: a batch norm of two values makes them −1 and 1
  /// whatever they were, and at equal logits the entropy is largest.
  private static let cancelled = ["batch-norm-two-values x.gradient", "entropy-equal-logits x.gradient"]

  // One element alone, wrong by a hundredth of itself or of the wrong sign, is ten bounds away or more: no bound hides
  // behind the others. An element below a quarter of the tensor's largest is negligible: where terms cancel, its
  // rounding errors are measured against the terms, and no bound that admits them can see a hundredth of what is left.
  @Test func wrongByAHundredthIsFarOutsideElementByElement() throws {
    for casePrompt in try layerPrompts() {
      let scales = try casePrompt.scales()
      for (name, value) in try casePrompt.answer(as: Double.self)
      where !Self.cancelled.contains("\(casePrompt.slug) \(name)") {
        guard case .real(let tensor) = value, let scale = scales[name] else { continue }
        let largest = tensor.values.reduce(0) { max($0, abs($1)) }
        for (i, v) in tensor.values.enumerated() where abs(v) >= largest / 4 && largest > 0 {
          let bound = Double(scale.terms) * (0x1p-24 + 0x1p-53) * scale.values.values[i]
          #expect(0.01 * abs(v) >= 10 * bound, "\(casePrompt.slug) \(name)[\(i)]: \(0.01 * abs(v) / bound)")
        }
      }
    }
  }

  // ⟨gradient, direction⟩ against a central difference of ⟨cotangent, y⟩ along it; the step is a share of the input's
  // own size.
  @Test func gradientsOfEveryInput() throws {
    for casePrompt in try layerPrompts() where casePrompt.prompt.inputs["y.cotangent"] != nil {
      // At a kink, and for the defined gradient of a zero row, there is no derivative to compare with.
      if ["relu-at-zero", "relu-sum-of-opposites", "l2-normalisation-zero-row"].contains(casePrompt.slug) { continue }
      let operation = try Operations.named(casePrompt.prompt.operation)
      let cotangent: Tensor<Double> = try casePrompt.prompt.tensor("y.cotangent")
      for (name, value) in try casePrompt.answer(as: Double.self) where name.hasSuffix(".gradient") {
        let input = String(name.dropLast(9))
        let point: Tensor<Double> = try casePrompt.prompt.tensor(input)
        guard case .real(let gradient) = value else { continue }
        let size = max(0x1p-100, point.values.reduce(0) { $0 + abs($1) } / Double(point.count))
        let check = try DirectionalDifference(at: point, gradient: gradient, step: Self.step(casePrompt, size: size)) {
          moved in
          var prompt = casePrompt.prompt
          prompt.inputs[input] = .real(moved)
          guard case .real(let y)? = try? operation.answer(prompt, as: Double.self)["y"] else { return .nan }
          return y.inner(cotangent)
        }
        #expect(check.relativeDistance < Self.tolerance(casePrompt), "\(casePrompt.slug) \(name): \(check)")
      }
    }
  }

  /// 1e-5 of the input's size; 1e-5 itself for logits, of which only differences matter; less where the variance is far
  /// below ε, for there sqrt ε = 3e-3 is the size that matters.
  private static func step(_ casePrompt: CasePrompt, size: Double) throws -> Double {
    if casePrompt.prompt.operation.hasSuffix("-of-rows") { return 1e-5 }
    return ["batch-norm-tiny-variance", "batch-norm-constant-channels"].contains(casePrompt.slug) ? 1e-7 : 1e-5 * size
  }

  /// Truncation and rounding are below 1e-7 where numbers are near 1; large means and logits cost a few digits.
  private static func tolerance(_ casePrompt: CasePrompt) -> Double { casePrompt.area == "op" ? 1e-7 : 1e-5 }
}
