import Files
import Kernels
import Networks
import TestSupport
import Testing

@testable import Oracle

@Suite("What operations declare")
struct DeclarationTests {
  private func expectRefusal(_ prompt: Prompt, _ sentence: String) {
    let error = #expect(throws: OracleError.self) { _ = try Operations.asked(by: prompt) }
    #expect(error?.description == sentence)
  }

  private let rows = TensorValue.real(Tensor<Double>(shape: [2, 3], repeating: 0.5))

  @Test func workedExampleOfUnknownNames() {
    let inputs = ["rows": rows]
    expectRefusal(
      Prompt(operation: "batch-loss", parameters: ["temprature": .number(0.5)], inputs: inputs),
      "the operation batch-loss has no parameter \"temprature\"; did you mean \"temperature\"?")
    expectRefusal(
      Prompt(operation: "batch-loss", inputs: ["rows": rows, "bnak": rows]),
      "the operation batch-loss has no input \"bnak\"; did you mean \"rows\"?")
    expectRefusal(
      Prompt(operation: "relu", parameters: ["slope": .number(0)], inputs: ["x": rows, "y.cotangent": rows]),
      "the operation relu has no parameters, but \"slope\" is given")
    expectRefusal(
      Prompt(operation: "uniform", inputs: ["x": rows]), "the operation uniform has no inputs, but \"x\" is given")
    expectRefusal(
      Prompt(operation: "batch-los", inputs: [:]),
      "there is no operation \"batch-los\"; did you mean \"batch-loss\"? There are \(Operations.all.count); "
        + "\"tsuc oracle operations\" lists them")
  }

  // Answering and judging go through the same door; a report tells where the prompt is by its name.
  @Test func workedExampleOfAMisspeltFolder() throws {
    try withFolder { path in
      let casePrompt = CasePrompt(
        area: "mine", slug: "x", summary: "", catches: [],
        prompt: Prompt(operation: "batch-loss", parameters: ["temprature": .number(0.5)], inputs: ["rows": rows]))
      try PromptFolder.write([casePrompt], to: path("p"))
      let prompts = try PromptFolder(reading: path("p"))
      let sentence = "the operation batch-loss has no parameter \"temprature\"; did you mean \"temperature\"?"
      expectError("p/cases/mine/x: " + sentence) {
        try prompts.answer(with: PackageBackend(Double.self), to: path("r"))
      }
      let capability = Capability(backend: "port", version: "0", scalar: "float64", corpus: "", claims: ["*"])
      let files = try ResponseFolder.files(capability, ["mine/x": ["loss": .number(1.0)]], reals: .double)
      try CorpusFiles.write(files, to: path("a"))
      let judged = try #require(try prompts.check(ResponseFolder(reading: path("a"))).cases.first)
      #expect(judged.verdict == .illegal && judged.note == sentence)
    }
  }

  @Test func workedExampleOfWrongValues() {
    func loss(_ name: String, _ value: JSON) -> Prompt {
      Prompt(operation: "batch-loss", parameters: [name: value], inputs: ["rows": rows])
    }
    let subject = "the operation batch-loss: the parameter "
    expectRefusal(
      loss("temperature", .integer(-1)), subject + "\"temperature\" must be a number from 1e-06 to 1000000, not -1")
    expectRefusal(
      loss("negativeWeight", .string("2")), subject + "\"negativeWeight\" must be a number from 1 to 1000000, not \"2\""
    )
    expectRefusal(
      loss("reduction", .string("men")),
      subject + "\"reduction\" must be one of mean, sum, not \"men\"; did you mean \"mean\"?")
    // Of many words the nearest: a sentence is no list.
    expectRefusal(
      Prompt(
        operation: "rand-operation", parameters: ["kind": .string("sharpnes")],
        inputs: ["image": .bytes([1, 2, 3], shape: [3, 1, 1])]),
      "the operation rand-operation: the parameter \"kind\" must be one of autoContrast, brightness, color, contrast, … (14 words), "
        + "not \"sharpnes\"; did you mean \"sharpness\"?")
    expectRefusal(loss("stopsGradient", .integer(0)), subject + "\"stopsGradient\" must be true or false, not 0")
    expectRefusal(
      Prompt(
        operation: "crop-parameters",
        parameters: ["seed": .integer(1), "images": .array([.integer(0), .number(0.5)])],
        inputs: [:]),
      "the operation crop-parameters: the parameter \"images\" must be a list of 1 to 10000 values, each a whole number from 0 to "
        + "4294967295, but its element 1 is 0.5")
    expectRefusal(
      Prompt(operation: "philox", inputs: [:]),
      "the operation philox needs the input \"counters\", whole numbers of shape (n × 4)")
    expectRefusal(
      Prompt(operation: "learning-rate", inputs: [:]),
      "the operation learning-rate needs the parameter \"base\", a number above 0, at most 1000000")
  }

