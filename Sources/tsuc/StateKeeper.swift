// When the state of a training is written: at its beginning, after every epoch, inside an epoch after so many minutes,
// at its end, and before the program stops because it was told to.
//
// Waiting for the disk can take longer than a short epoch. So the end of an epoch is passed by until twenty times what the
// last state took has gone by: states cost at most a twentieth of the time, and at most that long is lost.
//
// A state that cannot be written is told, and training goes on: the state before it stands, and the disk may have room later.
// Tests    tsucTests/StateKeeperTests.swift
import Commands
import Foundation
import Images

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
  private var cost = Duration.zero

  init(folder: StateFolder, policy: StatePolicy, console: Console) {
    (self.folder, self.policy, self.console) = (folder, policy, console)
  }

  /// Writes the first state; a run that cannot keep its state does not begin.
  func begin(steps: Int, state: () throws -> [UInt8]) throws {
    try folder.write(try state(), steps: steps, keeping: policy.count)
  }

  /// After a step: writes a state if one is due, and stops if a signal has come.
  mutating func keep(
    steps: Int, epochHasEnded: Bool, runHasEnded: Bool = false, signal: Int32?, run: String, state: () throws -> [UInt8]
  ) throws {
    let (started, waited) = (ContinuousClock.now, ContinuousClock.now - attempted)
    let isLong = waited >= .seconds(60 * policy.minutes)
    let isEpoch = epochHasEnded && waited >= cost * 20
    guard runHasEnded || isEpoch || isLong || signal != nil else { return }
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
    cost = attempted - started
    guard let signal else { return }
    throw Interruption(
      signal: signal,
      message: "stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") after \(steps) steps; "
        + "\"tsuc train --resume \(FilePath.shellWord(run))\" goes on")
  }
}
