import Kernels
import Networks
import TestSupport
import Testing

@testable import Oracle

@Suite("Scales where a ReLU is near its kink")
struct MonteCarloScaleTests {
  /// A step, and the same with the first pixel of the first channel brought to its ReLU's kink by the shift in front of it.
  func prompts() throws -> (far: Prompt, near: Prompt) {
    let far = try #require(try corpusPrompts(in: "step").first { $0.slug == "stage-two-step-one-stream" }).prompt
    let answer = try Operations.named(far.operation).answer(far, as: Double.self)
    func first(_ name: String) throws -> Double {
      guard case .real(let tensor)? = answer[name] ?? far.inputs[name] else { throw OracleError("no \(name)") }
      return tensor.values[0]
    }
    let unit = (try first("conv1.output") - first("bn1.mean")) / (try first("bn1.variance") + 1e-5).squareRoot()
    var near = far
    var shift: Tensor<Double> = try far.tensor("bn1.bias")
    shift.values[0] = Double(Float(-(try first("bn1.weight")) * unit))
    near.inputs["bn1.bias"] = .real(shift)
    return (far, near)
  }

  private func scale(_ prompt: Prompt, _ profile: Profile, _ margin: Double) throws -> Double {
    try #require(
      try Operations.named(prompt.operation).scales(prompt, for: profile, margins: ["relu": margin])[
        "bn1.bias.gradient"]
    ).values.values[0]
  }

  // Roundings of Float decide the ReLU, and with it a whole term of the sum; those of Double are 2⁸ · 2⁻⁵³ at most and do
  // not, so Double's scale stays that of first order, whose standard error over 64 runs is 9 %.
  @Test func workedExampleOfAKink() throws {
    let (far, near) = try prompts()
    let operation = try Operations.named(near.operation)
    let margin = try #require(try operation.margins(near)["relu"])
    #expect(margin < 1e-7 && margin > 1e-11, "\(margin)")
    let (single, double) = (try scale(near, .float32, margin), try scale(near, .float64, margin))
    #expect(single > 1000 * double, "\(single) and \(double)")
    let wide = try #require(try operation.margins(far)["relu"])
    #expect(wide >= MonteCarloScale.farKink)
    #expect(try scale(far, .float32, wide) == scale(far, .float64, wide))
    let ratio = try double / scale(far, .float64, wide)
    #expect(0.2 < ratio && ratio < 5, "\(ratio)")
  }

  // Only profiles that round factors ask what rounded factors do.
  @Test func invariantFactorsAreForProfilesThatRoundThem() throws {
    let (far, near) = try prompts()
    let operation = try Operations.named(near.operation)
    for profile in Profile.allCases {
      let scales = try operation.scales(near, for: profile, margins: ["relu": 1e-8])
      #expect(scales.values.allSatisfy { ($0.factors != nil) == (profile.factorRounding > 0) }, "\(profile)")
      #expect(Set(scales.keys) == Set(try operation.scales(far).keys))
    }
  }

  /// Six numbers of one rounding each, and 32 that jump together by `jump` where the six err in the directions that the bits of
  /// `pattern` say: one run in 64.
  private func rareJump(_ jump: Double, pattern: Int = 0) -> TraceStep {
    { tracer throws(OracleError) in
      let x = tracer.record(
        "x", Tensor<Double>(shape: [6]), from: [], by: "round", errors: [.each([1, 1, 1, 1, 1, 1])]
      ).value.values
      let jumps = x.indices.allSatisfy { (x[$0] > 0) == (pattern >> $0 & 1 == 0) && x[$0] != 0 }
      let y = Tensor(shape: [32], values: [Double](repeating: jumps ? jump : 0, count: 32))
      _ = tracer.record(
        "y", y, from: ["x"], by: "jump", errors: [.each([Double](repeating: 1, count: 32))])
    }
  }

  private typealias TraceStep = (inout Tracer<Double>) throws(OracleError) -> Void

  private func scales(_ trace: TraceStep) throws -> [String: RoundingScale] {
    try MonteCarloScale.scales(runs: 16, size: 0x1p-24, factors: false, keeping: { _ in true }, trace)
  }

  private func calibrated(_ trace: TraceStep) throws -> [String: [Double]] {
    try MonteCarloScale.calibrated(scales(trace), size: 0x1p-24, trace).mapValues(\.values.values)
  }

  // Every deviation of "x" is its root mean square itself, so that calibration finds 1, and 2 · 1 < λ.
  @Test func workedExampleOfACalibration() throws {
    let scale = try calibrated(rareJump(0))
    #expect(scale["x"] == [Double](repeating: 8, count: 6))
    #expect(scale["y"] == [Double](repeating: 8, count: 32))
  }

  // A jump of 1000 u and a rounding that none of the 16 runs met. Of 64 runs that calibrate, 1 − (63 / 64)^64 = 63.5 % meet it:
  // then the bound is 2 · 1001 u of every element. What does not jump keeps its own scale.
  @Test func workedExampleOfASeldomKink() throws {
    var (unseen, met) = (0, 0)
    for pattern in 0..<64 {
      let trace = rareJump(1000 * 0x1p-24, pattern: pattern)
      guard try scales(trace)["y"]?.values.values == [Double](repeating: 8, count: 32) else { continue }
      unseen += 1
      let scale = try calibrated(trace)
      #expect(scale["x"] == [Double](repeating: 8, count: 6))
      let y = try #require(scale["y"])
      if y != [Double](repeating: 8, count: 32) {
        met += 1
        #expect(y.allSatisfy { abs($0 - 2002) < 1e-3 }, "\(pattern): \(y)")
      }
    }
    // 16 of 64 patterns at most can have been met before; four standard deviations of the binomial about 63.5 %.
    #expect(unseen >= 48)
    #expect(abs(Double(met) - 0.635 * Double(unseen)) < 4 * (0.635 * 0.365 * Double(unseen)).squareRoot(), "\(met)")
  }

  // Runs end where they are enough: the first makes "x" no wider, as all of its deviations are the root mean square.
  @Test func edgeCaseOfACalibrationThatEndsEarly() throws {
    var (traces, asked) = (0, 0)
    let scale = try scales(rareJump(0))
    let trace: TraceStep = { tracer throws(OracleError) in
      traces += 1
      try rareJump(0)(&tracer)
    }
    let ended = try MonteCarloScale.calibrated(
      scale, size: 0x1p-24,
      until: { _ in
        asked += 1
        return asked > 3
      }, trace)
    #expect(traces == 1 + 3 && ended == scale)
    traces = 0
    #expect(try MonteCarloScale.calibrated(scale, size: 0x1p-24, trace) == scale && traces == 65)
  }

  /// 32 numbers, each of which jumps where six roundings of its own all err upwards, and the undisturbed tensor of zeros.
  private let seldomJumps: TraceStep = { tracer throws(OracleError) in
    let x = tracer.record(
      "x", Tensor<Double>(shape: [192]), from: [], by: "round", errors: [.each([Double](repeating: 1, count: 192))]
    ).value.values
    let y = (0..<32).map { e in x[6 * e..<6 * e + 6].allSatisfy { $0 > 0 } ? 1000 * 0x1p-24 : 0.0 }
    _ = tracer.record(
      "y", Tensor(shape: [32], values: y), from: ["x"], by: "jump", errors: [.each([Double](repeating: 1, count: 32))])
  }

  // Of Q + 1 alike programs one is the worst. Of 256 others, with roundings of their own, 256 / 65 lie outside on average at
  // most; three standard deviations more are allowed. By bounds of single elements alone a third would: of 32 kinks
  // 16 runs leave about 32 (63 / 64)^16 = 25 unmet, and a program meets one of those with 1 − (63 / 64)^25 = 0.32.
  @Test func invariantOtherProgramsLieInside() throws {
    let first = try #require(try scales(seldomJumps)["y"]).values.values
    let fair = try #require(try calibrated(seldomJumps)["y"])
    var outside = (first: 0, calibrated: 0)
    for run in 2001...2256 {
      var tracer = Tracer<Double>(perturbation: Perturbation(run: run, size: 0x1p-24), of: .results)
      try seldomJumps(&tracer)
      let y = try #require(tracer.values["y"]).values
      outside.first += y.indices.allSatisfy { abs(y[$0]) <= 0x1p-24 * first[$0] } ? 0 : 1
      outside.calibrated += y.indices.allSatisfy { abs(y[$0]) <= 0x1p-24 * fair[$0] } ? 0 : 1
    }
    let most = 256.0 / 65 + 3 * (256.0 / 65).squareRoot()
    #expect(Double(outside.calibrated) <= most, "\(outside)")
    #expect(Double(outside.first) > 5 * most, "\(outside)")
  }
}
