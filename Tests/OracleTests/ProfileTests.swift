import Files
import Networks
import Oracle
import TestSupport
import Testing

@Suite("Profiles")
struct ProfileTests {
  // One term: u / (1 − u). At u = 2⁻²⁴ that is 2⁻²⁴ (1 + 2⁻²⁴) to 48 bits.
  @Test func workedExampleOfFactors() {
    #expect(abs(Profile.float32.factor(terms: 1) / 0x1p-24 - 1) < 0x1p-22)
    #expect(abs(Profile.float32.factor(terms: 1000) / (1000 * 0x1p-24) - 1) < 1e-4)
    #expect(abs(Profile.float64.factor(terms: 10) / (40 * 0x1p-53) - 1) < 1e-14)
    #expect(Profile.bfloat16.factor(terms: 7) == Profile.float32.factor(terms: 7))
    #expect(2 * Profile.tf32.factorRounding == 0x1p-10 + 0x1p-22)
    #expect(2 * Profile.bfloat16.factorRounding == 0x1p-7 + 0x1p-16)
    #expect(Profile.float64.factorRounding == 0 && Profile.float32.factorRounding == 0)
  }

  // A product |a||b| moves by (1 + v)² − 1 of itself; with a scale of its own, by v + v²/2 of that; without products not at all.
  @Test func workedExampleOfRoundedFactors() {
    func hard(_ factors: Double?, multipliesMatrices: Bool = true) -> Double {
      func bound(_ profile: Profile) -> Double {
        profile.bound(
          stored: 0, scale: 3, terms: 1, factors: factors, type: "F64", multipliesMatrices: multipliesMatrices)
      }
      return bound(.bfloat16) - bound(.float32)
    }
    #expect(abs(hard(nil) - 3 * (0x1p-7 + 0x1p-16)) < 1e-12)
    #expect(abs(hard(5) - 5 * (0x1p-8 + 0x1p-17)) < 1e-12)
    #expect(hard(5, multipliesMatrices: false) == 0)
  }

  // An exact tie stays one, and nothing is undecided where no factor is rounded.
  @Test func workedExampleOfDecidingMargins() {
    #expect(Profile.bfloat16.decidingMargin("relu") == 0.05)
    #expect(Profile.bfloat16.decidingMargin("neighbour") == 0x1p-6)
    #expect(Profile.tf32.decidingMargin("neighbour") == 0x1p-9)
    #expect(Profile.float32.decidingMargin("relu") == 0)
  }

  // The answer's own rounding: half the spacing at 1 is 2⁻²⁴, 2⁻¹¹, 2⁻⁸; at 0 half the smallest subnormal.
  @Test func workedExampleOfStorage() {
    func storage(_ profile: Profile, _ type: String, _ value: Double) -> Double {
      profile.bound(stored: value, scale: 0, terms: 1, type: type)
        - profile.bound(stored: value, scale: 0, terms: 1, type: "F64")
    }
    #expect(storage(.float32, "F32", 1) == 0x1p-24)
    #expect(storage(.bfloat16, "F16", -1) == 0x1p-11)
    #expect(storage(.bfloat16, "BF16", 1) == 0x1p-8)
    #expect(storage(.bfloat16, "F16", 0) == 0x1p-25)
    #expect(Profile.float32.bound(stored: 0, scale: 0, terms: 3, type: "F64") == 3 * 0x1p-126)
  }

  @Test func invariantProfilesWiden() {
    for terms in [1, 7, 1 << 10, 1 << 22] {
      let factors = [Profile.float64, .float32, .tf32, .bfloat16].map { $0.factor(terms: terms) + $0.factorRounding }
      #expect(factors == factors.sorted() && factors[3].isFinite && factors[0] > 0)
      #expect(Profile.float32.factor(terms: terms + 1) > Profile.float32.factor(terms: terms))
    }
    #expect(Profile.float64.realTypes == ["F64"])
  }

  // Legal programs stay inside: sums of products in any order, whose factors a matrix unit has rounded first.
  @Test(arguments: [(Profile.tf32, ReducedPrecision.tf32), (.bfloat16, .bfloat16), (.float32, .single)])
  func invariantRoundedFactorsStayInside(profile: Profile, format: ReducedPrecision) {
    var generator = FixedGenerator(state: 11)
    var largest = 0.0
    for _ in 0..<300 {
      let n = Int.random(in: 1...60, using: &generator)
      let a = (0..<n).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
      let b = (0..<n).map { _ in Double(Float.random(in: -1...1, using: &generator)) }
      let exact = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      let scale = zip(a, b).reduce(0) { $0 + abs($1.0 * $1.1) }
      let order = Array(0..<n).shuffled(using: &generator)
      let answer = order.reduce(Float(0)) {
        $0 + Float(format.rounded(a[$1])) * Float(format.rounded(b[$1]))
      }
      let bound = profile.bound(stored: exact, scale: scale, terms: n + 1, type: "F32")
      largest = max(largest, abs(Double(answer) - exact) / bound)
    }
    #expect(largest <= 1)
    // Not ten times too wide either: single products come near the worst case.
    #expect(largest > 0.1, "\(largest)")
  }
}
