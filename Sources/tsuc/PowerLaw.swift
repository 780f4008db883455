// seconds = c · sizeᵉ, fitted to measurements: how the cost of a piece of work grows.
// Tests    tsucTests/ScalingTests.swift
import Foundation

/// A power law through measured points.
struct PowerLaw: Equatable {
  /// e: 1 is proportional, 2 quadratic.
  let exponent: Double
  /// c, the cost at size 1.
  let factor: Double

  /// The least squares line through (log size, log cost).
  ///
  /// - Parameter points: At least two sizes that differ, all numbers above 0.
  init(through points: [(size: Double, cost: Double)]) {
    let (x, y) = (points.map { log($0.size) }, points.map { log($0.cost) })
    let count = Double(points.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (products, squares) = (0.0, 0.0)
    for (a, b) in zip(x, y) {
      products += (a - meanX) * (b - meanY)
      squares += (a - meanX) * (a - meanX)
    }
    exponent = products / squares
    factor = exp(meanY - exponent * meanX)
  }

  /// The cost of a size by the law.
  func cost(of size: Double) -> Double { factor * pow(size, exponent) }
}
