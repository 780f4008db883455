// Makes the corpus: this package's answers in Double, kept only where programs that share none of its code agree.
// Tests    OracleTests/FreezingTests.swift
import Files
import Kernels
import Networks

/// Freezes prompts into a corpus.
package struct Freezing {
  /// Why a value cannot be frozen.
  package struct Refusal: Sendable, Equatable, CustomStringConvertible {
    /// The case.
    package var id: String
    /// How far apart, in bounds; 0 where something is missing.
    package var ratio: Double
    /// One sentence.
    package var description: String
  }

  /// The folders of the witnesses' answers.
  private let witnesses: [ResponseFolder]
  /// Whether outputs may lack a witness.
  private let isDraft: Bool
  /// The corpus that the new one extends; nil where it is to stand alone.
  private let base: Manifest.Base?
  /// The files by relative path.
  private var files: [String: [UInt8]] = [:]
  /// How many cases were frozen.
  package var count: Int { files.keys.count { $0.hasSuffix("/case.json") } }
  /// What stands in the way, worst first; then what is missing.
  package private(set) var refusals: [Refusal] = []

  /// Freezes prompts in memory; ``write(to:)`` stores the result.
  ///
  /// - Parameters:
  ///   - prompts: What is asked.
  ///   - earlier: A corpus that is extended: only the cases that it lacks are frozen.
  ///   - witnesses: The folders of the witnesses' answers.
  ///   - isDraft: Whether outputs may lack a witness.
  ///   - progress: Told the identifier of each case.
  /// - Throws: ``OracleError`` where a prompt cannot be answered, or is another than the earlier corpus has under its identifier.
  package init(
    _ prompts: [CasePrompt], extending earlier: Corpus? = nil, witnesses: [ResponseFolder], isDraft: Bool = false,
    progress: (String) -> Void = { _ in }
  ) throws(OracleError) {
    if let own = witnesses.first(where: { $0.capability.backend == PackageBackend(Double.self).capability.backend }) {
      throw OracleError("\(own.path) holds this package's own answers, and nobody is his own witness")
    }
    (self.witnesses, self.isDraft) = (witnesses, isDraft)
    base = earlier.map { Manifest.Base(version: $0.manifest.version, hash: $0.manifest.hash) }
    for item in prompts {
      if let earlier, earlier.manifest.cases.contains(item.id) {
        let (description, prompt) = try earlier.prompt(item.id)
        guard CasePrompt(description, prompt) == item else {
          throw OracleError("\(item.id) is a case of \(earlier.path) already; give the changed one a new identifier")
        }
        continue
      }
      progress(item.id)
      try add(item)
    }
    // Missing ones last, and the order of the cases among equals.
    refusals = refusals.enumerated().sorted { ($1.element.ratio, $0.offset) < ($0.element.ratio, $1.offset) }
      .map(\.element)
  }

  /// Stores the corpus as a new folder; throws if anything stands in the way.
  package func write(to path: String) throws(OracleError) {
    guard refusals.isEmpty else { throw OracleError("\(refusals.count) values cannot be frozen") }
    guard !files.isEmpty else { throw OracleError("there is nothing to freeze: the extended corpus has every case") }
    var manifest = Manifest(files: files)
    (manifest.isDraft, manifest.extends) = (isDraft, base)
    if base == nil { manifest.version = Manifest.versions[0] }
    var all = files
    all[Manifest.name] = manifest.encoded
    try CorpusFiles.write(all, to: path)
  }

  private mutating func add(_ item: CasePrompt) throws(OracleError) {
    let operation = try Operations.asked(by: item.prompt)
    var description = try CaseDescription(item)
    let id = description.id
    guard files["cases/\(id)/case.json"] == nil else { throw OracleError("there are two cases \(id)") }
    // What the files hold is what is answered: a prompt whose inputs are no Floats is refused here.
    let prompt = try stored(item, description)
    let answers = try operation.finiteAnswer(prompt, as: Double.self)
    let scales = try operation.scales(prompt).mapValues { scale in
      RoundingScale(
        values: Self.roundedUp(scale.values), terms: scale.terms,
        factors: operation.multipliesMatrices ? scale.factors.map(Self.roundedUp) : nil)
    }
    description.margins = try operation.margins(prompt)
    description.graph = try (operation as? any GraphOperation)?.graph(prompt) ?? []
    for (name, answer) in answers { description.outputs[name] = try output(name, answer, scales[name], id) }
    if let other = scales.keys.first(where: { answers[$0] == nil }) {
      throw OracleError("\(id): there is a scale of \"\(other)\", which is no output")
    }
    description.witnesses = agree(id, item.prompt, answers, scales)
    files.merge(try PromptFolder.files(description, item.prompt.inputs)) { $1 }
    files["cases/\(id)/expected.safetensors"] = try Self.expected(answers, scales)
  }

  /// The prompt as its files give it back.
  private func stored(_ item: CasePrompt, _ description: CaseDescription) throws(OracleError) -> Prompt {
    for (name, input) in item.prompt.inputs {
      if case .real(let tensor) = input, !tensor.values.allSatisfy({ Double(Float($0)) == $0 }) {
        throw OracleError("\(description.id): the input \"\(name)\" holds numbers that are no Floats")
      }
    }
    let files = try PromptFolder.files(description, item.prompt.inputs)
    let prompt = try PromptFolder.decode(
      description.id, caseFile: files["cases/\(description.id)/case.json"] ?? [],
      inputs: files["cases/\(description.id)/inputs.safetensors"], folder: description.id
    ).prompt
    guard prompt == item.prompt else { throw OracleError("\(description.id): the files give another prompt back") }
    return prompt
  }

  private func output(
    _ name: String, _ answer: TensorValue, _ scale: RoundingScale?, _ id: String
  ) throws(OracleError) -> CaseDescription.Output {
    switch answer {
    case .integers: return .init(type: "I64", shape: answer.shape)
    case .bytes: return .init(type: "U8", shape: answer.shape)
    case .real(let tensor):
      guard tensor.values.allSatisfy({ !$0.isNaN }) else { throw OracleError("\(id): \"\(name)\" holds no number") }
      guard let scale, scale.isFinite(of: tensor.shape), (1...CaseDescription.mostTerms).contains(scale.terms)
      else { throw OracleError("\(id): \"\(name)\" has no finite scale of its shape with a sensible number of terms") }
      return .init(type: "F64", shape: tensor.shape, terms: scale.terms)
    }
  }

  /// The witnesses that answered the case; what they say otherwise, and what nobody says, becomes a refusal.
  private mutating func agree(
    _ id: String, _ prompt: Prompt, _ answers: [String: TensorValue], _ scales: [String: RoundingScale]
  ) -> [CaseDescription.Witness] {
    var (agreeing, witnessed): ([CaseDescription.Witness], Set<String>) = ([], [])
    for folder in witnesses {
      let tensors: [String: StoredTensor]
      switch folder.answer(id) {
      case .missing: continue
      case .unreadable(let why):
        refusals.append(Refusal(id: id, ratio: .infinity, description: why))
        continue
      case .tensors(let answered): tensors = Self.outputs(answered, of: answers, prompt)
      }
      let compared = Comparison.compare(tensors, with: answers, scales: scales, profile: .float64)
        .filter { $0.verdict != .missing }
      let name = folder.capability.backend
      refusals += compared.filter { $0.verdict != .ok }.map { Self.refusal(id, name, $0) }
      guard !compared.isEmpty else { continue }
      witnessed.formUnion(compared.map(\.name))
      agreeing.append(
        .init(
          name: name, version: folder.capability.version, distance: Self.twoDigits(compared.map(\.ratio).max() ?? 0),
          outputs: compared.count < answers.count ? compared.map(\.name) : nil))
    }
    if !isDraft {
      refusals += answers.keys.filter { !witnessed.contains($0) }.sorted().map {
        Refusal(id: id, ratio: 0, description: "\(id): no witness has answered \"\($0)\"")
      }
    }
    return agreeing
  }

  /// What a witness answered, without tensors on the way, which are not frozen.
  private static func outputs(
    _ answered: [String: StoredTensor], of answers: [String: TensorValue], _ prompt: Prompt
  ) -> [String: StoredTensor] {
    guard answered.keys.contains(where: { answers[$0] == nil }) else { return answered }
    let intermediates = Operations.intermediates(of: prompt)
    return answered.filter { answers[$0.key] != nil || !intermediates.contains($0.key) }
  }

  private static func refusal(_ id: String, _ witness: String, _ tensor: TensorReport) -> Refusal {
    var text = "\(id): \(witness) says of \"\(tensor.name)\": \(tensor.verdict.rawValue)"
    if let worst = tensor.worst {
      text +=
        " at \(worst.index), \(worst.value) instead of \(worst.stored), "
        + "\(CheckReport.short(tensor.ratio)) bounds apart"
    }
    if !tensor.note.isEmpty { text += ", \(tensor.note)" }
    return Refusal(id: id, ratio: tensor.ratio, description: text)
  }

  /// Distances say how near, not more: their further digits would change with every library.
  private static func twoDigits(_ ratio: Double) -> Double {
    guard ratio > 0, ratio.isFinite else { return ratio }
    return (ratio * 100).rounded(.up) / 100
  }

  private static func expected(
    _ answers: [String: TensorValue], _ scales: [String: RoundingScale]
  ) throws(OracleError) -> [UInt8] {
    var file = SafetensorsFile()
    for (name, answer) in answers.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      switch answer {
      case .real(let tensor): file.append(tensor, named: name)
      case .integers(let integers, let shape): file.append(integers: integers, shape: shape, named: name)
      case .bytes(let bytes, let shape): file.append(bytes: bytes, shape: shape, named: name)
      }
      guard let scale = scales[name] else { continue }
      for (suffix, values) in [("scale", scale.values), ("factors", scale.factors)] {
        guard let values else { continue }
        let name = "\(name).\(suffix)"
        guard answers[name] == nil else { throw OracleError("an output cannot be named \"\(name)\"") }
        file.append(values.converted(to: Float.self), named: name)
      }
    }
    return file.encoded()
  }

  /// The smallest Floats that are not below.
  private static func roundedUp(_ scale: Tensor<Double>) -> Tensor<Double> {
    Tensor(
      shape: scale.shape,
      values: scale.values.map { value in
        let nearest = Float(value)
        return Double(Double(nearest) < value ? nearest.nextUp : nearest)
      })
  }
}
