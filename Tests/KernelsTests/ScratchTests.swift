// Lent memory is aligned, large enough, and nobody else's while it is lent.
import Testing

@testable import Kernels

@Suite("Scratch memory")
struct ScratchTests {
  @Test(arguments: [0, 1, 17, 100_000]) func invariantMemoryIsAlignedAndOwn(count: Int) {
    unsafe withScratch(of: Double.self, count: count) { outer in
      #expect(UInt(bitPattern: outer) % 64 == 0)
      for i in 0..<count { unsafe outer[i] = Double(i) }
      unsafe withScratch(of: Double.self, count: count + 1) { inner in
        for i in 0...count { unsafe inner[i] = -1 }
      }
      #expect((0..<count).allSatisfy { unsafe outer[$0] == Double($0) })
    }
  }
}
