// How far legal roundings alone carry the losses of a trajectory, step by step, and how long a bound can be claimed.
//
// An ensemble of M runs imitates M legal programs: in Double, every operation's result is moved by √terms · u · c of its scale c
// (Traces/MonteCarloScale.swift), each number with a sign of its own. Two ensembles are run,
//
//     Float       u = 2⁻²⁴    the roundings of a Float program at their largest
//     small       u = 2⁻⁴⁵    256 times Double's: small enough for first order, large enough to stand above Double's own
//
//     E_t = max_m |L_t(m) − L_t|,  σ_t = root mean square of L_t(m) − L_t over the small ensemble, over its u
//
// To first order E_t is below 8 σ_t u, which is the bound of the corpus. Roundings that decide a ReLU, and their chaotic
// growth, break that. The horizon of an arithmetic is the last step up to which E_s ≤ 8 σ_s u for all s ≤ t.
// Tests    OracleTests/TrajectoryEnvelopeTests.swift    Fixture  Fixtures/trajectories/envelopes.json
import Files
import Kernels
import Networks

/// What roundings do to one trajectory.
package struct TrajectoryEnvelope: Sendable, Equatable {
  /// M.
  package static let members = 128

  /// A change of one constant by one per cent, the smallest mistakes that are looked for.
  package struct Mistake: Sendable, Equatable {
    /// The constant.
    package var parameter: String
    /// The first and the last step after which the loss lies outside by more than both programs' roundings, 2 E_t; nil if none.
    package var outside: ClosedRange<Int>?
  }

  /// The losses before each step.
  package var losses: [Double]
  /// 8 σ_t: what a rounding unit is multiplied with.
  package var scales: [Double]
  /// E_t of Float.
  package var single: [Double]
  /// E_t of the small ensemble over 256: to first order that of Double.
  package var double: [Double]
  /// The mistakes.
  package var mistakes: [Mistake]

  /// Measures a trajectory.
  package init(_ trajectory: Trajectory, members: Int = Self.members) throws(OracleError) {
    let losses = try trajectory.losses(trajectory.prompt)
    self.losses = losses
    let small = 0x1p-53 * Profile.magnification
    let (floats, doubles) = (
      try Self.deviations(trajectory, losses, members, 0x1p-24), try Self.deviations(trajectory, losses, members, small)
    )
    single = losses.indices.map { t in floats.reduce(0) { max($0, abs($1[t])) } }
    double = losses.indices.map { t in doubles.reduce(0) { max($0, abs($1[t])) } / Profile.magnification }
    scales = losses.indices.map { t in
      let squares: Double = doubles.reduce(0) { $0 + $1[t] * $1[t] }
      return RoundingScale.confidence / small * (squares / Double(members)).squareRoot()
    }
    mistakes = []
    for parameter in ["learningRate", "momentum", "weightDecay"] {
      var wrong = trajectory.prompt
      wrong.parameters[parameter] = .number(try wrong.number(parameter) * 0.99)
      let apart = zip(try trajectory.losses(wrong), losses).map { abs($0 - $1) }
      let steps = apart.indices.filter { apart[$0] > 2 * single[$0] }.map { $0 + 1 }
      let range: ClosedRange<Int>? = if let first = steps.first, let last = steps.last { first...last } else { nil }
      mistakes.append(Mistake(parameter: parameter, outside: range))
    }
  }

  /// Values that were measured before.
  init(losses: [Double], scales: [Double], single: [Double], double: [Double], mistakes: [Mistake]) {
    (self.losses, self.scales, self.single, self.double) = (losses, scales, single, double)
    self.mistakes = mistakes
  }

  /// The horizon of Float.
  package var singleHorizon: Int { horizon(single, 0x1p-24) }
  /// The horizon of Double.
  package var doubleHorizon: Int { horizon(double, 0x1p-53) }

  private func horizon(_ largest: [Double], _ unit: Double) -> Int {
    largest.indices.first { !(largest[$0] <= scales[$0] * unit) } ?? largest.count
  }

  private static func deviations(
    _ trajectory: Trajectory, _ losses: [Double], _ members: Int, _ size: Double
  ) throws(OracleError) -> [[Double]] {
    let runs = Parallel.map(members) { member -> Result<[Double], OracleError> in
      do throws(OracleError) {
        return .success(try trajectory.losses(trajectory.prompt, Perturbation(run: member + 1, size: size)))
      } catch {
        return .failure(error)
      }
    }
    return try runs.map { run throws(OracleError) in zip(try run.get(), losses).map { $0 - $1 } }
  }
}
