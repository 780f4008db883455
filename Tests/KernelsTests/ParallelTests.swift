import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Kernels

@Suite("Parallel", .serialized)
struct ParallelTests {
  @Test(arguments: [0, 1, 2, 5, 100]) func invariantEachBlockOnce(blocks: Int) {
    withThreadCounts { threads in
      let visits = Guarded([Int](repeating: 0, count: blocks))
      Parallel.forEachBlock(blocks) { block in visits.withLock { $0[block] += 1 } }
      #expect(visits.withLock { $0 } == [Int](repeating: 1, count: blocks), "\(threads) threads")
    }
  }

  @Test func invariantSmallWorkStaysOnItsThread() {
    withThreadCounts { _ in
      let caller = pthread_self()
      let strangers = Atomic<Int>(0)
      for _ in 0..<20 {
        Parallel.forEachBlock(inPhases: [5, 3], inParallel: false) { _, _ in
          usleep(100)
          if pthread_self() != caller { strangers.wrappingAdd(1, ordering: .relaxed) }
        }
      }
      #expect(strangers.load(ordering: .relaxed) == 0)
    }
  }

  // 10 elements in blocks of 4: blocks 0, 1, 2 of lengths 4, 4, 2.
  @Test func workedExampleBlocksOfArray() {
    withThreadCounts { _ in
      var values = [Int32](repeating: 0, count: 10)
      Parallel.forEachBlock(of: &values, blockSize: 4) { block, elements in
        for i in 0..<elements.count { elements[i] = Int32(100 * block + 10 * elements.count + i) }
      }
      #expect(values == [40, 41, 42, 43, 140, 141, 142, 143, 220, 221])
    }
  }

  @Test func invariantNestedBlocks() {
    let visits = Atomic<Int>(0)
    Parallel.forEachBlock(4) { _ in
      Parallel.forEachBlock(5) { _ in visits.wrappingAdd(1, ordering: .relaxed) }
    }
    #expect(visits.load(ordering: .relaxed) == 20)
  }

  // Callers on several threads at once: the team serves one of them, the others make do with concurrentPerform.
  @Test func invariantCallersSideBySide() {
    withThreadCounts { threads in
      let visits = Atomic<Int>(0)
      DispatchQueue.concurrentPerform(iterations: 6) { _ in
        for _ in 0..<50 {
          Parallel.forEachBlock(inPhases: [3, 2]) { _, _ in visits.wrappingAdd(1, ordering: .relaxed) }
        }
      }
      #expect(visits.load(ordering: .relaxed) == 6 * 50 * 5, "\(threads) threads")
    }
  }

  // A helper that has gone to sleep is called again.
  @Test func invariantAfterAPause() {
    withThreadCounts { threads in
      for pause in [0, 0.0001, 0.0003, 0.002] {
        Thread.sleep(forTimeInterval: pause)
        let visits = Atomic<Int>(0)
        Parallel.forEachBlock(9) { _ in visits.wrappingAdd(1, ordering: .relaxed) }
        #expect(visits.load(ordering: .relaxed) == 9, "\(threads) threads, \(pause) s")
      }
    }
  }

  // No block of a phase may start before every block of the phases before it has ended.
  @Test(arguments: [[3, 5, 0, 2], [1, 1, 1], [40, 40], [0], []]) func invariantPhasesInOrder(counts: [Int]) {
    withThreadCounts { threads in
      let ended = Guarded([Int](repeating: 0, count: counts.count))
      let early = Atomic<Int>(0)
      Parallel.forEachBlock(inPhases: counts) { phase, block in
        let before = ended.withLock { Array($0.prefix(phase)) }
        if before != Array(counts.prefix(phase)) || !(0..<counts[phase]).contains(block) {
          early.wrappingAdd(1, ordering: .relaxed)
        }
        ended.withLock { $0[phase] += 1 }
      }
      #expect(ended.withLock { $0 } == counts, "\(threads) threads")
      #expect(early.load(ordering: .relaxed) == 0, "\(threads) threads")
    }
  }

  // One block of the first phase dawdles; whoever is through with the others must wait for it.
  @Test func invariantPhasesWaitForTheSlowest() {
    withThreadCounts { threads in
      let ended = Atomic<Int>(0)
      let early = Atomic<Int>(0)
      Parallel.forEachBlock(inPhases: [4, 4]) { phase, block in
        if phase == 0 && block == 1 { Thread.sleep(forTimeInterval: 0.02) }
        if phase == 1 && ended.load(ordering: .acquiring) < 4 { early.wrappingAdd(1, ordering: .relaxed) }
        ended.wrappingAdd(1, ordering: .acquiringAndReleasing)
      }
      #expect(ended.load(ordering: .relaxed) == 8, "\(threads) threads")
      #expect(early.load(ordering: .relaxed) == 0, "\(threads) threads")
    }
  }

  @Test func invariantMapKeepsTheOrder() {
    withThreadCounts { threads in
      #expect(Parallel.map(100) { "\($0 * $0)" } == (0..<100).map { "\($0 * $0)" }, "\(threads) threads")
      #expect(Parallel.map(0) { $0 }.isEmpty)
    }
  }

  @Test func stopsOnBadCounts() async {
    await #expect(processExitsWith: .failure) { Parallel.threadCount = 0 }
    await #expect(processExitsWith: .failure) {
      var values = [Float](repeating: 0, count: 3)
      Parallel.forEachBlock(of: &values, blockSize: 0) { _, _ in }
    }
  }
}
