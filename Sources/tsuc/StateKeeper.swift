// When the state of a training is written: at its beginning, after every epoch, inside an epoch after so many minutes,
// and before the program stops because it was told to.
//
// A state that cannot be written is told, and training goes on: the state before it stands, and the disk may have room later.
// Tests    tsucTests/StateKeeperTests.swift
import Foundation

/// The wish of a user or a scheduler that the program stop; how to go on has been written.
struct Interruption: Error, Equatable {
  /// SIGINT or SIGTERM.
  let signal: Int32
  /// One sentence: what was saved and how to go on.
  let message: String
}

/// How often states are written and how many are kept.
struct StatePolicy: Equatable {
  /// The minutes after which a state is due inside an epoch; 0 for one after every step.
  let minutes: Double
  /// How many states are kept.
  let count: Int

  /// What the command line says.
  init(_ arguments: Arguments) throws(UsageError) {
    minutes = try arguments.number("checkpoint-minutes", in: 0...1_000_000) ?? 10
    count = try arguments.integer("keep", in: 1...1_000_000) ?? 2
  }
}

/// Writes states when they are due.
struct StateKeeper {
  let folder: StateFolder
  let policy: StatePolicy
  let console: Console
  private var attempted = ContinuousClock.now

  init(folder: StateFolder, policy: StatePolicy, console: Console) {
    (self.folder, self.policy, self.console) = (folder, policy, console)
  }

  /// Writes the first state; a run that cannot keep its state does not begin.
  func begin(steps: Int, state: () throws -> [UInt8]) throws {
    try folder.write(try state(), steps: steps, keeping: policy.count)
  }

  /// After a step: writes a state if one is due, and stops if a signal has come.
  mutating func keep(
    steps: Int, epochHasEnded: Bool, signal: Int32?, run: String, state: () throws -> [UInt8]
  ) throws {
    guard epochHasEnded || signal != nil || ContinuousClock.now - attempted >= .seconds(60 * policy.minutes) else {
      return
    }
    do {
      try folder.write(try state(), steps: steps, keeping: policy.count)
    } catch let error as RunError {
      if signal == nil {
        console.complain("tsuc: \(error.description); training goes on, and the states written before stand")
      } else {
        console.complain("tsuc: \(error.description); the states written before stand")
      }
    }
    attempted = .now
    guard let signal else { return }
    throw Interruption(
      signal: signal,
      message: "stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") after \(steps) steps; "
        + "\"tsuc train --resume \(run)\" goes on")
  }
}
