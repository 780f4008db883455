// `tsuc oracle`: the golden corpus, from its prompts to the verdict on another program's answers.
// Tests    tsuc-oracleTests/OracleCommandTests.swift, tsuc-oracleTests/OracleProcessTests.swift
import Commands
import Oracle

extension Command {
  /// The corpus and its checker.
  static let oracle = Command(
    name: "oracle", summary: "the golden corpus: its cases, its prompts, and the verdict on another program's answers",
    subcommands: [
      .oracleList, .oracleOperations, .oracleExplain, .oracleMistakes, .oracleExport, .oraclePrompts, .oracleAnswer,
      .oracleFreeze,
      .oracleCheck, .oracleJudge, .oracleAsk, .oraclePower, .oracleDigests, .oracleRelations, .oracleRelate,
      .oracleTrajectories, .oraclePath, .oracleConverge,
    ])

  /// The prompts of all cases.
  static let oraclePrompts = Command(
    name: "oracle prompts", summary: "write the prompts of all cases, without their answers",
    details: """
      The new folder holds cases/AREA/SLUG/case.json and inputs.safetensors, and a manifest.json. Whoever answers names
      in capability.json the manifest's "corpus", or its "hash" where there is no "corpus".
      """,
    operands: [Operand(name: "DIR", help: "a new folder")], options: [.area, .corpus]
  ) { arguments, console in
    let out = arguments.operands[0]
    if CorpusFiles.exists(out) { throw UsageError("\(out) exists already and is not overwritten") }
    let corpus = try arguments.corpus()
    let area = try arguments.area(among: corpus.areas)
    let prompts = try forOracle { try corpus.prompts().filter { area == nil || $0.area == area } }
    try forOracle { try PromptFolder.write(prompts, to: out, corpus: corpus.manifest.hash) }
    console.complain("tsuc: wrote \(prompts.count) prompts to \(out)")
  }

  /// This package's answers to any prompts.
  static let oracleAnswer = Command(
    name: "oracle answer", summary: "answer the prompts of a folder, the corpus's own or others of the same form",
    details: """
      Golden values on demand: write cases/AREA/SLUG/case.json with "id", "operation" and "parameters", and the inputs
      into inputs.safetensors beside it; the answers come as RESPONSES/AREA/SLUG.safetensors. If some prompts cannot be
      answered, each is reported in one line, nothing is written, and the exit status is 2; with --keep-going the answers to the
      others are written, and the exit status is 1.
      """,
    operands: [Operand(name: "PROMPTS", help: "the folder of the prompts")],
    options: [
      Option("out", "RESPONSES", "a new folder; must be given"),
      Option("scalar", "TYPE", "float or double (double): the arithmetic and the type of the answers"),
      Option("keep-going", nil, "keep the answers to the other prompts where some cannot be answered"), .threads,
    ]
  ) { arguments, console in
    try arguments.useThreads()
    let out = try arguments.required("out", "RESPONSES, the folder to write")
    let backend =
      switch arguments["scalar"] ?? "double" {
      case "double": PackageBackend(Double.self)
      case "float": PackageBackend(Float.self)
      case let other: throw UsageError("option --scalar takes float or double, not \"\(other)\"")
      }
    let folder = try forOracle { try PromptFolder(reading: arguments.operands[0]) }
    let keepsGoing = arguments["keep-going"] != nil
    let faults = try forOracle { try folder.answer(with: backend, to: out, keepsGoing: keepsGoing) }
    let all = folder.ids.count + folder.misnamed.count
    guard faults.isEmpty else {
      console.complain(PromptFault.text(faults))
      throw RunError(
        "\(faults.count) of \(all) prompts were not answered; the answers to the other \(all - faults.count) are in \(out)"
      )
    }
    console.complain("tsuc: wrote the answers to \(all) prompts to \(out)")
  }
}

/// Runs a body whose errors are those of files and words of the command line: exit status 2.
func forOracle<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as OracleError {
    throw UsageError(lines: error.description)
  }
}
