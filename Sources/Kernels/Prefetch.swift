// The processor's hint that a cache line will be needed soon: it reads nothing, waits for nothing and changes no bit.
//
// Swift has no word for it, but LLVM's intrinsic can be named: on x86-64 one `prefetcht0`, on arm64 one `prfm`.
// Any address is allowed, also one outside every array. Tests    KernelsTests/PrefetchTests.swift

/// LLVM's hint that memory will soon be used.
///
/// Its words are access (0 read, 1 write), locality (0 none … 3 all levels of cache) and cache (1 data), all three literals.
@_silgen_name("llvm.prefetch.p0")
private func prefetchHint(_ address: UnsafeRawPointer, _ access: Int32, _ locality: Int32, _ cache: Int32)

/// Asks for the cache line at `address`, to lie in the first level of cache.
@inline(__always)
func prefetch(_ address: UnsafeRawPointer) { unsafe prefetchHint(address, 0, 3, 1) }

/// Asks for the cache line at `address`, to lie in the second level: what is needed later must not push out what is needed now.
@inline(__always)
func prefetchIntoL2(_ address: UnsafeRawPointer) { unsafe prefetchHint(address, 0, 2, 1) }
