// The progress of long work: one line that rewrites itself on a terminal, one line per epoch elsewhere.
// Tests    CommandsTests/ProgressLineTests.swift
import Synchronization

/// Tells how far a piece of work is, how fast it goes and how long it will take.
package final class ProgressLine: Sendable {
  private struct State {
    var started: ContinuousClock.Instant
    let done: Int
    var lastShown: ContinuousClock.Instant
    var lineIsOpen = false
  }
  private let console: Console
  private let now: @Sendable () -> ContinuousClock.Instant
  private let state: Mutex<State>

  /// Starts the clock, which tests replace by their own.
  ///
  /// `done` images had been seen before and do not count for the rate.
  package init(on console: Console, done: Int = 0, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
    self.console = console
    self.now = now
    state = Mutex(State(started: now(), done: done, lastShown: now()))
  }

  /// The seconds since the start.
  package var seconds: Double { (now() - state.withLock { $0.started }) / .seconds(1) }

  /// Tells where the work is.
  ///
  /// - Parameters:
  ///   - label: What is being done: "stage 1, round 2, epoch 3".
  ///   - done: The images seen so far in all.
  ///   - total: The images to be seen in all.
  ///   - losses: The current losses by name.
  ///   - completed: Whether an epoch has just ended: without a terminal that is when a line is due.
  package func update(_ label: String, done: Int, total: Int, losses: [(name: String, value: Double)], completed: Bool)
  {
    // Ten times a second on a terminal, else each epoch, or each ten seconds where epochs are long.
    show(completed: completed, each: console.isTerminal ? .milliseconds(100) : .seconds(10)) { since, seconds in
      Self.line(label, done: done, since: since, total: total, seconds: seconds, losses: losses)
    }
  }

  /// Tells where work of another kind is: every time on a terminal, else each ten seconds.
  package func update(_ line: String) { show(completed: console.isTerminal, each: .seconds(10)) { _, _ in line } }

  /// Shows a line, made of the images seen before and the seconds since the start, if one is due.
  private func show(completed: Bool, each interval: Duration, _ text: (Int, Double) -> String) {
    let current = now()
    let line = state.withLock { state -> String? in
      guard completed || current - state.lastShown >= interval else { return nil }
      state.lastShown = current
      state.lineIsOpen = console.isTerminal
      return text(state.done, (current - state.started) / .seconds(1))
    }
    guard let line else { return }
    console.note(console.isTerminal ? "\r\u{1B}[K\(line.prefix(150))" : line + "\n")
  }

  /// A line that stays, such as a result in between.
  package func say(_ line: String) {
    close()
    console.note(line + "\n")
  }

  /// Ends the line that rewrites itself, where there is one.
  package func close() {
    let open = state.withLock { state in
      defer { state.lineIsOpen = false }
      return state.lineIsOpen
    }
    if open { console.note("\r\u{1B}[K") }
  }

  /// The text of one line: where, how far, how fast, how long, and the losses.
  package static func line(
    _ label: String, done: Int, since begun: Int = 0, total: Int, seconds: Double,
    losses: [(name: String, value: Double)]
  ) -> String {
    let share = total > 0 ? Double(done) / Double(total) : 0
    var parts = ["\(label)  \(Int(100 * min(1, share))) %"]
    if seconds > 0 && done > begun {
      let rate = Double(done - begun) / seconds
      parts.append("\(Int(rate)) images/s")
      parts.append("\(duration(Double(max(0, total - done)) / rate)) left")
    }
    if !losses.isEmpty { parts.append(losses.map { "\($0.name) \(decimals($0.value, 4))" }.joined(separator: "  ")) }
    return parts.joined(separator: "  ")
  }
}
