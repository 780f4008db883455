import Files
import Foundation
import Networks
import Testing

@testable import Oracle

/// Folders of answers with one thing wrong, and the word that the checker must have for it.
@Suite("Wrong answers")
struct WrongAnswersTests {
  static let id = "optimiser/sgd-plain-velocity"

  /// The tensors of a case, to be changed.
  private static func tensors(_ files: [String: [UInt8]], _ id: String = id) throws -> [String: TensorValue] {
    try TensorFile.decode(try #require(files["\(id).safetensors"]), name: id).mapValues(\.value)
  }

  /// Answers whose case `id` has changed tensors.
  private static func changed(
    _ files: [String: [UInt8]], id: String = id, _ change: (inout [String: TensorValue]) throws -> Void
  ) throws -> [String: [UInt8]] {
    var tensors = try tensors(files, id)
    try change(&tensors)
    var files = files
    files["\(id).safetensors"] = try TensorFile.encoded(tensors, reals: .double)
    return files
  }

  private static func real(_ value: TensorValue?) throws -> Tensor<Double> {
    guard case .real(let tensor)? = value else { throw OracleError("no real tensor") }
    return tensor
  }

  private func verdicts(
    _ corpus: Corpus, _ files: [String: [UInt8]], _ path: String, id: String = id, _ profile: Profile = .float64
  ) throws -> (report: CheckReport, tensors: Set<Verdict>, verdict: Verdict) {
    let report = try corpus.check(DraftCorpus.write(files, to: path), profile: profile)
    let item = try #require(report.cases.first { $0.id == id })
    return (report, Set(item.tensors.map(\.verdict)).subtracting([.ok]), item.verdict)
  }

  private typealias Change = (inout [String: TensorValue]) throws -> Void

  /// One element of the velocities set, or all.
  private static func set(_ value: Double, all: Bool = false) -> Change {
    { tensors in
      var tensor = try real(tensors["velocities"])
      if all { tensor.values = tensor.values.map { _ in value } } else { tensor.values[5] = value }
      tensors["velocities"] = .real(tensor)
    }
  }

  /// The parameters with other values, or another shape.
  private static func reshaped(_ shape: [Int], _ values: @escaping (Tensor<Double>) -> [Double]) -> Change {
    { tensors in
      let changed = Tensor<Double>(shape: shape, values: values(try real(tensors["parameters"])))
      tensors["parameters"] = .real(changed)
    }
  }

  /// The parameters replaced, or taken away.
  private static func put(_ value: TensorValue?, as name: String = "parameters") -> Change { { $0[name] = value } }

  private static var changes: [(String, Verdict, Change)] {
    let none = [Int](repeating: 0, count: 24)
    return [
      ("no number", .notFinite, set(.nan)), ("all no numbers", .notFinite, set(.nan, all: true)),
      ("infinity", .notFinite, set(.infinity)), ("minus infinity", .notFinite, set(-.infinity)),
      ("zeros", .fail, set(0, all: true)), ("one zero", .fail, set(0)),
      ("swapped", .fail, { ($0["parameters"], $0["velocities"]) = ($0["velocities"], $0["parameters"]) }),
      ("negated", .fail, reshaped([2, 3, 4]) { $0.values.map { -$0 } }),
      ("transposed", .fail, reshaped([2, 3, 4], transposed)),
      ("transposed shape", .shape, reshaped([2, 4, 3], transposed)),
      ("flat", .shape, reshaped([24], \.values)), ("missing tensor", .missing, put(nil)),
      ("renamed", .missing, { $0["parameter"] = $0.removeValue(forKey: "parameters") }),
      ("whole numbers", .type, put(.integers(none, shape: [2, 3, 4]))),
      ("bytes", .type, put(.bytes(none.map { UInt8($0) }, shape: [2, 3, 4]))),
    ]
  }

  @Test func wrongNumbersFail() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let good = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      let control = try verdicts(corpus, good, path("good"))
      #expect(control.report.passed && control.verdict == .ok, "\(control.report)")
      for (name, verdict, change) in Self.changes {
        for profile in [Profile.float64, .bfloat16] {
          let found = try verdicts(corpus, Self.changed(good, change), path("\(name) \(profile)"), profile)
          #expect(found.tensors.contains(verdict), "\(name): \(found.tensors)")
          #expect(!found.report.passed && found.report.failures.map(\.id) == [Self.id], "\(name)")
          #expect(found.report.description.contains("\(verdict.rawValue): \(Self.id)"), "\(name): \(found.report)")
        }
      }
    }
  }

  // What a case does not have is no mistake: it may be the intermediate that a diagnosis asked for. It is told, and not compared.
  @Test func extraTensorsAreWarnings() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let good = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      let files = try Self.changed(good, Self.put(.number(1.0), as: "other"))
      let found = try verdicts(corpus, files, path("extra"))
      #expect(found.tensors == [.extra] && found.verdict == .ok && found.report.passed)
      let text = found.report.description
      #expect(
        text.contains("warning: 1 tensor is no output of the case, and was not compared: \(Self.id) other"), "\(text)")
      #expect(text.contains("tensors ok, 1 extra"), "\(text)")
    }
  }

  /// The values of 2 × 3 × 4 in the order of 2 × 4 × 3.
  private static func transposed(_ tensor: Tensor<Double>) -> [Double] {
    (0..<24).map { tensor.values[$0 / 12 * 12 + $0 % 3 * 4 + $0 / 3 % 4] }
  }

  @Test(arguments: Profile.allCases) func oneElementTwiceTheBoundAwayFails(profile: Profile) throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let good = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      let item = try corpus.load(Self.id)
      let (right, scale) = (try Self.real(item.expected["parameters"]), try #require(item.scales["parameters"]))
      for (share, passes) in [(0.5, true), (-0.5, true), (2.0, false), (-2.0, false)] {
        for element in [0, 13, 23] {
          let bound = profile.bound(
            stored: right.values[element], scale: scale.values.values[element], terms: scale.terms, type: "F64",
            multipliesMatrices: item.multipliesMatrices)
          let files = try Self.changed(good) { tensors in
            var tensor = right
            tensor.values[element] += share * bound
            tensors["parameters"] = .real(tensor)
          }
          let found = try verdicts(corpus, files, path("\(share) \(element)"), profile)
          #expect(found.report.passed == passes, "\(share): \(found.report)")
          let tensor = try #require(found.report.cases.first { $0.id == Self.id }?.tensors.first)
          // The sum of value and shift rounds: 2⁻⁵³ of a value whose bound is a few of those.
          #expect(abs(tensor.ratio - abs(share)) < (profile == .float64 ? 0.3 : 1e-6), "\(tensor)")
          #expect(tensor.worst?.index == [element / 12, element / 4 % 3, element % 4])
        }
      }
    }
  }

  @Test func wrongFilesFail() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let good = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      let file = try #require(good["\(Self.id).safetensors"])
      let changes: [(String, Verdict, [UInt8]?)] = [
        ("missing file", .missing, nil), ("empty file", .unreadable, []),
        ("cut header", .unreadable, Array(file.prefix(40))), ("cut data", .unreadable, Array(file.dropLast(3))),
        ("longer", .unreadable, file + [0]), ("text", .unreadable, Array("answers".utf8)),
        ("no tensors", .missing, SafetensorsFile().encoded()),
      ]
      for (name, verdict, bytes) in changes {
        var files = good
        files["\(Self.id).safetensors"] = bytes
        let found = try verdicts(corpus, files, path(name))
        #expect(found.verdict == verdict, "\(name): \(found.report)")
        #expect(!found.report.passed && found.report.failures.count == 1, "\(name)")
        #expect(found.report.description.contains(verdict.rawValue + ": " + Self.id), "\(name): \(found.report)")
      }
    }
  }

  @Test func wrongWholeNumbersFailInEveryProfile() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let good = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      for profile in Profile.allCases {
        let files = try Self.changed(good, id: "rng/permutation-12") { tensors in
          guard case .integers(var order, let shape)? = tensors["y"] else { return }
          order.swapAt(3, 4)
          tensors["y"] = .integers(order, shape: shape)
        }
        let found = try verdicts(corpus, files, path(profile.rawValue), id: "rng/permutation-12", profile)
        #expect(found.verdict == .fail && !found.report.passed)
      }
    }
  }

  @Test func floatAnswersAreNoDoubleAnswers() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let float = try DraftCorpus.write(DraftCorpus.standIn(.float32, corpus: corpus.manifest.hash), to: path("a"))
      let report = try corpus.check(float)
      #expect(report.passed && report.profile == .float32, "\(report)")
      #expect(try corpus.check(float, profile: .tf32).passed)
      let strict = try corpus.check(float, profile: .float64)
      #expect(!strict.passed && strict.count(.type) > 20, "\(strict)")
    }
  }

  @Test func answersToAnotherCorpusFail() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      for (name, hash) in [("none", ""), ("other", String(repeating: "0", count: 64))] {
        let found = try corpus.check(DraftCorpus.write(DraftCorpus.standIn(corpus: hash), to: path(name)))
        #expect(!found.passed && found.failures.isEmpty)
        #expect(found.description.contains("stale"))
      }
    }
  }

  @Test func whatIsNotClaimedIsCountedAndNeverPassed() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let hash = corpus.manifest.hash
      var folders = 0
      func report(_ claims: [String], area: String? = nil) throws -> CheckReport {
        folders += 1
        let folder = try DraftCorpus.write(
          DraftCorpus.standIn(corpus: hash, claims: claims), to: path("answers-\(folders)"))
        return try corpus.check(folder, area: area)
      }
      let some = try report(["rng", "optimiser/sgd-plain-*"])
      let all = try DraftCorpus.prompts.get().count
      let drawn = corpus.manifest.cases.count { $0.hasPrefix("rng/") }
      let claimed = drawn + corpus.manifest.cases.count { $0.hasPrefix("optimiser/sgd-plain-") }
      #expect(drawn > 20 && drawn < claimed && claimed < all)
      #expect(some.passed && some.count(.ok) == claimed)
      #expect(some.count(.unsupported) == all - claimed && some.cases.count == all)
      #expect(some.description.contains("\(claimed) of \(all) cases passed"))
      let area = try report(["rng", "schedule"], area: "rng")
      #expect(area.passed && area.count(.ok) == drawn && area.count(.notRun) == all - drawn)
      // Claimed but not asked for, asked for but not claimed: nothing was run, and nothing has passed.
      #expect(try !report(["rng"], area: "schedule").passed)
      for claim in ["rgn", "rng/no-such", "ops*", "", "/"] {
        let wrong = try report([claim, "rng"])
        #expect(!wrong.passed && wrong.description.contains("the claim \"\(claim)\" names no case"), "\(wrong)")
      }
      var files = try DraftCorpus.standIn(corpus: hash)
      files["rng/unknown.safetensors"] = SafetensorsFile().encoded()
      let other = try corpus.check(DraftCorpus.write(files, to: path("other")))
      #expect(!other.passed && other.description.contains("rng/unknown.safetensors, which is no case"))
    }
  }
}
