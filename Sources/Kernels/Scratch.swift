// Working memory of the kernels, kept from call to call: fresh pages from the system cost more than filling them.
// Tests    KernelsTests/ScratchTests.swift
import Synchronization

#if canImport(Glibc)
  /// The GNU library's `mallopt`, which Swift's module of it leaves out.
  @_silgen_name("mallopt")
  private func setAllocation(_ option: Int32, _ value: Int32) -> Int32
#endif

/// A block of memory, aligned to 64 bytes.
@safe private final class ScratchBlock: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  }

  deinit { unsafe memory.deallocate() }
}

/// The blocks that no call is using.
private let idleBlocks = Mutex<[ScratchBlock]>([])

/// The most idle blocks that are kept.
private let idleLimit = 32

/// Makes the C library keep what is freed instead of handing large arrays back to the system.
///
/// A training step frees its activations and asks for the same sizes again. The GNU library maps arrays of more than 32 MiB anew
/// each time, whatever its thresholds: then every step pays for as many fresh pages as its batch is large. Without mapping
/// and trimming a step takes no page that an earlier one has not had (`tsuc bench` counts them). Other libraries have no such call.
private let freedMemoryStays: Void = {
  #if canImport(Glibc)
    let (trimThreshold, mappedLimit): (Int32, Int32) = (-1, -4)  // M_TRIM_THRESHOLD, M_MMAP_MAX
    _ = setAllocation(trimThreshold, -1)
    _ = setAllocation(mappedLimit, 0)
  #endif
}()

/// Lends `count` scalars of uninitialised memory, aligned to 64 bytes, for the duration of `body`.
func withScratch<Scalar: BitwiseCopyable, Result>(
  of _: Scalar.Type, count: Int, _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
) rethrows -> Result {
  _ = freedMemoryStays
  let byteCount = max(64, count * MemoryLayout<Scalar>.stride)
  // The smallest idle block that is large enough; otherwise a new one, with room for slightly larger wishes.
  let block =
    idleBlocks.withLock { blocks in
      blocks.indices.filter { unsafe blocks[$0].memory.count >= byteCount }
        .min { unsafe blocks[$0].memory.count < blocks[$1].memory.count }
        .map { blocks.remove(at: $0) }
    } ?? ScratchBlock(byteCount: byteCount + byteCount / 8)
  defer {
    idleBlocks.withLock { blocks in
      blocks.append(block)
      if blocks.count > idleLimit { blocks.removeFirst() }
    }
  }
  return try unsafe body(block.memory.baseAddress.unsafelyUnwrapped.bindMemory(to: Scalar.self, capacity: count))
}
