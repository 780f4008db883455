// The command "report": the page of a finished run again, from its folder and its images, without training.
// Tests    tsucTests/TrainingProcessTests.swift
import Commands
import Foundation
import Images
import TwoStage

extension Command {
  /// The page of a run again.
  static let report = Command(
    name: "report", summary: "write the report of a finished run again, from its files and its images",
    details: """
      The page is a new file: report.html in the run folder, with a number added if that exists, or --out. The images must
      be those of the run; --data and --labels tell where they are if they have moved.
      """, operands: [Operand(name: "RUN", help: "the folder of a finished run")],
    options: Option.images + [
      .labels, .threads,
      Option("out", "FILE.html", "a new file; default RUN/report.html or report-2.html, …"),
    ]
  ) { arguments, console in
    if let out = arguments["out"] { try refuseExisting(out) }
    let run = try FinishedRun(arguments, on: console, mayDiffer: false)
    let path = arguments["out"] ?? freePage(in: run.folder)
    try writeNewFile(Data(Report(contents: run.reportContents()).html.utf8), to: path)
    console.complain("tsuc: wrote \(path)")
  }

  /// The first of report.html, report-2.html, … that is not taken.
  private static func freePage(in folder: String) -> String {
    var (path, number) = ("\(folder)/\(RunFolder.reportName)", 2)
    while FileManager.default.fileExists(atPath: path) {
      path = "\(folder)/report-\(number).html"
      number += 1
    }
    return path
  }
}

extension FinishedRun {
  /// What the page shows, read from the files of the folder.
  func reportContents() throws -> ReportContents {
    let description = checkpoint.description
    guard images.checksum == description.dataChecksum else {
      throw RunError(
        "\(images.name) does not hold the images of the run: the SHA-256 of their pixels is \(images.checksum) instead of "
          + "\(description.dataChecksum); name the run's images with --data")
    }
    let metricsPath = "\(folder)/\(RunFolder.metricsName)"
    guard let stored = try? JSONDecoder().decode(Metrics.self, from: Data(try Self.text(metricsPath).utf8)) else {
      throw RunError("\(metricsPath) is missing or not that of a finished run; a run without it did not end")
    }
    // Labels that were not there at the training can score it now.
    let isUnscored = stored.accuracy == nil && images.labels != nil
    let evaluation = try evaluation(scoring: isUnscored)
    let metrics =
      isUnscored
      ? Metrics(
        evaluation, images: images, configuration: stored.configuration, seed: stored.seed, seconds: stored.seconds)
      : stored
    let historyPath = "\(folder)/\(RunFolder.historyName)"
    let neighbourPath = "\(folder)/\(NeighbourFile.name)"
    let neighbourhoods =
      FileManager.default.fileExists(atPath: neighbourPath)
      ? try NeighbourFile.parse(Self.text(neighbourPath), imageCount: images.count, path: neighbourPath) : nil
    return ReportContents(
      metrics: metrics, history: try History(csv: Self.text(historyPath), path: historyPath), images: images,
      evaluation: evaluation, encoder: checkpoint.encoder, standardisation: description.standardisation,
      neighbourhoods: neighbourhoods)
  }

  private static func text(_ path: String) throws(RunError) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw RunError("\(path) cannot be read: \(failureReason(of: error))")
    }
  }
}
