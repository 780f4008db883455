import Files
import Kernels
import Networks
import Testing

@testable import Oracle

/// Where first-order bounds end: numbers at the ends of the range, constant channels, ties nearer than a rounding.
@Suite("Bounds at the ends of the range")
struct RangeTests {
  // Six values of 0.1, whose sum PyTorch rounds: its mean is one unit in the last place off, its variance that unit's square, and
  // either is as right as the exact 0. The bound: the mean may err by f M, f = 4 γ₃ and M = (2 + 2) · 0.1, the variance by its square:
  // (f M)² n / (n − 1) momentum = (5.3e-16)² · 1.2 · 0.1 = 3.4e-32.
  @Test(arguments: [(0.0, true), (2.311115933264683e-35, true), (3e-32, true), (4e-32, false)])
  func workedExampleOfAConstantChannel(variance: Double, passes: Bool) throws {
    var prompt = Prompt(operation: "batch-norm", inputs: [:])
    prompt.inputs["x"] = .real(Tensor<Double>(shape: [1, 1, 2, 3], repeating: 0.1))
    prompt.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [1, 1, 2, 3], repeating: 1))
    for name in ["bias", "runningMean", "runningVariance"] { prompt.inputs[name] = .real(Tensor<Double>(shape: [1])) }
    prompt.inputs["weight"] = .real(Tensor<Double>(shape: [1], repeating: 1))
    let report = try judged(prompt) { answers in
      answers["runningVariance.new"] = .real(Tensor<Double>(shape: [1], values: [variance]))
      answers["y"] = .real(Tensor<Double>(shape: [1, 1, 2, 3]))
      answers["weight.gradient"] = .real(Tensor<Double>(shape: [1]))
    }
    #expect((report.verdict == .ok) == passes, "\(report)")
  }

  // In Float a mean that is one unit of 0.1, 7.5e-9, off leaves 5.6e-17; with f = γ₃ and momentum 1 the bound is
  // (1.8e-7 · 0.4)² · 1.2 = 6.1e-15.
  @Test(arguments: [(5.6e-17, true), (5e-15, true), (7e-15, false)])
  func workedExampleOfAConstantChannelInFloat(variance: Double, passes: Bool) throws {
    var prompt = Prompt(operation: "batch-norm", parameters: ["momentum": .number(1)], inputs: [:])
    prompt.inputs["x"] = .real(Tensor<Double>(shape: [1, 1, 2, 3], repeating: Double(Float(0.1))))
    prompt.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [1, 1, 2, 3], repeating: 1))
    for name in ["bias", "runningMean", "runningVariance"] { prompt.inputs[name] = .real(Tensor<Double>(shape: [1])) }
    prompt.inputs["weight"] = .real(Tensor<Double>(shape: [1], repeating: 1))
    let report = try judged(prompt, profile: .float32) {
      $0["runningVariance.new"] = .real(Tensor<Double>(shape: [1], values: [variance]))
    }
    #expect((report.verdict == .ok) == passes, "\(report)")
  }

  // x = ±1e160 and 0: v = 2/3 · 1e320 is beyond Double, y = ±√(3/2) is not; nor is the running variance where its momentum is 0.
  @Test func workedExampleOfHugeBatchNorm() throws {
    let x = Tensor(shape: [1, 1, 1, 3], values: [1e160, -1e160, 0])
    var prompt = Prompt(operation: "batch-norm", parameters: ["momentum": .number(0)], inputs: ["x": .real(x)])
    prompt.inputs["y.cotangent"] = .real(Tensor<Double>(shape: x.shape, values: [1, 0, 0]))
    for name in ["bias", "runningMean"] { prompt.inputs[name] = .real(Tensor<Double>(shape: [1])) }
    for name in ["weight", "runningVariance"] { prompt.inputs[name] = .real(Tensor<Double>(shape: [1], repeating: 1)) }
    let y: Tensor<Double> = try Question(prompt).output("y")
    #expect(abs(y.values[0] - 1.224744871391589) < 1e-15 && y.values[1] == -y.values[0] && y.values[2] == 0)
    // a (g − 1/3 − x̂ (x̂·g) / 3) with a = √(3/2) · 1e-160, x̂·g = √(3/2): (1 − 1/3 − 1/2, −1/3 + 1/2, −1/3).
    let gradient: Tensor<Double> = try Question(prompt).output("x.gradient")
    for (found, share) in zip(gradient.values, [1.0 / 6, 1.0 / 6, -1.0 / 3]) {
      #expect(abs(found / 1e-160 - 1.224744871391589 * share) < 1e-15)
    }
    #expect(try judged(prompt) { _ in }.verdict == .ok)
    #expect(
      try judged(prompt) { $0["y"] = .real(Tensor<Double>(shape: x.shape, values: [1.2247448713916, -1.22, 0])) }
        .verdict == .fail)
  }

  // 1e154 · 1e154: the magnitude of the product is at the end of the range, and twice that would be beyond.
  @Test(arguments: [(1e308, true), (1e308 * (1 - 1e-14), false), (1e307, false)])
  func workedExampleOfAHugeProduct(answer: Double, passes: Bool) throws {
    let prompt = Prompt(
      operation: "matrix-product", inputs: ["a": number(1e154), "b": number(1e154), "y.cotangent": number(1)])
    let report = try judged(prompt) { $0["y"] = number(answer) }
    #expect((report.verdict == .ok) == passes, "\(report)")
  }

  // Two products that each have a magnitude of 1e308, and a sum of 0: the sum of magnitudes is infinite, and no bound is.
  @Test func workedExampleOfAnInfiniteSumOfMagnitudes() throws {
    let prompt = Prompt(
      operation: "matrix-product",
      inputs: [
        "a": .rows([[1e154, 1e154]]), "b": .rows([[1e154], [-1e154]]), "y.cotangent": number(1),
      ])
    #expect(try judged(prompt) { _ in }.verdict == .ok)
    #expect(try judged(prompt) { $0["y"] = number(1e300) }.verdict == .fail)
  }

  // Logits of ±1e308: 0 and 1, exactly; a wrong probability is not hidden by the size of the logits.
  @Test func workedExampleOfHugeLogits() throws {
    let prompt = Prompt(
      operation: "softmax-of-rows", inputs: ["x": .rows([[1e308, -1e308, 0]]), "y.cotangent": .rows([[1, 2, 3]])])
    #expect(try judged(prompt) { _ in }.verdict == .ok)
    #expect(try judged(prompt) { $0["y"] = .rows([[1, 0.1, 0]]) }.verdict == .fail)
  }

  // 1 + 1e-9 and 1 are one Float: which row is nearer is undecided there, and decided in Double. Equal rows are decided always.
  @Test func workedExampleOfANearTie() throws {
    func swapped(_ second: Double, _ profile: Profile) throws -> Verdict {
      let rows = [[1, 1e-4], [1, 0], [1, second]].map { $0.map { Double(Float($0)) } }
      let prompt = Prompt(
        operation: "nearest-rows", parameters: ["k": .integer(1)],
        inputs: ["rows": .rows(rows), "queries": .integers([0], shape: [1])])
      let right: [Int] = second > 0 ? [2] : [1]
      #expect(try Question(prompt).right["neighbours"] == .integers(right, shape: [1, 1]))
      return try judged(prompt, profile: profile) { $0["neighbours"] = .integers([3 - right[0]], shape: [1, 1]) }
        .verdict
    }
    #expect(try swapped(1e-5, .float32) == .undecided)
    #expect(try swapped(1e-5, .float64) == .fail)
    #expect(try swapped(0.1, .float32) == .fail)
    #expect(try swapped(0, .float32) == .fail)
  }

  // The same for whatever else compares: votes, similarities, the points and the seeds of k-means.
  @Test(arguments: ["weighted-neighbours", "vote-scores", "neighbour-similarities", "k-means"])
  func workedExampleOfOtherNearTies(operation: String) throws {
    func verdict(_ gap: Double, _ profile: Profile) throws -> Verdict {
      let other = gap < 0.1 ? 1 : 0.5
      let rows = TensorValue.rows([[1, 1e-4], [other, 0], [1, gap], [-1, 0]].map { $0.map { Double(Float($0)) } })
      var prompt = Prompt(operation: operation, parameters: ["k": .integer(1)], inputs: ["rows": rows])
      var wrong = "neighbours"
      switch operation {
      case "neighbour-similarities": prompt.inputs["queries"] = .integers([0], shape: [1])
      case "k-means":
        // The midpoint of the centroids, and a point that is nearer to the second by `gap`.
        prompt = Prompt(
          operation: operation,
          inputs: [
            "points": .rows([[0], [2], [1 + Double(Float(gap))]]), "centroids": .rows([[0], [2]]),
          ])
        prompt.parameters["maximumIterations"] = .integer(1)
        wrong = "assignments"
      default:
        prompt.inputs = ["features": rows, "queries": .rows([[1, Double(Float(1e-4))]])]
        prompt.inputs["labels"] = .integers([0, 1, 2, 3], shape: [4])
        prompt.parameters["k"] = .integer(2)
        if operation == "weighted-neighbours" { wrong = "predictions" }
      }
      return try judged(prompt, profile: profile) { answers in
        guard case .integers(var indices, let shape)? = answers[wrong] else { return }
        indices[indices.count - 1] = indices[indices.count - 1] == 1 ? 2 : 1
        if operation == "k-means" { indices[indices.count - 1] = 0 }
        answers[wrong] = .integers(indices, shape: shape)
      }.verdict
    }
    let near = operation == "k-means" ? 1e-7 : 1e-5
    #expect(try verdict(near, .float32) == .undecided)
    #expect(try verdict(near, .float64) == .fail)
    #expect(try verdict(0.5, .float32) == .fail)
  }

  private func number(_ value: Double) -> TensorValue { .rows([[value]]) }

  private func judged(
    _ prompt: Prompt, profile: Profile = .float64, _ change: (inout [String: TensorValue]) -> Void
  ) throws -> CaseReport { try reportOnAnswers(to: prompt, profile, change) }
}
