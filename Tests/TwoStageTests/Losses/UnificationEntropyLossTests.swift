import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Unification entropy (L_UE)")
struct UnificationEntropyLossTests {
  // Own logit 9 left out; the others log 1 and log 3 give 1/4 and 3/4: H = log 4 − (3/4) log 3 = 0.5623351446188083.
  // Gradient −p (log p + H): at 1/4: −(1/4)(−log 4 + H) = (3/16) log 3, at 3/4 minus that.
  @Test func workedExampleOfTwoOthers() {
    let evaluation = UnificationEntropyLoss<Double>().evaluate(
      logits: Tensor(rows: [[0, 9, Double.log(3)]]), images: [1])
    expectClose(evaluation.loss, 0.5623351446188083, tolerance: 1e-15)
    let slope = 3.0 / 16 * Double.log(3)
    expectClose(evaluation.logitsGradient, Tensor(rows: [[slope, 0, -slope]]), tolerance: 1e-15)
  }

  // With the own logit log 4 − 0 as the constant: shares 1/8, 4/8, 3/8.
  // H = (1/8) log 8 + (1/2) log 2 + (3/8) log(8/3) = 0.9743147528693494.
  @Test func workedExampleOfAConstantOwnLogit() {
    let loss = UnificationEntropyLoss<Double>(ownLogit: Double.log(4))
    let evaluation = loss.evaluate(logits: Tensor(rows: [[0, 9, Double.log(3)]]), images: [1])
    expectClose(evaluation.loss, 0.9743147528693494, tolerance: 1e-15)
  }

  // Equal logits of any size: H = log 3 and no gradient; with a fourth logit that is out of reach, too.
  @Test(arguments: [10, 100.1, 999.9, -30_000]) func workedExampleOfLargeLogits(size: Double) {
    func expectEven<Scalar: RealScalar>(_ loss: UnificationEntropyLoss<Scalar>) {
      let logits = Tensor(rows: [[7, size, size, size]]).converted(to: Scalar.self)
      let evaluation = loss.evaluate(logits: logits, images: [0])
      #expect(evaluation.loss == Scalar(1.0986122886681098))
      #expect(evaluation.logitsGradient.values.allSatisfy { $0 == 0 })
    }
    expectEven(UnificationEntropyLoss<Float>())
    expectEven(UnificationEntropyLoss<Double>())
    expectEven(UnificationEntropyLoss<Float>(ownLogit: Float(size) - 1000))
    expectEven(UnificationEntropyLoss<Double>(ownLogit: size - 1000))
  }

  @Test func invariantBoundsAndZeroOwnColumn() {
    let logits = Tensor<Double>.random([6, 9], seed: 1)
    let images = [3, 5, 0, 3, 5, 0]
    let evaluation = UnificationEntropyLoss<Double>().evaluate(logits: logits, images: images)
    #expect(evaluation.loss > 0 && evaluation.loss < Double.log(8))
    for (a, image) in images.enumerated() {
      #expect(evaluation.logitsGradient.values[a * 9 + image] == 0)
      #expect(abs(evaluation.logitsGradient.row(a).reduce(0, +)) < 1e-15)
    }
    let uniform = UnificationEntropyLoss<Double>().evaluate(logits: Tensor(shape: [2, 9]), images: [1, 2])
    expectClose(uniform.loss, Double.log(8), tolerance: 1e-15)
  }

  @Test(arguments: [1, 2]) func invariantSmallBanksHaveNoEntropy(images: Int) {
    let evaluation = UnificationEntropyLoss<Float>().evaluate(logits: .random([2, images], seed: 2), images: [0, 0])
    #expect(evaluation.loss == 0)
    #expect(evaluation.logitsGradient.values.allSatisfy { $0 == 0 })
  }

  // p = e^−400 underflows in Float: 0 log 0 counts as 0.
  @Test func invariantUnderflowCountsAsZero() {
    let evaluation = UnificationEntropyLoss<Float>().evaluate(logits: Tensor(rows: [[0, 200, -200]]), images: [0])
    #expect(evaluation.loss == 0)
    #expect(evaluation.logitsGradient.values.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [nil, -10.0, 0.5])
  func gradientsOfLogits(ownLogit: Double?) {
    let logits = Tensor<Double>.random([6, 9], seed: 3)
    let loss = UnificationEntropyLoss<Double>(ownLogit: ownLogit)
    func evaluate(_ logits: Tensor<Double>) -> UnificationEntropyLoss<Double>.Evaluation {
      loss.evaluate(logits: logits, images: [3, 5, 0, 3, 5, 0])
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
    let tolerance = lossTolerance(type, temperature: 0.5)
    let evaluation = UnificationEntropyLoss<Scalar>().evaluate(fixture.distribution)
    expectClose(evaluation.loss, try fixture.golden.number("A_stage1", "L_ue"), tolerance: tolerance)
    expectClose(
      fixture.bank.embeddingsGradient(ofLogits: evaluation.logitsGradient),
      try fixture.golden.matrix("A_stage1", "dLue_dV"),
      tolerance: lossTolerance(type, temperature: 0.5, gradient: true))
    let constant = UnificationEntropyLoss<Scalar>(ownLogit: -10).evaluate(fixture.distribution)
    expectClose(constant.loss, try fixture.golden.number("A_stage1", "L_ue_mask10"), tolerance: tolerance)
  }

  @Test(arguments: zip([nil, -10.0], ["entropy", "entropyMinus10"]))
  func goldenWitness(ownLogit: Double?, name: String) throws {
    let golden = try GoldenValues("losses.json")
    let evaluation = UnificationEntropyLoss(ownLogit: ownLogit).evaluate(
      logits: try golden.matrix("bank", "logits"), images: try golden.integers("bank", "images"))
    expectClose(evaluation.loss, try golden.number("bank", name, "loss"), tolerance: 1e-13)
    expectClose(evaluation.logitsGradient, try golden.matrix("bank", name, "logitsGradient"), tolerance: 1e-13)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = UnificationEntropyLoss<Float>(ownLogit: -.infinity) }
    await #expect(processExitsWith: .failure) {
      _ = UnificationEntropyLoss<Float>().evaluate(logits: Tensor(shape: [4]), images: [0])
    }
  }
}
