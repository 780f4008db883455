import Files
import Kernels
import Networks
import Oracle
import Testing

@Suite("Wrong questions to the operations of the area op")
struct LayerPromptsTests {
  /// Inputs that may be left out.
  private static let optional = [
    "convolution bias", "relu residual", "softmax-of-rows absent", "log-sum-exp-of-rows absent",
  ]

  /// The first case of every operation, and those with an optional input.
  private func promptsOfEveryKind() throws -> [CasePrompt] {
    var seen: Set<[String]> = []
    return try layerPrompts().filter { casePrompt in
      seen.insert([casePrompt.prompt.operation] + casePrompt.prompt.inputs.keys.sorted()).inserted
    }
  }

  private func expectError(_ prompt: Prompt, _ what: String) throws {
    let operation = try Operations.named(prompt.operation)
    #expect(throws: OracleError.self, "\(prompt.operation): \(what)") { try operation.answer(prompt, as: Float.self) }
    #expect(throws: OracleError.self, "\(prompt.operation): \(what)") { try operation.scales(prompt) }
  }

  @Test func wrongInputsAreErrors() throws {
    for casePrompt in try promptsOfEveryKind() {
      for (name, value) in casePrompt.prompt.inputs {
        var prompt = casePrompt.prompt
        prompt.inputs[name] = nil
        let isOptional = Self.optional.contains("\(prompt.operation) \(name)")
        // A missing cotangent leaves the scales of the outputs without one undefined as well.
        if !isOptional { try expectError(prompt, "without \(name)") }
        let wrong: [TensorValue] = [
          .real(Tensor<Double>(shape: [0])), .real(Tensor<Double>(shape: [0, 3])),
          .real(Tensor<Double>(shape: value.shape + [2])),
          .real(Tensor<Double>(shape: [value.shape[0] + 1] + value.shape.dropFirst())),
          .integers(Array(repeating: 2, count: value.shape.reduce(1, *)), shape: value.shape),
          .bytes(Array(repeating: 1, count: value.shape.reduce(1, *)), shape: value.shape),
        ]
        for tensor in wrong {
          prompt.inputs[name] = tensor
          try expectError(prompt, "\(name) of shape \(tensor.shape)")
        }
      }
    }
  }

  @Test(arguments: [
    ("matrix-product", "transposeA"), ("matrix-product", "transposeB"), ("matrix-product", "accumulate"),
    ("convolution", "stride"), ("convolution", "padding"), ("batch-norm", "mode"), ("batch-norm", "epsilon"),
    ("batch-norm", "momentum"), ("batch-norm", "rectified"), ("batch-norm-sequence", "modes"),
    ("batch-norm-sequence", "momentum"), ("l2-normalisation", "epsilon"),
  ]) func wrongParametersAreErrors(operation: String, parameter: String) throws {
    let casePrompt = try #require(try layerPrompts().first { $0.prompt.operation == operation })
    for wrong in [JSON.string("wrong"), .integer(-7), .number(-0.5), .array([.bool(true)]), .integer(.max)] {
      var prompt = casePrompt.prompt
      prompt.parameters[parameter] = wrong
      if wrong == .integer(.max) && parameter == "epsilon" { continue }
      try expectError(prompt, "\(parameter) \(wrong)")
    }
  }

  @Test func refusalsOfWhatHasNoAnswer() throws {
    let norm = try #require(try layerPrompts().first { $0.slug == "batch-norm-evaluation-one-value" }).prompt
    var prompt = norm
    prompt.parameters["mode"] = .string("training")
    try expectError(prompt, "one value per channel in training")
    prompt = norm
    prompt.inputs["runningVariance"] = .real(Tensor<Double>(shape: [3], values: [1, -1, 2]))
    try expectError(prompt, "a negative variance")
    let row = try #require(try layerPrompts().first { $0.slug == "softmax-of-rows-one-row" }).prompt
    for values: [Double] in [[.nan, 1], [.infinity, 1], [-.infinity, 1]] {
      for operation in ["softmax-of-rows", "log-softmax-of-rows", "log-sum-exp-of-rows", "entropy-of-rows"] {
        prompt = row
        prompt.operation = operation
        prompt.inputs["x"] = .real(Tensor<Double>(shape: [1, 2], values: values))
        prompt.inputs["y.cotangent"] = .real(
          Tensor<Double>(shape: operation.hasPrefix("soft") || operation.hasPrefix("log-soft") ? [1, 2] : [1]))
        try expectError(prompt, "\(values)")
      }
    }
    prompt = try #require(try layerPrompts().first { $0.slug == "softmax-absent-entries" }).prompt
    prompt.inputs["absent"] = .integers([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0], shape: [3, 4])
    try expectError(prompt, "a row without entries")
    prompt.inputs["absent"] = .integers([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], shape: [3, 4])
    prompt.operation = "log-softmax-of-rows"
    try expectError(prompt, "an infinite answer")
    let kernel = try #require(try layerPrompts().first { $0.slug == "convolution-5x5" }).prompt
    prompt = kernel
    prompt.parameters["padding"] = .integer(0)
    prompt.inputs["x"] = .real(Tensor<Double>(shape: [2, 2, 4, 9]))
    try expectError(prompt, "a kernel larger than the image")
  }
}
