// The threads behind Parallel: called through `DispatchQueue.concurrentPerform`, and awake for a moment between two regions.
//
//     caller   ── region 1 ──┐   serial code   ┌── region 2 ──┐
//     worker   ── region 1 ──┴─ spin-waits  ───┴── region 2 ──┴─ spin-waits … returns to the pool after `spinTimeout`
//
// Calling a sleeping thread takes tens of microseconds, as long as a 128³ product; a training step has hundreds of regions.
// Tests    KernelsTests/ParallelTests.swift, KernelsTests/HostProcessTests.swift
import Dispatch
import Foundation
import Synchronization

/// Phases of blocks, one after the other; any number of threads may work on it, and one is enough.
@safe final class ParallelRegion: @unchecked Sendable {
  /// How many spins a thread spends on others' blocks before it lets the system run something else.
  private static let spinsBeforeYield = 20_000

  /// The first block of each phase, and the number of all blocks.
  private let starts: [Int]
  private let total: Int
  /// Nil once the region is closed: a helper that comes late may keep the region itself for a while.
  private var body: (@Sendable (_ phase: Int, _ block: Int) -> Void)?
  private let next = Atomic<Int>(0)
  private let ended = Atomic<Int>(0)
  /// Helpers that may still join, and helpers that are inside.
  private let remainingSlots: Atomic<Int>
  private let inside = Atomic<Int>(0)
  /// The number of threads besides the caller's that are wanted.
  let helpers: Int

  init(counts: [Int], helpers: Int, body: @escaping @Sendable (_ phase: Int, _ block: Int) -> Void) {
    starts = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    total = starts[counts.count]
    self.helpers = helpers
    remainingSlots = Atomic(helpers)
    self.body = body
  }

  /// Works on blocks until all have been taken.
  ///
  /// A thread waits only for blocks that others are running, so the phases end however few threads the system grants.
  @inline(never)
  private func work() {
    guard let body else { return }
    var phase = 0
    while true {
      let block = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if block >= total { return }
      while block >= starts[phase + 1] { phase += 1 }
      wait { ended.load(ordering: .acquiring) >= starts[phase] }
      body(phase, block - starts[phase])
      ended.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }
  }

  private func wait(until holds: () -> Bool) {
    var spins = 0
    while !holds() {
      spins += 1
      if spins > Self.spinsBeforeYield { sched_yield() }
    }
  }

  /// A helper's part; `enter` has come before.
  func help() {
    if remainingSlots.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 { work() }
    inside.wrappingSubtract(1, ordering: .acquiringAndReleasing)
  }

  /// Keeps the caller inside until the helper has called `help`.
  func enter() { inside.wrappingAdd(1, ordering: .acquiringAndReleasing) }

  /// The caller's part: returns when all blocks have ended.
  func runAsCaller() {
    work()
    wait { ended.load(ordering: .acquiring) >= total }
  }

  /// Gives the body back, once no helper can be inside it any more.
  func close() {
    wait { inside.load(ordering: .acquiring) == 0 }
    body = nil
  }
}

/// The helpers that wait for regions.
enum ThreadTeam {
  /// How long a helper spins for the next region, in nanoseconds: longer than the serial code between two kernels.
  private static let spinTimeout: UInt64 = 200_000
  /// How many helpers are awake at most: `concurrentPerform` would let more come one after the other, each to look for nothing.
  static let limit = max(1, ProcessInfo.processInfo.activeProcessorCount)

  private static let current = Guarded<ParallelRegion?>(nil)
  /// Counts the regions that were offered.
  private static let offered = Atomic<Int>(0)
  /// Helpers that are looking or working, or have been called.
  private static let awake = Atomic<Int>(0)
  /// How many helpers that is.
  static var awakeCount: Int { awake.load(ordering: .relaxed) }

  /// Runs a region on this thread and on as many helpers as come in time.
  static func run(_ region: ParallelRegion) {
    let isOffered = current.withLock { current in
      guard current == nil else { return false }
      current = region
      return true
    }
    guard isOffered else {
      // Another region is running: one inside its blocks, or a caller on another thread.
      DispatchQueue.concurrentPerform(iterations: region.helpers + 1) { number in
        if number == 0 {
          region.runAsCaller()
        } else {
          region.enter()
          region.help()
        }
      }
      region.close()
      return
    }
    offered.wrappingAdd(1, ordering: .releasing)
    callHelpers(region.helpers)
    region.runAsCaller()
    current.withLock { $0 = nil }
    region.close()
  }

  private static func callHelpers(_ wanted: Int) {
    let missing = min(wanted, limit) - awake.load(ordering: .relaxed)
    guard missing > 0 else { return }
    awake.wrappingAdd(missing, ordering: .relaxed)
    DispatchQueue.global(qos: .userInteractive).async {
      DispatchQueue.concurrentPerform(iterations: missing) { _ in
        lookForRegions()
        awake.wrappingSubtract(1, ordering: .relaxed)
      }
    }
  }

  private static func lookForRegions() {
    var seen = -1
    var idleSince = DispatchTime.now().uptimeNanoseconds
    while true {
      for _ in 0..<64 {
        let number = offered.load(ordering: .acquiring)
        guard number != seen else { continue }
        seen = number
        let region = current.withLock { current in
          current?.enter()
          return current
        }
        region?.help()
        idleSince = DispatchTime.now().uptimeNanoseconds
      }
      if DispatchTime.now().uptimeNanoseconds - idleSince > spinTimeout { return }
    }
  }
}
