import Commands
import Foundation
import Kernels
import Networks
import Oracle
import TestSupport
import Testing

@testable import tsuc_oracle

@Suite("tsuc oracle path")
struct OraclePathTests {
  /// 20 pictures of noise in CIFAR-10's format: a label, then 3 × 32 × 32 bytes.
  private func writePictures(to path: String) throws {
    var stream = RandomStream(seed: 3, purpose: .test)
    var records: [UInt8] = []
    for image in 0..<20 {
      records.append(UInt8(image % 10))
      for index in 0..<3072 { records.append(UInt8(index / 1024 * 30 + stream.integer(below: 160))) }
    }
    try Data(records).write(to: URL(fileURLWithPath: path))
  }

  // Float's own answers pass; one that adds the gradient of the second factor is told so by name.
  @Test func workedExampleFromPicturesToTheVerdict() throws {
    try withTemporaryFolder { folder in
      let (data, prompts, answers) = ("\(folder)/pictures.bin", "\(folder)/prompts", "\(folder)/answers")
      try writePictures(to: data)
      let written = run(
        "path", "--data", data, "--out", prompts, "--size", "8", "--width", "1", "--steps", "1", "--batch", "10",
        "--after", "1")
      #expect(written.code == 0 && written.errors.hasSuffix("tsuc: wrote 6 prompts to \(prompts)\n"), "\(written)")
      #expect(run("answer", prompts, "--out", answers, "--scalar", "float").code == 0)
      // The losses' bounds are the costly ones, and other tests hold them.
      try claim(["trajectory/stage-two"], in: answers)
      let judged = run("judge", prompts, answers)
      #expect(judged.code == 0 && judged.output.contains("1 of 6 cases passed, 0 failed"), "\(judged)")

      let wrong = "\(folder)/wrong"
      let file = "\(prompts)/cases/trajectory/stage-two/case.json"
      let right = try String(contentsOfFile: file, encoding: .utf8)
      #expect(right.contains("\"stopsGradient\": true"))
      try right.replacing("\"stopsGradient\": true", with: "\"stopsGradient\": false")
        .write(toFile: file, atomically: true, encoding: .utf8)
      #expect(run("answer", prompts, "--out", wrong, "--scalar", "float").code == 0)
      try right.write(toFile: file, atomically: true, encoding: .utf8)
      try claim(["trajectory/stage-two"], in: wrong)
      let refused = run("judge", prompts, wrong)
      #expect(refused.code == 1 && refused.output.contains("aug.no-stop-gradient"), "\(refused)")
    }
  }

  /// Narrows what a folder of answers claims.
  private func claim(_ cases: [String], in answers: String) throws {
    let file = "\(answers)/capability.json"
    var capability = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: file))) as? [String: Any])
    capability["claims"] = cases
    try JSONSerialization.data(withJSONObject: capability).write(to: URL(fileURLWithPath: file))
  }

  @Test func mistakesEndWithOneSentence() throws {
    try withTemporaryFolder { folder in
      let (data, out) = ("\(folder)/pictures.bin", "\(folder)/prompts")
      try writePictures(to: data)
      let cases: [([String], Int32, String)] = [
        (["--data", data], 2, "this needs --out DIR"), (["--out", out], 2, "this needs --data PATH"),
        (["--data", data, "--out", folder], 2, "exists already"),
        (["--data", "\(folder)/absent.bin", "--out", out], 1, "absent.bin"),
        (["--data", data, "--out", out, "--steps", "0"], 2, "--steps takes a whole number from 1 to 100, not \"0\""),
        (["--data", data, "--out", out, "--batch", "21", "--steps", "1"], 2, "need 21 images, and there are 20"),
        (["--data", data, "--out", out, "--width", "65"], 2, "--width takes a whole number from 1 to 64"),
        (["--data", "digits", "--out", out, "--count", "40", "--steps", "1"], 2, "the images have 1 channels"),
      ]
      for (words, code, part) in cases {
        let recorder = ConsoleRecorder()
        let found = Main.run(["path"] + words, on: recorder.console())
        #expect(found == code && recorder.noted.contains(part), "\(words): \(found) \(recorder.noted)")
        #expect(recorder.noted.split(separator: "\n").count { !$0.contains("read as") } == 1, "\(words)")
        #expect(!FileManager.default.fileExists(atPath: out))
      }
    }
  }
}