  @Test func workedExampleOfWrongInputs() {
    let subject = "the operation philox: the input "
    let keys = TensorValue.integers([1, 2], shape: [1, 2])
    func counters(_ shape: [Int]) -> [String: TensorValue] {
      ["counters": .integers(Array(repeating: 0, count: shape.reduce(1, *)), shape: shape), "keys": keys]
    }
    expectRefusal(
      Prompt(operation: "philox", inputs: ["counters": rows, "keys": keys]),
      subject + "\"counters\" must be whole numbers, and is given as real numbers")
    for (shape, words) in [
      ([1, 4, 1], ", not (1 × 4 × 1)"), ([1, 3], ", not (1 × 3)"), ([4], ", not (4)"),
      ([0, 4], " with no axis of 0, not (0 × 4)"),
    ] {
      expectRefusal(
        Prompt(operation: "philox", inputs: counters(shape)),
        subject + "\"counters\" must have the shape (n × 4)\(words)")
    }
    expectRefusal(
      Prompt(operation: "batch-loss", inputs: ["rows": .real(Tensor<Double>(shape: [2, 1], values: [1, .nan]))]),
      "the operation batch-loss: the input \"rows\" must hold finite numbers, but its element 1 is nan")
  }

  // Counters n × 4 and keys n × 2 of right shapes are never called wrong: the number is.
  @Test func workedExampleOfAWordTooLarge() throws {
    let prompt = Prompt(
      operation: "philox",
      inputs: ["counters": .integers([0, 0, 0, 1 << 32], shape: [1, 4]), "keys": .integers([1, 2], shape: [1, 2])])
    let error = #expect(throws: OracleError.self) { _ = try PackageBackend(Float.self).answer(prompt) }
    #expect(
      error?.description
        == "the operation philox: \"counters\" must hold numbers from 0 to 4294967295, but its element 3 is 4294967296")
  }

  // 1e-60 is a number above 0, but 0 as Float.
  @Test func workedExampleOfNumbersBeyondFloat() throws {
    let prompt = Prompt(
      operation: "l2-normalisation", parameters: ["epsilon": .number(1e-60)], inputs: [:])
    let declaration = try #require(try Operations.named("l2-normalisation").parameters.first { $0.name == "epsilon" })
    #expect(try prompt.number(declaration, as: Double.self) == 1e-60)
    let error = #expect(throws: OracleError.self) { _ = try prompt.number(declaration, as: Float.self) }
    #expect(
      error?.description.hasSuffix("must be a number above 0, at most 1000000, and 1e-60 is 0.0 in float32") == true)
    var huge = prompt
    huge.parameters["epsilon"] = .number(1e300)
    #expect(throws: OracleError.self) { _ = try huge.number(declaration, as: Double.self) }
  }

  @Test func workedExampleOfInputsBeyondFloat() throws {
    let prompt = Prompt(
      operation: "batch-loss", inputs: ["rows": .real(Tensor<Double>(shape: [2, 1], values: [1, 1e300]))])
    let error = #expect(throws: OracleError.self) { _ = try PackageBackend(Float.self).answer(prompt) }
    #expect(
      error?.description
        == "the operation batch-loss: \"rows\" must hold numbers that float32 can hold, but its element 1 is 1e+300")
    #expect(throws: Never.self) { try PackageBackend(Double.self).answer(prompt) }
  }

  // A module knows its tensors: what only fits the pattern is refused with the nearest of them.
  @Test func workedExampleOfAModulesNames() throws {
    let casePrompt = try #require(
      try corpusPrompts(in: "step").first { $0.prompt.inputs["layer1.0.conv1.weight"] != nil })
    for name in ["layer1.0.conv3.weight", "layer1.0.conv1.weight.velocit", "layer1.0.bn1.running_mean.velocity"] {
      var prompt = casePrompt.prompt
      prompt.inputs[name] = prompt.inputs["layer1.0.conv1.weight"]
      let error = #expect(throws: OracleError.self) { _ = try PackageBackend(Float.self).answer(prompt) }
      #expect(error?.description.contains("has no input \"\(name)\"; did you mean \"layer1.0.") == true, "\(error!)")
    }
  }

  @Test func invariantEveryCaseOfTheCorpusPasses() throws {
    for casePrompt in try corpusPrompts.get() {
      #expect(throws: Never.self) { try Operations.asked(by: casePrompt.prompt) }
    }
  }

  // Defaults are values as they are declared, names are told apart, and some case gives every input.
  @Test(arguments: Operations.all.map(\.name)) func invariantDeclarationsAreWhole(name: String) throws {
    let operation = try Operations.named(name)
    let (parameters, inputs) = (operation.parameters, operation.inputs)
    #expect(Set(parameters.map(\.name)).count == parameters.count && Set(inputs.map(\.name)).count == inputs.count)
    for parameter in parameters {
      #expect(!parameter.summary.isEmpty && parameter.summary.count <= 120, "\(parameter.name)")
      if case .value(let value) = parameter.absence {
        #expect(parameter.kind.problem(with: value) == nil, "\(parameter.name)")
      }
    }
    let cases = try corpusPrompts.get().filter { $0.prompt.operation == name }
    for input in inputs {
      #expect(!input.summary.isEmpty && input.summary.count <= 120, "\(input.name)")
      #expect(cases.contains { $0.prompt.inputs.keys.contains(where: input.fits) }, "\(input.name)")
    }
  }

  // The page is made anew by `tsuc oracle operations > Fixtures/corpus/operations/declared.md`.
  @Test func invariantThePageIsTheDeclaration() throws {
    let page = try PackageFiles.text("Fixtures/corpus/operations/declared.md")
    #expect(page == Operations.page)
  }
}
