import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of the class heads")
struct HeadCasesTests {
  @Test func floatStaysInsideItsBound() throws { try expectFloatInside("head") }
}
