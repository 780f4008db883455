import Commands
import TestSupport
import Testing

@testable import tsuc

@Suite("tsuc sweep")
struct SweepCommandTests {
  @Test(arguments: [["sweep"], ["sweep", "sin"], ["sweep", "exp", "--threads", "0"], ["sweep", "exp", "log"]])
  func stopsAtAMistake(arguments: [String]) {
    let tracer = ConsoleRecorder()
    #expect(Main.program.run(arguments, on: tracer.console()) == 2)
    #expect(tracer.noted.hasPrefix("tsuc: ") && tracer.noted.split(separator: "\n").count == 1)
    #expect(tracer.written.isEmpty)
  }
}
