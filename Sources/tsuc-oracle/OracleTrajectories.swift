// `tsuc oracle trajectories` and `judge`: how far roundings carry a trajectory, and what can be asked beyond its horizon.
// Tests    tsuc-oracleTests/OracleTrajectoriesTests.swift
import Commands
import Foundation
import Oracle

extension Command {
  /// Envelopes and single steps of trajectories.
  static let oracleTrajectories = Command(
    name: "oracle trajectories",
    summary: "how far legal roundings carry many steps, and single steps from where they led",
    details: """
      Without options, the table of the committed envelopes (Fixtures/trajectories): at some steps the loss, the largest
      deviation of 128 runs with random roundings of Float and of Double, and the bound 8 σ u; then the horizon up to which
      the bound holds at every step. With --out, prompts of single steps from the states of the Double run after 20, 50,
      99, 200 and 250 steps, to be answered like the corpus's prompts and judged by "oracle judge".
      """,
    options: [
      Option("only", "NAME", Trajectory.names.joined(separator: ", ")),
      Option("out", "DIR", "a new folder for the prompts of single steps"),
      Option("measure", nil, "measure anew, some minutes; exit code 1 if something differs from what is committed"),
      Option("write", "FILE", "measure anew, and write what was found into a new file"), .threads,
    ]
  ) { arguments, console in
    try arguments.useThreads()
    let chosen = try forOracle { try arguments["only"].map { [try Trajectory.named($0).name] } ?? Trajectory.names }
    for path in [arguments["out"], arguments["write"]] {
      if let path, CorpusFiles.exists(path) { throw UsageError("\(path) exists already and is not overwritten") }
    }
    if let out = arguments["out"] {
      let prompts = try forOracle { try chosen.flatMap { try Trajectory.named($0).forcedSteps() } }
      try forOracle { try PromptFolder.write(prompts, to: out) }
      return console.complain("tsuc: wrote \(prompts.count) prompts to \(out)")
    }
    let measures = arguments["measure"] != nil || arguments["write"] != nil
    let committed = try forOracle {
      try arguments["write"] == nil ? TrajectoryEnvelopeFile(reading: TrajectoryEnvelopeFile.ownPath).envelopes : [:]
    }
    var envelopes = measures ? [:] : committed
    for name in chosen {
      if measures { envelopes[name] = try forOracle { try TrajectoryEnvelope(Trajectory.named(name)) } }
      if let envelope = envelopes[name] { try console.write(envelope.text(name)) }
    }
    if let file = arguments["write"] {
      try writeForOracle(TrajectoryEnvelopeFile(envelopes: envelopes).encoded, to: file)
    } else if measures {
      if let other = chosen.first(where: { committed[$0] != envelopes[$0] }) {
        throw RunError("\(other) is not what \(TrajectoryEnvelopeFile.ownPath) says")
      }
    }
  }

  /// The verdict on answers to any prompts.
  static let oracleJudge = Command(
    name: "oracle judge", summary: "judge answers to any prompts against this package's own answers",
    details: """
      Golden values and bounds on demand, for prompts that are not in the corpus: shapes and values of your own, single
      steps of trajectories. No independent program has confirmed them. Exit status 0: everything that capability.json claims is
      there and right. 1: it is not. 2: the question cannot be answered. An invalid prompt is reported in one line, and the others
      are judged nevertheless; if all of those are right, the exit status is 2.
      """,
    operands: [
      Operand(name: "PROMPTS", help: "the folder of the prompts"),
      Operand(name: "RESPONSES", help: "the folder of the answers"),
    ],
    options: [
      .profile, Option("json", "FILE", "a new file with the verdict on every tensor"), .threads,
    ]
  ) { arguments, console in
    try arguments.useThreads()
    let profile = try arguments.profile()
    let progress = ProgressLine(on: console)
    try reportForOracle(arguments, console) {
      defer { progress.close() }
      return try PromptFolder(reading: arguments.operands[0]).check(
        ResponseFolder(reading: arguments.operands[1]), profile: profile, tell: { progress.update($0.line) })
    }
  }
}

extension JudgingProgress {
  /// What is told while it lasts.
  var line: String {
    let runs = calibrationRuns.map {
      "; it lies outside its first bounds and near a kink: \($0) further runs of at most 64"
    }
    return "judging \(id), \(number) of \(count)\(runs ?? "")"
  }
}

/// Writes a report, and its JSON where that was asked for; answers that did not pass are exit code 1.
func reportForOracle(_ arguments: Arguments, _ console: Console, _ judge: () throws -> CheckReport) throws {
  if let file = arguments["json"], CorpusFiles.exists(file) {
    throw UsageError("\(file) exists already and is not overwritten")
  }
  let report = try forOracle(judge)
  if let file = arguments["json"] { try writeForOracle(report.encoded, to: file) }
  try console.write(report.description + "\n")
  guard report.passed else {
    if report.isUndecided {
      throw RunError(
        "nothing was decided: \(report.count(.undecided)) of \(report.cases.count) cases are undecided, and none passed"
      )
    }
    let illegal = report.count(.illegal)
    if illegal > 0 && report.failures.isEmpty && report.problems.isEmpty {
      throw UsageError(
        "\(illegal) of \(report.cases.count) prompts are illegal and were not judged; none of the others failed")
    }
    throw RunError(
      "the answers did not pass: \(report.failures.count) of \(report.cases.count) cases failed, "
        + "\(report.problems.count) other problems")
  }
}

extension TrajectoryEnvelope {
  /// The table of some steps, and the horizons.
  fileprivate func text(_ name: String) -> String {
    let steps = [1, 2, 3, 5, 10, 20, 30, 50, 70, 100, 150, 200, 250, 300].filter { $0 <= losses.count }
    func digits(_ value: Double) -> String { String(format: "%.1e", value) }
    let rows = steps.map { step -> [String] in
      let t = step - 1
      return [
        "\(step)", decimals(losses[t], 4), digits(single[t]), digits(scales[t] * 0x1p-24), digits(double[t]),
        digits(scales[t] * 0x1p-53),
      ]
    }
    let table = TextTable(header: ["step", "loss", "Float", "bound", "Double", "bound"], rows: rows).text
    let mistakes = mistakes.map { mistake in
      let range = mistake.outside.map { "outside from step \($0.lowerBound) to \($0.upperBound)" } ?? "never outside"
      return "  \(mistake.parameter) 1 % lower: \(range)\n"
    }
    return "\(name), \(losses.count) steps\n\(table)  horizon: Float \(singleHorizon), Double \(doubleHorizon)\n"
      + mistakes.joined() + "\n"
  }
}
