import Commands
import TestSupport
import Testing

@testable import tsuc

@Suite("tsuc sweep")
struct SweepCommandTests {
  @Test(arguments: [["sweep"], ["sweep", "sin"], ["sweep", "exp", "--threads", "0"], ["sweep", "exp", "log"]])
  func stopsAtAMistake(arguments: [String]) {
    let recorder = ConsoleRecorder()
    #expect(Main.program.run(arguments, on: recorder.console()) == 2)
    #expect(recorder.noted.hasPrefix("tsuc: ") && recorder.noted.split(separator: "\n").count == 1)
    #expect(recorder.written.isEmpty)
  }
}
