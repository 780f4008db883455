// What the C library does with memory that is freed. That is a rule for a whole process, so a program makes it, at its start,
// and no library: whoever uses this package's modules elsewhere keeps the rules that are theirs.
// Tests    tsucTests/ProcessMemoryTests.swift

#if canImport(Glibc)
  /// The GNU library's `mallopt`, which Swift's module of it leaves out.
  @_silgen_name("mallopt")
  private func setAllocation(_ option: Int32, _ value: Int32) -> Int32
#endif

/// The C library's allocation of memory, for the whole process.
package enum Allocation {
  /// Makes the C library keep what is freed instead of handing large arrays back to the system; false where it cannot.
  ///
  /// A training step frees its activations and asks for the same sizes again. The GNU library maps arrays of more than 32 MiB
  /// anew each time, whatever its thresholds: then every step pays for as many fresh pages as its batch is large. Without
  /// mapping and trimming a step takes no page that an earlier one has not had (`tsuc bench` counts them). Other C
  /// libraries, such as musl, have no such call.
  @discardableResult
  package static func keepFreedMemory() -> Bool {
    #if canImport(Glibc)
      let (trimThreshold, mappedLimit): (Int32, Int32) = (-1, -4)  // M_TRIM_THRESHOLD, M_MMAP_MAX
      return setAllocation(trimThreshold, -1) == 1 && setAllocation(mappedLimit, 0) == 1
    #else
      return false
    #endif
  }
}
