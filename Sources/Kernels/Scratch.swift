// Working memory of the kernels, kept from call to call: fresh pages from the system cost more than filling them.
// Tests    KernelsTests/ScratchTests.swift
import Synchronization

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

/// Makes the C library keep freed memory up to 62 MiB instead of handing each large array back to the system.
///
/// A training step frees its activations and asks for the same again; without this, page faults take a good part of its time.
/// The GNU library raises its limits to the size of a large block when such a block is freed; others ignore it.
private let freedMemoryStays: Void = {
  let memory = UnsafeMutableRawPointer.allocate(byteCount: 31 << 20, alignment: 16)
  unsafe memory.storeBytes(of: 1, as: UInt8.self)
  unsafe memory.deallocate()
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
