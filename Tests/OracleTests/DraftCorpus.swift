// What the tests of the corpus's files share: a small corpus frozen into a folder of its own, and answers to it.
import Foundation
import Kernels
import Networks
import Testing

@testable import Oracle

/// A folder of its own for one test, removed afterwards.
func withFolder<Result>(_ body: (_ path: (String) -> String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("corpus-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body { folder.appendingPathComponent($0).path }
}

/// A corpus of the quick areas, as files in memory, with a witness that agrees.
enum DraftCorpus {
  /// The prompts: real numbers, whole numbers, single numbers, several outputs, no inputs at all.
  static let prompts = Result { try corpusPrompts.get().filter { areas.contains($0.area) } }
  static let areas = ["evaluate", "optimiser", "rng", "schedule"]

  /// Answers of a stand-in for an independent program: this package's own, under another name.
  static func standIn(
    _ scalar: Profile = .float64, corpus: String = "", claims: [String] = areas
  ) throws -> [String: [UInt8]] {
    var answers: [String: [String: TensorValue]] = [:]
    for casePrompt in try prompts.get() {
      answers[casePrompt.id] =
        scalar == .float64 ? try casePrompt.answer(as: Double.self) : try casePrompt.answer(as: Float.self)
    }
    let capability = Capability(
      backend: "stand-in", version: "1", scalar: scalar.rawValue, corpus: corpus, claims: claims)
    return try ResponseFolder.files(capability, answers, reals: scalar == .float64 ? .double : .single)
  }

  /// Writes the stand-in's answers, changed by the test, as a folder.
  static func write(_ files: [String: [UInt8]], to path: String) throws -> ResponseFolder {
    try CorpusFiles.write(files, to: path)
    return try ResponseFolder(reading: path)
  }

  /// The corpus, frozen into a folder.
  static func make(at path: String) throws -> Corpus {
    let witness = try write(standIn(), to: path + "-witness")
    let freezing = try Freezing(prompts.get(), witnesses: [witness])
    try freezing.write(to: path)
    return try Corpus(at: path)
  }
}

/// Expects an error of the corpus whose sentence contains some words.
func expectError<Result>(
  _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Result
) {
  let error = #expect(throws: OracleError.self, sourceLocation: sourceLocation) { _ = try body() }
  for part in parts {
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")", sourceLocation: sourceLocation)
  }
}

/// A generator of fixed numbers for the standard library's choices.
struct FixedGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 32) << 32 | ((state &* 0x9E37_79B9_7F4A_7C15) >> 32)
  }
}

extension ResponseFolder {
  /// The files of a response by relative path.
  static func files(
    _ capability: Capability, _ answers: [String: [String: TensorValue]], reals: RealStorage
  ) throws(OracleError) -> [String: [UInt8]] {
    var files = [Capability.name: capability.encoded]
    for (id, tensors) in answers { files["\(id).safetensors"] = try TensorFile.encoded(tensors, reals: reals) }
    return files
  }
}
