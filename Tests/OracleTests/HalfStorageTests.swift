import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Activations and banks stored in 16 bits")
struct HalfStorageTests {
  static let profiles = [Profile.bfloat16, .float16]
  private static let activations = DeclaredArithmetic(storage: [.activations])
  private static let bank = DeclaredArithmetic(storage: [.bank])

  /// The profile's 16 bits, scaled by a power of two as losses are: float16 loses digits below 6.1e-5.
  private static func rounded<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, _ profile: Profile) -> Tensor<Scalar> {
    let format = profile.factorFormat ?? .single
    let largest = tensor.values.reduce(0) { max($0, abs(Double($1))) }
    let scale = Double(sign: .plus, exponent: largest > 0 ? 14 - largest.exponent : 0, significand: 1)
    return Tensor(
      shape: tensor.shape,
      values: tensor.values.map { Scalar(format.value(of: format.bits(of: scale * Double($0))) / scale) })
  }

  /// An answer in Float, every result of a layer rounded to the profile's 16 bits as the next one finds it.
  private static func answers(_ item: CorpusCase, _ profile: Profile) throws -> [String: StoredTensor] {
    let operation = try #require(try Operations.named(item.prompt.operation) as? any TracedOperation)
    let stored: Set = [
      "convolution", "convolution-input-gradient", "convolution-weight-gradient", "batch-norm", "batch-norm-relu",
      "batch-norm-gradient", "add-relu", "relu-gradient", "add", "global-average-pool",
      "global-average-pool-gradient", "linear", "linear-weight-gradient", "linear-input-gradient",
      "l2-normalise-gradient", "matmul", "memory-logits-gradient", "head-gradient",
    ]
    let answer = try operation.answer(item.prompt) { (site: TraceSite<Float>, _) in
      stored.contains(site.operation) ? rounded(site.value, profile) : nil
    }
    return answer.mapValues { StoredTensor(type: "F32", value: $0) }
  }

  private static func worst(_ item: CorpusCase, _ answers: [String: StoredTensor], _ profile: Profile) -> Double {
    item.compare(answers, profile: profile).map(\.ratio).max() ?? .infinity
  }

  // The stored gradients of a block are up to some 2⁻⁸ of the largest away, many times what rounded factors alone do.
  @Test(arguments: profiles) func boundsAreCarriedThroughNetworks(profile: Profile) throws {
    for id in ["block/residual-block-apart", "step/stage-one-step-steady", "step/stage-two-step-steady"] {
      let item = try ownCorpus.get().load(id)
      let answers = try Self.answers(item, profile)
      let wide = try #require(try item.held(to: Self.activations, profile))
      let ratio = Self.worst(wide, answers, profile)
      #expect(ratio <= 1, "\(id): \(ratio)")
      // The widest bound leaves mistakes of a third of the encoder's answer outside.
      for (name, value) in item.expected where name == "y" || name == "embeddings" {
        guard case .real(var tensor) = value else { continue }
        tensor.values = tensor.values.map { 1.5 * $0 }
        let wrong = answers.merging([name: StoredTensor(type: "F32", value: .real(tensor))]) { _, other in other }
        #expect(Self.worst(wide, wrong, profile) > 2, "\(id) \(name)")
      }
    }
  }

  // The worst that a legal program can do to a sum of positive products: both factors of each and the result rounded up.
  @Test(arguments: profiles) func worstRoundingsOfAProductStayInside(profile: Profile) throws {
    let v = try #require(profile.factorFormat).unit
    let prompt = Prompt(
      operation: "linear",
      inputs: [
        "x": .rows([[1, 2, 3]]), "weight": .rows([[2, 1, 5]]), "bias": .real(Tensor<Double>(shape: [1], values: [0])),
        "y.cotangent": .rows([[1]]),
      ])
    let item = try CorpusCase(answering: prompt, CaseDescription(id: "mine/linear", operation: "linear"), for: profile)
    let wide = try #require(try item.held(to: Self.activations, profile))
    guard case .real(let y)? = item.expected["y"] else { throw OracleError("no y") }
    func answer(_ power: Double) -> [String: StoredTensor] {
      let values = y.mapped { $1 * Double.exp(power * Double.log(1 + v)) }
      return item.expected.mapValues { StoredTensor(type: "F64", value: $0) }
        .merging(["y": StoredTensor(type: "F64", value: .real(values))]) { _, other in other }
    }
    #expect(Self.worst(wide, answer(3), profile) <= 1 && Self.worst(wide, answer(3.05), profile) > 1)
    #expect(Self.worst(item, answer(3), profile) > 1 && Self.worst(item, answer(2), profile) <= 1)
  }

  // v of every result is allowed for beside the factors', and in a loss v of every product on its way.
  @Test func resultsAreCountedBesideFactors() throws {
    func factors(_ item: CorpusCase, _ name: String) throws -> [Double] {
      let scale = try #require(item.scales[name])
      return scale.factors?.values ?? scale.values.values.map { 2 * $0 }
    }
    for (id, name, isProduct) in [
      ("op/linear-plain", "y", true), ("memory/memory-logits-tenth", "logits", true),
      ("loss/relation-loss-full", "embeddings.gradient", false),
      ("loss/batch-loss-full", "rows.gradient", false),
    ] {
      let item = try ownCorpus.get().load(id)
      let wide = try #require(try item.held(to: Self.activations, .bfloat16))
      guard case .real(let right)? = item.expected[name] else { throw OracleError("no \(name)") }
      let (before, after) = (try factors(item, name), try factors(wide, name))
      for i in right.values.indices { #expect(after[i] >= before[i] + 0.999 * abs(right.values[i]), "\(id) \(i)") }
      guard !isProduct else { continue }
      let sizes = right.values.reduce(0) { $0 + abs($1) }
      #expect(after.reduce(0, +) > 1.02 * before.reduce(0, +) + sizes, "\(id)")
    }
  }

  // Beside rows that are rounded a wrong update is accused alone, and not the blends.
  @Test func linesAllowForAStoredBank() throws {
    let item = try ownCorpus.get().load("memory/memory-update-half")
    guard case .real(let bank)? = item.prompt.inputs["bank"] else { throw OracleError("no bank") }
    var prompt = item.prompt
    prompt.inputs["bank"] = .real(Self.rounded(bank, .bfloat16))
    var answers = try DefinitionAnswers.right(
      CorpusCase(description: item.description, prompt: prompt, expected: item.expected, scales: item.scales),
      as: Float.self)
    guard case .real(let new)? = answers["bank.new"]?.value else { throw OracleError("no new bank") }
    answers["bank.new"]?.value = .real(new.mapped { -$1 })
    func accused(_ item: CorpusCase?) -> [String] {
      item?.divergence(answers, profile: .bfloat16)?.isolated.map(\.tensor) ?? []
    }
    #expect(try accused(item.held(to: Self.bank, .bfloat16)) == ["bank.new"])
    #expect(accused(item) == ["blends"])
  }

  // Rows are rounded before and after each update; the same answers fail where that is not declared.
  @Test(arguments: profiles) func boundsHoldForAStoredBank(profile: Profile) throws {
    for casePrompt in try corpusPrompts.get() where casePrompt.prompt.operation == "memory-update" {
      let item = try ownCorpus.get().load(casePrompt.id)
      guard case .real(let bank)? = item.prompt.inputs["bank"], item.prompt.shape(of: "images").count == 1 else {
        continue
      }
      var prompt = item.prompt
      prompt.inputs["bank"] = .real(Self.rounded(bank, profile))
      var answers = try DefinitionAnswers.right(
        CorpusCase(description: item.description, prompt: prompt, expected: item.expected, scales: item.scales),
        as: Float.self)
      guard case .real(let new)? = answers["bank.new"]?.value else { continue }
      answers["bank.new"] = StoredTensor(type: "F32", value: .real(Self.rounded(new, profile)))
      let wide = try #require(try item.held(to: Self.bank, profile))
      var nobody: (any Diagnosing)?
      let report = wide.report(on: answers, profile: profile, by: &nobody)
      #expect(report.verdict == .ok, "\(casePrompt.id): \(report.ratio)")
      #expect(item.report(on: answers, profile: profile, by: &nobody).verdict == .fail, "\(casePrompt.id)")
      let wrong = item.expected.mapValues { value in
        if case .real(let tensor) = value { TensorValue.real(tensor.mapped { -$1 }) } else { value }
      }.mapValues { StoredTensor(type: "F32", value: $0) }
      #expect(Self.worst(wide, wrong, profile) > 5, "\(casePrompt.id)")
    }
  }

  @Test func capabilityNamesWhatIsStored() throws {
    for storage in [[], [HalfStorage.bank], [.activations], [.activations, .bank]] {
      let capability = Capability(
        backend: "b", version: "1", scalar: "bfloat16", claims: ["op"], storage: Set(storage))
      #expect(try Capability(bytes: capability.encoded, name: "c") == capability)
      #expect(String(decoding: capability.encoded, as: UTF8.self).contains("storage") == !storage.isEmpty)
    }
    let text = #"{"backend": "b", "version": "1", "scalar": "float16", "claims": ["op"], "storage": ["weights"]}"#
    expectError("\"storage\" must list some of activations, bank, not \"weights\"") {
      try Capability(bytes: Array(text.utf8), name: "capability.json")
    }
  }

  // In the profiles of Float nothing is stored in 16 bits, whatever is declared.
  @Test func storageCountsInProfilesOfSixteenBits() throws {
    let capability = Capability(
      backend: "b", version: "1", scalar: "bfloat16", claims: ["op"], storage: [.activations, .bank])
    for profile in Profile.allCases {
      #expect(capability.arithmetic(in: profile).storage.isEmpty == !Self.profiles.contains(profile))
      #expect((capability.storageProblem(in: profile) == nil) == Self.profiles.contains(profile))
    }
    let backend = StoringBackend(capability: capability)
    let report = try ownCorpus.get().check(backend, profile: .float32, only: "op/relu-small", by: nil)
    #expect(report.problems == ["\"storage\" is declared, and the profile float32 stores nothing in 16 bits"])
    #expect(!report.passed)
  }
}

/// The package's answers under another capability.
private struct StoringBackend: CorpusBackend {
  let capability: Capability

  func answer(_ prompt: Prompt) throws -> [String: TensorValue] { try PackageBackend(Float.self).answer(prompt) }
}
