import Foundation
import Networks
import Testing

@testable import Oracle

@Suite("Checker")
struct CheckerTests {
  private static func report(_ cases: [CaseReport], problems: [String] = []) -> CheckReport {
    CheckReport(
      corpus: "c0", isDraft: false,
      capability: Capability(backend: "port", version: "2", scalar: "float32", claims: ["*"]), profile: .float32,
      cases: cases, problems: problems)
  }

  private static func tensor(_ name: String, _ verdict: Verdict, _ ratio: Double) -> TensorReport {
    TensorReport(name: name, verdict: verdict, worst: ([1, 2], 0.5, 0.25), ratio: ratio, note: "")
  }

  @Test func workedExampleOfTheText() {
    let report = Self.report([
      CaseReport(id: "op/a", tensors: [Self.tensor("y", .ok, 0.25), Self.tensor("z", .fail, 3.14159)]),
      CaseReport(id: "op/b", tensors: [Self.tensor("y", .fail, 40)]),
      CaseReport(id: "op/c", verdict: .unsupported, note: "not claimed"),
      CaseReport(id: "rng/d", tensors: [Self.tensor("y", .ok, 0.5)]),
    ])
    #expect(
      report.description == """
        fail: op/b y at [1, 2]: 0.5 instead of 0.25, 40.0 bounds away
        fail: op/a z at [1, 2]: 0.5 instead of 0.25, 3.14 bounds away

        area          cases  passed  failed  unsupported  not run  worst error/bound
        op                3       0       2            1        0               40.0
        rng               1       1       0            0        0                0.5

        corpus c0
        backend port 2, float32, held to float32
        1 of 4 cases passed, 2 failed, 1 unsupported, 0 not run; 2 of 4 tensors ok
        FAILED
        """)
    #expect(report.text(mostFailures: 1).contains("… and 1 more"))
  }

  @Test func invariantOnlyAllIsPassed() {
    let good = CaseReport(id: "op/a", tensors: [Self.tensor("y", .ok, 1)])
    #expect(Self.report([good]).passed)
    #expect(!Self.report([]).passed)
    #expect(!Self.report([good], problems: ["stale"]).passed)
    #expect(!Self.report([CaseReport(id: "op/a", tensors: [])]).passed)
    #expect(!Self.report([CaseReport(id: "op/b", verdict: .unsupported, note: "")]).passed)
    #expect(Self.report([good, CaseReport(id: "op/b", verdict: .unsupported, note: "")]).passed)
    #expect(Self.report([good, CaseReport(id: "op/b", verdict: .undecided, note: "")]).passed)
    let undecided = Self.report([CaseReport(id: "op/b", verdict: .undecided, note: "")])
    #expect(!undecided.passed && undecided.isUndecided && undecided.description.hasSuffix("told right or wrong"))
    for verdict in Verdict.allCases where ![.ok, .unsupported, .notRun, .undecided].contains(verdict) {
      #expect(!Self.report([good, CaseReport(id: "op/b", verdict: verdict, note: "")]).passed)
      #expect(!Self.report([good, CaseReport(id: "op/b", tensors: [Self.tensor("y", verdict, 2)])]).passed)
    }
  }

  @Test func workedExampleOfShortNumbers() {
    let pairs: [(Double, String)] = [
      (0, "0"), (1, "1.0"), (0.25, "0.25"), (3.14159, "3.14"), (1234.5, "1235.0"), (1.5e9, "1.5e9"),
      (0.00012345, "1.23e-4"), (.infinity, "∞"), (.nan, "∞"),
    ]
    for (ratio, text) in pairs { #expect(CheckReport.short(ratio) == text) }
  }

  // Where a decision is nearer than bfloat16 rounds, a wrong answer has neither passed nor failed.
  @Test func narrowMarginsDecideNothing() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let item = try corpus.load("evaluate/weighted-neighbours-weighted")
      let wrong = [
        "predictions": StoredTensor(type: "I64", value: .integers([Int](repeating: 9, count: 7), shape: [7]))
      ]
      let nearest = try #require(item.description.margins.values.min())
      var nobody: (any Diagnosing)?
      let single = item.report(on: wrong, profile: .float32, by: &nobody)
      #expect(single.note == "" && single.verdict == .fail)
      func report(margin: Double) -> CaseReport {
        var description = item.description
        description.margins = ["neighbour": margin]
        let changed = CorpusCase(
          description: description, prompt: item.prompt, expected: item.expected, scales: item.scales)
        return changed.report(on: wrong, profile: .bfloat16, by: &nobody)
      }
      #expect(report(margin: nearest).verdict == (nearest < 0x1p-6 ? .undecided : .fail))
      #expect(report(margin: 0x1p-7).verdict == .undecided && report(margin: 0x1p-7).note.contains("neighbour"))
      #expect(report(margin: 0x1p-5).verdict == .fail)
      // Equal factors round equally: a tie is no near decision.
      #expect(report(margin: 0).verdict == .fail)
    }
  }

  @Test func unknownScalarsNeedAProfile() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      var files = try DraftCorpus.standIn(corpus: corpus.manifest.hash)
      files[Capability.name] =
        Capability(
          backend: "port", version: "", scalar: "fixed-point", corpus: corpus.manifest.hash, claims: ["rng"]
        ).encoded
      let folder = try DraftCorpus.write(files, to: path("a"))
      expectError("\"fixed-point\" is no profile; choose one of float64, float32") { try corpus.check(folder) }
      #expect(try corpus.check(folder, profile: .float64).passed)
    }
  }
}
