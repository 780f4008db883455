import Commands
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import tsuc

@Suite("State keeper")
struct StateKeeperTests {
  private final class Notes: Sendable { let lines = Mutex("") }

  private func withKeeper(_ words: [String], _ body: (inout StateKeeper, Notes) throws -> Void) throws {
    try withTemporaryFolder { run in
      let notes = Notes()
      let console = Console(
        write: { _ in }, note: { text in notes.lines.withLock { $0 += text } }, isTerminal: false)
      let policy = try StatePolicy(Arguments(words, for: .train))
      var keeper = StateKeeper(folder: try StateFolder(of: run), policy: policy, console: console)
      try body(&keeper, notes)
    }
  }

  private func steps(_ keeper: StateKeeper) -> [String] {
    StateFolder.states(of: String(keeper.folder.path.dropLast("/states".count)))
      .map { String($0.suffix("9.safetensors".count).prefix(1)) }
  }

  @Test func workedExampleOfWhenAStateIsDue() throws {
    try withKeeper([]) { keeper, _ in
      try keeper.begin(steps: 0) { [0] }
      try keeper.keep(steps: 1, epochHasEnded: false, signal: nil, run: "r") { [1] }
      #expect(steps(keeper) == ["0"])
      // The first end of an epoch counts, the next comes too soon after a state that took long, the run's end counts.
      try keeper.keep(steps: 2, epochHasEnded: true, signal: nil, run: "r") {
        Thread.sleep(forTimeInterval: 0.05)
        return [2]
      }
      try keeper.keep(steps: 3, epochHasEnded: true, signal: nil, run: "r") { [3] }
      #expect(steps(keeper) == ["2", "0"])
      try keeper.keep(steps: 4, epochHasEnded: true, runHasEnded: true, signal: nil, run: "r") { [4] }
      #expect(steps(keeper) == ["4", "2"])
    }
    try withKeeper(["--checkpoint-minutes", "0", "--keep", "1"]) { keeper, _ in
      for step in 0...3 { try keeper.keep(steps: step, epochHasEnded: false, signal: nil, run: "r") { [1] } }
      #expect(steps(keeper) == ["3"])
    }
  }

  @Test func workedExampleOfASignal() throws {
    try withKeeper([]) { keeper, notes in
      #expect(
        throws: Interruption(
          signal: SIGTERM, message: "stopped by SIGTERM after 5 steps; \"tsuc train --resume runs/a\" goes on")
      ) { try keeper.keep(steps: 5, epochHasEnded: false, signal: SIGTERM, run: "runs/a") { [1] } }
      #expect(steps(keeper) == ["5"])
      #expect(notes.lines.withLock { $0 } == "")
    }
  }

  @Test func invariantAStateThatCannotBeWrittenIsToldAndTrainingGoesOn() throws {
    try withKeeper([]) { keeper, notes in
      try keeper.begin(steps: 0) { [0] }
      let failure = RunError("the disk is full")
      try keeper.keep(steps: 1, epochHasEnded: true, signal: nil, run: "r") { throw failure }
      #expect(
        notes.lines.withLock { $0 }
          == "tsuc: the disk is full; training goes on, and the states written before stand\n")
      #expect(throws: Interruption.self) {
        try keeper.keep(steps: 2, epochHasEnded: true, signal: SIGINT, run: "r") { throw failure }
      }
      #expect(steps(keeper) == ["0"])
      #expect(throws: failure) { try keeper.begin(steps: 0) { throw failure } }
    }
  }
}
