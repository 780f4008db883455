// A sweep finds what it is for: errors, descents and wrong infinities that are put there, and none where there are none.
import Foundation
import Testing

@testable import Kernels

@Suite("Sweeps of a function over Floats")
struct FunctionSweepTests {
  private func swept(_ first: Float, _ count: UInt64, _ change: @escaping @Sendable (Float, Float) -> Float)
    -> FunctionSweep
  {
    let start = UInt64(first.bitPattern)
    return FunctionSweep(
      SweptFunction(name: "exp", value: { change($0, Float.exp($0)) }, reference: { Foundation.exp($0) }),
      patterns: start..<start + count)
  }

  @Test func workedExampleOfAUnitTooMuch() {
    let input = Float(1).nextUp.nextUp
    let found = swept(1, 1000) { x, y in x == input ? Float(Foundation.exp(Double(x))).nextUp.nextUp : y }
    #expect(found.worst.input == input && found.worst.error > 1.5 && found.worst.error < 2.5)
    #expect(found.count == 1000 && found.wrongSpecials == 0 && !found.isSound)
  }

  // From 1 on e^x climbs by e/2 units from one Float to the next: three units less is a descent, and only there.
  @Test func workedExampleOfADescent() {
    let input = Float(1).nextUp.nextUp
    let found = swept(1, 1000) { x, y in x == input ? y.nextDown.nextDown.nextDown : y }
    #expect(found.descents == 1 && found.firstDescent == input)
    // Below zero the patterns run the other way: too large a value far from zero.
    let below = Float(-1).nextDown.nextDown
    let other = swept(-1, 1000) { x, y in x == below ? y.nextUp.nextUp : y }
    #expect(other.descents == 1 && other.firstDescent == below)
  }

  // The first pattern of a range looks back to the one before.
  @Test func invariantRangesJoinWithoutAGap() {
    let whole = swept(1, 1000) { x, y in x == Float(1) + 500 * 0x1p-23 ? y.nextDown.nextDown.nextDown : y }
    var joined = swept(1, 500) { $1 }
    joined.append(
      swept(Float(1) + 500 * 0x1p-23, 500) { x, y in x == Float(1) + 500 * 0x1p-23 ? y.nextDown.nextDown.nextDown : y })
    #expect(whole.descents == 1 && joined == whole)
  }

  @Test func workedExampleOfWrongSpecials() {
    #expect(swept(.infinity, 1) { x, _ in x.nextDown }.firstWrongSpecial == .infinity)
    #expect(swept(90, 10) { _, _ in .greatestFiniteMagnitude }.wrongSpecials == 10)
    #expect(swept(1, 10) { _, _ in .nan }.wrongSpecials == 10)
    #expect(swept(.infinity, 100) { $1 }.wrongSpecials == 0)
  }

  // 65,536 patterns around every value at which the functions change branch.
  @Test(arguments: ["exp", "log"]) func invariantOurFunctionsAreSound(name: String) throws {
    let function = try #require(SweptFunction.all.first { $0.name == name })
    for centre in [0, 0x1p-126, 1, 88.7, -87.3, -103.9, Float.infinity, -Float.infinity, -0.0] {
      let middle = UInt64(centre.bitPattern)
      let first = middle >= 32_768 ? middle - 32_768 : 0
      let found = FunctionSweep(function, patterns: first..<min(1 << 32, first + 65_536))
      #expect(found.isSound, "\(found)")
    }
  }
}
