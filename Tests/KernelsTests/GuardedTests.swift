import Foundation
import Testing

@testable import Kernels

@Suite("Guarded values")
struct GuardedTests {
  // Between reading and writing other threads may run: without the lock they would write what is then lost.
  @Test func invariantNoChangeIsLost() {
    let sum = Guarded(0)
    DispatchQueue.concurrentPerform(iterations: 8) { number in
      for _ in 0..<1000 {
        sum.withLock { sum in
          let before = sum
          sched_yield()
          sum = before + number
        }
      }
    }
    #expect(sum.withLock { $0 } == 1000 * 28)
  }

  @Test func workedExampleOfAnError() {
    struct Refused: Error {}
    let value = Guarded([1])
    #expect(throws: Refused.self) {
      try value.withLock { numbers in
        numbers.append(2)
        throw Refused()
      }
    }
    // What was changed before stays, and the lock is free again.
    #expect(value.withLock { $0 } == [1, 2])
  }
}
