// Turning the hues of whole pictures: the conversions of HueSaturationValue.swift without a branch and without a division.
//
// S depends on M and M − m alone; H on which channel is M, on M − m, and on the difference of the two channels that
// follow it in the circle R, G, B: with either, the smaller one is m. So both are looked up. Back, only products are left.
// Tests    ImagesTests/HueTablesTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

extension ColourImage {
  /// The parts of a whole turn that the hue may be shifted by.
  public static let hueShifts = -0.5...0.5

  /// The planes hue, saturation and value.
  public func hueSaturationValue() -> ColourImage {
    mapped { tables, red, green, blue in tables.point(red, green, blue) }
  }

  /// A picture from planes of hue, saturation and value.
  public func fromHueSaturationValue() -> ColourImage {
    mapped { tables, hue, saturation, value in tables.colour(hue, saturation, value) }
  }

  /// The picture with its hues turned by a part of the circle, −0.5 to 0.5.
  ///
  /// The turn is 255 · shift, cut towards zero; but the hue runs through 256 bytes before it starts again, as in torchvision.
  public func hueAdjusted(by shift: Double) -> ColourImage {
    require(Self.hueShifts.contains(shift), "a hue must be shifted by \(Self.hueShifts), not \(shift)")
    let turn = UInt8(truncatingIfNeeded: Int(shift * 255))
    return mapped { tables, red, green, blue in
      let (hue, saturation, value) = tables.point(red, green, blue)
      return tables.colour(hue &+ turn, saturation, value)
    }
  }

  /// A picture of what a function makes of every pixel's three bytes.
  @inline(__always)
  private func mapped(
    _ change: (HueTables, UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)
  ) -> ColourImage {
    var result = self
    let (source, tables, area) = (pixels.span, HueTables.shared, area)
    var target = result.pixels.mutableSpan
    for i in 0..<area {
      let (first, second, third) = change(tables, source[i], source[area + i], source[2 * area + i])
      target[i] = first
      target[area + i] = second
      target[2 * area + i] = third
    }
    return result
  }
}

/// The quotients of few bytes that the conversions need.
struct HueTables: Sendable {
  /// What a hue means on the way back.
  private struct Sector {
    /// f.
    let fraction: Float
    /// Whether the plane between V and p is q, and whether it is t: 1 or 0, to multiply with instead of branching.
    let falling, rising: Double
    /// Where red, green and blue stand in a word of V, q or t, and p, from the lowest byte up; in bits.
    let red, green, blue: UInt32
  }

  /// Made at the first use.
  static let shared = HueTables()

  /// [M, M − m].
  private let saturations: [UInt8]
  /// [the first largest of R, G, B; M − m; 256 + the channel after it − the channel after that].
  private let hues: [UInt8]
  /// S / 255 of every saturation.
  private let parts: [Float]
  /// Of every hue.
  private let sectors: [Sector]

  private init() {
    saturations = (0..<65_536).map { index in
      let (largest, range) = (Int32(index >> 8), Int32(index & 255))
      guard range <= largest else { return 0 }
      return UInt8(HueSaturationValue(red: largest, green: largest - range, blue: largest - range).saturation)
    }
    hues = (0..<3 << 17).map { index in
      let (range, difference) = (Int32(index >> 9 & 255), Int32(index & 511) - 256)
      guard abs(difference) <= range else { return 0 }
      let smallest = 255 - range
      let circle = [255, smallest + max(0, difference), smallest + max(0, -difference)]
      let first = index >> 17
      return UInt8(
        HueSaturationValue(red: circle[(3 - first) % 3], green: circle[(4 - first) % 3], blue: circle[(5 - first) % 3])
          .hue)
    }
    parts = (0..<256).map { Float(Double($0) / 255) }
    let orders: [SIMD3<UInt32>] = [[0, 8, 16], [8, 0, 16], [16, 0, 8], [16, 8, 0], [8, 16, 0], [0, 16, 8]]
    sectors = (0..<256).map { hue in
      let sixths = Double(hue) * 6 / 255
      let (sector, order) = (Int(sixths), orders[Int(sixths) % 6])
      let falling = Double(sector % 2)
      return Sector(
        fraction: Float(sixths - Double(sector)), falling: falling, rising: 1 - falling, red: order.x, green: order.y,
        blue: order.z)
    }
  }

  /// Hue, saturation and value of a colour.
  @inline(__always)
  func point(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> (UInt8, UInt8, UInt8) {
    let (r, g, b) = (Int(red), Int(green), Int(blue))
    let largest = max(r, max(g, b))
    let range = largest - min(r, min(g, b))
    // Masks instead of branches, which no processor could foresee: all ones where red, or green too, is not the largest.
    let beyondRed = (r - largest) >> 63
    let beyondGreen = beyondRed & ((g - largest) >> 63)
    let difference = (g - b) & ~beyondRed | (b - r) & (beyondRed ^ beyondGreen) | (r - g) & beyondGreen
    let first = -(beyondRed + beyondGreen) << 17
    return (
      hues[first + range << 9 + difference + 256], saturations[largest << 8 + range], UInt8(truncatingIfNeeded: largest)
    )
  }

  /// Red, green and blue of a point.
  @inline(__always)
  func colour(_ hue: UInt8, _ saturation: UInt8, _ value: UInt8) -> (UInt8, UInt8, UInt8) {
    let (sector, part, full) = (sectors[Int(hue)], parts[Int(saturation)], Double(value))
    let wide = Double(part)
    let q = Double(part * sector.fraction)
    let t = wide * (1 - Double(sector.fraction))
    let between = Self.rounded(full * (1 - (sector.falling * q + sector.rising * t)))
    let lowest = Self.rounded(full * (1 - wide))
    let word = UInt32(value) | between << 8 | lowest << 16
    return (
      UInt8(truncatingIfNeeded: word &>> sector.red), UInt8(truncatingIfNeeded: word &>> sector.green),
      UInt8(truncatingIfNeeded: word &>> sector.blue)
    )
  }

  /// The nearest whole number, without the branches of a conversion: where 2⁵² is added, nothing after the point is left.
  ///
  /// That rounds halves to even where Pillow rounds them up; but none of all results is a half, as the tests find out.
  @inline(__always)
  private static func rounded(_ number: Double) -> UInt32 {
    UInt32(truncatingIfNeeded: (number + 0x1p52).bitPattern)
  }
}
