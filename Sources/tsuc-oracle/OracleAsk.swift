// `tsuc oracle ask`: which further tensors would tell where a mistake is.
// Tests    tsuc-oracleTests/OracleAskTests.swift
import Commands
import Oracle

extension Command {
  /// Prompts for tensors on the way.
  static let oracleAsk = Command(
    name: "oracle ask", summary: "ask for tensors on the way to an output, to find the equation that is wrong",
    details: """
      Of a CASE every tensor on the way is asked for. Of a folder of answers that failed, for each operation the one or two tensors
      that would tell most, in its smallest failing case. With --out the prompts are written, each with the list "wanted" in case.json:
      answer them and type "tsuc oracle judge DIR ANSWERS". Without it the tensors are listed with their equations.
      """,
    operands: [Operand(name: "CASE", help: "the identifier of a case, or a folder of answers")],
    options: [Option("out", "DIR", "a new folder for the prompts"), .profile, .corpus]
  ) { arguments, console in
    let (what, profile, corpus) = (arguments.operands[0], try arguments.profile(), try arguments.corpus())
    if let out = arguments["out"], CorpusFiles.exists(out) {
      throw UsageError("\(out) exists already and is not overwritten")
    }
    let questions: [CasePrompt]
    if corpus.manifest.cases.contains(what) {
      questions = [try forOracle { try corpus.question(what) }]
    } else if CorpusFiles.exists(what) {
      questions = try forOracle {
        let responses = try ResponseFolder(reading: what)
        let asked = arguments["corpus"] == nil ? try corpus.named(by: responses.capability) : corpus
        return try asked.questions(about: responses, profile: profile)
      }
    } else {
      throw unknownCase(what, among: corpus.manifest.cases)
    }
    guard !questions.isEmpty else {
      throw RunError(
        "nothing is left to ask: no failing case of \(what) has a tensor on the way that is missing; "
          + "\"tsuc oracle check \(what)\" says what is known")
    }
    for question in questions {
      try console.write("\(question.id)\n" + question.wantedLines.map { "  \($0)\n" }.joined())
    }
    guard let out = arguments["out"] else { return }
    try forOracle { try PromptFolder.write(questions, to: out) }
    console.complain("tsuc: wrote \(questions.count) \(questions.count == 1 ? "prompt" : "prompts") to \(out)")
  }
}
