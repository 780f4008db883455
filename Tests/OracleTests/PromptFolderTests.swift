import Files
import Foundation
import Networks
import TestSupport
import Testing

@testable import Oracle

@Suite("Prompt folders")
struct PromptFolderTests {
  @Test func invariantEveryPromptComesBack() throws {
    try withFolder { path in
      let casePrompts = try corpusPrompts.get()
      try PromptFolder.write(casePrompts, to: path("p"), corpus: String(repeating: "a", count: 64))
      let folder = try PromptFolder(reading: path("p"))
      #expect(folder.ids == casePrompts.map { $0.id }.sorted())
      for casePrompt in casePrompts {
        let (description, prompt) = try folder.prompt(casePrompt.id)
        #expect(prompt == casePrompt.prompt, "\(casePrompt.slug)")
        #expect(description.catches == casePrompt.catches)
      }
      #expect(try folder.corpusHash() == String(repeating: "a", count: 64))
      expectError("exists already") { try PromptFolder.write(casePrompts, to: path("p")) }
    }
  }

  /// A prompt folder of files by relative path.
  private static func folder(_ files: [String: [UInt8]], at path: String) throws -> PromptFolder {
    try CorpusFiles.write(files.reduce(into: [:]) { $0["cases/\($1.key)"] = $1.value }, to: path)
    return try PromptFolder(reading: path)
  }

  // Two steps at rates 1 and 1/2 from w = 8 with gradients 2 and 4: 8 − 2 = 6, 6 − 2 = 4.
  @Test func workedExampleOfValuesOnDemand() throws {
    try withFolder { path in
      var inputs = SafetensorsFile()
      inputs.append(Tensor<Double>(shape: [1], values: [8]), as: .half, named: "parameter")
      inputs.append(Tensor<Float>(shape: [2, 1], values: [2, 4]), named: "gradients")
      let text =
        #"{"id":"mine/one","operation":"sgd","parameters":{"rates":[1,0.5],"momentum":0,"nesterov":false,"weightDecay":0}}"#
      let schedule =
        #"{"id":"mine/two","operation":"anchor-count","parameters":{"imageCount":10,"rate":0.25,"rounds":[1]}}"#
      let folder = try Self.folder(
        [
          "mine/one/case.json": Array(text.utf8), "mine/one/inputs.safetensors": inputs.encoded(),
          "mine/two/case.json": Array(schedule.utf8),
        ], at: path("p"))
      #expect(try folder.corpusHash() == nil)
      try folder.answer(with: PackageBackend(Float.self), to: path("r"))
      let file = try Safetensors.read(path("r/mine/one.safetensors"))
      #expect(try file.tensor(named: "parameters", as: Float.self).values == [6, 4])
      let responses = try ResponseFolder(reading: path("r"))
      #expect(responses.capability.scalar == "float32" && responses.capability.claims == ["mine/one", "mine/two"])
      expectError("exists already") { try folder.answer(with: PackageBackend(Double.self), to: path("r")) }
    }
  }

  @Test func mistakesAreTold() throws {
    try withFolder { path in
      expectError("there is no folder") { try PromptFolder(reading: path("none")) }
      let good = Array(#"{"id":"a/b","operation":"uniform"}"#.utf8)
      expectError("no identifier") { try Self.folder(["A/b/case.json": good], at: path("0")) }
      let cases: [(String, [String: [UInt8]], String)] = [
        ("a/c", ["a/c/case.json": good], "the identifier is \"a/b\", and the folder's \"a/c\""),
        ("a/b", ["a/b/inputs.safetensors": []], "case.json does not exist"),
        ("a/b", ["a/b/case.json": [0x7B]], "key should begin"),
        ("a/b", ["a/b/case.json": good, "a/b/inputs.safetensors": [1]], "has 1 bytes"),
        ("a/b", ["a/b/case.json": good, "a/b/inputs.safetensors": Self.file([.nan])], "not finite"),
        (
          "a/b", ["a/b/case.json": Self.generated(scale: "1"), "a/b/inputs.safetensors": Self.file([1])], "both stored"
        ),
        ("a/b", ["a/b/case.json": Self.generated(scale: "1e300")], "not finite as Float"),
      ]
      for (index, (id, files, part)) in cases.enumerated() {
        let folder = try Self.folder(files, at: path("folder-\(index)"))
        expectError(part) { try folder.prompt(id) }
        expectError { try folder.answer(with: PackageBackend(Double.self), to: path("answers")) }
      }
      let unanswerable = try Self.folder(["a/b/case.json": good], at: path("u"))
      expectError("cases/a/b: ", "\"seed\"") {
        try unanswerable.answer(with: PackageBackend(Double.self), to: path("x"))
      }
      #expect(!CorpusFiles.exists(path("x")) && !CorpusFiles.exists(path("answers")))
    }
  }

  private static func file(_ values: [Double]) -> [UInt8] {
    var file = SafetensorsFile()
    file.append(Tensor<Double>(shape: [values.count], values: values), named: "v")
    return file.encoded()
  }

  private static func generated(scale: String) -> [UInt8] {
    Array(#"{"id":"a/b","operation":"x","generated":{"v":{"shape":[1],"seed":1,"image":1,"scale":\#(scale)}}}"#.utf8)
  }

  // Whatever is done to the two files of a prompt, reading and answering it never stops the program.
  @Test(.timeLimit(.minutes(30))) func invariantDamagedPromptsNeverTrap() async {
    await #expect(processExitsWith: .success) {
      var generator = FixedGenerator(state: 5)
      let casePrompts = try corpusPrompts.get().filter {
        ["sgd-paper", "permutation-12", "weighted-neighbours-one", "cluster-scores-permuted", "learning-rate-paper"]
          .contains($0.slug)
      }
      let words = ["-1", "0", "1e300", "9223372036854775807", "[]", "{}", "\"\"", "true", "0.5", "[[1]]"]
      var answered = 0
      for _ in 0..<20_000 {
        guard let casePrompt = casePrompts.randomElement(using: &generator) else { exit(2) }
        let id = casePrompt.id
        let files = try PromptFolder.files(CaseDescription(casePrompt), casePrompt.prompt.inputs)
        var text = String(decoding: files["cases/\(id)/case.json"] ?? [], as: UTF8.self).split(separator: " ")
        let index = text.indices.randomElement(using: &generator) ?? 0
        text[index] =
          Substring(words.randomElement(using: &generator) ?? "") + (text[index].hasSuffix(",\n") ? ",\n" : "")
        var inputs = files["cases/\(id)/inputs.safetensors"] ?? []
        if Bool.random(using: &generator), let byte = inputs.indices.randomElement(using: &generator) {
          inputs[byte] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        }
        guard
          let prompt = try? PromptFolder.decode(
            id, caseFile: Array(text.joined(separator: " ").utf8), inputs: inputs, folder: id
          ).prompt,
          (try? PackageBackend(Float.self).answer(prompt)) != nil
        else { continue }
        answered += 1
      }
      exit(answered > 1000 ? 0 : 3)
    }
  }
}
