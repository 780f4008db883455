import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Mutual information (L_assign)")
struct MutualInformationLossTests {
  // Two images, surely in classes 1 and 2 in both views, but the second image's second view half and half:
  // Y₁ᵀY₂ = [1 0; ½ ½], made symmetric over 2: P = [½ ⅛; ⅛ ¼], r = q = (⅝, ⅜).
  // L = −½ log(½ / (25/64)) − ¼ log(⅛ / (15/64)) − ¼ log(¼ / (9/64)) = −0.110...
  @Test func workedExampleOfTwoImages() {
    let first = Tensor<Double>(rows: [[1, 0], [0, 1]])
    let second = Tensor<Double>(rows: [[1, 0], [0.5, 0.5]])
    let evaluation = MutualInformationLoss<Double>().evaluate(first: first, second: second)
    let log = Double.log
    let expected = -log(32.0 / 25) / 2 - log(8.0 / 15) / 4 - log(16.0 / 9) / 4
    expectClose(evaluation.joint, Tensor(rows: [[0.5, 0.125], [0.125, 0.25]]), tolerance: 0)
    expectClose(evaluation.loss, expected, tolerance: 1e-15)
    expectClose(evaluation.mutualInformation, -expected, tolerance: 1e-15)
    // β = 2 adds −(H(r) + H(q)) = 2 (⅝ log ⅝ + ⅜ log ⅜).
    let weighted = MutualInformationLoss<Double>(marginalEntropyWeight: 2).evaluate(first: first, second: second)
    expectClose(
      weighted.loss, expected + 2 * (5.0 / 8 * log(5.0 / 8) + 3.0 / 8 * log(3.0 / 8)), tolerance: 1e-15)
    expectClose(weighted.mutualInformation, -expected, tolerance: 1e-15)
    // Not made symmetric: P = [½ 0; ¼ ¼], r = (½, ½), q = (¾, ¼).
    let plain = MutualInformationLoss<Double>(symmetrised: false).evaluate(first: first, second: second)
    expectClose(plain.loss, -log(4.0 / 3) / 2 - log(2.0 / 3) / 4 - log(2) / 4, tolerance: 1e-13)
  }

  @Test func invariantBoundsPermutationsAndViews() {
    let (first, second) = (probabilities(10, 4, seed: 1), probabilities(10, 4, seed: 2))
    let loss = MutualInformationLoss<Double>()
    let evaluation = loss.evaluate(first: first, second: second)
    #expect(evaluation.loss <= 0 && evaluation.loss >= -Double.log(4))
    let swapped = loss.evaluate(first: second, second: first)
    expectClose(swapped.loss, evaluation.loss, tolerance: 1e-15)
    expectClose(swapped.firstGradient, evaluation.secondGradient, tolerance: 1e-14)
    let order = [2, 0, 3, 1]
    func permuted(_ rows: Tensor<Double>) -> Tensor<Double> {
      Tensor(rows: (0..<rows.rows).map { a in order.map { Array(rows.row(a))[$0] } })
    }
    let relabelled = loss.evaluate(first: permuted(first), second: permuted(second))
    expectClose(relabelled.loss, evaluation.loss, tolerance: 1e-15)
    expectClose(relabelled.firstGradient, permuted(evaluation.firstGradient), tolerance: 1e-14)
  }

  // Many heads in one call are as many calls of one head.
  @Test func invariantHeadsAreIndependent() {
    let heads = (0..<5).map { head in
      (first: probabilities(10, 4, seed: UInt32(head)), second: probabilities(10, 4, seed: UInt32(head + 5)))
    }
    let loss = MutualInformationLoss<Double>()
    let together = loss.evaluate(heads: heads)
    #expect(together.count == 5)
    for (found, head) in zip(together, heads) {
      let alone = loss.evaluate(first: head.first, second: head.second)
      #expect(found.loss == alone.loss && found.mutualInformation == alone.mutualInformation)
      #expect(found.firstGradient == alone.firstGradient && found.secondGradient == alone.secondGradient)
    }
  }

  // One class, or one image seen twice alike: nothing to tell.
  @Test func invariantDegenerateInputsGiveZero() {
    let one = MutualInformationLoss<Float>().evaluate(
      first: Tensor(rows: [[1], [1]]), second: Tensor(rows: [[1], [1]]))
    #expect(one.loss == 0 && one.firstGradient.values == [0, 0] && one.secondGradient.values == [0, 0])
    let image = Tensor<Double>(rows: [[0.2, 0.5, 0.3]])
    #expect(abs(MutualInformationLoss<Double>().evaluate(first: image, second: image).loss) < 1e-15)
  }

  @Test(arguments: [1, 1.5, 2], [true, false])
  func gradientsOfBothViews(weight: Double, symmetrised: Bool) {
    let loss = MutualInformationLoss<Double>(marginalEntropyWeight: weight, symmetrised: symmetrised)
    let (first, second) = (probabilities(7, 5, seed: 3), probabilities(7, 5, seed: 4))
    let evaluation = loss.evaluate(first: first, second: second)
    let one = DirectionalDifference(at: first, gradient: evaluation.firstGradient, step: 1e-6) {
      loss.evaluate(first: $0, second: second).loss
    }
    let two = DirectionalDifference(at: second, gradient: evaluation.secondGradient, seed: 2, step: 1e-6) {
      loss.evaluate(first: first, second: $0).loss
    }
    // The step is 1e-6 so that rows still sum to 1 within what is accepted; the rounding is then eps / 1e-6 ≈ 2e-10.
    #expect(one.relativeDistance < 1e-6, "\(one)")
    #expect(two.relativeDistance < 1e-6, "\(two)")
  }

