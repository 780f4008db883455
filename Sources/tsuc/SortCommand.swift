// `tsuc sort`: a folder of pictures in, a folder of pictures for each cluster out.
// Tests    tsucTests/SortingProcessTests.swift
import Commands
import Images
import TwoStage

extension Option {
  static let link = Option("link", nil, "symbolic links to the pictures instead of copies")
}

extension Command {
  /// Trains on a folder of pictures and sorts them into folders.
  static let sort = Command(
    name: "sort", summary: "train on a folder of pictures and copy them into a folder for each cluster",
    details: """
      Like "tsuc train --data DIR --out OUT"; then OUT also holds the folders cluster-0, cluster-1, …, each with copies of its
      pictures, the most confident first: their names begin with their rank. The originals are not touched. New pictures
      are sorted by the same network with "tsuc predict OUT --data DIR --copy-to NEW".
      """,
    operands: [
      Operand(name: "DIR", help: "a folder of PNG, PPM or PGM pictures, or any data that \"tsuc train\" takes")
    ],
    options: [Option("into", "OUT", "a new folder; must be given"), .classes, .link]
      + Option.images.filter { $0 != .data } + [
        .labels, .preset, .seed, .threads, .checkpointMinutes, .keep,
      ],
    hyperParameters: TrainingChoice.hyperParameters.options
  ) { arguments, console in
    guard let out = arguments["into"] else {
      throw UsageError("\"tsuc sort\" needs --into OUT, the folder to make")
    }
    try refuseExisting(out)
    try arguments.useThreads()
    let choice = try TrainingChoice(arguments, data: arguments.operands[0])
    let images = try choice.data.load(on: console)
    let copies = SortedPictures(images, of: choice.data.name, asLinks: arguments["link"] != nil)
    try copies.checkSpace(for: out)
    let run = try TrainingRun(
      choice, arguments, images: images, folder: out, policy: try StatePolicy(arguments), console: console)
    let evaluation: RunEvaluation
    do {
      evaluation = try run.perform()
    } catch let stop as Interruption {
      throw Interruption(
        signal: stop.signal,
        message: stop.message
          + ", and then \"tsuc predict \(FilePath.shellWord(out)) --copy-to DIR\" sorts the pictures")
    }
    try copies.write(evaluation, to: out, on: console)
  }
}
