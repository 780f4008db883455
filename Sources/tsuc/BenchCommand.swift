// `tsuc bench`: times pieces of work by name, as a table or as JSON.
// Tests    tsucTests/BenchmarkTests.swift
import Commands
import Files
import Foundation
import Kernels

extension Command {
  static let bench = Command(
    name: "bench", summary: "time kernels, layers, training steps and losses",
    details: "Prints the best of the repeats after one warm-up. Compare figures of one run on one machine only.",
    options: [
      Option("only", "SUBSTRING", "time only the work whose name contains it"),
      Option("repeats", "N", "how often each piece is timed, 1 to 1000 (5)"),
      Option("threads", "N", "how many threads the kernels use, 1 to 256 (all processors)"),
      Option("json", nil, "print a JSON list of name, seconds and work instead of a table"),
    ]
  ) { arguments, console in
    let repeats = try arguments.integer("repeats", in: 1...1000) ?? 5
    if let threads = try arguments.integer("threads", in: 1...256) { Parallel.threadCount = threads }
    let part = arguments["only"] ?? ""
    let chosen = BenchmarkWork.all.filter { part.isEmpty || $0.name.contains(part) }
    guard !chosen.isEmpty else {
      let nearest = nearestNames(to: part, among: BenchmarkWork.all.map(\.name)).joined(separator: " or ")
      throw UsageError("no work's name contains \"\(part)\"; did you mean \(nearest)?")
    }
    let isJSON = arguments["json"] != nil
    var rows: [BenchmarkResult] = []
    if !isJSON { try console.write(BenchmarkResult.heading) }
    for work in chosen {
      let result = BenchmarkResult(work, repeats: repeats)
      rows.append(result)
      if !isJSON { try console.write(result.line) }
    }
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try console.write(String(decoding: try encoder.encode(rows), as: UTF8.self) + "\n")
    }
  }
}

/// What one piece of work took.
struct BenchmarkResult: Encodable {
  let name: String
  /// The best of the repeats.
  let seconds: Double
  /// Floating-point operations; 0 where that is no useful figure.
  let work: Double
  /// The pages that the last repeat took from the system; nil where the system does not tell.
  let freshPages: Int?

  init(_ work: BenchmarkWork, repeats: Int) {
    let run = work.prepare()
    run()
    let clock = ContinuousClock()
    var (times, before): ([Double], Int?) = ([], nil)
    for _ in 0..<repeats {
      before = FreshPages.count
      times.append(clock.measure(run) / .seconds(1))
    }
    name = work.name
    seconds = times.min() ?? 0
    self.work = work.operations
    freshPages = FreshPages.count.flatMap { after in before.map { after - $0 } }
  }

  static let heading =
    "work".padding(toLength: 46, withPad: " ", startingAt: 0) + "        ms   GFLOP/s  fresh pages\n"

  /// One line of the table.
  var line: String {
    let rate = work > 0 ? String(format: "%9.1f", work / seconds / 1e9) : "        -"
    let pages = freshPages.map { String(format: "%13d", $0) } ?? ""
    return name.padding(toLength: 46, withPad: " ", startingAt: 0) + String(format: "%10.3f ", seconds * 1e3) + rate
      + pages + "\n"
  }
}
