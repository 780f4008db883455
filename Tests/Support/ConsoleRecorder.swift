// A console and a clock for tests of commands.
import Commands
import Synchronization

/// What a console was told, and a clock that stands still until it is moved.
package final class ConsoleRecorder: Sendable {
  package let output = Mutex("")
  package let notes = Mutex("")
  package let elapsed = Mutex(Duration.zero)
  private let start = ContinuousClock.now

  /// Nothing was said yet.
  package init() {}

  package func console(isTerminal: Bool = false) -> Console {
    Console(
      write: { text in self.output.withLock { $0 += text } }, note: { text in self.notes.withLock { $0 += text } },
      isTerminal: isTerminal)
  }

  package func progress(isTerminal: Bool) -> ProgressLine {
    ProgressLine(on: console(isTerminal: isTerminal)) { self.start + self.elapsed.withLock { $0 } }
  }

  package func wait(_ duration: Duration) { elapsed.withLock { $0 += duration } }
  package var noted: String { notes.withLock { $0 } }
  package var written: String { output.withLock { $0 } }
}
