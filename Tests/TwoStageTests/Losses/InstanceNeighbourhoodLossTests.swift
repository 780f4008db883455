import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Instance neighbourhood (L_AND)")
struct InstanceNeighbourhoodLossTests {
  // Logits log 1, log 2, log 5 give probabilities 1/8, 1/4, 5/8. Row 0, image 0 with neighbour 1: q = 3/8. Row 1, image 2
  // alone: q = 5/8. L = (log 8/3 + log 8/5) / 2 = log(64/15) / 2.
  // Gradient of row 0, halved for two rows: 1/8 − (1/8)/(3/8) = −5/24, 1/4 − 2/3 = −5/12, 5/8; of row 1: 1/8, 1/4, −3/8.
  @Test func workedExampleOfThreeImages() {
    let logits = Tensor<Double>(rows: [[1, 2, 5], [1, 2, 5]].map { $0.map(Double.log) })
    let neighbourhoods = Neighbourhoods(imageCount: 3, anchors: [0], neighbours: [[1]])
    let evaluation = InstanceNeighbourhoodLoss().evaluate(
      logits: logits, images: [0, 2], neighbourhoods: neighbourhoods)
    expectClose(evaluation.loss, Double.log(64.0 / 15) / 2, tolerance: 1e-15)
    let gradient = [-5.0 / 48, -5.0 / 24, 5.0 / 16, 1.0 / 16, 1.0 / 8, -3.0 / 16]
    expectClose(evaluation.logitsGradient, Tensor(shape: [2, 3], values: gradient), tolerance: 1e-15)
    let sum = InstanceNeighbourhoodLoss<Double>(reduction: .sum).evaluate(
      logits: logits, images: [0, 2], neighbourhoods: neighbourhoods)
    expectClose(sum.loss, Double.log(64.0 / 15), tolerance: 1e-15)
  }

  // Only differences count, whatever the size c of the logits. With c + 20, c + 10, c and
  // image 1 in both rows, −log q = log(e^10 + 1 + e^−10).
  @Test(arguments: [0, 100, 1000, -30_000]) func workedExampleOfLargeLogits(size: Double) {
    let logits = Tensor(rows: [[size + 20, size + 10, size], [size + 20, size + 10, size]])
    func evaluation<Scalar: RealScalar>(_: Scalar.Type) -> InstanceNeighbourhoodLoss<Scalar>.Evaluation {
      InstanceNeighbourhoodLoss(reduction: .sum).evaluate(
        logits: logits.converted(to: Scalar.self), images: [1, 1], neighbourhoods: .instances(imageCount: 3))
    }
    // Twice that, for two rows; in Double two units in the last place of 20, 2 · 3.6e-15, are allowed.
    let exact = 20.000090801920554
    #expect(abs(evaluation(Double.self).loss - exact) < 8e-15)
    #expect(evaluation(Float.self).loss == Float(exact))
  }

  @Test func invariantRowsOfTheGradientSumToZero() {
    let logits = Tensor<Double>.random([6, 9], seed: 1)
    let neighbourhoods = Neighbourhoods(imageCount: 9, anchors: [3, 5], neighbours: [[1, 2, 8], [3, 0, 1]])
    let gradient = InstanceNeighbourhoodLoss().evaluate(
      logits: logits, images: [3, 5, 0, 3, 5, 0], neighbourhoods: neighbourhoods
    ).logitsGradient
    for a in 0..<6 { #expect(abs(gradient.row(a).reduce(0, +)) < 1e-16) }
  }

  // More members, more probability.
  @Test func invariantNeighboursLowerTheLoss() throws {
    let fixture = try StageOneFixture<Double>()
    let alone = InstanceNeighbourhoodLoss().evaluate(
      fixture.distribution, neighbourhoods: .instances(imageCount: 12))
    let one = InstanceNeighbourhoodLoss().evaluate(fixture.distribution, neighbourhoods: try fixture.neighbourhoods(1))
    let two = InstanceNeighbourhoodLoss().evaluate(fixture.distribution, neighbourhoods: try fixture.neighbourhoods(2))
    #expect(one.loss < alone.loss)
    #expect(two.loss < one.loss)
  }

  @Test func invariantRepeatedNeighboursAndTheImageItselfCountOnce() {
    let logits = Tensor<Double>.random([2, 5], seed: 2)
    let plain = Neighbourhoods(imageCount: 5, anchors: [1], neighbours: [[4]])
    let repeated = Neighbourhoods(imageCount: 5, anchors: [1], neighbours: [[4, 1, 4]])
    let loss = InstanceNeighbourhoodLoss<Double>()
    #expect(
      loss.evaluate(logits: logits, images: [1, 1], neighbourhoods: plain).logitsGradient
        == loss.evaluate(logits: logits, images: [1, 1], neighbourhoods: repeated).logitsGradient)
  }

  // All images in S: q = 1. A bank of one image likewise.
  @Test func invariantNothingOutsideMeansNoLoss() {
    let all = Neighbourhoods(imageCount: 3, anchors: [0], neighbours: [[1, 2]])
    let evaluation = InstanceNeighbourhoodLoss().evaluate(
      logits: Tensor<Float>.random([1, 3], seed: 3), images: [0], neighbourhoods: all)
    #expect(evaluation.loss <= 2e-7)  // 1 − Σ p̃ may leave one rounding, not more
    let single = InstanceNeighbourhoodLoss().evaluate(
      logits: Tensor<Float>(rows: [[7]]), images: [0], neighbourhoods: .instances(imageCount: 1))
    #expect(single.loss == 0 && single.logitsGradient.values == [0])
  }

