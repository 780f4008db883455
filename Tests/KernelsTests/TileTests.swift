// Tests of Tile.swift beyond those of whole products: a hint reads nothing.
import Testing

@testable import Kernels

@Suite("Tiles")
struct TileTests {
  @Test(arguments: [64, 4096 + 17, Int.max])
  func invariantNoAddressIsRead(address: Int) throws {
    // Nothing of the program lies there: a load would end the process.
    let pointer = try unsafe #require(UnsafeRawPointer(bitPattern: address))
    unsafe prefetch(pointer)
    unsafe prefetchIntoL2(pointer)
  }
}
