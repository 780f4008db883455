// One of our functions of a Float against a wider reference, over every bit pattern or some of them.
// Tests    KernelsTests/FunctionSweepTests.swift
import Foundation

/// A function of one Float, what it should be, and where it has no value.
package struct SweptFunction: Sendable {
  /// What the command line calls it.
  package let name: String
  /// The function under test.
  package let value: @Sendable (Float) -> Float
  /// The same in Double by the C library, whose error, below 2⁻⁵² relative, is nothing beside a Float's 2⁻²⁴.
  package let reference: @Sendable (Double) -> Double

  /// The functions of Kernels; both increase with x wherever they have a value.
  package static let all = [
    SweptFunction(name: "exp", value: { Float.exp($0) }, reference: { Foundation.exp($0) }),
    SweptFunction(name: "log", value: { Float.log($0) }, reference: { Foundation.log($0) }),
  ]
}

/// What was found over a range of bit patterns.
package struct FunctionSweep: Sendable, Equatable {
  /// How many inputs were asked for.
  package var count = 0
  /// The largest |value − reference| in units in the last place of the reference, among results that are normal numbers.
  package var worst = Finding()
  /// The same where the reference lies under 2⁻¹²⁶ and a unit is 2⁻¹⁴⁹.
  package var worstSubnormal = Finding()
  /// How many results are not the Float nearest to the reference.
  package var misrounded = 0
  /// How many values of two neighbouring inputs fall where they should not, and the first such input.
  package var descents = 0
  package var firstDescent: Float?
  /// How many NaNs and infinities stand where there should be none, or lack where they should be; the first such input.
  package var wrongSpecials = 0
  package var firstWrongSpecial: Float?

  /// An error in units in the last place and the input that makes it.
  package struct Finding: Sendable, Equatable {
    package var error = 0.0
    package var input: Float = 0
  }

  /// Every bit pattern of a range within 0..<2³²; each is also compared with the pattern before it if that has the same sign.
  package init(_ function: SweptFunction, patterns: Range<UInt64>) {
    var before: Float?
    if patterns.lowerBound & 0x7FFF_FFFF > 0 {
      before = function.value(Float(bitPattern: UInt32(truncatingIfNeeded: patterns.lowerBound - 1)))
    }
    for pattern in patterns {
      let x = Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
      let y = function.value(x)
      judge(y, of: x, reference: function.reference(Double(x)))
      // Patterns go away from zero: above it x and so y must not fall, below it not rise. A NaN compares as neither.
      if let before, x.sign == .plus ? y < before : y > before {
        descents += 1
        if firstDescent == nil { firstDescent = x }
      }
      before = pattern & 0x7FFF_FFFF == 0x7FFF_FFFF ? nil : y
    }
    count = patterns.count
  }

  /// Takes one value into account.
  ///
  /// A reference that rounds to infinity or is NaN leaves no choice; anything else has an error.
  private mutating func judge(_ y: Float, of x: Float, reference: Double) {
    let nearest = Float(reference)
    guard nearest.isFinite, y.isFinite else {
      // Where either is infinite or NaN, nothing else will do.
      let isRight = reference.isNaN ? y.isNaN : y == nearest
      if !isRight {
        wrongSpecials += 1
        if firstWrongSpecial == nil { firstWrongSpecial = x }
      }
      return
    }
    if y != nearest { misrounded += 1 }
    let error = abs(Double(y) - reference) / Double(nearest.ulp)
    if abs(reference) < 0x1p-126 {
      if error > worstSubnormal.error { worstSubnormal = Finding(error: error, input: x) }
    } else if error > worst.error {
      worst = Finding(error: error, input: x)
    }
  }

  /// Takes in what was found over the patterns that follow.
  package mutating func append(_ next: FunctionSweep) {
    count += next.count
    if next.worst.error > worst.error { worst = next.worst }
    if next.worstSubnormal.error > worstSubnormal.error { worstSubnormal = next.worstSubnormal }
    misrounded += next.misrounded
    descents += next.descents
    wrongSpecials += next.wrongSpecials
    if firstDescent == nil { firstDescent = next.firstDescent }
    if firstWrongSpecial == nil { firstWrongSpecial = next.firstWrongSpecial }
  }

  /// Every one of the 2³² patterns, in 4,096 blocks on all threads; `progress` hears how many of 64 parts are done.
  package static func overAllFloats(_ function: SweptFunction, progress: (Int) throws -> Void) rethrows -> FunctionSweep
  {
    var all = FunctionSweep(function, patterns: 0..<0)
    for part in 0..<64 {
      let found = Parallel.map(64) { block in
        let first = UInt64(part * 64 + block) << 20
        return FunctionSweep(function, patterns: first..<first + 1 << 20)
      }
      for sweep in found { all.append(sweep) }
      try progress(part + 1)
    }
    return all
  }

  /// Whether nothing but rounding was found.
  package var isSound: Bool { descents == 0 && wrongSpecials == 0 && max(worst.error, worstSubnormal.error) < 1 }
}
