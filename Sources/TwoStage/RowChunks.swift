// How matrices of rows × images are made a few rows at a time.
//
//     fewer rows: every chunk packs the bank anew          more rows: above 31 MiB the C library may fetch fresh pages for
//     and goes over it once more                           every chunk (Commands/Allocation.swift), as dear as a product
//
// Tests    RowChunksTests.swift

/// Consecutive ranges of rows, of which one at a time exists.
enum RowChunks {
  /// The most bytes of one chunk.
  static let byteLimit = 28 << 20

  /// Shares `rows` rows of `columns` scalars out evenly over as few chunks as the limit allows; a chunk has at least one row.
  static func ranges<Scalar>(rows: Int, columns: Int, of _: Scalar.Type, byteLimit: Int = byteLimit) -> [Range<Int>] {
    let most = max(1, byteLimit / (columns * MemoryLayout<Scalar>.stride))
    let chunkCount = max(1, (rows + most - 1) / most)
    let size = max(1, (rows + chunkCount - 1) / chunkCount)
    return stride(from: 0, to: rows, by: size).map { $0..<min(rows, $0 + size) }
  }
}
