// The distance between vectors that lie anywhere in memory, by a name that keeps the compiler from assuming more.
//
// Rows of a matrix start at any scalar, so vectors are read by `loadUnaligned` and written by `storeBytes`, which ask for no
// alignment. Swift 6.3.1 forgets that, however, where the address is a base plus a count times `MemoryLayout<V>.stride` and V is
// also the type of the access: its optimiser rewrites the address as element `count` of an array of V (simplifyIndexRawPointer in
// SimplifyPointerToAddress.swift) and drops the mark [align=1] on the way. LLVM then takes the address for a multiple of 16, the
// most that Swift asks of any vector. Wherever 16 bytes are moved at once, as always without AVX, that is an aligned `movaps`,
// which faults as if through a null pointer; 32 bytes are moved by `vmovups` all the same, but nothing says that they stay whole.
//
//     @inline(never)                                                        // swiftc -O: signal 11; -Onone: "stored"
//     func store(_ x: SIMD4<Float>, _ p: UnsafeMutableRawPointer, _ i: Int) {
//       (p + i &* MemoryLayout<SIMD4<Float>>.stride).storeBytes(of: x, as: SIMD4<Float>.self)
//     }
//     let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
//     store(SIMD4(1, 2, 3, 4), memory + 4, 1)
//     print("stored")
//
// To see it elsewhere, look for `pointer_to_address … to $*SIMD…` with neither [align=1] nor [strict] in the output of -emit-sil; with
// `-Xllvm -sil-disable-pass=simplify-pointer_to_address` the mark stays. The stride of another type of the same layout has the
// same value and cannot be mistaken. Tests    KernelsTests/MatmulTests.swift

/// As large as its element, but not the type of any access: `MemoryLayout<Unaligned<V>>.stride` is the distance between vectors V.
struct Unaligned<Element> {
  let element: Element
}
