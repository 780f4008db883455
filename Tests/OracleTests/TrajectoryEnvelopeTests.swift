import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Envelopes of trajectories")
struct TrajectoryEnvelopeTests {
  private static let file = Result { try TrajectoryEnvelopeFile(reading: TrajectoryEnvelopeFile.ownPath) }

  private func envelope(_ name: String) throws -> TrajectoryEnvelope {
    try #require(try Self.file.get().envelopes[name])
  }

  /// The losses in Float, with the images of every batch in another order.
  private func floatLosses(_ trajectory: Trajectory, order: [Int]) throws -> [Double] {
    var prompt = trajectory.prompt
    guard case .real(var views)? = prompt.inputs["views"] else { return [] }
    let size = views.count / trajectory.steps / 6
    var moved = views.values
    for step in 0..<trajectory.steps {
      for (index, from) in (order + order.map { $0 + 3 }).enumerated() {
        let (target, source) = ((step * 6 + index) * size, (step * 6 + from) * size)
        for i in 0..<size { moved[target + i] = views.values[source + i] }
      }
    }
    views.values = moved
    prompt.inputs["views"] = .real(views)
    if case .integers(let images, let shape)? = prompt.inputs["images"] {
      let reordered = images.indices.map { images[$0 / 3 * 3 + order[$0 % 3]] }
      prompt.inputs["images"] = .integers(reordered, shape: shape)
    }
    guard case .real(let losses)? = try PackageBackend(Float.self).answer(prompt)["losses"] else { return [] }
    return losses.values
  }

  // Summation orders of real Float programs: what stands where in a batch decides the order of every sum over it.
  @Test(arguments: Trajectory.names) func legalOrdersStayInsideUpToTheHorizon(name: String) throws {
    let (trajectory, envelope) = (try Trajectory.named(name), try envelope(name))
    let orders = name.hasSuffix("steady") ? [[0, 1, 2], [1, 2, 0], [2, 1, 0]] : [[2, 0, 1]]
    for order in orders {
      let losses = try floatLosses(trajectory, order: order)
      #expect(losses.count == envelope.losses.count)
      for t in 0..<envelope.singleHorizon {
        let apart = abs(losses[t] - envelope.losses[t])
        #expect(apart <= envelope.scales[t] * 0x1p-24, "\(name) \(order), step \(t + 1): \(apart)")
      }
    }
  }

  @Test func invariantSmallEnsemblesAgreeWithTheFile() throws {
    let envelope = try envelope("stage-two-steady")
    let found = try TrajectoryEnvelope(Trajectory.named("stage-two-steady"), members: 2)
    for t in found.losses.indices {
      #expect(abs(found.losses[t] - envelope.losses[t]) <= 1e-12)
      // The first members of 128, whose largest deviation is no smaller.
      #expect(found.single[t] <= envelope.single[t] * 1.000001 && found.double[t] <= envelope.double[t] * 1.01)
    }
    // Of two members alone σ is a guess, but 100 guesses agree in the mean.
    let ratio = found.scales.reduce(0, +) / envelope.scales.reduce(0, +)
    #expect(ratio > 0.7 && ratio < 1.3, "\(ratio)")
  }

  @Test func goldenHorizons() throws {
    // Steady trajectories have none within their 100 steps, in either arithmetic; Double has none within 300.
    for name in Trajectory.names {
      let envelope = try envelope(name)
      #expect(envelope.doubleHorizon == envelope.losses.count, "\(name)")
      #expect((envelope.singleHorizon == envelope.losses.count) == name.hasSuffix("steady"), "\(name)")
    }
  }

  // By hand: scales of 2²⁴ make bounds of 1 in Float; the third step leaves them.
  @Test func workedExampleOfAHorizon() {
    let envelope = TrajectoryEnvelope(
      losses: [3, 3, 3, 3], scales: [Double](repeating: 0x1p24, count: 4), single: [0.5, 1, 1.5, 0.5],
      double: [0, 0, 0, 0x1p-29], mistakes: [])
    #expect(envelope.singleHorizon == 2 && envelope.doubleHorizon == 4)
    let lost = TrajectoryEnvelope(losses: [3], scales: [0x1p24], single: [.nan], double: [1], mistakes: [])
    #expect(lost.singleHorizon == 0 && lost.doubleHorizon == 0)
  }

  @Test func goldenFileIsWhatTheProgramWrites() throws {
    let bytes = try CorpusFiles.read(TrajectoryEnvelopeFile.ownPath)
    let file = try TrajectoryEnvelopeFile(bytes: bytes, name: "envelopes.json")
    #expect(file.encoded == bytes && file.envelopes.keys.sorted() == Trajectory.names.sorted())
  }

  @Test func mistakesAreTold() throws {
    func read(_ old: String, _ new: String) throws -> TrajectoryEnvelopeFile {
      let envelope = TrajectoryEnvelope(
        losses: [3], scales: [1], single: [0.5], double: [0.5],
        mistakes: [.init(parameter: "momentum", outside: 2...7)])
      let text = String(decoding: TrajectoryEnvelopeFile(envelopes: ["x": envelope]).encoded, as: UTF8.self)
      return try TrajectoryEnvelopeFile(bytes: Array(text.replacing(old, with: new).utf8), name: "e.json")
    }
    #expect(try read("x", "x").envelopes["x"]?.mistakes[0].outside == 2...7)
    expectError("of v2 and 128") { try read("v1", "v2") }
    expectError("of v1 and 99") { try read("128", "99") }
    expectError("lacks \"scales\"") { try read("\"scales\"", "\"scale\"") }
    expectError("equally many") { try read("\"scales\": [1.0]", "\"scales\": []") }
    expectError("the horizons of \"x\" follow") { try read("\"float32\": 0", "\"float32\": 1") }
    expectError("first and the last") { try read("[2, 7]", "[7, 2]") }
    expectError("unknown member") { try read("\"version\"", "\"y\": 1, \"version\"") }
    expectError("there is no trajectory \"x\"; there are stage-one-steady") { try Trajectory.named("x") }
  }
}
