import Files
import Kernels
import Networks
import Testing
import TwoStage

@testable import Oracle

@Suite("Numbers that track their rounding errors")
struct TrackedNumberTests {
  private func scale(_ number: TrackedNumber, _ n: Int = 1) -> Double {
    TrackedNumber.scale(of: [number], shape: [], longestSum: n).values.values[0]
  }

  // 3 · 5 rounds by up to 15; adding −15 exactly cancels the value, not the error, and rounds nothing. 15 / 4 inherits 15 / 4
  // and rounds by as much.
  @Test func workedExampleOfFourOperations() {
    let product = TrackedNumber(exact: 3) * TrackedNumber(exact: 5)
    #expect(product.value == 15 && product.roundings.worst == 15)
    let rest = product + TrackedNumber(exact: -15)
    #expect(rest.value == 0 && rest.roundings.worst == 15)
    let quotient = product / TrackedNumber(exact: 4)
    #expect(quotient.value == 3.75 && quotient.roundings.worst == 7.5)
    #expect(scale(quotient) == 7.5)
    #expect(product.squareRoot.roundings.worst == 15 / (2 * 15.0.squareRoot()) + 15.0.squareRoot())
  }

  // The error of x cancels in (x + y) − x: by intervals it does not, in the lanes it does.
  @Test func workedExampleOfCancellation() {
    let x = TrackedNumber(rounded: 1e6)
    let y = TrackedNumber(exact: 1)
    let rest = x.scaledExactly(by: 2) - x - x + y
    #expect(rest.roundings.worst == 4e6 + 1e6 + 1)
    #expect(scale(TrackedNumber.sum([x, -x, y])) < 4e7)
    #expect((x - x).roundings.deviation.meanSquare == 0)
  }

  // n roundings in a sum: the interval counts n of them, the lanes √n; the bound is the smaller one.
  @Test func workedExampleOfLongSums() {
    let terms = (0..<100).map { TrackedNumber(exact: 1, index: $0) }
    let found = TrackedNumber.scale(of: [TrackedNumber.sum(terms)], shape: [], longestSum: 100)
    #expect(found.terms == 10)
    #expect(Double(found.terms) * found.values.values[0] == 10 * 8 * 100)
  }

  // What any Float evaluation of a random expression is off by stays below the scale, in the given order and in others.
  @Test func invariantFloatExpressionsStayInside() {
    var stream = RandomStream(seed: 81, purpose: .test)
    for _ in 0..<500 {
      let x = (0..<9).map { _ in Float(stream.normal()) }
      let y = (0..<9).map { _ in Float(stream.normal()) }
      let order = stream.permutation(of: 9)
      func tracked(_ values: [Float]) -> [TrackedNumber] {
        values.enumerated().map { TrackedNumber(exact: Double($1), index: $0) }
      }
      let exact = TrackedNumber.exp(
        TrackedNumber.dot(tracked(x), tracked(y)) / TrackedNumber(rounded: 0.7) - TrackedNumber.logSumExp(tracked(y)))
      var (dot, sum) = (Float(0), Float(0))
      for i in order {
        dot += x[i] * y[i]
        sum += Float.exp(y[i])
      }
      let found = Float.exp(dot / 0.7 - Float.log(sum))
      let bound = TrackedNumber.scale(of: [exact], shape: [], longestSum: 9)
      let distance = abs(Double(found) - exact.value)
      #expect(distance <= Double(bound.terms) * 0x1p-24 * bound.values.values[0])
    }
  }

  // 3 · 5 of a matrix product moves by 15 v for each factor; a quotient by 4 inherits a quarter. A dot product that is none has no
  // factors to round.
  @Test func workedExampleOfRoundedFactors() {
    let (x, y) = ([TrackedNumber(exact: 3)], [TrackedNumber(exact: 5)])
    let product = TrackedNumber.dot(x, y, rounding: .ofMatrices)
    #expect(product.factors.worst == 30 && product.roundings.worst == 15)
    #expect((product / TrackedNumber(exact: 4)).factors.worst == 7.5)
    #expect(TrackedNumber.dot(x, y).factors.worst == 0)
    // One factor has one rounding wherever it stands: it cancels here.
    let one = [TrackedNumber(exact: 1, index: 1)]
    let (first, second) = (
      TrackedNumber.dot(x, one, rounding: .ofMatrices), TrackedNumber.dot(x, one, rounding: .ofMatrices)
    )
    #expect((first - second).factors.deviation.meanSquare == 0)
  }

