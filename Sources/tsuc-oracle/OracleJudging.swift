// `tsuc oracle freeze` and `check`: how values become golden, and how answers are held against them.
// Tests    tsuc-oracleTests/OracleCommandTests.swift, tsuc-oracleTests/OracleProcessTests.swift
import Commands
import Oracle

extension Command {
  /// Makes the corpus.
  static let oracleFreeze = Command(
    name: "oracle freeze", summary: "make the corpus: own values that independent programs agree with",
    details: """
      Every prompt of a folder is answered in Double; the prompts of "tsuc oracle prompts" give the corpus again, and a new
      case is one more prompt among them. RESPONSES are one or more folders of witnesses' answers to the same prompts, in
      float64. Every output of every case must be answered by at least one, and all that answer must lie within the bounds
      of the profile float64. Otherwise nothing is written, and what is apart or missing is listed, worst first.
      """,
    operands: [Operand(name: "RESPONSES...", help: "folders of answers")], takesMore: true,
    options: [
      Option("prompts", "DIR", "a folder of prompts; default: those of the package's own corpus"),
      Option("out", "DIR", "a new folder; must be given"), .area,
      Option("extends", "DIR", "an earlier corpus: freeze only the cases that it lacks, as one that extends it"),
      Option("draft", nil, "allow values without a witness; the manifest says so"),
    ]
  ) { arguments, console in
    let out = try arguments.required("out", "DIR, the folder to write")
    if CorpusFiles.exists(out) { throw UsageError("\(out) exists already and is not overwritten") }
    let witnesses = try forOracle { try arguments.operands.map { try ResponseFolder(reading: $0) } }
    let all = try forOracle {
      try arguments["prompts"].map { try PromptFolder(reading: $0).prompts() } ?? Corpus().prompts()
    }
    let area = try arguments.area(among: all.map(\.area))
    let prompts = all.filter { area == nil || $0.area == area }
    let freezing = try forOracle {
      let earlier = try arguments["extends"].map { try Corpus(at: $0) }
      return try Freezing(prompts, extending: earlier, witnesses: witnesses, isDraft: arguments["draft"] != nil)
    }
    guard freezing.refusals.isEmpty else {
      try console.write(freezing.refusals.map { $0.description + "\n" }.joined())
      let apart = freezing.refusals.count { $0.ratio > 0 }
      throw RunError(
        "nothing was frozen: \(apart) values are apart from a witness's, \(freezing.refusals.count - apart) have none")
    }
    try forOracle { try freezing.write(to: out) }
    console.complain("tsuc: froze \(freezing.count) cases into \(out)")
  }

  /// Judges answers.
  static let oracleCheck = Command(
    name: "oracle check", summary: "judge a folder of answers against the corpus",
    details: """
      RESPONSES contains capability.json and AREA/SLUG.safetensors. Exit status 0: everything that capability.json claims is
      there and right. 1: it is not. 2: the question cannot be answered. What is not claimed counts as unsupported,
      never as passed. Answers to the prompts of an earlier corpus, which this one extends, are judged by that one.
      """,
    operands: [Operand(name: "RESPONSES", help: "the folder of the answers")],
    options: [
      .profile, .area, Option("only", "PATTERN", "judge only some cases, such as \"op/convolution-*\""), .corpus,
      Option("json", "FILE", "a new file with the verdict on every tensor"),
    ]
  ) { arguments, console in
    let profile = try arguments.profile()
    let newest = try arguments.corpus()
    let responses = try forOracle { try ResponseFolder(reading: arguments.operands[0]) }
    let corpus =
      arguments["corpus"] == nil ? try forOracle { try newest.named(by: responses.capability) } : newest
    let area = try arguments.area(among: corpus.areas)
    let only = arguments["only"]
    if let only, !corpus.holds(only) { throw UsageError("--only \"\(only)\" names no case of the corpus") }
    try reportForOracle(arguments, console) {
      try corpus.check(responses, profile: profile, area: area, only: only)
    }
  }
}

extension Corpus {
  /// The areas of its cases.
  var areas: [String] { Set(manifest.cases.map { String($0.prefix { $0 != "/" }) }).sorted() }
}