  // Logits ±200 (τ = 0.005): e^−400 is no Float, yet −log p = 400, and the gradient is (−1, +1).
  // Image 0's neighbour takes all but e⁻¹⁶ of the others: 1 − q is about 1e-6, and 1 − Σ p̃ would leave a digit of it. A
  // Float's exponent of 16 errs by 16 · 2⁻²⁴ at most, and with it 1 − q by that share; twice over with the sums.
  @Test func invariantAlmostCertainNeighboursKeepTheirDigits() {
    let logits = Tensor<Double>(rows: [[0.5, 16, -1, 1.25, 0.75]])
    let neighbourhoods = Neighbourhoods(imageCount: 5, anchors: [0], neighbours: [[1]])
    let exact = InstanceNeighbourhoodLoss().evaluate(logits: logits, images: [0], neighbourhoods: neighbourhoods)
    let found = InstanceNeighbourhoodLoss().evaluate(
      logits: logits.converted(to: Float.self), images: [0], neighbourhoods: neighbourhoods)
    expectClose(found.loss, exact.loss, tolerance: 32 * 0x1p-24, relative: true)
    for (value, expected) in zip(found.logitsGradient.values, exact.logitsGradient.values) {
      expectClose(value, expected, tolerance: 32 * 0x1p-24, relative: true)
    }
  }

  @Test func invariantSmallTemperaturesStayFinite() {
    let logits = Tensor<Float>(rows: [[-200, 200, -200]])
    let evaluation = InstanceNeighbourhoodLoss().evaluate(
      logits: logits, images: [0], neighbourhoods: .instances(imageCount: 3))
    #expect(evaluation.loss == 400)
    #expect(evaluation.logitsGradient.values == [-1, 1, 0])
    // The other end: p → 1, where −log p = log(1 + 2 e^−20) is 4.1e-9, far below the eps of 1.
    let sure = InstanceNeighbourhoodLoss().evaluate(
      logits: Tensor<Float>(rows: [[20, 0, 0]]), images: [0], neighbourhoods: .instances(imageCount: 3))
    expectClose(sure.loss, 4.1223072363799435e-09, tolerance: 1e-5, relative: true)
  }

  @Test(arguments: [Reduction.mean, .sum])
  func gradientsOfLogits(reduction: Reduction) {
    let logits = Tensor<Double>.random([6, 9], seed: 4)
    let neighbourhoods = Neighbourhoods(imageCount: 9, anchors: [3, 5], neighbours: [[1, 2], [3, 0]])
    let loss = InstanceNeighbourhoodLoss<Double>(reduction: reduction)
    func evaluate(_ logits: Tensor<Double>) -> InstanceNeighbourhoodLoss<Double>.Evaluation {
      loss.evaluate(logits: logits, images: [3, 5, 0, 3, 5, 0], neighbourhoods: neighbourhoods)
    }
    let check = DirectionalDifference(at: logits, gradient: evaluate(logits).logitsGradient) { evaluate($0).loss }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }

  @Test func goldenStageOne() throws {
    try goldenStageOne(Double.self)
    try goldenStageOne(Float.self)
  }

  private func goldenStageOne<Scalar: RealScalar>(_ type: Scalar.Type) throws {
    let fixture = try StageOneFixture<Scalar>()
    let golden = fixture.golden
    let loss = InstanceNeighbourhoodLoss<Scalar>()
    let evaluation = loss.evaluate(fixture.distribution, neighbourhoods: try fixture.neighbourhoods())
    let tolerance = lossTolerance(type, temperature: 0.5)
    expectClose(evaluation.loss, try golden.number("A_stage1", "L_and"), tolerance: tolerance)
    let alone = loss.evaluate(fixture.distribution, neighbourhoods: .instances(imageCount: 12))
    expectClose(alone.loss, try golden.number("A_stage1", "L_and_no_anchor"), tolerance: tolerance)
    expectClose(
      fixture.bank.embeddingsGradient(ofLogits: evaluation.logitsGradient),
      try golden.matrix("A_stage1", "dLand_dV"), tolerance: lossTolerance(type, temperature: 0.5, gradient: true))
  }

  @Test func goldenWitnessOfOverlappingNeighbourhoods() throws {
    let golden = try GoldenValues("losses.json")
    let evaluation = InstanceNeighbourhoodLoss<Double>().evaluate(
      logits: try golden.matrix("bank", "logits"), images: try golden.integers("bank", "images"),
      neighbourhoods: Neighbourhoods(
        imageCount: 5, anchors: try golden.integers("bank", "anchors"),
        neighbours: try golden.integerLists("bank", "neighbours")))
    expectClose(evaluation.loss, try golden.number("bank", "neighbourhood", "loss"), tolerance: 1e-13)
    expectClose(
      evaluation.logitsGradient, try golden.matrix("bank", "neighbourhood", "logitsGradient"), tolerance: 1e-13)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) {
      _ = InstanceNeighbourhoodLoss().evaluate(
        logits: Tensor<Float>(shape: [2, 3]), images: [0], neighbourhoods: .instances(imageCount: 3))
    }
    await #expect(processExitsWith: .failure) {
      _ = InstanceNeighbourhoodLoss().evaluate(
        logits: Tensor<Float>(shape: [1, 3]), images: [3], neighbourhoods: .instances(imageCount: 3))
    }
    await #expect(processExitsWith: .failure) {
      _ = InstanceNeighbourhoodLoss().evaluate(
        logits: Tensor<Float>(shape: [1, 3]), images: [0], neighbourhoods: .instances(imageCount: 4))
    }
  }
}
