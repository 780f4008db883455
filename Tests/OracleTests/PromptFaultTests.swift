import Networks
import Testing

@testable import Oracle

@Suite("Faults of prompts in a folder")
struct PromptFaultTests {
  /// A folder with right prompts a/good-N and one of every kind of fault.
  private func folder(at path: String) throws -> PromptFolder {
    func named(_ id: String, _ rest: String) -> [UInt8] { Array(#"{"id":"\#(id)","operation":\#(rest)}"#.utf8) }
    let large = #"{"shape":[1,1],"seed":1,"image":1,"scale":1e30}"#
    let rates = #""learning-rate","parameters":{"base":0.03,"epochs":[1]}"#
    var files = [
      "cases/a/unknown/case.json": named("a/unknown", "\"nothing\""),
      "cases/a/torn/case.json": Array("{".utf8),
      "cases/a/needy/case.json": named("a/needy", #""learning-rate","parameters":{"base":0.03}"#),
      // Factors of about 10³⁰, whose product Float does not hold.
      "cases/a/large/case.json": named(
        "a/large", #""matrix-product","generated":{"a":\#(large),"b":\#(large),"y.cotangent":\#(large)}"#),
      "cases/B/x/case.json": named("B/x", rates),
    ]
    for i in 0..<3 { files["cases/a/good-\(i)/case.json"] = named("a/good-\(i)", rates) }
    try CorpusFiles.write(files, to: path)
    return try PromptFolder(reading: path)
  }

  @Test func workedExampleOfEveryFaultTold() throws {
    try withFolder { path in
      let prompts = try folder(at: path("p"))
      #expect(prompts.ids.count == 7 && prompts.misnamed.map(\.id) == ["B/x"])
      let error = #expect(throws: OracleError.self) {
        try prompts.answer(with: PackageBackend(Float.self), to: path("r"))
      }
      let lines = (error?.description ?? "").split(separator: "\n")
      #expect(lines.count == 5 && !CorpusFiles.exists(path("r")), "\(lines)")
      for (line, part) in zip(lines, ["\"B/x\"", "a/large: ", "a/needy: ", "a/torn/case.json: ", "a/unknown: "]) {
        #expect(line.contains(part))
      }
      #expect(lines[1].contains("\" overflows float: its element 0 is "))

      let faults = try prompts.answer(with: PackageBackend(Float.self), to: path("kept"), keepsGoing: true)
      #expect(faults.map(\.id) == ["B/x", "a/large", "a/needy", "a/torn", "a/unknown"])
      let kept = try ResponseFolder(reading: path("kept"))
      #expect(try kept.ids() == ["a/good-0", "a/good-1", "a/good-2"] && kept.capability.claims == kept.ids())
      // Who asks in Double asks something that has an answer.
      #expect(try prompts.answer(with: PackageBackend(Double.self), to: path("double"), keepsGoing: true).count == 4)
    }
  }

  // A folder without a single answer is no folder of answers.
  @Test func invariantNothingIsWrittenWhereNothingIsRight() throws {
    try withFolder { path in
      try CorpusFiles.write(["cases/a/torn/case.json": [0x7B]], to: path("p"))
      let prompts = try PromptFolder(reading: path("p"))
      expectError("a/torn") { try prompts.answer(with: PackageBackend(Float.self), to: path("r"), keepsGoing: true) }
      #expect(!CorpusFiles.exists(path("r")))
    }
  }

  @Test func workedExampleOfVerdicts() throws {
    try withFolder { path in
      let prompts = try folder(at: path("p"))
      try prompts.answer(with: PackageBackend(Float.self), to: path("r"), keepsGoing: true)
      let capability = Capability(backend: "b", version: "", scalar: "float32", claims: ["a"])
      var files = [Capability.name: capability.encoded]
      let right = try CorpusFiles.read(path("r/a/good-0.safetensors"))
      for slug in ["good-0", "good-1", "large", "needy", "torn", "unknown"] { files["a/\(slug).safetensors"] = right }
      files["a/good-2.safetensors"] = try TensorFile.encoded(["rates": .listOf([1])], reals: .single)
      try CorpusFiles.write(files, to: path("all"))
      let report = try prompts.check(ResponseFolder(reading: path("all")))
      let verdicts = Dictionary(uniqueKeysWithValues: report.cases.map { ($0.id, $0.verdict) })
      #expect(verdicts["a/good-0"] == .ok && verdicts["a/good-1"] == .ok && verdicts["a/good-2"] == .type)
      for slug in ["needy", "torn", "unknown"] { #expect(verdicts["a/\(slug)"] == .illegal) }
      #expect(report.problems.isEmpty && report.failures.map(\.id).sorted() == ["a/good-2", "a/large"])
      #expect(!report.passed && report.description.contains("illegal prompt: a/needy: the operation learning-rate"))
      #expect(report.description.contains("3 illegal prompts"))
    }
  }

  @Test func workedExampleOfManyFaults() {
    let faults = (0..<250).map { PromptFault("a/\($0)", "a/\($0): two\nlines") }
    let lines = PromptFault.text(faults).split(separator: "\n")
    #expect(lines.count == 101 && lines[0] == "a/0: two lines" && lines[100] == "… and 150 more")
    #expect(PromptFault.text([faults[7]]) == "a/7: two lines")
  }
}
