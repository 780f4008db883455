// The commands on a finished run: evaluate, predict, embed.
// Tests    tsucTests/ProcessTests.swift
import Commands
import Files
import Foundation
import Images
import Networks
import TwoStage

extension Command {
  static let runFolder = Operand(
    name: "RUN", help: "the folder that \"tsuc train\" made, finished or not, or a checkpoint or state in it")

  /// The scores of a run again.
  static let evaluate = Command(
    name: "evaluate", summary: "print the scores of a finished run, on its own images or on others",
    details: "Without --data the images are those of the run.", operands: [runFolder],
    options: Option.images + [.labels, .threads]
  ) { arguments, console in
    let run = try FinishedRun(arguments, on: console)
    try console.write(run.evaluation().resultText)
  }

  /// The cluster of each image.
  static let predict = Command(
    name: "predict", summary: "print the cluster of each image as CSV, or copy images into folders",
    details: """
      Columns: image (from 0), cluster, confidence (the probability of that cluster, 0 to 1), and file where images have files
      of their own. With --copy-to the images are copied into a folder for each cluster, as by "tsuc sort"; the CSV stands beside
      these as \(RunFolder.predictionsName).
      """,
    operands: [runFolder],
    options: Option.images + [
      .threads, Option("out", "FILE.csv", "a new file; default standard output"),
      Option("copy-to", "DIR", "a new folder for copies of the images, with a folder for each cluster"), .link,
    ]
  ) { arguments, console in
    if let out = arguments["out"] { try refuseExisting(out) }
    if arguments["link"] != nil && arguments["copy-to"] == nil {
      throw UsageError("--link needs --copy-to DIR, the folder for the links")
    }
    if let copies = arguments["copy-to"] { try refuseExisting(copies) }
    let run = try FinishedRun(arguments, on: console)
    let evaluation = try run.evaluation(scoring: false)
    let text = evaluation.predictionsCSV(names: run.images.imageNames)
    if let copies = arguments["copy-to"] {
      let pictures = SortedPictures(run.images, of: run.dataPath, asLinks: arguments["link"] != nil)
      try pictures.checkSpace(for: copies)
      let folder = try RunFolder(creating: copies)
      try folder.write(text, to: RunFolder.predictionsName)
      try pictures.write(evaluation, to: copies, on: console)
      if arguments["out"] == nil { return }
    }
    guard let out = arguments["out"] else { return try console.write(text) }
    try writeNewFile(Data(text.utf8), to: out)
    console.complain("tsuc: wrote \(out)")
  }

  /// The embedding of each image.
  static let embed = Command(
    name: "embed", summary: "write the embedding of each image as an npy file",
    details: """
      The array has one row of unit length for each image, float32. Where images have files of their own, FILE.csv beside it
      tells the file of each row.
      """, operands: [runFolder],
    options: Option.images + [.threads, Option("out", "FILE.npy", "a new file; must be given")]
  ) { arguments, console in
    guard let out = arguments["out"] else {
      throw UsageError("\"tsuc embed\" needs --out FILE.npy, the file to write")
    }
    let namesPath = (out.lowercased().hasSuffix(".npy") ? String(out.dropLast(4)) : out) + ".csv"
    for path in [out, namesPath] { try refuseExisting(path) }
    let run = try FinishedRun(arguments, on: console)
    let embeddings = run.checkpoint.encoder.embed(
      run.images, standardisedBy: run.checkpoint.description.standardisation)
    try writeNewFile(Data(Npy.encoded(embeddings)), to: out)
    console.complain("tsuc: wrote \(out), \(embeddings.rows) x \(embeddings.columns)")
    guard let names = run.images.imageNames else { return }
    let rows = names.enumerated().map { "\($0.offset),\(CSV.field($0.element))\n" }
    try writeNewFile(Data(("row,file\n" + rows.joined()).utf8), to: namesPath)
    console.complain("tsuc: wrote \(namesPath), the file of each row")
  }
}

