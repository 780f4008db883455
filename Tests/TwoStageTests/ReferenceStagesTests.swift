import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

/// Bank, discovery and heads against their definitions, in Double; 1e-12 as in ReferenceLossesTests.
@Suite("Bank, discovery and heads against their definitions")
struct ReferenceStagesTests {
  @Test func invariantBankUpdate() {
    var bank = MemoryBank(rows: unit(.random([7, 4], seed: 1)), momentum: 0.3)
    let views = unit(.random([3, 4], seed: 2))
    let expected = referenceBankUpdate(arrays(bank.rows), images: [5, 0, 2], views: arrays(views), momentum: 0.3)
    bank.update(images: [5, 0, 2], embeddings: views)
    expectClose(bank.rows, Tensor(rows: expected), tolerance: 1e-12)
  }

  @Test func invariantDiscovery() {
    let bank = MemoryBank(rows: unit(Tensor<Double>.random([12, 3], seed: 6)), temperature: 0.2)
    let found = NeighbourhoodDiscovery(rate: 0.25, neighbourCount: 3).discover(in: bank, round: 2)
    let expected = referenceDiscovery(arrays(bank.rows), temperature: 0.2, anchors: 6, neighbours: 3)
    #expect(found.anchors == expected.anchors)
    #expect(found.neighbours == expected.neighbours)
  }

  @Test func invariantHeads() {
    let weight = Tensor<Double>.random([4, 3], seed: 7)  // features × classes
    var heads = ClusterHeads(weights: [weight], temperature: 0.3)
    let (views, g) = (unit(.random([5, 4], seed: 8)), Tensor<Double>.random([5, 3], seed: 9))
    let classVectors = (0..<3).map { k in (0..<4).map { weight.values[$0 * 3 + k] } }
    let expected = referenceHead(arrays(views), classVectors: classVectors, temperature: 0.3)
    let (probabilities, cache) = heads.forward(views)
    expectClose(probabilities[0], Tensor(rows: expected.probabilities), tolerance: 1e-12)
    expectClose(heads.backward([g], cache: cache), Tensor(rows: expected.gradient(arrays(g))), tolerance: 1e-12)
  }
}
