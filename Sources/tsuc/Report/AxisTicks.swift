// Round numbers for an axis: multiples of 1, 2 or 5 times a power of ten.
// Tests    tsucTests/Report/LineChartTests.swift
import Commands
import Foundation

/// The ticks of an axis that spans some values.
struct AxisTicks: Sendable, Equatable {
  /// The marked values, rising; the first at or below all values, the last at or above.
  let values: [Double]
  /// Decimals that tell the marks apart.
  let digits: Int

  /// Marks for values between two ends, only whole numbers where `isWhole`.
  ///
  /// There are about `count` steps: between half and twice as many.
  init(from low: Double, to high: Double, count: Int = 4, isWhole: Bool = false) {
    let span = high > low ? high - low : max(abs(low), 1) / 2
    let rough = span / Double(max(1, count))
    let power = pow(10, log10(rough).rounded(.down))
    let factor = [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999_999 } ?? 10
    let step = isWhole ? max(1, factor * power) : factor * power
    let (first, last) = ((low / step + 1e-9).rounded(.down), (high / step - 1e-9).rounded(.up))
    values = (0...max(1, Int(last - first))).map { (first + Double($0)) * step }
    digits = max(0, Int(-log10(step * 1.000_001).rounded(.down)))
  }

  /// The ends of the axis.
  var range: ClosedRange<Double> { (values.first ?? 0)...(values.last ?? 1) }

  /// What stands beside a mark; −0 is 0.
  func text(_ value: Double) -> String { decimals(value == 0 ? 0 : value, digits) }
}
