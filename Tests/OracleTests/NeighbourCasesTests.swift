import Kernels
import Networks
import Oracle
import Testing

@Suite("Cases of neighbourhood discovery")
struct NeighbourCasesTests {
  @Test func floatStaysInsideItsBound() throws { try expectFloatInside("neighbour") }
}
