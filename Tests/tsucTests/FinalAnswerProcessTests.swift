// Training with another final answer by the built program, and the uses of such a run.
import Commands
import Foundation
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("The program as a process: final answer")
struct FinalAnswerProcessTests {
  // The final answer changes nothing that is learnt before it, and is the same for any number of threads.
  @Test func workedExampleOfAConsensus() throws {
    try withTemporaryFolder { parent in
      let runs = [("a", "consensus", "1"), ("b", "consensus", "2"), ("c", "lowestLoss", "1")]
      for (name, answer, threads) in runs {
        let outcome = try runProgram(
          ["--out", name, "--stage-two.final-answer", answer, "--threads", threads] + tiny, in: parent)
        #expect(outcome.code == 0 && outcome.output.contains("stage 2, consensus of 5 heads") == (name != "c"))
        #expect(try runProgram(["evaluate", name], in: parent).output == outcome.output.dropLastLine)
        let predictions = try String(contentsOfFile: "\(parent)/\(name)/predictions.csv", encoding: .utf8)
        #expect(try runProgram(["predict", name], in: parent).output == predictions)
      }
      func bytes(_ file: String) -> Data? { FileManager.default.contents(atPath: "\(parent)/\(file)") }
      for file in ["checkpoint.safetensors", "predictions.csv"] {
        #expect(bytes("a/\(file)") != nil && bytes("a/\(file)") == bytes("b/\(file)"), "\(file)")
      }
      #expect(bytes("a/history.csv") == bytes("c/history.csv"))
      let metrics = try JSONDecoder().decode(Metrics.self, from: bytes("c/metrics.json") ?? Data())
      #expect(metrics.accuracy == metrics.heads?[metrics.chosenHead].accuracy && metrics.finalAnswer == .lowestLoss)
      expectComplaint(
        try runProgram(["train", "--stage-two.final-answer", "majority"] + tiny, in: parent), code: 2,
        containing: "\"majority\"", "lowestLoss, consensus")
    }
  }
}

extension String {
  /// The lines before the last.
  fileprivate var dropLastLine: String { split(separator: "\n").dropLast().map { $0 + "\n" }.joined() }
}