  // Legal programs stay inside: the softmax of a product whose factors were rounded to 11 or 8 bits, and its gradient's product.
  @Test(arguments: [(Profile.tf32, ReducedPrecision.tf32), (.bfloat16, .bfloat16)])
  func invariantRoundedFactorsStayInside(profile: Profile, format: ReducedPrecision) {
    var largest = 0.0
    for seed in 0..<60 as Range<UInt32> {
      var stream = RandomStream(seed: seed, purpose: .test)
      let values = (0..<2).map { _ in (0..<12).map { _ in stream.normal() / 2 } }
      let (v, m) = (Tensor(shape: [3, 4], values: values[0]), Tensor(shape: [3, 4], values: values[1]))
      func rounded(_ tensor: Tensor<Double>) -> Tensor<Double> {
        Tensor(shape: tensor.shape, values: tensor.values.map(format.rounded))
      }
      let p = Tensor<Double>(
        shape: [3, 3],
        values: softmaxOfRows(rounded(v).multiplied(by: rounded(m), otherTransposed: true).values, columns: 3))
      let found = rounded(p).multiplied(by: rounded(m))
      let z = TrackedMatrix(exact: v).multiplied(byTransposed: TrackedMatrix(exact: m))
      let q = TrackedMatrix(
        rows: 3, columns: 3,
        values: (0..<3).flatMap { a in z.row(a).map { TrackedNumber.exp($0 - TrackedNumber.logSumExp(z.row(a))) } })
      let exact = q.multiplied(by: TrackedMatrix(exact: m))
      let scale = exact.scale(longestSum: 4)
      for i in exact.values.indices {
        let bound = profile.factorRounding * (scale.factors?.values[i] ?? 0)
        largest = max(largest, abs(found.values[i] - exact.values[i].value) / bound)
      }
    }
    #expect(largest <= 1 && largest > 0.1, "\(largest)")
  }

  // Two ways to one number: the tracked formulas find what the package's losses find.
  @Test func invariantTrackedLossesAreTheLosses() throws {
    var met = 0
    for casePrompt in try corpusPrompts(in: "loss", "edge") {
      let (prompt, right) = (casePrompt.prompt, try casePrompt.answer(as: Double.self))
      guard let found = try tracked(prompt) else { continue }
      guard case .real(let loss)? = right["loss"], case .real(let gradient)? = right[found.name] else { continue }
      // Both err by at most n roundings of the interval, and no case has a sum of more than 37 terms.
      for (value, expected) in zip([found.loss] + found.gradient.values, loss.values + gradient.values) {
        #expect(abs(value.value - expected) <= 2 * 37 * 0x1p-53 * value.roundings.worst, "\(casePrompt.slug)")
      }
      met += 1
    }
    #expect(met >= 60)
  }

  /// The loss of a prompt and one gradient with its name.
  private func tracked(_ prompt: Prompt) throws -> (loss: TrackedNumber, gradient: TrackedMatrix, name: String)? {
    let reader = NetworkPrompt(prompt: prompt)
    switch prompt.operation {
    case "batch-loss":
      let loss = try reader.batchLoss(as: Double.self).tracked(TrackedMatrix(exact: try reader.views("rows")))
      return (loss.loss, loss.gradient, "rows.gradient")
    case "relation-loss":
      let loss = RelationLoss(batchLoss: try reader.batchLoss(as: Double.self)).tracked(
        embeddings: TrackedMatrix(exact: try reader.views("embeddings")),
        bank: TrackedMatrix(exact: try reader.matrix("bank")))
      return (loss.loss, loss.gradient, "embeddings.gradient")
    case "mutual-information":
      let loss = try reader.mutualInformation(as: Double.self).tracked(
        first: TrackedMatrix(exact: try reader.matrix("first")),
        second: TrackedMatrix(exact: try reader.matrix("second")))
      return (loss.loss, loss.firstGradient, "first.gradient")
    case "unification-entropy":
      let loss = try reader.unificationEntropy(as: Double.self).tracked(
        TrackedMatrix(exact: try reader.matrix("logits")), images: try prompt.integers("images"))
      return (loss.loss, loss.gradient, "logits.gradient")
    case "instance-neighbourhood":
      let logits: Tensor<Double> = try reader.matrix("logits")
      let loss = InstanceNeighbourhoodLoss<Double>(
        reduction: try prompt.choice(.reduction)
      ).tracked(
        TrackedMatrix(exact: logits), images: try prompt.integers("images"),
        neighbourhoods: try reader.neighbourhoods(images: logits.columns))
      return (loss.loss, loss.gradient, "logits.gradient")
    default: return nil
    }
  }
}
