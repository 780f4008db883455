import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Case prompts")
struct CasePromptTests {
  // The first normal numbers of the stream, halved and rounded to Float.
  @Test func workedExampleOfGeneratedTensors() {
    let recipe = GeneratedTensor(shape: [2, 3], seed: 7, image: 5, scale: 0.5)
    var stream = RandomStream(seed: 7, purpose: .test, image: 5)
    #expect(recipe.tensor.shape == [2, 3])
    #expect(recipe.tensor.values == (0..<6).map { _ in Float(0.5 * stream.normal()) })
  }

  @Test func invariantEveryPromptIsSound() throws {
    for item in try corpusPrompts.get() {
      #expect(item.id == "\(item.area)/\(item.slug)")
      #expect(!item.catches.isEmpty && !item.summary.isEmpty, "\(item.id)")
      for (name, generated) in item.generated {
        #expect(item.prompt.inputs[name] == .real(generated.tensor), "\(item.id) \(name)")
      }
      for (name, input) in item.prompt.inputs {
        guard case .real(let tensor) = input else { continue }
        #expect(tensor.values.allSatisfy { Double(Float($0)) == $0 }, "\(item.id) \(name) holds no Floats")
      }
    }
  }

  // A folder gives its prompts back with everything that describes them; one that cannot be read is named.
  @Test func invariantFoldersGiveTheirPromptsBack() throws {
    try withFolder { path in
      let items = try corpusPrompts(in: "optimiser", "trajectory")
      try PromptFolder.write(items, to: path("p"))
      #expect(try PromptFolder(reading: path("p")).prompts() == items)
      try CorpusFiles.write(["cases/a/b/case.json": Array(#"{"id": "a/c", "operation": "sgd"}"#.utf8)], to: path("q"))
      expectError("a/b", "a/c") { try PromptFolder(reading: path("q")).prompts() }
      try CorpusFiles.write(
        ["cases/a/B/case.json": [], "cases/a/b/case.json": Array(#"{"id": "a/b", "operation": "sgd"}"#.utf8)],
        to: path("r"))
      expectError("a/B", "no identifier") { try PromptFolder(reading: path("r")).prompts() }
    }
  }
}
