import Kernels
import Networks
import TestSupport
import Testing
import Evaluation

@Suite("Principal components")
struct PrincipalComponentsTests {
  // Points ±2 along (4, 3)/5 and ±1 along (−3, 4)/5, shifted by (5, −3): variances 2² · 2/4 = 2 and 1² · 2/4 = 1/2.
  @Test func workedExampleOfACross() {
    let points = Tensor<Double>(rows: [[6.6, -1.8], [3.4, -4.2], [4.4, -2.2], [5.6, -3.8]])
    let components = PrincipalComponents(of: points, count: 2)
    for (found, wanted) in zip(components.directions.values, [0.8, 0.6, -0.6, 0.8]) {
      #expect(abs(found - wanted) < 1e-12)
    }
    #expect(abs(components.variances[0] - 2) < 1e-12 && abs(components.variances[1] - 0.5) < 1e-12)
    #expect(abs(components.totalVariance - 2.5) < 1e-12)
    let projected = components.project(points)
    for (found, wanted) in zip(projected.values, [2.0, 0, -2, 0, 0, 1, 0, -1]) { #expect(abs(found - wanted) < 1e-12) }
  }

  // C w = λ w to the iteration's own limit, 4 · features · ulp of the trace, doubled for this test's own sums.
  @Test(arguments: [(50, 3, 2), (30, 20, 5), (10, 40, 3)])
  func invariantDirectionsAreOrthonormalEigenvectors(count: Int, features: Int, wanted: Int) {
    var points = Tensor<Double>.random([count, features], seed: 5)
    for i in points.values.indices { points.values[i] *= Double.exp(-0.3 * Double(i % features)) }
    let components = PrincipalComponents(of: points, count: wanted)
    let directions = components.directions
    let projected = components.project(points)
    for k in 0..<wanted {
      for l in 0...k {
        let product = zip(directions.row(k), directions.row(l)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(product - (k == l ? 1 : 0)) < 1e-13)
        let covariance = (0..<count).reduce(0.0) {
          $0 + projected.values[$1 * wanted + k] * projected.values[$1 * wanted + l] / Double(count)
        }
        let limit = 8 * Double(features) * Double.ulpOfOne * components.totalVariance
        #expect(abs(covariance - (k == l ? components.variances[k] : 0)) < limit)
      }
      let largest = directions.row(k).max { abs($0) < abs($1) } ?? 0
      #expect(largest > 0)
      if k > 0 { #expect(components.variances[k] <= components.variances[k - 1]) }
    }
    #expect(components.variances.reduce(0, +) <= components.totalVariance * (1 + 1e-12))
  }

  @Test func workedExampleOfPointsWithoutVariance() {
    let components = PrincipalComponents(of: Tensor<Float>(shape: [5, 4], repeating: 3), count: 2)
    #expect(components.variances == [0, 0])
    #expect(components.directions.values.allSatisfy { $0.isFinite })
    #expect(components.project(Tensor(shape: [1, 4], repeating: 3)).values == [0, 0])
  }
}
