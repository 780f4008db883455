import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Scales where a rectifier is near its kink")
struct MonteCarloScaleTests {
  /// A step, and the same with the first pixel of the first channel brought to its rectifier's kink by the shift in front of it.
  private func prompts() throws -> (far: Prompt, near: Prompt) {
    let far = try #require(try recipes("step").first { $0.slug == "stage-two-step-one-stream" }).prompt
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

  // Roundings of Float decide the rectifier, and with it a whole term of the sum; those of Double are 2⁸ · 2⁻⁵³ at most and do
  // not, so Double's scale stays that of first order, whose standard error over 64 runs is 9 %.
  @Test func workedExampleOfAKink() throws {
    let (far, near) = try prompts()
    let operation = try Operations.named(near.operation)
    let margin = try #require(try operation.margins(near)["relu"])
    #expect(margin < 1e-7 && margin > 1e-11, "\(margin)")
    let (single, double) = (try scale(near, .float32, margin), try scale(near, .float64, margin))
    #expect(single > 1000 * double, "\(single) and \(double)")
    let wide = try #require(try operation.margins(far)["relu"])
    #expect(wide >= NetworkDrawing.smallestMargin)
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
}
