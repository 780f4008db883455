import Files
import Networks
import Testing

@testable import Oracle

@Suite("Freezing")
struct FreezingTests {
  private static let id = "optimiser/sgd-plain-velocity"

  /// The stand-in's answers with one element moved by a share of its bound of float64.
  private static func moved(_ share: Double, backend: String = "stand-in") throws -> [String: [UInt8]] {
    var files = try DraftCorpus.standIn()
    let casePrompt = try #require(try DraftCorpus.prompts.get().first { $0.id == id })
    var answer = try casePrompt.answer(as: Double.self)
    let scale = try #require(try casePrompt.scales()["velocities"])
    guard case .real(var tensor)? = answer["velocities"] else { return [:] }
    tensor.values[7] += share * Profile.float64.factor(terms: scale.terms) * scale.values.values[7]
    answer["velocities"] = .real(tensor)
    files["\(id).safetensors"] = try TensorFile.encoded(answer, reals: .double)
    files[Capability.name] = Capability(backend: backend, version: "1", scalar: "float64", claims: ["*"]).encoded
    return files
  }

  @Test func workedExampleOfTwoWitnesses() throws {
    try withFolder { path in
      let near = try DraftCorpus.write(Self.moved(0.7), to: path("near"))
      let equal = try DraftCorpus.write(Self.moved(0, backend: "other"), to: path("equal"))
      let freezing = try Freezing(DraftCorpus.prompts.get(), witnesses: [near, equal])
      #expect(freezing.refusals.isEmpty)
      try freezing.write(to: path("v1"))
      let witnesses = try Corpus(at: path("v1")).description(of: Self.id).witnesses
      #expect(witnesses.map(\.name) == ["stand-in", "other"])
      #expect(abs(witnesses[0].distance - 0.7) < 0.3 && witnesses[1].distance == 0)
      #expect(try !Corpus(at: path("v1")).manifest.isDraft)
    }
  }

  @Test func refusesWhatIsApartAndWhatNobodyAnswers() throws {
    try withFolder { path in
      var files = try Self.moved(5)
      files["rng/permutation-12.safetensors"] = nil
      files["rng/uniform-first.safetensors"] = [1, 2, 3]
      var few = try TensorFile.decode(try #require(files["evaluate/cluster-scores-permuted.safetensors"]), name: "x")
        .mapValues(\.value)
      few["nmi"] = nil
      files["evaluate/cluster-scores-permuted.safetensors"] = try TensorFile.encoded(few, reals: .double)
      let freezing = try Freezing(
        DraftCorpus.prompts.get(), witnesses: [DraftCorpus.write(files, to: path("witness"))])
      let texts = freezing.refusals.map(\.description)
      #expect(texts.count == 5, "\(texts)")
      #expect(texts.first?.contains("no safetensors file") == true)
      #expect(
        texts.dropFirst().first?.contains("\(Self.id): stand-in says of \"velocities\": fail at [0, 1, 3]") == true)
      #expect(
        Set(texts.dropFirst(2)) == [
          "rng/permutation-12: no witness has answered \"y\"", "rng/uniform-first: no witness has answered \"y\"",
          "evaluate/cluster-scores-permuted: no witness has answered \"nmi\"",
        ])
      expectError("5 values cannot be frozen") { try freezing.write(to: path("v1")) }
      #expect(!CorpusFiles.exists(path("v1")))
    }
  }

  // A witness may answer tensors on the way, which are not frozen; what the operation does not have is refused.
  @Test func tensorsOnTheWayAreNotFrozen() throws {
    try withFolder { path in
      var files = try Self.moved(0)
      var tensors = try TensorFile.decode(try #require(files["\(Self.id).safetensors"]), name: "x").mapValues(\.value)
      tensors["decayed"] = .number(1.0)
      files["\(Self.id).safetensors"] = try TensorFile.encoded(tensors, reals: .double)
      let further = try DraftCorpus.write(files, to: path("further"))
      #expect(try Freezing(DraftCorpus.prompts.get(), witnesses: [further]).refusals.isEmpty)
      tensors["decay"] = .number(1.0)
      files["\(Self.id).safetensors"] = try TensorFile.encoded(tensors, reals: .double)
      let misspelt = try DraftCorpus.write(files, to: path("misspelt"))
      let texts = try Freezing(DraftCorpus.prompts.get(), witnesses: [misspelt]).refusals.map(\.description)
      #expect(texts.count == 1 && texts[0].contains("says of \"decay\": extra"), "\(texts)")
    }
  }

  @Test func draftsNeedNoWitnessAndSaySo() throws {
    try withFolder { path in
      let freezing = try Freezing(DraftCorpus.prompts.get(), witnesses: [], isDraft: true)
      try freezing.write(to: path("v1"))
      #expect(try Corpus(at: path("v1")).manifest.isDraft)
      #expect(try !Freezing(DraftCorpus.prompts.get(), witnesses: []).refusals.isEmpty)
      // One apart is no draft either.
      let apart = try DraftCorpus.write(Self.moved(5), to: path("witness"))
      #expect(try Freezing(DraftCorpus.prompts.get(), witnesses: [apart], isDraft: true).refusals.count == 1)
    }
  }

  @Test func invariantTheSameBytesAgain() throws {
    try withFolder { path in
      let hashes = try ["a", "b"].map { try DraftCorpus.make(at: path($0)).manifest.hash }
      #expect(hashes[0] == hashes[1])
    }
  }

  @Test func changedCasesOfTheExtendedCorpusAreRefused() throws {
    try withFolder { path in
      let earlier = try DraftCorpus.make(at: path("v2"))
      var prompts = try DraftCorpus.prompts.get()
      let nothing = try Freezing(prompts, extending: earlier, witnesses: [])
      expectError("there is nothing to freeze") { try nothing.write(to: path("v3")) }
      let place = try #require(prompts.firstIndex { $0.id == Self.id })
      prompts[place].prompt.parameters["momentum"] = .number(0.125)
      expectError("\(Self.id) is a case of \(path("v2")) already") {
        try Freezing(prompts, extending: earlier, witnesses: [])
      }
    }
  }

  @Test func nobodyIsHisOwnWitness() throws {
    try withFolder { path in
      let own = try DraftCorpus.write(Self.moved(0, backend: "tsuc"), to: path("own"))
      expectError("nobody is his own witness") { try Freezing(DraftCorpus.prompts.get(), witnesses: [own]) }
    }
  }

  @Test func inputsThatAreNoFloatsAreRefused() throws {
    var casePrompt = try #require(try DraftCorpus.prompts.get().first { $0.slug == "sgd-paper" })
    guard case .real(var tensor)? = casePrompt.prompt.inputs["parameter"] else { return }
    tensor.values[0] = 0.1
    casePrompt.prompt.inputs["parameter"] = .real(tensor)
    expectError("\"parameter\" holds numbers that are no Floats") {
      try Freezing([casePrompt], witnesses: [], isDraft: true)
    }
    expectError("two cases") {
      let all = try DraftCorpus.prompts.get()
      return try Freezing([all[0], all[0]], witnesses: [], isDraft: true)
    }
  }
}
