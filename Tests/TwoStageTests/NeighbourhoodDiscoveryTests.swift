import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Neighbourhood discovery")
struct NeighbourhoodDiscoveryTests {
  // Four images: 0 and 1 alike at e1, 2 at e2, 3 at −e1. At a small temperature image 3 sees itself only, 2 itself only,
  // 0 and 1 each other: entropies about log 2, log 2, 0, 0. Half of them, lowest first, ties by index: 2 and 3 (image 2's
  // entropy is the larger one: e^−10 against e^−10 twice; image 3 sees 2 at e^−10 once and 0, 1 at e^−20).
  @Test func workedExampleOfFourImages() {
    let bank = MemoryBank<Double>(rows: Tensor(rows: [[1, 0], [1, 0], [0, 1], [-1, 0]]))
    let entropies = NeighbourhoodDiscovery.entropies(of: bank)
    // Image 0: two images at weight 1, one at e^−10, one at e^−20. p = ½ each nearly.
    #expect(abs(entropies[0] - 0.6931471805599453) < 3e-4 && entropies[0] == entropies[1])
    #expect(entropies[3] < entropies[2] && entropies[2] < 2e-3)
    let rule = NeighbourhoodDiscovery(rate: 0.5, neighbourCount: 2)
    let found = rule.discover(in: bank, round: 1)
    #expect(found.anchors == [3, 2])
    // Image 2 is at right angles to all others: the lower indices win. Image 3: 2 (product 0), then 0 before 1 (−1).
    #expect(found.neighbours == [[2, 0], [0, 1]])
    #expect(found.members(of: 2) == [2, 0, 1] && found.members(of: 0) == [0])
    #expect(rule.discover(in: bank, round: 2).anchors == [3, 2, 0, 1])
    #expect(found.consistency(labels: [1, 0, 1, 1]) == 0.75)
  }

  @Test func invariantRoundZeroHasNoAnchors() {
    let bank = MemoryBank<Float>(images: 30, features: 8, seed: 1)
    let found = NeighbourhoodDiscovery().discover(in: bank, round: 0)
    #expect(found == .instances(imageCount: 30))
    #expect(found.consistency(labels: Array(repeating: 0, count: 30)) == nil)
  }

  // More images than one chunk of 256 rows, against sorting everything.
  @Test func invariantEqualsSorting() {
    let bank = MemoryBank<Double>(images: 300, features: 4, seed: 2)
    let found = NeighbourhoodDiscovery(neighbourCount: 7).discover(in: bank, round: 4)
    #expect(found.anchors.sorted() == Array(0..<300))
    let products = bank.rows.multiplied(by: bank.rows, otherTransposed: true)
    for (anchor, neighbours) in zip(found.anchors, found.neighbours) {
      let row = Array(products.row(anchor))
      let order = row.indices.filter { $0 != anchor }.sorted { (-row[$0], $0) < (-row[$1], $1) }
      #expect(neighbours == Array(order.prefix(7)))
    }
  }

  // p ln p where p underflows, τ = 0.001 in Float.
  @Test func invariantEntropiesStayFinite() {
    let bank = MemoryBank<Float>(images: 20, features: 4, seed: 3, normalised: true, temperature: 0.001)
    #expect(NeighbourhoodDiscovery.entropies(of: bank).allSatisfy { $0.isFinite && $0 > -1e-3 })
  }

  @Test(arguments: [
    (50_000, [0, 12_500, 25_000, 37_500, 50_000]), (10, [0, 2, 5, 7, 10]), (7, [0, 1, 3, 5, 7]),
    (73_257, [0, 18_314, 36_628, 54_942, 73_257]), (1797, [0, 449, 898, 1347, 1797]),
  ])
  func goldenAnchorCounts(images: Int, counts: [Int]) {
    #expect((0...4).map { NeighbourhoodDiscovery().anchorCount(images: images, round: $0) } == counts)
    #expect(NeighbourhoodDiscovery().anchorCount(images: images, round: 5) == images)
    // 90 · 0.7 is 62.99999999999999 in binary: the small term makes it whole.
    #expect(NeighbourhoodDiscovery(rate: 0.7).anchorCount(images: 90, round: 1) == 63)
  }

  @Test func goldenStageOne() throws {
    try goldenStageOne(Double.self, tolerance: 1e-9)
    // Float: a logit is off by (8 + 3) eps / τ = 22 eps, an entropy by twice (log N + 1) times that.
    try goldenStageOne(Float.self, tolerance: 2 * 3.5 * 22 * 0x1p-23)
  }

  private func goldenStageOne<Scalar: RealScalar>(_ type: Scalar.Type, tolerance: Double) throws {
    let fixture = try StageOneFixture<Scalar>()
    let entropies = NeighbourhoodDiscovery.entropies(of: fixture.bank)
    expectClose(
      Tensor(shape: [12], values: entropies),
      Tensor(shape: [12], values: try fixture.golden.vector("A_stage1", "entropy")), tolerance: tolerance)
    for count in [1, 2] {
      let found = NeighbourhoodDiscovery(neighbourCount: count).discover(in: fixture.bank, round: 2)
      #expect(found == (try fixture.neighbourhoods(count)))
    }
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = NeighbourhoodDiscovery(neighbourCount: 0) }
    await #expect(processExitsWith: .failure) { _ = NeighbourhoodDiscovery(rate: 0) }
    await #expect(processExitsWith: .failure) {
      let bank = MemoryBank<Float>(images: 3, features: 2, seed: 1)
      _ = NeighbourhoodDiscovery(neighbourCount: 3).discover(in: bank, round: 1)
    }
    await #expect(processExitsWith: .failure) {
      _ = Neighbourhoods(imageCount: 3, anchors: [1, 1], neighbours: [[0], [2]])
    }
    await #expect(processExitsWith: .failure) { _ = Neighbourhoods(imageCount: 3, anchors: [1], neighbours: [[3]]) }
  }
}
