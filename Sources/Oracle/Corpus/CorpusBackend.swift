// Whoever can answer prompts: this package itself, or a package that depends on it and is to be checked.
// Tests    OracleTests/CorpusBackendTests.swift
import Kernels
import Networks

/// A program that answers prompts. Conform to it, then let a ``Corpus`` judge the answers by `check`:
///
///     @Test func corpus() throws {
///       let report = try Corpus().check(MyBackend())
///       #expect(report.passed, "\(report)")
///     }
public protocol CorpusBackend {
  /// Its name, version, arithmetic and claims; the hash of the corpus is filled in.
  var capability: Capability { get }
  /// The outputs of one prompt by name; real numbers are handed over as Double, which holds Float exactly.
  func answer(_ prompt: Prompt) throws -> [String: TensorValue]
}

extension PromptFolder {
  /// Answers every prompt, one after the other, and writes a new response folder.
  ///
  /// - Parameters:
  ///   - backend: Who answers.
  ///   - path: Where the new folder is to be.
  ///   - keepsGoing: Whether the other answers are kept where prompts cannot be answered; else nothing is written then.
  ///   - progress: Told the identifier of each prompt.
  /// - Returns: The prompts that were left out, which the answers do not claim; none unless `keepsGoing`.
  /// - Throws: ``OracleError`` with a line for every prompt that cannot be answered, unless `keepsGoing` and there is another.
  @discardableResult
  public func answer(
    with backend: some CorpusBackend, to path: String, keepsGoing: Bool = false, progress: (String) -> Void = { _ in }
  ) throws(OracleError) -> [PromptFault] {
    var (capability, faults) = (backend.capability, misnamed)
    capability.corpus = try corpusHash() ?? ""
    capability.claims = []
    let reals: RealStorage = capability.scalar == Profile.float64.rawValue ? .double : .single
    try NewFolder.write(to: path) { folder throws(OracleError) in
      for id in ids {
        progress(id)
        do throws(OracleError) {
          let answer = try answer(id, with: backend)
          // Nothing will be left of a folder with faults unless it is to be kept.
          guard keepsGoing || faults.isEmpty else { continue }
          try folder.add(TensorFile.encoded(answer, reals: reals), as: "\(id).safetensors")
          capability.claims.append(id)
        } catch {
          faults.append(PromptFault(id, error.description))
        }
      }
      guard faults.isEmpty || keepsGoing && !capability.claims.isEmpty else {
        throw OracleError(PromptFault.text(faults))
      }
      try folder.add(capability.encoded, as: Capability.name)
    }
    return faults
  }

  /// A backend's answer to one prompt; what it throws becomes a sentence that names the prompt.
  private func answer(_ id: String, with backend: some CorpusBackend) throws(OracleError) -> [String: TensorValue] {
    let prompt = try prompt(id).prompt
    do {
      return try backend.answer(prompt)
    } catch {
      throw OracleError("\(path)/cases/\(id): \(error)")
    }
  }
}
