// What a step has freed serves the next one: no array, however large, is fetched from the system anew, in a process that has
// called Allocation.keepFreedMemory() as the program does. Where the C library cannot, nothing is claimed.
import Commands
import Foundation
import Testing

@testable import tsuc

@Suite("Memory of the process")
struct ProcessMemoryTests {
  // In a process of its own: other tests take pages while this one counts.
  @Test func invariantFreedMemoryStays() async {
    await #expect(processExitsWith: .success) {
      guard Allocation.keepFreedMemory() else { exit(0) }
      // 40 MiB: the GNU library maps arrays of more than 32 MiB anew unless it is told otherwise. 10,240 pages at 4 KiB.
      BenchmarkWork.step(width: 4, batch: 2).prepare()()
      let large = BenchmarkWork(name: "a large array", operations: 0) {
        { withExtendedLifetime([Float](repeating: 1, count: 10 << 20)) {} }
      }
      guard let pages = BenchmarkResult(large, repeats: 2).freshPages else { exit(0) }
      exit(pages < 100 ? 0 : 2)
    }
  }

  // One activation of the first stage, 8 channels of 32 × 32 Floats for each image, is 64 pages in a batch of 8 and 512 in one of 64,
  // and a step has dozens. Fewer than 100 are left for what the C library and the threads do with the heap.
  @Test(arguments: [8, 64]) func invariantStepsTakeNoFreshPages(batch: Int) async {
    await #expect(processExitsWith: .success) { [batch] in
      guard Allocation.keepFreedMemory() else { exit(0) }
      let result = BenchmarkResult(.step(width: 8, batch: batch), repeats: 4)
      exit((result.freshPages ?? 0) < 100 ? 0 : 2)
    }
  }

  @Test func invariantFirstTouchesAreCounted() async {
    await #expect(processExitsWith: .success) {
      guard let before = FreshPages.count else { exit(0) }
      let array = [UInt8](repeating: 1, count: 48 << 20)
      let after = FreshPages.count ?? 0
      // Pages of 64 KiB are the largest that a Linux system has by default; huge pages may stand for 512 small ones.
      exit(withExtendedLifetime(array) { after - before >= 24 } ? 0 : 2)
    }
  }

  @Test func invariantPeakMemorySeesAnAllocation() throws {
    guard let before = PeakMemory.bytes else { return }
    let large = [UInt8](repeating: 1, count: 1 << 28)
    #expect(large.last == 1)
    #expect(try #require(PeakMemory.bytes) >= max(before, 0x1p28))
  }
}
