import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Batch loss (L_cp, and L_AUG on embeddings)")
struct BatchLossTests {
  // Rows e1, e2, e1, e2 at τ = 1: every row sees its partner at cosine 1 and two others at 0, Z = e + 2.
  // l = −log(e / Z) − 2 log(1 − 1/Z) = 3 log(e + 2) − 1 − 2 log(e + 1) = 1.0278107667597065, with four roundings near 3 log 4.7
  @Test func workedExampleOfOrthogonalPairs() {
    let rows = Tensor<Double>(rows: [[1, 0], [0, 1], [1, 0], [0, 1]])
    let e = Double.exp(1)
    let expected = 3 * Double.log(e + 2) - 1 - 2 * Double.log(e + 1)
    expectClose(BatchLoss(temperature: 1).evaluate(rows).loss, expected, tolerance: 4e-15)
    expectClose(BatchLoss(temperature: 1, reduction: .sum).evaluate(rows).loss, 4 * expected, tolerance: 4e-15)
    // With m = 2: Z = e + 4, l = −log(e / Z) − 2 · 2 log(1 − 1/Z).
    let weighted = 5 * Double.log(e + 4) - 1 - 4 * Double.log(e + 3)
    expectClose(BatchLoss(temperature: 1, negativeWeight: 2).evaluate(rows).loss, weighted, tolerance: 4e-15)
    // Eq. 10-11: positives −log(e / (e + 1)), negatives −log(1 − 1/(e + 1)): twice log(e + 1) − 1 an image.
    let paper = BatchLoss<Double>(temperature: 1, denominator: .paper).evaluate(rows)
    expectClose(paper.loss, 2 * (Double.log(e + 1) - 1), tolerance: 4e-15)
  }

