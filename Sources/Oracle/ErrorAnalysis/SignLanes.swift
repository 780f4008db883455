// 64 sums of the same numbers, each sum with signs of its own.
//
// SIMD64 would be the type for it, but Swift 6.3 compiles its arithmetic lane by lane through generic calls: one addition takes 500
// times as long as eight of SIMD8.
// Tests    OracleTests/SignLanesTests.swift
import Kernels

/// The deviations of a number for 64 choices of signs.
struct SignLanes {
  /// Lanes 8 i to 8 i + 7 in place i.
  private var eights = InlineArray<8, SIMD8<Double>>(repeating: .zero)

  /// The signs that the bits of a byte stand for: 1 for 0, −1 for 1.
  private static let signs: [SIMD8<Double>] = (0..<256).map { byte in
    var signs = SIMD8<Double>(repeating: 1)
    for lane in 0..<8 where byte >> lane & 1 == 1 { signs[lane] = -1 }
    return signs
  }

  /// The deviation of lane `i`, 0 to 63.
  subscript(i: Int) -> Double { eights[i / 8][i % 8] }

  /// Adds `size` in the lanes whose bit of `key` is 0 and subtracts it in the others.
  mutating func add(_ size: Double, signs key: UInt64) {
    let signs = Self.signs
    for i in 0..<8 { eights[i] += signs[Int(truncatingIfNeeded: key >> UInt64(8 * i)) & 255] * size }
  }

  /// Adds the lanes of another, each times `slope`.
  mutating func add(_ other: SignLanes, times slope: Double) {
    for i in 0..<8 { eights[i] += other.eights[i] * slope }
  }

  /// Every lane over `divisor`.
  func divided(by divisor: Double) -> SignLanes {
    var quotients = SignLanes()
    for i in 0..<8 { quotients.eights[i] = eights[i] / divisor }
    return quotients
  }

  /// σ², the mean square of all lanes, added up from the first to the last.
  var meanSquare: Double {
    var sum = 0.0
    for i in 0..<8 {
      let squares = eights[i] * eights[i]
      for lane in 0..<8 { sum += squares[lane] }
    }
    return sum / 64
  }
}
