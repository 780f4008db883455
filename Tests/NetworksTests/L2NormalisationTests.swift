import Kernels
import Networks
import TestSupport
import Testing

@Suite("L2 normalisation")
struct L2NormalisationTests {
  // ‖u‖ = 5e-13 is below eps = 1e-12, so v = u / eps and du = dv / eps, with nothing projected out.
  @Test func workedExampleOfARowBelowEpsilon() {
    let (output, cache) = L2Normalisation<Double>().forward(Tensor(rows: [[3e-13, 4e-13]]))
    let epsilon = 1e-12
    #expect(output.values == [3e-13 / epsilon, 4e-13 / epsilon])
    let gradient = L2Normalisation<Double>().backward(Tensor(rows: [[2, -1]]), cache: cache)
    #expect(gradient.values == [2 / epsilon, -1 / epsilon])
  }

  // Squares of these leave the type's range, above and below; their norms do not.
  @Test func workedExampleOfSquaresOutOfRange() {
    func check<Scalar: RealScalar>(_ scale: Scalar, _ below: Scalar) {
      let layer = L2Normalisation<Scalar>()
      let (output, cache) = layer.forward(Tensor(rows: [[3 * scale, -4 * scale], [below, below]]))
      // The inputs, the norm and the quotient round.
      for (actual, expected) in zip(output.values, [0.6, -0.8] as [Scalar]) {
        #expect(abs(actual - expected) < 2 * Scalar.ulpOfOne)
      }
      #expect(output.row(1).allSatisfy { $0 == below / layer.epsilon })
      // With g = (3, 1): ⟨v, g⟩ = 1 and (g − v) / ‖u‖ = (2.4, 1.8) / ‖u‖; below eps it is g / eps. Eight roundings at most, of half a
      // unit of numbers below 4: v, its norm, the product ⟨v, g⟩, v ⟨v, g⟩, the difference, the quotient, and two of this comparison.
      let gradient = layer.backward(Tensor(rows: [[3, 1], [3, 1]]), cache: cache).values
      for (actual, expected) in zip(gradient, [2.4, 1.8] as [Scalar]) {
        #expect(abs(actual * (5 * scale) - expected) < 8 * Scalar.ulpOfOne)
      }
      #expect(gradient[2] == 3 / layer.epsilon && gradient[3] == 1 / layer.epsilon)
    }
    check(1e160, 1e-170)
    check(1e19 as Float, 1e-23)
  }

  // What is no number, or infinite, is not hidden.
  @Test func workedExampleOfRowsThatAreNotFinite() {
    let output = L2Normalisation<Float>().forward(Tensor(rows: [[.nan, 1e-30], [.infinity, 1], [1e30, .nan]])).output
    #expect(output.row(0).allSatisfy(\.isNaN) && output.row(2).allSatisfy(\.isNaN))
    #expect(output.values[2].isNaN && output.values[3] == 0)
  }

  /// The vector (3, 4) has norm 5: v = (0.6, 0.8).
  ///
  /// With g = (1, 2): ⟨v, g⟩ = 2.2 and (g − 2.2 v)/5 = (−0.32, 0.24)/5.
  @Test func workedExample() {
    let (output, cache) = L2Normalisation<Double>().forward(Tensor(rows: [[3, 4], [0, 0]]))
    #expect(output == Tensor(rows: [[0.6, 0.8], [0, 0]]))
    let gradient = L2Normalisation<Double>().backward(Tensor(rows: [[1, 2], [3, 4]]), cache: cache)
    for (actual, expected) in zip(gradient.values, [-0.064, 0.048, 0, 0]) { #expect(abs(actual - expected) < 1e-16) }
  }

  /// The gradient is perpendicular to the row, and scaling the row scales it down.
  @Test func invariantPerpendicularAndHomogeneous() {
    let rows = Tensor<Double>.random([4, 7], seed: 1)
    let cotangent = Tensor<Double>.random([4, 7], seed: 2)
    let layer = L2Normalisation<Double>()
    let (output, cache) = layer.forward(rows)
    let gradient = layer.backward(cotangent, cache: cache)
    for along in dotProductsOfRows(gradient.values, output.values, columns: 7) { #expect(abs(along) < 1e-15) }
    let double = layer.forward(Tensor(shape: rows.shape, values: rows.values.map { 2 * $0 }))
    #expect(double.output == output)
    #expect(layer.backward(cotangent, cache: double.cache).values.map { 2 * $0 } == gradient.values)
  }

  @Test(arguments: [(1, 2), (5, 3), (3, 64)]) func gradientsOfRows(rows: Int, columns: Int) {
    let input = Tensor<Double>.random([rows, columns], seed: 4)
    let cotangent = Tensor<Double>.random([rows, columns], seed: 5)
    let layer = L2Normalisation<Double>()
    let gradient = layer.backward(cotangent, cache: layer.forward(input).cache)
    let check = DirectionalDifference(at: input, gradient: gradient) { layer.forward($0).output.inner(cotangent) }
    #expect(check.relativeDistance < 1e-7, "\(check)")
  }
}
