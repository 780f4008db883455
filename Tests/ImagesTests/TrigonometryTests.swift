import Foundation
import Testing

@testable import Images

@Suite("Sine and cosine in degrees")
struct TrigonometryTests {
  @Test func workedExampleQuarterTurnsAreExact() {
    #expect((-4...4).map { Trigonometry.cosine(degrees: Double($0) * 90) } == [1, 0, -1, 0, 1, 0, -1, 0, 1])
    #expect((-4...4).map { Trigonometry.sine(degrees: Double($0) * 90) } == [0, 1, 0, -1, 0, 1, 0, -1, 0])
  }

  // libm is right to half a unit or so; the conversion to radians costs one more: 4e-16 of 1.
  @Test func goldenAgainstTheMathematicalLibrary() {
    for degrees in stride(from: -200.0, through: 200, by: 0.37) {
      #expect(abs(Trigonometry.cosine(degrees: degrees) - cos(degrees * .pi / 180)) < 1e-15)
      #expect(abs(Trigonometry.sine(degrees: degrees) - sin(degrees * .pi / 180)) < 1e-15)
    }
  }
}
