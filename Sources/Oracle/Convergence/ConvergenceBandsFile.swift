// Bands as a file: digits.json and others of its kind.
//
//     {"version": "v1", "recipe": "digits",
//      "schedule": [{"stage": 1, "round": 0, "term": "learningRate", "epochs": [0, 1], "values": [0.03, 0.03]}, …],
//      "curves": [{"stage": 1, "round": 0, "term": "L_and", "epochs": [0, 1], "runs": [[10.7, 9.5], …]}, …]}
//
// Tests    OracleTests/ConvergenceBandsTests.swift
import Files

extension ConvergenceBands {
  private static let version = "v1"

  /// The bytes of the file, in one line.
  package var encoded: [UInt8] {
    let indices = Dictionary(uniqueKeysWithValues: points.enumerated().map { ($1, $0) })
    let curves = Self.grouped(points).map { curve, epochs -> JSON in
      let columns = epochs.compactMap { indices[$0] }
      let runs = runs.map { run in JSON.array(columns.map { .number(run[$0]) }) }
      return .object(Self.members(curve, epochs).merging(["runs": .array(runs)]) { $1 })
    }
    let plan = Self.grouped(schedule.keys.sorted()).map { curve, epochs -> JSON in
      let values = JSON.array(epochs.compactMap { schedule[$0] }.map { .number($0) })
      return .object(Self.members(curve, epochs).merging(["values": values]) { $1 })
    }
    let file = JSON.object([
      "version": .string(Self.version), "recipe": .string(recipe), "schedule": .array(plan), "curves": .array(curves),
    ])
    return Array((file.compact + "\n").utf8)
  }

  /// Points by curve, in order of time and term; the epoch of a curve's key is 0.
  private static func grouped(_ points: [CurvePoint]) -> [(curve: CurvePoint, epochs: [CurvePoint])] {
    Dictionary(grouping: points) { CurvePoint(stage: $0.stage, round: $0.round, epoch: 0, term: $0.term) }
      .map { ($0, $1.sorted()) }.sorted { $0.0 < $1.0 }
  }

  private static func members(_ curve: CurvePoint, _ epochs: [CurvePoint]) -> [String: JSON] {
    [
      "stage": .integer(curve.stage), "round": .integer(curve.round), "term": .string(curve.term),
      "epochs": .array(epochs.map { .integer($0.epoch) }),
    ]
  }

  /// Reads a file.
  package init(reading path: String) throws(OracleError) { try self.init(bytes: CorpusFiles.read(path), name: path) }

  /// Reads the bytes of a file; `name` stands for it in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      let version = try members.take("version").string(of: "\"version\"")
      guard version == Self.version else {
        throw JSONError(description: "bands of version \(Self.version) were expected, not of \(version.prefix(20))")
      }
      let recipe = try members.take("recipe").string(of: "\"recipe\"")
      let plan = try members.take("schedule").elements(of: "\"schedule\"")
      let curves = try members.take("curves").elements(of: "\"curves\"")
      try members.finish()
      try self.init(recipe: recipe, schedule: plan, curves: curves)
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
  }

  private init(recipe: String, schedule plan: [JSON], curves: [JSON]) throws(JSONError) {
    var (schedule, columns) = ([CurvePoint: Double](), [CurvePoint: [Double]]())
    for json in plan {
      var members = MemberReader(json, "an element of \"schedule\"")
      let points = try Self.points(&members)
      let values = try Self.numbers(members.take("values"), count: points.count)
      try members.finish()
      for (point, value) in zip(points, values) { schedule[point] = value }
    }
    for json in curves {
      var members = MemberReader(json, "an element of \"curves\"")
      let points = try Self.points(&members)
      let runs = try members.take("runs").elements(of: "\"runs\"").map { run throws(JSONError) in
        try Self.numbers(run, count: points.count)
      }
      try members.finish()
      for (index, point) in points.enumerated() { columns[point] = runs.map { $0[index] } }
    }
    let points = columns.keys.sorted()
    let counts = Set(columns.values.map(\.count))
    guard let count = counts.first, counts.count == 1, count >= ConvergenceTest.smallestCount, !schedule.isEmpty else {
      throw JSONError(
        description:
          "a schedule and curves of equally many runs, at least \(ConvergenceTest.smallestCount), were expected, "
          + "not of \(counts.sorted())")
    }
    let runs = (0..<count).map { run in points.map { columns[$0]?[run] ?? 0 } }
    self.init(recipe: recipe, points: points, runs: runs, schedule: schedule)
  }

  private static func points(_ members: inout MemberReader) throws(JSONError) -> [CurvePoint] {
    let stage = try members.take("stage").integer(of: "\"stage\"")
    let round = try members.take("round").integer(of: "\"round\"")
    let term = try members.take("term").string(of: "\"term\"")
    return try members.take("epochs").integers(of: "\"epochs\"").map {
      CurvePoint(stage: stage, round: round, epoch: $0, term: term)
    }
  }

  private static func numbers(_ json: JSON, count: Int) throws(JSONError) -> [Double] {
    let numbers = try json.elements(of: "a list of values").map { element throws(JSONError) in
      try element.number(of: "a value")
    }
    guard numbers.count == count else {
      throw JSONError(description: "\(count) epochs need as many values, not \(numbers.count)")
    }
    return numbers
  }
}
