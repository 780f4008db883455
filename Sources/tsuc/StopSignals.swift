// SIGINT and SIGTERM as a pending signal that is read between two steps; a second one ends the program at once.
// Tests    tsucTests/ResumingProcessTests.swift
import Dispatch
import Foundation
import Synchronization

/// Listens to both signals as long as it lives and is not closed.
final class StopSignals: Sendable {
  private final class PendingSignal: Sendable { let signal = Atomic<Int32>(0) }
  private let pending = PendingSignal()
  private let sources: Mutex<[any DispatchSourceSignal]>
  private static let numbers = [SIGINT, SIGTERM]

  init() {
    let pending = pending
    var sources: [any DispatchSourceSignal] = []
    for number in Self.numbers {
      Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        if pending.signal.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
      }
      source.resume()
      sources.append(source)
    }
    self.sources = Mutex(sources)
  }

  /// The signal that has come, if one has.
  var received: Int32? {
    let signal = pending.signal.load(ordering: .relaxed)
    return signal == 0 ? nil : signal
  }

  /// Lets the signals end the program again, as they do by default.
  func close() {
    sources.withLock { sources in
      for source in sources { source.cancel() }
      sources = []
    }
    for number in Self.numbers { signal(number, SIG_DFL) }
  }
}
