// `tsuc oracle list`, `explain` and `export`: the corpus for people.
// Tests    tsuc-oracleTests/OracleCommandTests.swift
import Commands
import Files
import Oracle

extension Command {
  /// One line for each case.
  static let oracleList = Command(
    name: "oracle list", summary: "list the cases: identifier, operation, summary",
    details: "The cases are those of the corpus, in alphabetical order.", options: [.area, .corpus]
  ) { arguments, console in
    let corpus = try arguments.corpus()
    let area = try arguments.area(among: corpus.areas)
    let chosen = try forOracle {
      try corpus.manifest.cases.map { try corpus.description(of: $0) }.filter { area == nil || $0.area == area }
    }
    let widths = (chosen.map(\.id.count).max() ?? 0, chosen.map(\.operation.count).max() ?? 0)
    let lines = chosen.map { item in
      item.id.filled(to: widths.0) + "  " + item.operation.filled(to: widths.1) + "  " + item.summary + "\n"
    }
    try console.write(lines.joined() + "\(chosen.count) cases\n")
  }

  /// Everything about one case, or what one operation takes.
  static let oracleExplain = Command(
    name: "oracle explain",
    summary: "describe a case: what it computes, its inputs, the mistakes it catches, its witnesses",
    details: """
      With --prompts, a prompt of that folder is explained instead of a frozen case: its outputs and its margins, the
      distances from every kink and tie, are computed now. Of an operation the command prints which parameters and inputs a
      prompt may give.
      """,
    operands: [
      Operand(name: "CASE", help: "the identifier, such as optimiser/sgd-paper, or an operation, such as sgd")
    ], options: [.corpus, Option("prompts", "DIR", "a folder of prompts that are not frozen")]
  ) { arguments, console in
    let (id, operations) = (arguments.operands[0], Operations.all.map(\.name))
    if let operation = Operations.all.first(where: { $0.name == id }) { return try console.write(operation.page) }
    if let path = arguments["prompts"] {
      let folder = try forOracle { try PromptFolder(reading: path) }
      guard folder.ids.contains(id) else { throw unknownCase(id, among: folder.ids + operations) }
      let item = try forOracle { try folder.casePrompt(id) }
      let description = try forOracle { try CaseDescription(answering: item) }
      return try console.write(
        description.explanation(inputs: item.prompt.inputs) + "  not frozen: outputs and margins were computed now\n")
    }
    let corpus = try arguments.corpus()
    guard corpus.manifest.cases.contains(id) else { throw unknownCase(id, among: corpus.manifest.cases + operations) }
    let item = try forOracle { try corpus.load(id) }
    try console.write(item.description.explanation(inputs: item.prompt.inputs))
  }

  /// The page of all operations.
  static let oracleOperations = Command(
    name: "oracle operations", summary: "print what every operation takes: parameters, inputs, defaults and limits",
    details: "The text is that of Fixtures/corpus/operations/declared.md, in Markdown.", options: []
  ) { _, console in
    try console.write(Operations.page)
  }

  /// Copies as npy files.
  static let oracleExport = Command(
    name: "oracle export", summary: "copy every tensor of the corpus into npy files",
    details: "The new folder holds AREA/SLUG/inputs, expected and scale, each with one NAME.npy for each tensor.",
    operands: [Operand(name: "DIR", help: "a new folder")], options: [.area, .corpus]
  ) { arguments, console in
    let corpus = try arguments.corpus()
    let area = try arguments.area(among: corpus.areas)
    let ids = corpus.manifest.cases.filter { area == nil || $0.hasPrefix("\(area ?? "")/") }
    let count = try forOracle { try corpus.export(ids, to: arguments.operands[0]) }
    console.complain("tsuc: wrote \(count) arrays to \(arguments.operands[0])")
  }

  static func unknownCase(_ id: String, among known: [String]) -> UsageError {
    let nearest = nearestNames(to: id, among: known).joined(separator: " or ")
    return UsageError("there is no case \"\(id)\"; did you mean \(nearest)? \"tsuc oracle list\" lists all")
  }
}
