// The timed pieces of work have names of their own and can be run.
import Commands
import TestSupport
import Testing

@testable import tsuc

@Suite("Benchmark")
struct BenchmarkTests {
  @Test func invariantNamesAreUnique() {
    let names = BenchmarkWork.all.map(\.name)
    #expect(names.count == 45)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: ["matmul-f32-64", "conv-1x1s2-64-128-32-forward", "mutual-information-h5-b128-k10"])
  func invariantWorkTakesTime(name: String) throws {
    let work = try #require(BenchmarkWork.all.first { $0.name == name })
    let result = BenchmarkResult(work, repeats: 1)
    #expect(result.name == name)
    #expect(result.seconds > 0)
    #expect(result.line.contains(name))
  }

  @Test(arguments: [["bench", "--repeats", "0"], ["bench", "--threads", "0"], ["bench", "--only", "no such work"]])
  func stopsAtAMistake(arguments: [String]) {
    let recorder = ConsoleRecorder()
    #expect(Main.program.run(arguments, on: recorder.console()) == 2)
    #expect(recorder.noted.hasPrefix("tsuc: "))
    #expect(recorder.noted.split(separator: "\n").count == 1)
    #expect(recorder.written.isEmpty)
  }
}
