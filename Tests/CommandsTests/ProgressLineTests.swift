import TestSupport
import Testing

@testable import Commands

@Suite("Progress")
struct ProgressTests {
  // 50 of 200 images in 10 s are 5 images/s, and the other 150 take 30 s.
  @Test func workedExampleOfALine() {
    let line = ProgressLine.line("stage 1", done: 50, total: 200, seconds: 10, losses: [("L_and", 1.5)])
    #expect(line == "stage 1  25 %  5 images/s  30 s left  L_and 1.5000")
    #expect(ProgressLine.line("start", done: 0, total: 0, seconds: 0, losses: []) == "start  0 %")
  }

  @Test func workedExampleOfPlainLines() {
    let recorder = ConsoleRecorder()
    let progress = recorder.progress(isTerminal: false)
    recorder.wait(.seconds(1))
    progress.update("a", done: 1, total: 100, losses: [], completed: false)
    #expect(recorder.noted == "")
    progress.update("a", done: 2, total: 100, losses: [], completed: true)
    #expect(recorder.noted == "a  2 %  2 images/s  49 s left\n")
    recorder.wait(.seconds(11))
    progress.update("b", done: 24, total: 100, losses: [], completed: false)
    progress.close()
    #expect(recorder.noted.split(separator: "\n").count == 2)
    #expect(!recorder.noted.contains("\u{1B}"))
  }

  @Test func workedExampleOfATerminal() {
    let recorder = ConsoleRecorder()
    let progress = recorder.progress(isTerminal: true)
    progress.update("a", done: 1, total: 100, losses: [], completed: false)
    #expect(recorder.noted == "")
    recorder.wait(.milliseconds(200))
    progress.update("a", done: 1, total: 100, losses: [], completed: false)
    #expect(recorder.noted.hasPrefix("\r\u{1B}[Ka  1 %"))
    progress.say("done")
    progress.close()
    #expect(recorder.noted.hasSuffix("\r\u{1B}[Kdone\n"))
  }

  // Work in steps: each is shown on a terminal, one in ten seconds elsewhere.
  @Test func workedExampleOfWorkWithoutImages() {
    let terminal = ConsoleRecorder()
    let progress = terminal.progress(isTerminal: true)
    for step in ["first", "second"] { progress.update(step) }
    progress.close()
    #expect(terminal.noted == "\r\u{1B}[Kfirst\r\u{1B}[Ksecond\r\u{1B}[K")
    let file = ConsoleRecorder()
    let plain = file.progress(isTerminal: false)
    for step in 1...4 {
      plain.update("step \(step)")
      file.wait(.seconds(6))
    }
    plain.close()
    #expect(file.noted == "step 3\n")
  }
}
