// The one way in which this package uses more than one thread.
//
// Every element of a result is computed by one thread, in one order of summation that depends on neither the number of threads
// nor the blocks that work is cut into; so the number of threads changes the time and not one bit. Tests    KernelsTests/ParallelTests.swift
import Foundation
import Synchronization

/// How many threads the kernels use.
///
/// What the whole process feels of it:
/// - ``threadCount`` holds for all of it.
/// - Helpers are threads of Dispatch's global pool, at most one for each processor. When their work is done they stay awake for
///   0.2 ms, and keep a processor busy meanwhile, in case that more comes; then they go back to the pool.
/// - Bodies run on these threads, whose stacks are small on some systems: 512 KiB on macOS, 128 KiB with musl. The kernels take
///   a few KiB.
/// - As with all use of Dispatch, a process that has forked must start another program before it uses the kernels again.
///
/// Memory that stays with the process: ``WorkingMemory``. Nothing else is changed: no signal, stream, environment variable,
/// working directory, locale, rounding mode or setting of the C library.
public enum Parallel {
  private static let storedCount = Atomic<Int>(max(1, ProcessInfo.processInfo.activeProcessorCount))

  /// The number of threads, at least 1.
  ///
  /// It starts as the number of active processors, and changes no bit of any result.
  public static var threadCount: Int {
    get { storedCount.load(ordering: .relaxed) }
    set {
      require((1...4096).contains(newValue), "the number of threads must be 1 to 4096, not \(newValue)")
      storedCount.store(newValue, ordering: .relaxed)
    }
  }

  /// Multiply-adds below which calling other threads costs more than they save: some ten microseconds of one thread.
  static let leastMultiplyAdds = 1 << 19
  /// The same for scalars that are read once or twice.
  static let leastScalars = 1 << 15
  /// The same for terms of a loss, with an exponential or a logarithm each.
  package static let leastTerms = 1 << 12

  /// Runs `body(0)`, …, `body(blockCount − 1)`, each once, on up to `threadCount` threads, in no particular order.
  ///
  /// - Parameters:
  ///   - blockCount: How many blocks there are.
  ///   - inParallel: Whether there is enough to do; otherwise the calling thread does it all.
  ///   - body: Must not touch what another block writes.
  public static func forEachBlock(
    _ blockCount: Int, inParallel: Bool = true, _ body: @Sendable (_ block: Int) -> Void
  ) {
    forEachBlock(inPhases: [blockCount], inParallel: inParallel) { _, block in body(block) }
  }

  /// Runs phases of blocks one after the other: no block starts before all blocks of the earlier phases have ended.
  ///
  /// Threads are called once for all phases (ThreadTeam.swift).
  ///
  /// - Parameters:
  ///   - counts: The number of blocks in each phase.
  ///   - inParallel: Whether there is enough to do; otherwise the calling thread does it all.
  ///   - body: Must not touch what another block of its phase writes.
  public static func forEachBlock(
    inPhases counts: [Int], inParallel: Bool = true, _ body: @Sendable (_ phase: Int, _ block: Int) -> Void
  ) {
    let workers = inParallel ? min(threadCount, counts.max() ?? 0) : 1
    guard workers > 1 else {
      for (phase, count) in counts.enumerated() {
        for block in 0..<count { body(phase, block) }
      }
      return
    }
    withoutActuallyEscaping(body) { body in
      let region = ParallelRegion(counts: counts, helpers: workers - 1, body: body)
      ThreadTeam.run(region)
    }
  }

  /// The results of `body(0)`, …, `body(count − 1)` in order, computed in parallel.
  public static func map<Result: Sendable>(
    _ count: Int, inParallel: Bool = true, _ body: @Sendable (_ index: Int) -> Result
  ) -> [Result] {
    unsafe [Result](unsafeUninitializedCapacity: count) { results, initialized in
      nonisolated(unsafe) let results = unsafe results
      forEachBlock(count, inParallel: inParallel) { unsafe results.initializeElement(at: $0, to: body($0)) }
      initialized = count
    }
  }

  /// Hands each block of `blockSize` consecutive elements of `values` (the last may be shorter) to `body`, in parallel.
  ///
  /// - Parameters:
  ///   - values: What is cut into blocks.
  ///   - blockSize: How many values a block has; the last may have fewer.
  ///   - body: Receives the block's index and its elements to change in place.
  public static func forEachBlock<Element: BitwiseCopyable & Sendable>(
    of values: inout [Element], blockSize: Int,
    _ body: @Sendable (_ block: Int, _ elements: inout MutableSpan<Element>) -> Void
  ) {
    _ = mapBlocks(of: &values, blockSize: blockSize, body)
  }

  /// Like ``forEachBlock(of:blockSize:_:)``, and returns what `body` returned for each block, in order.
  public static func mapBlocks<Element: BitwiseCopyable & Sendable, Result: Sendable>(
    of values: inout [Element], blockSize: Int, inParallel: Bool = true,
    _ body: @Sendable (_ block: Int, _ elements: inout MutableSpan<Element>) -> Result
  ) -> [Result] {
    require(blockSize > 0, "the block size must be positive, not \(blockSize)")
    let count = values.count
    return unsafe values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = unsafe buffer
      return map((count + blockSize - 1) / blockSize, inParallel: inParallel) { block in
        let range = block * blockSize..<min(count, (block + 1) * blockSize)
        var span = unsafe UnsafeMutableBufferPointer(rebasing: buffer[range]).mutableSpan
        return body(block, &span)
      }
    }
  }
}
