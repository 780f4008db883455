// Prompts as cases: described with what their operation says of itself, and written as folders.
// Tests    OracleTests/CasePromptTests.swift, OracleTests/PromptFolderTests.swift
import Kernels
import Networks

extension CaseDescription {
  /// The description of a prompt, without outputs, margins, graph and witnesses.
  public init(_ item: CasePrompt) throws(OracleError) {
    self.init(id: item.id, operation: item.prompt.operation)
    try Self.check(id, in: "the prompt")
    parameters = item.prompt.parameters
    generated = item.generated
    formula = try Operations.named(operation).formula
    (summary, catches, wanted) = (item.summary, item.catches, item.wanted)
  }

  /// The description of a prompt that is not frozen, with this package's outputs and margins.
  package init(answering item: CasePrompt) throws(OracleError) {
    try self.init(item)
    let operation = try Operations.asked(by: item.prompt)
    for (name, answer) in try operation.answer(item.prompt, as: Double.self) {
      let type =
        switch answer {
        case .real: "F64"
        case .integers: "I64"
        case .bytes: "U8"
        }
      outputs[name] = Output(type: type, shape: answer.shape, terms: nil)
    }
    margins = try operation.margins(item.prompt)
  }
}

extension PromptFolder {
  /// Writes prompts as a new folder, with a manifest; `corpus` is the hash of the frozen corpus, if there is one.
  public static func write(
    _ prompts: [CasePrompt], to path: String, corpus: String? = nil
  ) throws(OracleError) {
    try NewFolder.write(to: path) { folder throws(OracleError) in
      var manifest = Manifest(files: [:])
      manifest.corpus = corpus
      for item in prompts {
        for (name, bytes) in try Self.files(CaseDescription(item), item.prompt.inputs) {
          try folder.add(bytes, as: name)
          manifest.list(bytes, as: name)
        }
      }
      manifest.sort()
      try folder.add(manifest.encoded, as: Manifest.name)
    }
  }
}