/// A run read back, and the images that it is to be used on.
struct FinishedRun {
  let folder: String
  let checkpoint: Checkpoint
  let images: ImageSet
  /// Where these were read from.
  let dataPath: String
  /// Which images they are, for the table.
  let part: String

  /// Reads the checkpoint and the images that the command line names.
  ///
  /// - Parameters:
  ///   - arguments: The command line.
  ///   - console: Where remarks go.
  ///   - mayDiffer: Whether the run's own images may have changed, which is then told; who needs the very same checks that.
  /// - Throws: A sentence, if one of them cannot be read or they do not fit each other.
  init(_ arguments: Arguments, on console: Console, mayDiffer: Bool = true) throws {
    try arguments.useThreads()
    folder = arguments.operands[0]
    checkpoint = try Checkpoint(ofRun: folder, console: console)
    let description = checkpoint.description
    let own = description.data
    let choice = try DataChoice(arguments, given: own)
    let read: ImageSet
    do {
      read = try choice.load(
        on: console, advising: ImageSize(height: description.height, width: description.width))
    } catch {
      guard arguments["data"] == nil, !FileManager.default.fileExists(atPath: own.name) else { throw error }
      throw RunError("\(error); if the data of the run has moved, name its place with --data")
    }
    let found = description.channels == 3 ? read.inColour : read
    dataPath = choice.name
    try checkpoint.check(found)
    images = Self.images(found, namedAs: description.dataClasses, on: console)
    let isOwn =
      choice.name == own.name && choice.count == own.count && choice.split == own.split && choice.size == own.size
    part = isOwn ? "training" : images.split?.rawValue ?? "other"
    if mayDiffer && isOwn && images.checksum != description.dataChecksum {
      console.complain("tsuc: the images of \(choice.name) are not those of the training; the scores may differ")
    }
  }

  /// The images with their classes numbered as those of the training; which of them it did not have is told.
  ///
  /// Where not a single name is the same, the labels are of another kind, and their classes stay as they are.
  private static func images(_ found: ImageSet, namedAs known: [String]?, on console: Console) -> ImageSet {
    guard let known, let labels = found.labels else { return found }
    let unknown = found.classNames(missingIn: known)
    if unknown.isEmpty { return found.numberingClasses(as: known) }
    guard unknown.count < Set(labels).count else {
      console.complain(
        "tsuc: none of the classes of \(found.name) has the name of a class of the training images, so they are scored as "
          + "they are")
      return found
    }
    console.complain(
      "tsuc: the training images had no images of \(classList(unknown)); scores count them as further classes")
    return found.numberingClasses(as: known)
  }

  /// Judges the run on the images.
  func evaluation(scoring: Bool = true) throws -> RunEvaluation {
    guard let heads = checkpoint.heads else {
      throw RunError("\(folder) has no heads: its training has not reached stage 2; let it go on")
    }
    let description = checkpoint.description
    // The baselines need stage 1, which only scores use; without its file they are left out.
    let stageOnePath = "\(folder)/\(RunFolder.stageOneName)"
    let stageOne =
      scoring && FileManager.default.fileExists(atPath: stageOnePath)
      ? try Checkpoint(reading: stageOnePath).encoder : nil
    return RunEvaluation(
      of: images, standardisation: description.standardisation, stageOne: stageOne, stageTwo: checkpoint.encoder,
      heads: heads, answer: description.answer ?? HeadAnswer(head: description.chosenHead), seed: description.seed,
      part: part, scoring: scoring)
  }
}

extension RunFolder {
  /// The names of a run's files.
  static let checkpointName = "checkpoint.safetensors"
  static let stageOneName = "checkpoint-stage-one.safetensors"
  static let historyName = "history.csv"
  static let metricsName = "metrics.json"
  static let reportName = "report.html"
  static let predictionsName = "predictions.csv"
}

/// Refuses a file that exists before any work is done for it.
func refuseExisting(_ path: String) throws(RunError) {
  if FileManager.default.fileExists(atPath: path) {
    throw RunError("\(path) exists already and is not overwritten; choose another name")
  }
}
