import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Memory bank")
struct MemoryBankTests {
  // Row (1, 0), views (0, 1) then (−1, 0) at μ = 0.5. First: (½, ½) → (1, 1)/√2. Mean of views (−½, ½): (¼, ¼) → the same.
  // Second: (0, 0), which keeps the old row.
  @Test func workedExampleOfPolicies() {
    let views = Tensor<Double>(rows: [[0, 1], [-1, 0]])
    let root = 0.5.squareRoot()
    for (policy, expected) in [
      (MemoryBank<Double>.ViewPolicy.first, [root, root]), (.mean, [root, root]), (.second, [1, 0]),
    ] {
      var bank = MemoryBank<Double>(rows: Tensor(rows: [[1, 0]]), viewPolicy: policy)
      bank.update(images: [0], embeddings: views)
      expectClose(bank.rows, Tensor(rows: [expected]), tolerance: 1e-15)
    }
  }

  // μ = 0.2: 0.2 (1, 0) + 0.8 (0, 1) = (0.2, 0.8), over √0.68.
  @Test func workedExampleOfMomentum() {
    var bank = MemoryBank<Double>(rows: Tensor(rows: [[1, 0]]), momentum: 0.2)
    bank.update(images: [0], embeddings: Tensor(rows: [[0, 1]]))
    let length = 0.68.squareRoot()
    expectClose(bank.rows, Tensor(rows: [[0.2 / length, 0.8 / length]]), tolerance: 1e-15)
  }

  // z = (1, 2) · (3, 4) / 0.5 = 22; the gradient of V is 1/0.5 · (3, 4) times the logit's.
  @Test func workedExampleOfLogits() {
    let bank = MemoryBank<Double>(rows: Tensor(rows: [[3, 4]]), temperature: 0.5)
    #expect(bank.logits(of: Tensor(rows: [[1, 2]])).values == [22])
    #expect(bank.embeddingsGradient(ofLogits: Tensor(rows: [[1]])).values == [6, 8])
    #expect(bank.gram.values == [9, 12, 12, 16])
  }

  // Uniform in ±√(3/D): every entry inside, mean square 1/D. The mean of 40,000 squares of standard deviation 0.9/D is
  // within 4 · 0.9/200 of 1/D relatively, but for one seed in 16,000.
  @Test func invariantStartsUniform() {
    let bank = MemoryBank<Double>(images: 1000, features: 40, seed: 1)
    let bound = (3.0 / 40).squareRoot()
    #expect(bank.rows.values.allSatisfy { abs($0) <= bound })
    #expect(abs(dotProduct(bank.rows.values, bank.rows.values) / 1000 - 1) < 0.018)
    #expect(bank.rows.rows(0..<5) == MemoryBank<Double>(images: 5, features: 40, seed: 1).rows)
    #expect(bank.rows != MemoryBank<Double>(images: 1000, features: 40, seed: 2).rows)
    let unitBank = MemoryBank<Double>(images: 3, features: 40, seed: 1, normalised: true)
    for square in dotProductsOfRows(unitBank.rows.values, unitBank.rows.values, columns: 40) {
      #expect(abs(square - 1) < 1e-15)
    }
  }

  @Test(arguments: MemoryBank<Float>.ViewPolicy.allCases)
  func invariantTouchedRowsAreUnitAndOthersKeepTheirBits(policy: MemoryBank<Float>.ViewPolicy) {
    let before = MemoryBank<Float>(images: 9, features: 16, seed: 3, viewPolicy: policy)
    var bank = before
    bank.update(images: [7, 2], embeddings: .random([4, 16], seed: 4))
    for image in 0..<9 {
      if [7, 2].contains(image) {
        let square = bank.rows.row(image).reduce(0) { $0 + $1 * $1 }
        #expect(abs(square - 1) < 20 * 0x1p-23)  // 16 products and the division
      } else {
        #expect(bank.rows.row(image) == before.rows.row(image))
      }
    }
  }

  // Both writes start from the old row, and the later one stays.
  @Test func invariantTheLastOfARepeatedImageCounts() {
    var (repeated, single) = (
      MemoryBank<Double>(images: 3, features: 4, seed: 5), MemoryBank<Double>(images: 3, features: 4, seed: 5)
    )
    let views = Tensor<Double>.random([2, 4], seed: 6)
    repeated.update(images: [1, 1], embeddings: views)
    single.update(images: [1], embeddings: views.rows(1..<2))
    #expect(repeated == single)
  }

  @Test func goldenStageOne() throws {
    try goldenStageOne(Double.self, tolerance: 1e-9)
    // Float: D = 8 products and their sum over τ = 0.5, all below 3.2: (8 + 3) eps · 2.
    try goldenStageOne(Float.self, tolerance: 22 * 0x1p-23)
  }

  private func goldenStageOne<Scalar: RealScalar>(_ type: Scalar.Type, tolerance: Double) throws {
    for policy in MemoryBank<Scalar>.ViewPolicy.allCases {
      let fixture = try StageOneFixture<Scalar>(viewPolicy: policy)
      expectClose(
        fixture.bank.logits(of: fixture.embeddings), try fixture.golden.matrix("A_stage1", "Z"), tolerance: tolerance)
      var bank = fixture.bank
      bank.update(images: fixture.images, embeddings: fixture.embeddings)
      expectClose(
        bank.rows.rows(fixture.images), try fixture.golden.matrix("A_stage1", "memory_after_\(policy)_view"),
        tolerance: tolerance)
    }
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = MemoryBank<Float>(images: 2, features: 2, seed: 1, momentum: 1.5) }
    await #expect(processExitsWith: .failure) {
      _ = MemoryBank<Float>(images: 2, features: 2, seed: 1, temperature: 0)
    }
    await #expect(processExitsWith: .failure) {
      var bank = MemoryBank<Float>(images: 2, features: 2, seed: 1)
      bank.update(images: [2], embeddings: Tensor(shape: [1, 2]))
    }
    await #expect(processExitsWith: .failure) {
      var bank = MemoryBank<Float>(images: 2, features: 2, seed: 1)
      bank.update(images: [0], embeddings: Tensor(shape: [3, 2]))
    }
  }
}
