// The chains run as often as they say, on every thread.
import Testing

@testable import Kernels

@Suite("Peak rate", .serialized)
struct PeakRateTests {
  // Every chain stays at exactly 1: 1 · (1 − 2⁻¹⁰) + 2⁻¹⁰ has no rounding. The first chain is counted twice in the sum.
  @Test func invariantChainsStayAtOne() {
    withThreadCounts { threads in
      #expect(PeakRate.run(Float.self, steps: 1000) == Float(threads * 13 * Float.Vector.scalarCount))
      #expect(PeakRate.run(Double.self, steps: 1000) == Double(threads * 13 * Double.Vector.scalarCount))
    }
  }

  @Test func workedExampleOfOperations() {
    withThreadCounts { threads in
      #expect(
        PeakRate.operations(Double.self, steps: 5) == Double(2 * 5 * 12 * Double.Vector.scalarCount * threads))
    }
  }
}
