import Testing

@testable import TwoStage

@Suite("Chunks of rows")
struct RowChunksTests {
  // Two columns of four bytes: 31 bytes hold three rows, so that ten rows need four chunks of at most three.
  @Test func workedExample() {
    func ranges(_ rows: Int, _ byteLimit: Int) -> [Range<Int>] {
      RowChunks.ranges(rows: rows, columns: 2, of: Float.self, byteLimit: byteLimit)
    }
    #expect(ranges(10, 31) == [0..<3, 3..<6, 6..<9, 9..<10])
    // Eight rows fit, and ten are shared out evenly.
    #expect(ranges(10, 64) == [0..<5, 5..<10])
    #expect(ranges(10, 80) == [0..<10])
    #expect(ranges(2, 1) == [0..<1, 1..<2])
    #expect(ranges(0, 80) == [])
  }
}
