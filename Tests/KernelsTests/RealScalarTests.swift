import Kernels
import Testing

@Suite("Real scalars")
struct RealScalarTests {
  @Test func workedExampleNames() {
    #expect(Float.typeName == "float32" && Double.typeName == "float64")
  }

  // One register of x86-64, AVX2 or AVX-512; Float always has twice Double's lanes.
  @Test func invariantVectorWidths() {
    #expect(MemoryLayout<Float.Vector>.size == MemoryLayout<Double.Vector>.size)
    #expect([16, 32, 64].contains(MemoryLayout<Float.Vector>.size))
  }

  // (1 + 2⁻³⁰)² = 1 + 2⁻²⁹ + 2⁻⁶⁰: minus (1 + 2⁻²⁹), a fused chain leaves 2⁻⁶⁰ and an unfused one 0.
  @Test func workedExampleChainIsFused() {
    let a = 1 + 0x1p-30
    var product = [-(1 + 0x1p-29)]
    multiplyMatrices([a], [a], into: &product, rows: 1, columns: 1, depth: 1, accumulate: true)
    #expect(product == [Arithmetic.isFused ? 0x1p-60 : 0])
  }
}
