// envelopes.json: what was measured of every trajectory.
//
// Schema   Fixtures/corpus/schema/envelopes.schema.json
// Tests    OracleTests/TrajectoryEnvelopeTests.swift
import Files
import Kernels
import Networks

/// Envelopes as a file holds them.
package struct TrajectoryEnvelopeFile: Sendable, Equatable {
  /// The envelopes by trajectory.
  package var envelopes: [String: TrajectoryEnvelope]

  /// The file that is committed with this package.
  package static var ownPath: String { PackageFixtures.path("trajectories/envelopes.json") }

  /// A file of given envelopes.
  package init(envelopes: [String: TrajectoryEnvelope]) { self.envelopes = envelopes }

  /// The bytes of the file.
  package var encoded: [UInt8] {
    let members: [String: JSON] = [
      "version": .string("v1"), "members": .integer(TrajectoryEnvelope.members),
      "trajectories": .object(envelopes.mapValues(\.json)),
    ]
    return Array(JSON.object(members).pretty.utf8)
  }

  /// Reads a file.
  package init(reading path: String) throws(OracleError) { try self.init(bytes: CorpusFiles.read(path), name: path) }

  /// Reads the bytes of a file; `name` stands for it in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    envelopes = [:]
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      let version = try members.take("version").string(of: "\"version\"")
      let count = try members.take("members").integer(of: "\"members\"")
      guard version == "v1", count == TrajectoryEnvelope.members else {
        throw JSONError(
          description: "envelopes of version v1 and \(TrajectoryEnvelope.members) members were expected, not of "
            + "\(version) and \(count)")
      }
      for (trajectory, json) in try members.take("trajectories").members(of: "\"trajectories\"") {
        envelopes[trajectory] = try TrajectoryEnvelope(json, "\"\(trajectory)\"")
      }
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
  }
}

extension TrajectoryEnvelope {
  fileprivate var json: JSON {
    func list(_ values: [Double]) -> JSON { .array(values.map { .number($0) }) }
    let ranges = mistakes.map { mistake -> (String, JSON) in
      let range = mistake.outside
      return (mistake.parameter, .array(range.map { [.integer($0.lowerBound), .integer($0.upperBound)] } ?? []))
    }
    return .object([
      "losses": list(losses), "scales": list(scales), "float32": list(single), "float64": list(double),
      "horizons": .object(["float32": .integer(singleHorizon), "float64": .integer(doubleHorizon)]),
      "mistakes": .object(Dictionary(uniqueKeysWithValues: ranges)),
    ])
  }

  fileprivate init(_ json: JSON, _ context: String) throws(JSONError) {
    var members = MemberReader(json, context)
    func numbers(_ name: String) throws(JSONError) -> [Double] {
      try members.take(name).elements(of: "\"\(name)\"")
        .map { element throws(JSONError) in try element.number(of: "an element of \"\(name)\"") }
    }
    let (losses, scales) = (try numbers("losses"), try numbers("scales"))
    let (single, double) = (try numbers("float32"), try numbers("float64"))
    var mistakes: [Mistake] = []
    let ranges = try members.take("mistakes").members(of: "\"mistakes\"")
    for (parameter, range) in ranges.sorted(by: { $0.key < $1.key }) {
      let ends = try range.integers(of: "the steps of \"\(parameter)\"")
      guard ends.isEmpty || ends.count == 2 && ends[0] <= ends[1] else {
        throw JSONError(
          description: "the steps of \"\(parameter)\" must be the first and the last, or none, not \(ends)")
      }
      mistakes.append(Mistake(parameter: parameter, outside: ends.isEmpty ? nil : ends[0]...ends[1]))
    }
    let horizons = try members.take("horizons")
    try members.finish()
    self.init(losses: losses, scales: scales, single: single, double: double, mistakes: mistakes)
    guard !losses.isEmpty, [scales, single, double].allSatisfy({ $0.count == losses.count }) else {
      throw JSONError(description: "\(context) needs equally many losses, scales and envelopes")
    }
    let own: JSON = .object(["float32": .integer(singleHorizon), "float64": .integer(doubleHorizon)])
    guard horizons == own else {
      throw JSONError(description: "the horizons of \(context) follow from its envelopes as \(own.compact)")
    }
  }
}
