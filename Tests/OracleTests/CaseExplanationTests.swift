import Files
import Networks
import Testing

@testable import Oracle

@Suite("Explanations")
struct CaseExplanationTests {
  @Test func workedExample() {
    var description = CaseDescription(id: "op/a", operation: "double")
    description.formula = "y = 2 x"
    description.summary = "twice"
    description.parameters = ["b": .array([.integer(1), .number(0.5)]), "a": .string("x")]
    description.catches = ["once", "thrice"]
    description.generated = ["x": GeneratedTensor(shape: [2], seed: 3, image: 4, scale: 0.5)]
    description.outputs = ["y": .init(type: "F64", shape: [2], terms: 5), "n": .init(type: "I64", shape: [])]
    description.margins = ["relu": 0.25]
    description.witnesses = [.init(name: "mpmath", version: "1", distance: 0.5, outputs: ["y"])]
    let inputs: [String: TensorValue] = [
      "x": .real(Tensor<Double>(shape: [2], values: [3, -1])), "i": .integers([1], shape: [1]),
      "p": .bytes([], shape: [0]),
    ]
    #expect(
      description.explanation(inputs: inputs) == """
        op/a: twice

          operation   double
          formula     y = 2 x
          parameters  a = "x"
                      b = [1,0.5]
          inputs      i  whole numbers [1]
                      p  bytes [0]
                      x  real [2], from -1.0 to 3.0, generated: 0.5 · normal, seed 3, image 4
          outputs     n  I64 []
                      y  F64 [2], sums of up to 5 terms
          catches     once
                      thrice
          margins     relu: 0.25 from the nearest kink or tie
          witnesses   mpmath 1, within 0.5 bounds of float64, for y

        """)
    description.witnesses = []
    #expect(description.explanation(inputs: [:]).contains("none: the values are this package's own"))
  }

  @Test func invariantEveryTensorIsExported() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let item = try corpus.load("optimiser/sgd-plain-velocity")
      #expect(
        try item.arrays().keys.sorted() == [
          "expected/parameters.npy", "expected/velocities.npy", "inputs/gradients.npy", "inputs/parameter.npy",
          "inputs/velocity.npy", "scale/parameters.npy", "scale/velocities.npy",
        ])
      let expected: Tensor<Double> = try Npy.decode(item.arrays()["expected/parameters.npy"] ?? [], name: "x")
      #expect(item.expected["parameters"] == .real(expected))
      let order = try corpus.load("rng/permutation-12").arrays()["expected/y.npy"] ?? []
      #expect(String(decoding: order.prefix(40), as: UTF8.self).contains("<i8"))
      let hostile = CorpusCase(
        description: item.description, prompt: item.prompt, expected: ["../../x": .number(1.0)], scales: [:])
      expectError("cannot name a file") { try hostile.arrays() }
    }
  }
}
