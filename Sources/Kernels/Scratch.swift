// Working memory of the kernels, kept from call to call: fresh pages from the system cost more than filling them.
// Tests    KernelsTests/ScratchTests.swift, KernelsTests/HostProcessTests.swift

/// A block of memory, aligned to 64 bytes.
@safe private final class ScratchBlock: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  }

  deinit { unsafe memory.deallocate() }
}

/// The blocks that no call is using.
private let idleBlocks = Guarded<[ScratchBlock]>([])

/// The most idle blocks that are kept.
private let idleLimit = 32

/// The memory that kernels work in, such as packed matrices: blocks that stay with the process from call to call.
///
/// There are at most 32 idle blocks, each an eighth larger than what some call needed, which is never much more than that call's
/// arrays. After the steps of a training that is about the activations of its largest layer.
public enum WorkingMemory {
  /// The bytes that are kept for later calls and that no call is using at the moment.
  public static var idleByteCount: Int { idleBlocks.withLock { $0.reduce(0) { unsafe $0 + $1.memory.count } } }

  /// Hands what no call is using back to the C library; the next calls pay for fresh memory.
  ///
  /// Allowed at any time and on any thread.
  public static func release() { idleBlocks.withLock { $0 = [] } }
}

/// Lends `count` scalars of uninitialised memory, aligned to 64 bytes, for the duration of `body`.
///
/// What is kept afterwards: ``WorkingMemory``.
func withScratch<Scalar: BitwiseCopyable, Result>(
  of _: Scalar.Type, count: Int, _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
) rethrows -> Result {
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
