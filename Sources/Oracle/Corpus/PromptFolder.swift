// A folder of prompts: cases/AREA/SLUG/case.json and inputs.safetensors. Anyone may write one and have it answered.
//
// case.json needs "id" and "operation"; "parameters" and "generated" where the operation wants them. Inputs are tensors of
// F64, F32, F16 or BF16 (real), I64 or I32 (whole numbers), U8 (bytes). The file may be absent where there are none.
// Schema   Fixtures/corpus/schema/case.schema.json
// Tests    OracleTests/PromptFolderTests.swift
import Files
import Kernels
import Networks

/// Prompts on disk.
public struct PromptFolder: Sendable {
  /// Where it is.
  public let path: String
  /// The identifiers of its cases, in alphabetical order.
  public let ids: [String]
  /// What stands among its cases and cannot be one.
  public let misnamed: [PromptFault]

  /// Finds the cases of a folder; throws if there are none.
  public init(reading path: String) throws(OracleError) {
    var (ids, misnamed): ([String], [PromptFault]) = ([], [])
    for area in try CorpusFiles.names(in: path + "/cases") {
      do throws(OracleError) {
        for slug in try CorpusFiles.names(in: "\(path)/cases/\(area)") {
          let id = "\(area)/\(slug)"
          do throws(OracleError) {
            try CaseDescription.check(id, in: path)
            ids.append(id)
          } catch {
            misnamed.append(PromptFault(id, error.description))
          }
        }
      } catch {
        misnamed.append(PromptFault(area, error.description))
      }
    }
    guard !ids.isEmpty else {
      throw OracleError(
        misnamed.isEmpty ? "\(path) holds no prompts: cases/AREA/SLUG/case.json" : PromptFault.text(misnamed))
    }
    (self.path, self.ids, self.misnamed) = (path, ids, misnamed)
  }

  /// One prompt, read and checked.
  public func prompt(_ id: String) throws(OracleError) -> (description: CaseDescription, prompt: Prompt) {
    let folder = "\(path)/cases/\(id)"
    let inputs = "\(folder)/inputs.safetensors"
    return try Self.decode(
      id, caseFile: CorpusFiles.read("\(folder)/case.json"),
      inputs: CorpusFiles.exists(inputs) ? CorpusFiles.read(inputs) : nil, folder: folder)
  }

  /// A prompt from the bytes of its files; `folder` stands for their place in messages.
  static func decode(
    _ id: String, caseFile: [UInt8], inputs: [UInt8]?, folder: String
  ) throws(OracleError) -> (description: CaseDescription, prompt: Prompt) {
    let description = try CaseDescription(bytes: caseFile, name: "\(folder)/case.json")
    guard description.id == id else {
      throw OracleError("\(folder)/case.json: the identifier is \"\(description.id)\", and the folder's \"\(id)\"")
    }
    var prompt = Prompt(operation: description.operation, parameters: description.parameters, inputs: [:])
    let stored = try inputs.map { bytes throws(OracleError) in
      try TensorFile.decode(bytes, name: "\(folder)/inputs.safetensors")
    }
    for (name, tensor) in stored ?? [:] {
      if case .real(let reals) = tensor.value, !reals.isFinite {
        throw OracleError("\(folder)/inputs.safetensors: \"\(name)\" holds a number that is not finite")
      }
      prompt.inputs[name] = tensor.value
    }
    for (name, recipe) in description.generated {
      let tensor = recipe.tensor
      guard prompt.inputs.updateValue(.real(tensor), forKey: name) == nil else {
        throw OracleError("\(folder): the input \"\(name)\" is both stored and generated")
      }
      guard tensor.isFinite else {
        throw OracleError("\(folder)/case.json: the generated \"\(name)\" is not finite as Float")
      }
    }
    return (description, prompt)
  }

  /// The two files of a prompt by relative path.
  static func files(_ description: CaseDescription, _ inputs: [String: TensorValue]) throws(OracleError) -> [String:
    [UInt8]]
  {
    try description.requireFinite()
    let stored = inputs.filter { description.generated[$0.key] == nil }
    return [
      "cases/\(description.id)/case.json": description.encoded,
      "cases/\(description.id)/inputs.safetensors": try TensorFile.encoded(stored, reals: .exact),
    ]
  }

  /// What answers to these prompts name as their corpus; nil where the folder has no manifest.
  public func corpusHash() throws(OracleError) -> String? {
    guard CorpusFiles.exists("\(path)/\(Manifest.name)") else { return nil }
    let manifest = try Manifest(bytes: CorpusFiles.read("\(path)/\(Manifest.name)"), name: "\(path)/\(Manifest.name)")
    return manifest.corpus ?? manifest.hash
  }
}
