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

/// This package as a backend.
public struct PackageBackend: CorpusBackend, Sendable {
  /// Float32 or float64.
  public let profile: Profile
  /// All of the corpus, in the profile's arithmetic.
  public var capability: Capability {
    Capability(
      backend: "tsuc", version: Arithmetic.isFused ? "1.0.0, fused" : "1.0.0, portable", scalar: profile.rawValue,
      claims: ["*"])
  }

  /// The package's own arithmetic in Float or Double.
  public init<Scalar: RealScalar>(_: Scalar.Type) { profile = Scalar.self == Float.self ? .float32 : .float64 }

  /// What the package's own kernels answer.
  public func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
    let operation = try Operations.asked(by: prompt)
    return profile == .float32
      ? try operation.answer(prompt, as: Float.self) : try operation.answer(prompt, as: Double.self)
  }
}

extension PromptFolder {
  /// Answers every prompt and writes a new response folder.
  ///
  /// Nothing is written if one prompt cannot be answered; the error names it.
  public func answer(
    with backend: some CorpusBackend, to path: String, progress: (String) -> Void = { _ in }
  ) throws(OracleError) {
    guard !CorpusFiles.exists(path) else { throw OracleError("\(path) exists already and is not overwritten") }
    var capability = backend.capability
    capability.corpus = try corpusHash() ?? ""
    capability.claims = ids
    var answers: [String: [String: TensorValue]] = [:]
    for id in ids {
      progress(id)
      let prompt = try prompt(id).prompt
      do {
        answers[id] = try backend.answer(prompt)
      } catch {
        throw OracleError("\(self.path)/cases/\(id): \(error)")
      }
    }
    let reals: RealStorage = capability.scalar == Profile.float64.rawValue ? .double : .single
    try CorpusFiles.write(ResponseFolder.files(capability, answers, reals: reals), to: path)
  }
}
