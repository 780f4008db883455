import Networks
import Testing

@testable import Oracle

@Suite("Comparison")
struct ComparisonTests {
  private static let right = Tensor<Double>(shape: [2, 3], values: [1, -2, 0, 4, 1e-30, -6])
  private static let scale = RoundingScale(
    values: Tensor(shape: [2, 3], values: [1, 2, 3, 4, 1e-30, 0]), terms: 2)

  private func report(
    _ values: [Double], type: String = "F64", shape: [Int] = [2, 3], _ profile: Profile = .float32
  ) -> TensorReport {
    Comparison.compare(
      StoredTensor(type: type, value: .real(Tensor<Double>(shape: shape, values: values))), with: .real(Self.right),
      scale: Self.scale, profile: profile, name: "y")
  }

  // The bound of the element 4 with scale 4 and 2 terms is a little above 8 · 2⁻²⁴.
  @Test func workedExampleOfTheBound() {
    #expect(report(Self.right.values).verdict == .ok)
    #expect(report(Self.right.values).ratio == 0)
    var values = Self.right.values
    values[3] = 4 + 8 * 0x1p-24
    #expect(report(values).verdict == .ok)
    #expect(abs(report(values).ratio - 1) < 1e-6)
    values[3] = 4 + 8.001 * 0x1p-24
    let failed = report(values)
    #expect(failed.verdict == .fail && failed.ratio > 1)
    #expect(failed.worst?.index == [1, 0])
    #expect(failed.worst?.stored == 4)
    #expect(report(values, .float64).ratio > 1e8)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity]) func invariantNothingButNumbersPasses(value: Double) {
    for i in 0..<6 {
      var values = Self.right.values
      values[i] = value
      let found = report(values, .bfloat16)
      #expect(found.verdict == .notFinite)
      #expect(found.ratio == .infinity)
    }
  }

  // A zero scale leaves only what a processor may flush to zero.
  @Test func invariantZeroScalesAskForEquality() {
    var values = Self.right.values
    values[5] = (-6.0).nextUp
    #expect(report(values).verdict == .fail)
    values = Self.right.values
    values[4] = 0
    #expect(report(values).verdict == .fail)
  }

  @Test func workedExampleOfShapesAndTypes() {
    #expect(report(Self.right.values, shape: [3, 2]).verdict == .shape)
    #expect(report(Array(Self.right.values.dropLast()), shape: [5]).verdict == .shape)
    #expect(report(Self.right.values, type: "F32", .float64).verdict == .type)
    #expect(report(Self.right.values, type: "F16").verdict == .type)
    #expect(report(Self.right.values, type: "BF16", .bfloat16).verdict == .ok)
    let whole = StoredTensor(type: "I64", value: .integers([1, 2], shape: [2]))
    let compared = Comparison.compare(
      whole, with: .real(Tensor<Double>(shape: [2], values: [1, 2])), scale: nil, profile: .float64, name: "y")
    #expect(compared.verdict == .type)
  }

  @Test func invariantWholeNumbersAgreeExactly() {
    func verdict(_ given: StoredTensor, _ stored: TensorValue) -> Verdict {
      Comparison.compare(given, with: stored, scale: nil, profile: .bfloat16, name: "y").verdict
    }
    // Neighbours that Double cannot tell apart.
    let large = TensorValue.integers([1 << 60], shape: [1])
    #expect(verdict(StoredTensor(type: "I64", value: large), large) == .ok)
    #expect(verdict(StoredTensor(type: "I64", value: .integers([1 << 60 + 1], shape: [1])), large) == .fail)
    #expect(verdict(StoredTensor(type: "I32", value: .integers([3], shape: [1])), .integers([3], shape: [1])) == .ok)
    let bytes = TensorValue.bytes([0, 255], shape: [2])
    #expect(verdict(StoredTensor(type: "U8", value: bytes), bytes) == .ok)
    #expect(verdict(StoredTensor(type: "U8", value: .bytes([0, 254], shape: [2])), bytes) == .fail)
    #expect(verdict(StoredTensor(type: "I64", value: .integers([0, 255], shape: [2])), bytes) == .type)
  }

  // A stored infinity is an answer like any other: that one, and no other.
  @Test func workedExampleOfStoredInfinities() {
    let stored = TensorValue.real(Tensor<Double>(shape: [1], values: [-.infinity]))
    let scale = RoundingScale(values: Tensor(shape: [1], values: [0]), terms: 1)
    for (value, verdict) in [(-Double.infinity, Verdict.ok), (.infinity, .fail), (.nan, .fail), (-1e300, .fail)] {
      let answer = StoredTensor(type: "F64", value: .real(Tensor<Double>(shape: [1], values: [value])))
      #expect(
        Comparison.compare(answer, with: stored, scale: scale, profile: .float32, name: "y").verdict == verdict)
    }
  }

  @Test func workedExampleOfNames() {
    let one = TensorValue.integers([1], shape: [])
    let reports = Comparison.compare(
      ["a": StoredTensor(type: "I64", value: one), "c": StoredTensor(type: "I64", value: one)],
      with: ["a": one, "b": one], scales: [:], profile: .float64)
    #expect(reports.map(\.name) == ["a", "b", "c"])
    #expect(reports.map(\.verdict) == [.ok, .missing, .extra])
  }
}
