// Affine maps of a picture with the nearest pixel and black outside, by the arithmetic of Pillow's Image.transform.
//
//     pixel (x, y) of the result = pixel (⌊a x' + b y' + c⌋, ⌊d x' + e y' + f⌋) of the picture,  x' = x + 1/2, y' = y + 1/2
//
// Where b = d = 0 both places advance in Double, column by column and row by row; else in fixed point with 16 bits behind
// the point, whose rounding errors grow along rows and columns. Both decide pixels, so both are part of the definition.
// Tests    ImagesTests/NearestAffineTests.swift    Fixture  Fixtures/images/rand-augment.json
import Kernels

extension ColourImage {
  /// The rotations that are made, in degrees.
  public static let rotations = -45.0...45.0
  /// The shears that are made: pixels to the side for each pixel of the other axis.
  public static let shears = -1.0...1.0

  /// The picture turned around its centre, counterclockwise.
  public func rotated(degrees: Double) -> ColourImage {
    require(Self.rotations.contains(degrees), "a rotation must be in \(Self.rotations) degrees, not \(degrees)")
    if degrees == 0 { return self }
    // 15 decimals, so that a right angle's half gives ½ whatever the last bit of a cosine is.
    func rounded(_ value: Double) -> Double { (value * 1e15).rounded(.toNearestOrEven) / 1e15 }
    let (cosine, sine) = (
      rounded(Trigonometry.cosine(degrees: degrees)), rounded(-Trigonometry.sine(degrees: degrees))
    )
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    return mapped(
      [cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y])
  }

  /// Each row moved to the left by `shear` times its place from the top.
  public func shearedHorizontally(by shear: Double) -> ColourImage {
    require(Self.shears.contains(shear), "a shear must be in \(Self.shears), not \(shear)")
    return mapped([1, shear, 0, 0, 1, 0])
  }

  /// Each column moved up by `shear` times its place from the left.
  public func shearedVertically(by shear: Double) -> ColourImage {
    require(Self.shears.contains(shear), "a shear must be in \(Self.shears), not \(shear)")
    return mapped([1, 0, 0, shear, 1, 0])
  }

  /// The picture moved to the left by `x` pixels and up by `y`.
  public func translated(x: Double, y: Double) -> ColourImage {
    require(
      abs(x) <= Double(Self.largestSide) && abs(y) <= Double(Self.largestSide),
      "a picture can be moved by at most \(Self.largestSide) pixels, not by (\(x), \(y))")
    return mapped([1, 0, x, 0, 1, y])
  }

  /// The map of six numbers a, b, c, d, e, f; sides up to 16,384 leave room for every place in fixed point.
  private func mapped(_ m: [Double]) -> ColourImage {
    require(max(height, width) < Self.largestSide, "\(width) x \(height) pixels are too many for a map of 16 bits")
    var result = ColourImage(height: height, width: width, pixels: [UInt8](repeating: 0, count: 3 * area))
    if m[1] == 0 && m[3] == 0 {
      let (columns, rows) = (
        Self.indices(m[2] + m[0] * 0.5, step: m[0], width), Self.indices(m[5] + m[4] * 0.5, step: m[4], height)
      )
      for y in 0..<height where (0..<height).contains(rows[y]) {
        for x in 0..<width where (0..<width).contains(columns[x]) {
          for plane in 0..<3 {
            result.pixels[plane * area + y * width + x] = pixels[plane * area + rows[y] * width + columns[x]]
          }
        }
      }
      return result
    }
    func fixed(_ value: Double) -> Int { Int((value * 65536 + 0.5).rounded(.down)) }
    let steps = [0, 1, 3, 4].map { fixed(m[$0]) }
    var (firstX, firstY) = (fixed(m[2] + m[0] * 0.5 + m[1] * 0.5), fixed(m[5] + m[3] * 0.5 + m[4] * 0.5))
    let source = pixels.span
    var target = result.pixels.mutableSpan
    for y in 0..<height {
      var (placeX, placeY) = (firstX, firstY)
      for x in 0..<width {
        let (column, row) = (placeX >> 16, placeY >> 16)
        if column >= 0 && column < width && row >= 0 && row < height {
          for plane in 0..<3 { target[plane * area + y * width + x] = source[plane * area + row * width + column] }
        }
        placeX += steps[0]
        placeY += steps[2]
      }
      firstX += steps[1]
      firstY += steps[3]
    }
    return result
  }

  /// Whole parts of places that advance by a step; −1 for those below 0.
  private static func indices(_ first: Double, step: Double, _ count: Int) -> [Int] {
    var index = first
    return (0..<count).map { _ in
      defer { index += step }
      return index < 0 ? -1 : Int(index)
    }
  }
}
