import Files

/// `bytes` as a gzip file with one member.
package func gzipFile(_ bytes: [UInt8]) -> [UInt8] {
  func number(_ value: UInt32) -> [UInt8] { [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) } }
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255] + Deflate.compress(bytes) + number(CRC32.checksum(of: bytes))
    + number(UInt32(bytes.count))
}
