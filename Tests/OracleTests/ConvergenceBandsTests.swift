import Foundation
import TestSupport
import Testing
import TwoStage

@testable import Oracle

extension RunCurves {
  /// A synthetic run, or a changed one.
  init(_ run: SyntheticRun, path: String, without columns: Set<String> = []) throws {
    try self.init(History(csv: run.csv(without: columns), path: path), path: path)
  }
}

extension ConvergenceBands {
  /// Bands of twenty synthetic runs, seeds 0 to 19.
  static func synthetic() throws -> ConvergenceBands {
    try ConvergenceBands(
      recipe: "small", (0..<20).map { try RunCurves(SyntheticRun(seed: $0), path: "run \($0)") })
  }
}

@Suite("Bands of stored runs")
struct ConvergenceBandsTests {
  private static let bands = Result { try ConvergenceBands.synthetic() }

  @Test func workedExampleOfWhatIsStored() throws {
    let bands = try Self.bands.get()
    // Per round 3 of total and L_and, 1 of L_ue and of the neighbours; 1 consistency; 4 of 3 terms in stage 2.
    #expect(bands.points.count == 2 * 8 + 1 + 4 * 3 && bands.runs.count == 20)
    #expect(bands.schedule.count == 6 * 3 + 4)
    let run = try RunCurves(SyntheticRun(seed: 7), path: "r")
    for (index, point) in bands.points.enumerated() {
      #expect(abs(bands.runs[7][index] - (run.terms[point] ?? .nan)) <= 5e-7 * abs(bands.runs[7][index]))
    }
    #expect(bands.index(of: run) == 7 && ConvergenceBands.rounded(-0.012345678) == -0.01234568)
    #expect(try bands.index(of: RunCurves(SyntheticRun(seed: 20), path: "r")) == nil)
    let values = bands.values(at: bands.points[0])
    #expect(values == bands.runs.map { $0[0] }.sorted() && values.count == 20)
    // Five of the curves have one place; L_and and total of both rounds and three terms of stage 2 have a first and a last one.
    #expect(bands.ends.count == 5 + 2 * 7 && bands.ends.first == bands.points[0])
    #expect(bands.ends == bands.ends.sorted() && bands.ends.last?.epoch == 3)
  }

  @Test func invariantAFileIsReadBack() throws {
    let bands = try Self.bands.get()
    #expect(try ConvergenceBands(bytes: bands.encoded, name: "b") == bands)
  }

  @Test func goldenFileIsWhatTheProgramWrites() throws {
    let bytes = try CorpusFiles.read(ConvergenceBands.ownPath)
    let bands = try ConvergenceBands(bytes: bytes, name: "digits.json")
    #expect(bands.encoded == bytes && bands.recipe == "digits" && bands.runs.count == 20)
    // What the recipe's 30 + 60 epochs have: three losses, L_ue in half of the epochs, neighbours, consistency; then four.
    #expect(bands.points.count { $0.stage == 1 } == 30 * 3 + 15 + 5 + 4)
    #expect(bands.points.count { $0.stage == 2 } == 60 * 4 + 30)
    #expect(Set(bands.schedule.keys.map(\.term)) == RunCurves.scheduleNames)
  }

  @Test func faultsThatAreNoneOfTheRecipeAreUsage() throws {
    let bands = try Self.bands.get()
    var (short, longer) = (SyntheticRun(seed: 30), SyntheticRun(seed: 30))
    short.rows.removeLast()
    longer.rows.append(["stage": "2", "round": "0", "epoch": "4", "learningRate": "0.2", "total": "1"])
    expectError("r has 9 epochs and recipe small 10: stage 2, epoch 3 is missing; train to the end") {
      try bands.faults(of: RunCurves(short, path: "r"))
    }
    expectError("r has 11 epochs and recipe small 10: stage 2, epoch 4 is not in the recipe") {
      try bands.faults(of: RunCurves(longer, path: "r"))
    }
    for column in ["L_and", "learningRate", "nearestNeighbours"] {
      expectError("r lacks the column \"\(column)\"; needed are L_and, L_assign, L_ue, anchors") {
        try bands.faults(of: RunCurves(SyntheticRun(seed: 30), path: "r", without: [column]))
      }
    }
  }

