// Writes pictures as PNG files: 8 bits, grey or RGB.
//
// Standard  PNG (ISO/IEC 15948): a signature, then chunks (length, name, data, CRC-32); the rows of pixels, each behind
//           the number of its filter, in one zlib stream (RFC 1950).
// Tests     ImagesTests/PNGTests.swift
import Files
import Foundation
import Kernels

/// The PNG format.
public enum PNG {
  /// The file that shows `pixels`.
  ///
  /// - Parameters:
  ///   - pixels: height × width × channels, row by row, the channels of a pixel together.
  ///   - width: Columns, at least 1.
  ///   - height: Rows, at least 1.
  ///   - channels: 1 (grey) or 3 (red, green, blue).
  /// - Returns: The bytes of a PNG file of 8 bits a channel.
  public static func encode(_ pixels: [UInt8], width: Int, height: Int, channels: Int = 1) -> [UInt8] {
    require(channels == 1 || channels == 3, "a picture has 1 or 3 channels, not \(channels)")
    require(
      width > 0 && height > 0 && pixels.count == width * height * channels,
      "\(pixels.count) bytes for a picture of \(width) x \(height) pixels of \(channels) channels")
    // Filter 1 stores differences to the pixel on the left: flat areas become runs of zeros.
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (1 + width * channels))
    for y in 0..<height {
      rows.append(1)
      let first = y * width * channels
      for index in first..<first + width * channels {
        rows.append(pixels[index] &- (index - first < channels ? 0 : pixels[index - channels]))
      }
    }
    let zlib = [0x78, 0x01] + Deflate.compress(rows) + bigEndian(Adler32.checksum(of: rows))
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, channels == 1 ? 0 : 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header) + chunk("IDAT", zlib)
      + chunk("IEND", [])
  }

  /// Writes the file that shows `pixels`, whole or not at all.
  public static func write(
    _ pixels: [UInt8], width: Int, height: Int, channels: Int = 1, to path: String
  ) throws(ImageSetError) {
    let bytes = encode(pixels, width: width, height: height, channels: channels)
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw ImageSetError(path: path, problem: "the picture cannot be written: \(error.localizedDescription)")
    }
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + data
    return bigEndian(UInt32(data.count)) + named + bigEndian(CRC32.checksum(of: named))
  }
}
