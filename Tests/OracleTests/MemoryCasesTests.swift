import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of the memory bank")
struct MemoryCasesTests {
  @Test func floatStaysInsideItsBound() throws { try expectFloatInside("memory") }
}