  @Test func faultsOfTheScheduleAndOfTermsAreSentences() throws {
    let bands = try Self.bands.get()
    func faults(_ change: (inout SyntheticRun) -> Void) throws -> [String] {
      var run = SyntheticRun(seed: 30)
      change(&run)
      return try bands.faults(of: RunCurves(run, path: "r"))
    }
    #expect(try faults { _ in }.isEmpty)
    // What Float makes of the rate is no fault.
    #expect(try faults { $0.rows[0]["learningRate"] = "0.029999999329447746" }.isEmpty)
    #expect(
      try faults { $0.rows[3]["entropyWeight"] = "0.2" }
        == ["entropyWeight of stage 1, round 1, epoch 0 is 0.2, and the recipe's is 0.0"])
    #expect(
      try faults {
        $0.rows[1]["anchors"] = nil
        $0.rows[3]["anchors"] = "11"
      } == ["anchors of stage 1, round 0, epoch 1 is none, and the recipe's is 0.0; it differs in 1 more"])
    #expect(try faults { $0.rows[2]["L_ue"] = nil } == ["L_ue of stage 1, round 0, epoch 2 is missing"])
    #expect(
      try faults {
        $0.rows[3]["L_ue"] = "5"
        $0.rows[4]["L_ue"] = "5"
      } == ["L_ue of stage 1, round 1, epoch 0 is there, and the stored runs have none; so are 1 more"])
    // A column that is not compared says nothing.
    #expect(try faults { $0.rows[7]["head 0"] = nil }.isEmpty)
  }

  @Test func mistakesAreTold() throws {
    let runs = try (0..<20).map { try RunCurves(SyntheticRun(seed: $0), path: "run \($0)") }
    expectError("bands need at least 20 runs, not 19") { try ConvergenceBands(recipe: "s", Array(runs.prefix(19))) }
    expectError("run 4 and run 4 are the same run; give runs of different seeds") {
      try ConvergenceBands(recipe: "s", runs + [runs[4]])
    }
    var other = SyntheticRun(seed: 40)
    other.rows[0]["learningRate"] = "0.02"
    expectError("other differs from run 0: learningRate of stage 1, round 0, epoch 0 is 0.02") {
      try ConvergenceBands(recipe: "s", runs + [RunCurves(other, path: "other")])
    }
    let plain = try (0..<20).map {
      try RunCurves(SyntheticRun(seed: $0), path: "p", without: ["learningRate", "entropyWeight", "anchors"])
    }
    expectError("p lacks the column \"learningRate\"") { try ConvergenceBands(recipe: "s", plain) }
    let text = try String(decoding: Self.bands.get().encoded, as: UTF8.self)
    func read(_ old: String, _ new: String) throws -> ConvergenceBands {
      #expect(text.contains(old))
      return try ConvergenceBands(bytes: Array(text.replacing(old, with: new, maxReplacements: 1).utf8), name: "b.json")
    }
    expectError("b.json: bands of version v1 were expected, not of v2") { try read("\"v1\"", "\"v2\"") }
    expectError("lacks \"term\"") { try read("\"term\"", "\"name\"") }
    expectError("unknown member \"x\"") { try read("\"recipe\"", "\"x\":1,\"recipe\"") }
    expectError("epochs need as many values, not") { try read("\"epochs\":[0,1,2]", "\"epochs\":[0,1]") }
    expectError("equally many runs, at least 20, were expected, not of [20, 21]") {
      try read("\"runs\":[[", "\"runs\":[[0,0,0],[")
    }
    expectError("b.json") { try ConvergenceBands(bytes: Array("{".utf8), name: "b.json") }
  }
}