  @Test func goldenStageTwo() throws {
    try goldenStageTwo(Double.self)
    try goldenStageTwo(Float.self)
  }

  // Float: P is a sum of 4 products over a sum of 9, relative error (4 + 9 + 2) eps; each of the 9 terms of L is P times
  // three logarithms below 4, off by 15 eps each in relative terms of P and as much in absolute terms of a logarithm:
  // 9 · 15 · (12 + 3) eps < 2.5e-4. The gradients divide by B P-sums of 1 and multiply by probabilities: below the same.
  private func goldenStageTwo<Scalar: RealScalar>(_ type: Scalar.Type) throws {
    let golden = try GoldenValues()
    let tolerance = type == Float.self ? 9 * 15 * 15 * 0x1p-23 : 1e-9
    let first: Tensor<Scalar> = try golden.matrix("C_iic", "x").converted()
    let second: Tensor<Scalar> = try golden.matrix("C_iic", "x_hat").converted()
    let evaluation = MutualInformationLoss<Scalar>().evaluate(first: first, second: second)
    expectClose(evaluation.loss, try golden.number("C_iic", "L"), tolerance: tolerance)
    expectClose(evaluation.joint, try golden.matrix("C_iic", "P"), tolerance: tolerance)
    expectClose(evaluation.firstGradient, try golden.matrix("C_iic", "dx"), tolerance: tolerance)
    expectClose(evaluation.secondGradient, try golden.matrix("C_iic", "dx_hat"), tolerance: tolerance)
    let unsymmetric = MutualInformationLoss<Scalar>(symmetrised: false).evaluate(first: first, second: second)
    expectClose(unsymmetric.loss, try golden.number("C_iic", "L_unsymmetrised"), tolerance: tolerance)
    let weighted = MutualInformationLoss<Scalar>(marginalEntropyWeight: 1.5).evaluate(first: first, second: second)
    expectClose(weighted.loss, try golden.number("C_iic", "L_lamb1.5"), tolerance: tolerance)
  }

  @Test func goldenExtremes() throws {
    let golden = try GoldenValues()
    func loss(_ rows: [[Double]]) -> Double {
      MutualInformationLoss<Double>().evaluate(first: Tensor(rows: rows), second: Tensor(rows: rows)).loss
    }
    let balanced = [[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]
    expectClose(loss(balanced), try golden.number("C_iic", "one_hot_balanced_3"), tolerance: 1e-12)
    let uniform = [[Double]](repeating: [1.0 / 3, 1.0 / 3, 1.0 / 3], count: 4)
    expectClose(loss(uniform), try golden.number("C_iic", "uniform"), tolerance: 1e-15)
    let collapsed = [[1.0, 0, 0], [1, 0, 0]]
    // The value is all clamp: eight entries of 2^−52 times a logarithm of 36.
    expectClose(loss(collapsed), try golden.number("C_iic", "collapsed"), tolerance: 1e-9, relative: true)
  }

  @Test(arguments: ["plain", "weighted", "unsymmetric", "empty"]) func goldenWitness(name: String) throws {
    let golden = try GoldenValues("losses.json")
    let loss = MutualInformationLoss<Double>(
      marginalEntropyWeight: try golden.number("information", name, "weight"),
      symmetrised: try golden.number("information", name, "symmetrised") == 1)
    let evaluation = loss.evaluate(
      first: try golden.matrix("information", name, "first"), second: try golden.matrix("information", name, "second"))
    expectClose(evaluation.loss, try golden.number("information", name, "loss"), tolerance: 1e-13)
    expectClose(evaluation.firstGradient, try golden.matrix("information", name, "firstGradient"), tolerance: 1e-13)
    expectClose(evaluation.secondGradient, try golden.matrix("information", name, "secondGradient"), tolerance: 1e-13)
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = MutualInformationLoss<Float>(marginalEntropyWeight: -1) }
    await #expect(processExitsWith: .failure) { _ = MutualInformationLoss<Float>(floor: 0) }
    await #expect(processExitsWith: .failure) {
      let rows = Tensor<Float>(rows: [[0.5, 0.5]])
      _ = MutualInformationLoss<Float>().evaluate(first: rows, second: Tensor(rows: [[0.5, 0.25, 0.25]]))
    }
    await #expect(processExitsWith: .failure) {
      let logits = Tensor<Float>(rows: [[2, -0.5]])
      _ = MutualInformationLoss<Float>().evaluate(first: logits, second: logits)
    }
  }

  private func probabilities(_ rows: Int, _ columns: Int, seed: UInt32) -> Tensor<Double> {
    Tensor(
      shape: [rows, columns],
      values: softmaxOfRows(Tensor<Double>.random([rows, columns], seed: seed).values, columns: columns))
  }
}
