// `tsuc oracle relations` and `relate`: what must hold between a backend's own answers, at sizes of its own.
// Tests    tsuc-oracleTests/OracleRelationsTests.swift
import Commands
import Oracle

extension Command {
  /// The prompts of relations.
  static let oracleRelations = Command(
    name: "oracle relations", summary: "write prompts whose answers must be related, at sizes of your choice",
    details: """
      Relations need no golden values: swapped views, another order of the batch or of the classes, turned embeddings, rows
      given twice and others must change answers in a known way. The new folder holds
      cases/RELATION/size-N-ROLE/case.json and inputs.safetensors, to be answered like the corpus's prompts; "oracle relate"
      judges the answers. Without --out, the relations are listed.
      """,
    options: [
      Option("out", "DIR", "a new folder"),
      Option("sizes", "LIST", "one or more sizes from 2, separated by commas (7,16): rows of the batch"),
      Option("only", "RELATION", "one relation alone"),
    ]
  ) { arguments, console in
    let relations = try forOracle { try arguments["only"].map { [try Relation.named($0)] } ?? Relation.all }
    let sizes = try arguments.sizes()
    guard let out = arguments["out"] else {
      let table = TextTable(
        header: ["relation", "largest size"], rows: relations.map { [$0.name, "\($0.largest)"] })
      return try console.write(table.text + "\n" + relations.map { "\($0.name): \($0.summary)\n" }.joined())
    }
    if CorpusFiles.exists(out) { throw UsageError("\(out) exists already and is not overwritten") }
    var (prompts, left): ([CasePrompt], [String]) = ([], [])
    for relation in relations {
      for size in sizes {
        if size <= relation.largest {
          prompts += relation.prompts(size: size)
        } else {
          left.append("\(relation.name) \(size)")
        }
      }
    }
    guard !prompts.isEmpty else { throw UsageError("no relation reaches so far: \(left.joined(separator: ", "))") }
    try forOracle { try PromptFolder.write(prompts, to: out) }
    console.complain("tsuc: wrote \(prompts.count) prompts to \(out)")
    if !left.isEmpty { console.complain("tsuc: left out, beyond their largest size: \(left.joined(separator: ", "))") }
  }

  /// The verdict on answers to them.
  static let oracleRelate = Command(
    name: "oracle relate", summary: "judge whether answers to the prompts of \"oracle relations\" are related",
    details: """
      No answer is compared with a golden value, only with others of the same backend, within the sum of their bounds.
      Exit status 0: everything that capability.json claims is there and related. 1: it is not. 2: the question cannot be
      answered. What is not claimed counts as unsupported, never as passed.
      """,
    operands: [
      Operand(name: "PROMPTS", help: "the folder of the prompts"),
      Operand(name: "RESPONSES", help: "the folder of the answers"),
    ],
    options: [.profile, Option("json", "FILE", "a new file with the verdict on every claim")]
  ) { arguments, console in
    let profile = try arguments.profile()
    try reportForOracle(arguments, console) {
      try Relation.check(
        ResponseFolder(reading: arguments.operands[1]), to: PromptFolder(reading: arguments.operands[0]),
        profile: profile)
    }
  }
}

extension Arguments {
  /// The sizes asked for.
  fileprivate func sizes() throws(UsageError) -> [Int] {
    let text = self["sizes"] ?? "7,16"
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard sizes.allSatisfy({ $0.map { $0 >= Relation.smallest } ?? false }), Set(sizes).count == sizes.count else {
      throw UsageError("option --sizes takes different whole numbers from 2, separated by commas, not \"\(text)\"")
    }
    return sizes.compactMap { $0 }
  }
}
