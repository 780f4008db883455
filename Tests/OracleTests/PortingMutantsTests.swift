import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Mistakes that frameworks suggest")
struct PortingMutantsTests {
  private func wrong(_ name: String, _ prompt: Prompt) throws -> [String: TensorValue]? {
    try Mutants.named(name).answer(Question(prompt))
  }

  private func real(_ value: TensorValue?) throws -> [Double] {
    guard case .real(let tensor)? = value else { throw OracleError("no real tensor") }
    return tensor.values
  }

  // A kernel that takes its first tap reads the pixel before: with "SAME" at stride 2 and four pixels there is none before the first.
  @Test func samePaddingStartsAtTheFirstPixel() throws {
    let x = Tensor<Double>(shape: [1, 1, 4, 4], values: (1...16).map { Double($0) })
    let weight = Tensor<Double>(shape: [1, 1, 3, 3], values: [1, 0, 0, 0, 0, 0, 0, 0, 0])
    var prompt = Prompt(
      operation: "convolution", parameters: ["stride": .integer(2), "padding": .integer(1)],
      inputs: ["x": .real(x), "weight": .real(weight), "y.cotangent": .real(Tensor<Double>(shape: [1, 1, 2, 2]))])
    #expect(try real(Question(prompt).right["y"]) == [0, 0, 0, 6])
    #expect(try real(wrong("convolution.same-padding", prompt)?["y"]) == [1, 3, 9, 11])
    // At stride 1 both pad alike.
    prompt.parameters["stride"] = .integer(1)
    prompt.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [1, 1, 4, 4]))
    #expect(try wrong("convolution.same-padding", prompt) == nil)
  }

  // Image 0 comes twice with the same view: half of the old row is left after one update, a quarter after two.
  @Test func anUpdateInPlaceStartsFromTheNewRow() throws {
    let prompt = Prompt(
      operation: "memory-update", parameters: ["bankMomentum": .number(0.5)],
      inputs: [
        "bank": .rows([[1, 0], [0, 1]]), "images": .integers([0, 0], shape: [2]),
        "embeddings": .rows([[0, 1], [0, 1]]),
      ])
    let once = 0.5.squareRoot()
    let right = try real(Question(prompt).right["bank.new"])
    #expect(abs(right[0] - once) < 1e-15 && abs(right[1] - once) < 1e-15)
    let row = try real(wrong("memory.in-place", prompt)?["bank.new"])
    let (a, b) = (once / 2, (once + 1) / 2)
    let length = (a * a + b * b).squareRoot()
    #expect(abs(row[0] - a / length) < 1e-15 && abs(row[1] - b / length) < 1e-15)
  }

  // Rows 0 and 1 are equal, so the first of the largest products of query 1 is row 0.
  @Test func theFirstIsNotAlwaysTheQuery() throws {
    let prompt = Prompt(
      operation: "nearest-rows", parameters: ["k": .integer(1)],
      inputs: ["rows": .rows([[1, 0], [1, 0], [0, 1]]), "queries": .integers([1], shape: [1])])
    #expect(try Question(prompt).right["neighbours"] == .integers([0], shape: [1, 1]))
    #expect(try wrong("neighbour.first-dropped", prompt)?["neighbours"] == .integers([1], shape: [1, 1]))
  }

  // The last image becomes a neighbour of everybody who has room in the table.
  @Test func theFillerNamesTheLastImage() throws {
    var prompt = Prompt(
      operation: "instance-neighbourhood",
      inputs: [
        "logits": .rows([[1, 2, 3]]), "images": .integers([0], shape: [1]),
        "neighbours": .integers([-1, -1, -1], shape: [3, 1]),
      ])
    let found = try real(wrong("and.filler-wraps", prompt)?["loss"])
    prompt.inputs["neighbours"] = .integers([2, 2, 2], shape: [3, 1])
    #expect(try real(Question(prompt).right["loss"]) == found)
  }

  // Where lengths are 1 and gradients lie along the rows, only the projection is missing: ⟨∂, v⟩ is 0 in the right gradient alone.
  @Test func aDetachedLengthLeavesThePartAlongTheRow() throws {
    let item = try ownCorpus.get().load("loss/relation-loss-temperature-one-tenth")
    let v = try item.prompt.tensor("embeddings", as: Double.self)
    func along(_ values: [Double]) -> Double {
      let size = values.reduce(0) { $0 + abs($1) }
      return (0..<v.rows).map { a in
        abs(zip(v.row(a), values[a * v.columns..<(a + 1) * v.columns]).reduce(0) { $0 + $1.0 * $1.1 }) / size
      }.max() ?? 0
    }
    #expect(along(try real(item.expected["embeddings.gradient"])) < 1e-12)
    #expect(along(try real(wrong("aug.relation-norm-detached", item.prompt)?["embeddings.gradient"])) > 1e-3)
  }

  @Test func conventionsOfALength() throws {
    let prompt = Prompt(
      operation: "l2-normalisation", parameters: ["epsilon": .number(0.25)],
      inputs: ["x": .rows([[0.3, 0], [0, 0]]), "y.cotangent": .rows([[1, 1], [1, 1]])])
    #expect(try real(Question(prompt).right["y"]) == [1, 0, 0, 0])
    #expect(abs(try real(wrong("l2norm.epsilon-of-square", prompt)?["y"])[0] - 0.6) < 1e-15)
    #expect(try real(wrong("l2norm.zero-row-not-a-number", prompt)?["x.gradient"])[2].isNaN)
  }
}
