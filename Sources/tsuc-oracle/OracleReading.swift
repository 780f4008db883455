// `tsuc oracle list`, `explain` and `export`: the corpus for people.
// Tests    tsuc-oracleTests/OracleCommandTests.swift
import Commands
import Files
import Oracle

extension Command {
  /// One line for each case.
  static let oracleList = Command(
    name: "oracle list", summary: "list the cases: identifier, operation, summary",
    details: "The cases are those of the corpus, or those that it would be made of where there is none yet.",
    options: [.area, .corpus]
  ) { arguments, console in
    let cases: [CaseDescription]
    if let corpus = try arguments.corpusIfThere() {
      cases = try forOracle { try corpus.manifest.cases.map { try corpus.description(of: $0) } }
    } else {
      cases = try forOracle { try CaseRecipes.all().map { try CaseDescription($0) } }.sorted { $0.id < $1.id }
    }
    let area = try arguments.area(among: cases.map(\.area))
    let chosen = cases.filter { area == nil || $0.area == area }
    let widths = (chosen.map(\.id.count).max() ?? 0, chosen.map(\.operation.count).max() ?? 0)
    let lines = chosen.map { item in
      item.id.filled(to: widths.0) + "  " + item.operation.filled(to: widths.1) + "  " + item.summary + "\n"
    }
    try console.write(lines.joined() + "\(chosen.count) cases\n")
  }

  /// Everything about one case, or what one operation takes.
  static let oracleExplain = Command(
    name: "oracle explain", summary: "tell what a case computes, on what, what it catches, and who vouches for it",
    details: """
      A case that is not frozen is told from its recipe, without scales and witnesses. Of an operation it is told which
      parameters and inputs a prompt may give.
      """,
    operands: [
      Operand(name: "CASE", help: "the identifier, such as optimiser/sgd-paper, or an operation, such as sgd")
    ], options: [.corpus]
  ) { arguments, console in
    let (id, operations) = (arguments.operands[0], Operations.all.map(\.name))
    if let operation = Operations.all.first(where: { $0.name == id }) { return try console.write(operation.page) }
    if let corpus = try arguments.corpusIfThere() {
      guard corpus.manifest.cases.contains(id) else { throw unknownCase(id, among: corpus.manifest.cases + operations) }
      let item = try forOracle { try corpus.load(id) }
      return try console.write(item.description.explanation(inputs: item.prompt.inputs))
    }
    let recipes = try forOracle { try CaseRecipes.all() }
    guard let recipe = recipes.first(where: { "\($0.area)/\($0.slug)" == id }) else {
      throw unknownCase(id, among: recipes.map { "\($0.area)/\($0.slug)" } + operations)
    }
    let description = try forOracle { try CaseDescription(answering: recipe) }
    try console.write(description.explanation(inputs: recipe.prompt.inputs) + "  not frozen: told from the recipe\n")
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