  @Test(arguments: [false, true], [BatchLoss<Double>.Denominator.released])
  func invariantHalvesAndRotations(stops: Bool, denominator: BatchLoss<Double>.Denominator) {
    let loss = BatchLoss<Double>(temperature: 0.3, stopsGradient: stops, denominator: denominator)
    let rows = unit(.random([8, 3], seed: 1))
    let swapped = loss.evaluate(rows.rows(Array(4..<8) + Array(0..<4)))
    let straight = loss.evaluate(rows)
    expectClose(swapped.loss, straight.loss, tolerance: 1e-14)
    expectClose(swapped.rowsGradient.rows([4, 5, 6, 7, 0, 1, 2, 3]), straight.rowsGradient, tolerance: 1e-13)
    let (cosine, sine) = (0.6, 0.8)
    let rotation = Tensor<Double>(rows: [[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])
    let rotated = loss.evaluate(rows.multiplied(by: rotation))
    expectClose(rotated.loss, straight.loss, tolerance: 1e-14)
    expectClose(rotated.rowsGradient, straight.rowsGradient.multiplied(by: rotation), tolerance: 1e-13)
  }

  @Test(arguments: BatchLoss<Float>.Denominator.allCases)
  func invariantOneImageHasNoLoss(denominator: BatchLoss<Float>.Denominator) {
    let evaluation = BatchLoss<Float>(denominator: denominator).evaluate(Tensor(rows: [[1, 0], [0, 1]]))
    #expect(evaluation.loss == 0)
    #expect(evaluation.rowsGradient.values.allSatisfy { $0 == 0 })
  }

  // A negative equal to the query, and the partner opposite, at τ = 0.01: for three of the four rows' structure Q → 1
  // to 1 − e^−200, far beyond Float, and −log(1 − Q) = 200 must appear instead of infinity.
  @Test func invariantSureMistakesStayFinite() {
    let rows = Tensor<Float>(rows: [[1, 0], [1, 0], [-1, 0], [-1, 0]])
    for stops in [true, false] {
      let evaluation = BatchLoss<Float>(temperature: 0.01, stopsGradient: stops).evaluate(rows)
      // Each row: −log P = 200 + log(1 + …) → 200; −log(1 − Q) of the twin: 200 − log 2; the other negative: e^−200.
      expectClose(evaluation.loss, 400 - 0.6931471805599453, tolerance: 1e-6, relative: true)
      #expect(evaluation.rowsGradient.values.allSatisfy { $0.isFinite })
    }
    let weighted = BatchLoss<Float>(temperature: 0.01, negativeWeight: 3).evaluate(rows)
    #expect(weighted.loss.isFinite && weighted.rowsGradient.values.allSatisfy { $0.isFinite })
  }

  static let cases: [(temperature: Double, weight: Double)] = [
    (1, 1), (0.5, 1), (0.1, 1), (0.05, 1), (0.2, 1.5), (0.2, 3),
  ]

  // The full gradient is the derivative of the loss.
  @Test(arguments: cases)
  func gradientsInFull(temperature: Double, weight: Double) {
    let rows = unit(.random([8, 4], seed: 2))
    let loss = BatchLoss<Double>(temperature: temperature, negativeWeight: weight, stopsGradient: false)
    // The step is in units of τ, in which the loss bends.
    let check = DirectionalDifference(
      at: rows, gradient: loss.evaluate(rows).rowsGradient, step: 1e-5 * temperature
    ) { loss.evaluate($0).loss }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  // The one-sided gradient is the derivative in the queries with the keys held: cosines x·keysᵀ, pulled back by the keys.
  @Test(arguments: cases, BatchLoss<Double>.Denominator.allCases)
  func gradientsOfOneSide(
    _ constants: (temperature: Double, weight: Double), denominator: BatchLoss<Double>.Denominator
  ) {
    let keys = unit(.random([8, 4], seed: 3))
    let loss = BatchLoss<Double>(
      temperature: constants.temperature, negativeWeight: denominator == .paper ? 1 : constants.weight,
      denominator: denominator)
    let check = DirectionalDifference(
      at: keys, gradient: loss.evaluate(keys).rowsGradient, step: 1e-5 * constants.temperature
    ) {
      loss.evaluate(cosines: $0.multiplied(by: keys, otherTransposed: true)).loss
    }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  // Where a negative's probability is above one half, the giant of BatchLossRow: the twin of row 0 is row 1.
  @Test(arguments: [1, 1.5, 3], [true, false])
  func gradientsBesideAGiant(weight: Double, stops: Bool) {
    let rows = Tensor<Double>(rows: [[1, 0, 0], [0.9, 0.3, 0.1], [-0.2, 0.8, 0.4], [0.1, -0.3, 0.9]])
    let loss = BatchLoss<Double>(temperature: 0.1, negativeWeight: weight, stopsGradient: stops)
    let check = DirectionalDifference(at: rows, gradient: loss.evaluate(rows).rowsGradient, step: 1e-6) {
      loss.evaluate(cosines: $0.multiplied(by: stops ? rows : $0, otherTransposed: true)).loss
    }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  @Test(arguments: ["1.0", "0.5", "0.1", "0.05", "0.01"])
  func goldenTemperatures(name: String) throws {
    try goldenTemperature(name, Double.self)
    try goldenTemperature(name, Float.self)
  }

  private func goldenTemperature<Scalar: RealScalar>(_ name: String, _ type: Scalar.Type) throws {
    let golden = try GoldenValues()
    let rows: Tensor<Scalar> = try golden.matrix("B_cp", "X").converted()
    let temperature = try #require(Double(name))
    let expected = try golden.number("B_cp", "tau_\(name)", "L")
    for (stops, key) in [(true, "grad_one_sided"), (false, "grad_full")] {
      let loss = BatchLoss<Scalar>(temperature: Scalar(temperature), stopsGradient: stops)
      let evaluation = loss.evaluate(rows)
      expectClose(evaluation.loss, expected, tolerance: lossTolerance(type, temperature: temperature, columns: 8))
      // The file's gradients at this temperature have lost their digits: goldenWitness has better ones.
      if name == "0.01" { continue }
      expectClose(
        evaluation.rowsGradient, try golden.matrix("B_cp", "tau_\(name)", key),
        tolerance: lossTolerance(type, temperature: temperature, columns: 8, gradient: true))
    }
  }

  @Test(arguments: ["0.5", "0.1"]) func goldenEquationsTenAndEleven(name: String) throws {
    let golden = try GoldenValues()
    let loss = BatchLoss<Double>(temperature: try #require(Double(name)), denominator: .paper, reduction: .sum)
    expectClose(
      loss.evaluate(try golden.matrix("B_cp", "X")).loss, try golden.number("B_cp", "paper_eq10_11_sum_tau\(name)"),
      tolerance: 1e-12)
  }

  // The file's tiny values are good to 1e-14. Float holds them to 1e-4 of themselves because no 1 − Q is formed by
  // subtraction: a similarity near 10 is off by 10 eps, which is relative to e^s.
  @Test func goldenExtremes() throws {
    let (golden, exact) = (try GoldenValues(), try GoldenValues("losses.json"))
    let orthogonal: [[Double]] = [[1, 0], [0, 1], [1, 0], [0, 1]]
    let antipodal: [[Double]] = [[1], [-1], [1], [-1]]
    let identical = [[Double]](repeating: [0.6, 0.8], count: 256)
    for (rows, name) in [
      (orthogonal, "orthogonal_pairs_tau0.1"), (antipodal, "antipodal_pairs_tau0.1"),
      (Array(identical.prefix(4)), "all_identical_n4"), (identical, "all_identical_n256"),
    ] {
      let expected = try golden.number("B_cp", name)
      expectClose(BatchLoss<Double>().evaluate(Tensor(rows: rows)).loss, expected, tolerance: 1e-14)
      expectClose(
        BatchLoss<Float>().evaluate(Tensor(rows: rows).converted()).loss, expected, tolerance: 1e-4, relative: true)
    }
    for (rows, name) in [(orthogonal, "orthogonal"), (antipodal, "antipodal")] {
      let loss = BatchLoss<Double>().evaluate(Tensor(rows: rows)).loss
      expectClose(loss, try exact.number("batch", name), tolerance: 1e-13, relative: true)
    }
  }

  @Test(arguments: ["m1", "m1.5", "m3", "paper", "tau0.1", "tau0.01"], [true, false])
  func goldenWitness(name: String, stops: Bool) throws {
    let golden = try GoldenValues("losses.json")
    let loss = BatchLoss<Double>(
      temperature: try golden.number("batch", name, "temperature"),
      negativeWeight: try golden.number("batch", name, "weight"), stopsGradient: stops,
      denominator: name == "paper" ? .paper : .released)
    let evaluation = loss.evaluate(try golden.matrix("batch", "rows"))
    expectClose(evaluation.loss, try golden.number("batch", name, "loss"), tolerance: 1e-12)
    expectClose(
      evaluation.rowsGradient, try golden.matrix("batch", name, stops ? "oneSided" : "full"), tolerance: 1e-12)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = BatchLoss<Float>(temperature: 0) }
    await #expect(processExitsWith: .failure) { _ = BatchLoss<Float>(negativeWeight: 0.5) }
    await #expect(processExitsWith: .failure) { _ = BatchLoss<Float>(negativeWeight: 2, denominator: .paper) }
    await #expect(processExitsWith: .failure) { _ = BatchLoss<Float>().evaluate(Tensor(shape: [3, 2])) }
  }
}

/// Rows over their lengths.
func unit(_ rows: Tensor<Double>) -> Tensor<Double> {
  let columns = rows.columns
  let lengths = dotProductsOfRows(rows.values, rows.values, columns: columns).map { $0.squareRoot() }
  return Tensor(shape: rows.shape, values: rows.values.enumerated().map { $1 / lengths[$0 / columns] })
}
