// Many small images as one picture: a grid with gaps, for looking at data, views and clusters.
//
// Tests    ImagesTests/ContactSheetTests.swift
import Kernels

/// The layout of a grid of images.
public struct ContactSheet: Sendable {
  /// Images of a row.
  public let columns: Int
  /// Pixels between two images and around the grid.
  public let gap: Int
  /// Each image pixel becomes a square of so many picture pixels.
  public let enlargement: Int
  /// The grey of the gaps, 0 black to 255 white.
  public let background: UInt8

  /// A layout; the gap is not enlarged.
  public init(columns: Int, gap: Int = 2, enlargement: Int = 1, background: UInt8 = 255) {
    require(
      columns > 0 && gap >= 0 && enlargement > 0,
      "a sheet of \(columns) columns with gaps of \(gap) and enlargement \(enlargement)")
    (self.columns, self.gap, self.enlargement, self.background) = (columns, gap, enlargement, background)
  }

  /// The sheet as a PNG file.
  ///
  /// - Parameters:
  ///   - images: Each channels × height × width, 0 black and 1 white; what lies outside is clamped.
  ///   - channels: 1 (grey) or 3 (red, green, blue).
  ///   - height: Rows of an image.
  ///   - width: Columns of an image.
  /// - Returns: The bytes of the file.
  public func png(of images: [[Float]], channels: Int = 1, height: Int, width: Int) -> [UInt8] {
    require(!images.isEmpty, "a sheet needs at least one image")
    let (cellWidth, cellHeight) = (width * enlargement + gap, height * enlargement + gap)
    let sheetColumns = min(columns, images.count)
    let sheetWidth = sheetColumns * cellWidth + gap
    let sheetHeight = (images.count + columns - 1) / columns * cellHeight + gap
    var pixels = [UInt8](repeating: background, count: sheetWidth * sheetHeight * channels)
    for (number, image) in images.enumerated() {
      require(
        image.count == channels * height * width,
        "image \(number) has \(image.count) values instead of \(channels) x \(height) x \(width)")
      let (left, top) = (number % columns * cellWidth + gap, number / columns * cellHeight + gap)
      for y in 0..<height * enlargement {
        for x in 0..<width * enlargement {
          let index = ((top + y) * sheetWidth + left + x) * channels
          let source = y / enlargement * width + x / enlargement
          for channel in 0..<channels {
            pixels[index + channel] = Self.byte(image[channel * height * width + source])
          }
        }
      }
    }
    return PNG.encode(pixels, width: sheetWidth, height: sheetHeight, channels: channels)
  }

  /// A value of [0, 1] as a byte, rounded to nearest; what lies outside is clamped, and what is no number is black.
  public static func byte(_ value: Float) -> UInt8 { value > 0 ? UInt8((min(value, 1) * 255).rounded()) : 0 }
}
