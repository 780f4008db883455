import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Convolutions by other methods than sums of products")
struct ConvolutionMethodTests {
  static let fast = ConvolutionMethod.allCases.filter { $0 != .direct }

  static func shapes() -> [ConvolutionShape] {
    let sizes = [
      (2, 3, 2, 5, 7, 1), (1, 2, 3, 4, 4, 1), (3, 1, 2, 1, 1, 1), (1, 2, 2, 6, 3, 0), (1, 1, 1, 3, 5, 2),
      (1, 1, 2, 4, 2, 3),
    ]
    return sizes.map { batch, inputs, outputs, height, width, padding in
      ConvolutionShape(
        batch: batch, inputChannels: inputs, outputChannels: outputs, height: height, width: width, kernelHeight: 3,
        kernelWidth: 3, padding: padding)
    }
  }

  private static func numbers(_ count: Int, _ image: Int) -> [Double] {
    var stream = RandomStream(seed: 7, purpose: .test, image: image)
    return stream.normals(count)
  }

  // Without perturbations the methods are rearrangements of the same sums: what is left is Double's own rounding.
  @Test(arguments: fast) func invariantMethodsComputeTheSameMaps(method: ConvolutionMethod) throws {
    var shapes = Self.shapes()
    if method == .fft {
      shapes += [
        ConvolutionShape(
          batch: 2, inputChannels: 2, outputChannels: 1, height: 5, width: 6, kernelHeight: 2, kernelWidth: 3,
          stride: 2, padding: 1)
      ]
    }
    for shape in shapes {
      let (x, w) = (Self.numbers(shape.inputCount, 1), Self.numbers(shape.weightCount, 2))
      let g = Self.numbers(shape.outputCount, 3)
      var silent = Perturbation(run: 1, size: 0)
      for perturbed in [Perturbed.results, .factors] {
        let roundings = ConvolutionRoundings(method: method, shape: shape, perturbed: perturbed)
        for (pass, first, second) in [
          (ConvolutionPass.forward, x, w), (.inputGradient, g, w), (.weightGradient, g, x),
        ] {
          let deviation = try #require(roundings.deviation(pass, first, second, &silent))
          let largest = deviation.map { abs($0) }.max() ?? 0
          #expect(largest < 1e-11, "\(method) \(pass) \(shape): \(largest)")
          var signs = Perturbation(run: 1)
          #expect(
            roundings.deviation(pass, first, second, &signs)?.contains { abs($0) > 1e-11 } == true, "\(pass) \(shape)")
        }
      }
    }
  }

  @Test func workedExampleOfWhatIsCovered() {
    var shape = Self.shapes()[0]
    #expect(ConvolutionMethod.allCases.map { $0.covers(shape) } == [false, true, true, true])
    shape.stride = 2
    #expect(ConvolutionMethod.allCases.map { $0.covers(shape) } == [false, false, false, true])
    (shape.kernelHeight, shape.kernelWidth) = (1, 1)
    #expect(ConvolutionMethod.allCases.map { $0.covers(shape) } == [false, false, false, false])
  }

  // Σ A² of the rows of Aᵀ is 3, 3 and 5, 10, 34, 131.
  @Test func workedExampleOfUnequalTiles() {
    #expect(Winograd.two.spread == 1)
    #expect(abs(Winograd.four.spread - 131.0 / 45) < 1e-14)
  }

  /// Frozen cases that a method computes otherwise, with its bounds.
  private static func cases(_ ids: [String], _ method: ConvolutionMethod) throws -> [CorpusCase] {
    try ids.compactMap { try ownCorpus.get().load($0).held(to: DeclaredArithmetic(convolutions: method), .float32) }
  }

  private static func float(_ tensor: TensorValue?) throws -> [Float] {
    guard case .real(let values)? = tensor else { throw OracleError("no real tensor") }
    return values.values.map { Float($0) }
  }

  private static func shape(_ item: CorpusCase) throws -> ConvolutionShape {
    let operation = try #require(try Operations.named(item.prompt.operation) as? ConvolutionOperation)
    return try operation.shape(item.prompt)
  }

  /// Answers by a fast method, with the exact weight gradient.
  private static func answers(
    _ item: CorpusCase, _ fast: FastConvolution
  ) throws -> [String: StoredTensor] {
    let (x, w) = (try float(item.prompt.inputs["x"]), try float(item.prompt.inputs["weight"]))
    var y = fast.forward(x, w)
    if let bias = item.prompt.inputs["bias"] {
      let (bias, pixels) = (try float(bias), fast.shape.outputHeight * fast.shape.outputWidth)
      for i in y.indices { y[i] += bias[i / pixels % bias.count] }
    }
    var answers = item.expected.mapValues { StoredTensor(type: "F64", value: $0) }
    func replace(_ name: String, _ values: [Float]) {
      let tensor = Tensor<Double>(shape: item.expected[name]?.shape ?? [], values: values.map { Double($0) })
      answers[name] = StoredTensor(type: "F32", value: .real(tensor))
    }
    replace("y", y)
    if fast.shape.stride == 1, fast.shape.padding < fast.shape.kernelHeight {
      replace("x.gradient", fast.inputGradient(try float(item.prompt.inputs["y.cotangent"]), w))
    }
    return answers
  }

  // Mistakes of one per cent lie outside by ten bounds, and so do wrong signs.
  @Test(arguments: fast) func legalProgramsPassAndWrongOnesDoNot(method: ConvolutionMethod) throws {
    let names = ["bias", "channels-17-to-9", "3x3-no-padding", "5x5", "2x2-stride-2"]
    let cases = try Self.cases(names.map { "op/convolution-" + $0 }, method)
    #expect(cases.count == (method == .fft ? 5 : 3))
    for item in cases {
      let shape = try Self.shape(item)
      let legal = try Self.answers(item, FastConvolution(method: method, shape: shape))
      for report in item.compare(legal, profile: .float32) {
        #expect(report.verdict == .ok, "\(item.description.id) \(report.name): \(report.ratio)")
      }
      for name in ["y", "x.gradient", "weight.gradient"] {
        guard case .real(var tensor)? = item.expected[name], tensor.values.contains(where: { $0 != 0 })
        else { continue }
        tensor.values = tensor.values.map { 1.01 * $0 }
        let wrong = [name: StoredTensor(type: "F64", value: .real(tensor))]
        let ratio = item.compare(wrong, profile: .float32).first { $0.name == name }?.ratio ?? 0
        #expect(ratio > 10, "\(item.description.id) \(name): \(ratio)")
      }
      guard method != .fft else { continue }
      let turned = try Self.answers(item, FastConvolution(method: method, shape: shape, hasWrongSign: true))
      let ratio = item.compare(turned, profile: .float32).first { $0.name == "y" }?.ratio ?? 0
      #expect(ratio > 10 || shape.outputHeight == 1 && shape.outputWidth == 1, "\(item.description.id): \(ratio)")
    }
  }

  // Blocks in Float whose convolutions are made by the method, everything else by the layers.
  @Test(arguments: fast) func boundsAreCarriedThroughBlocks(method: ConvolutionMethod) throws {
    for item in try Self.cases(["block/residual-block-identity"], method) {
      let prompt = item.prompt
      guard let operation = try Operations.named(prompt.operation) as? any TracedOperation else { continue }
      func values(_ name: String, _ recorded: [String: Tensor<Float>]) throws -> [Float] {
        try recorded[name]?.values ?? Self.float(prompt.inputs[name])
      }
      func shape(_ name: String, _ recorded: [String: Tensor<Float>]) -> [Int] {
        recorded[name]?.shape ?? prompt.inputs[name]?.shape ?? []
      }
      let answer = try operation.answer(prompt) { (site: TraceSite<Float>, recorded: [String: Tensor<Float>]) in
        guard ["convolution", "convolution-input-gradient"].contains(site.operation) else { return nil }
        let forward = site.operation == "convolution"
        let (maps, kernels) = (site.inputs[0], site.inputs[1])
        let read = shape(maps, recorded)
        let (input, output) = forward ? (read, site.value.shape) : (site.value.shape, read)
        let kernel = shape(kernels, recorded)
        let convolution = ConvolutionShape(
          batch: input[0], inputChannels: input[1], outputChannels: output[1], height: input[2], width: input[3],
          kernelHeight: kernel[2], kernelWidth: kernel[3], padding: kernel[2] / 2)
        guard input[2] == output[2], input[3] == output[3], method.covers(convolution),
          let first = try? values(maps, recorded), let second = try? values(kernels, recorded)
        else { return nil }
        let fast = FastConvolution(method: method, shape: convolution)
        return Tensor(
          shape: site.value.shape,
          values: forward ? fast.forward(first, second) : fast.inputGradient(first, second))
      }
      let stored = answer.mapValues { StoredTensor(type: "F32", value: $0) }
      for report in item.compare(stored, profile: .float32) {
        #expect(report.verdict == .ok, "\(item.description.id) \(report.name): \(report.ratio)")
      }
      let frozen = try ownCorpus.get().load(item.description.id).scales
      for name in ["y", "x.gradient", "conv1.weight.gradient"] {
        func sum(_ scales: [String: RoundingScale]) -> Double { scales[name]?.values.values.reduce(0, +) ?? 0 }
        #expect(sum(item.scales) > 1.1 * sum(frozen), "\(item.description.id) \(name)")
      }
    }
  }

  @Test func capabilityNamesTheMethod() throws {
    for method in ConvolutionMethod.allCases {
      let capability = Capability(
        backend: "b", version: "1", scalar: "float32", claims: ["op"], convolutions: method)
      #expect(try Capability(bytes: capability.encoded, name: "c") == capability)
      let text = String(decoding: capability.encoded, as: UTF8.self)
      #expect(text.contains("convolutions") == (method != .direct))
    }
    let text = #"{"backend": "b", "version": "1", "scalar": "float32", "claims": ["op"], "convolutions": "winograd"}"#
    expectError("\"convolutions\" must be one of direct, winograd-2, winograd-4, fft, not \"winograd\"") {
      try Capability(bytes: Array(text.utf8), name: "capability.json")
    }
  }

  // The same answers fail as sums of products and pass as what they are, by `check` and by `judge`.
  @Test func answersAreHeldToTheDeclaredMethod() throws {
    let (corpus, id) = (try ownCorpus.get(), "op/convolution-3x3")
    let frozen = try corpus.load(id)
    let item = try #require(try frozen.held(to: DeclaredArithmetic(convolutions: .winograd4), .float32))
    let scale = try #require(item.scales["y"])
    guard case .real(var y)? = item.expected["y"] else { return }
    // Half of the wide bound beyond the value is far outside the narrow one.
    let half = 0.5 * Profile.float32.factor(terms: scale.terms)
    for i in y.values.indices { y.values[i] += half * scale.values.values[i] }
    let answers = item.expected.merging(["y": .real(y)]) { _, other in other }
    try withFolder { path in
      let casePrompt = CasePrompt(
        area: "op", slug: "convolution-3x3", summary: "-", catches: ["-"], prompt: frozen.prompt)
      try PromptFolder.write([casePrompt], to: path("prompts"))
      let prompts = try PromptFolder(reading: path("prompts"))
      for (method, verdict) in [(ConvolutionMethod.direct, Verdict.fail), (.winograd2, .fail), (.winograd4, .ok)] {
        for judges in [false, true] {
          let hash = judges ? try prompts.corpusHash() ?? "" : corpus.manifest.hash
          let capability = Capability(
            backend: "port", version: "0", scalar: "float32", corpus: hash, claims: [id], convolutions: method)
          let folder = path("\(method)-\(judges)")
          try CorpusFiles.write(ResponseFolder.files(capability, [id: answers], reals: .double), to: folder)
          let responses = try ResponseFolder(reading: folder)
          let report = judges ? try prompts.check(responses) : try corpus.check(responses, only: id)
          let found = try #require(report.cases.first { $0.id == id })
          #expect(found.verdict == verdict, "\(method) \(judges): \(found.ratio)")
          let note = method == .direct ? "right by winograd-4, if capability.json declares it" : ""
          #expect(found.note.hasPrefix(note) && found.note.isEmpty == note.isEmpty, "\(found.note)")
        }
      }
    }
  }

  // A mistake is called no method.
  @Test func mistakesAreNoMethods() throws {
    let frozen = try ownCorpus.get().load("op/convolution-3x3")
    var nobody: (any Diagnosing)?
    for factor in [1.01, 1.001, -1] {
      guard case .real(var y)? = frozen.expected["y"] else { return }
      for i in y.values.indices { y.values[i] *= factor }
      let answers = frozen.expected.merging(["y": .real(y)]) { _, other in other }
        .mapValues { StoredTensor(type: "F64", value: $0) }
      let report = try frozen.report(on: answers, profile: .float32, arithmetic: DeclaredArithmetic(), by: &nobody)
      #expect(report.verdict == .fail && report.note.isEmpty, "\(factor): \(report.note)")
    }
  }

  // A relation compares two answers of one program, each of which may err as its method does.
  @Test func relationsAllowForTheMethod() throws {
    let relation = try #require(Relation.all.first { $0.name.hasPrefix("convolution") })
    let prompts = relation.prompts(RelationDrawing(size: 6))
    let answers = try prompts.mapValues { prompt in
      try PackageBackend(Double.self).answer(prompt).mapValues { StoredTensor(type: "F64", value: $0) }
    }
    func errors(_ method: ConvolutionMethod) throws -> Double {
      let found = try RelationAnswers(
        relation, prompts: prompts, answers: answers, profile: .float32,
        arithmetic: DeclaredArithmetic(convolutions: method))
      #expect(found.faults.isEmpty)
      return prompts.keys.flatMap { role in relation.outputs.flatMap { found(role, $0) } }.reduce(0) { $0 + $1.error }
    }
    let direct = try errors(.direct)
    #expect(direct > 0)
    for method in Self.fast { #expect(try errors(method) > 1.1 * direct, "\(method)") }
  }
}
