// Hue, saturation and value of one pixel in 8 bits each, as Pillow computes them. What pictures use: HueTables.swift.
//
// With M the largest, m the smallest of R, G, B and r = (M − R)/(M − m), g and b likewise (in Float):
//
//     V = M    S = (M − m)/M    H = (b − g, 2 + r − b or 4 + g − r where M is R, G or B) / 6, modulo 1
//
// H and S are 255 times these with the fraction cut off, so white light is split into 255 hues, not 256. Back: with
// sector i and fraction f of 6 H / 255, the planes are V, p = V(1 − S), q = V(1 − S f) and t = V(1 − S(1 − f)), rounded.
// Which operation is in Float and which in Double decides bytes: the hue of blue is 170, and 169 in Double throughout.
// Tests    ImagesTests/HueSaturationValueTests.swift    Fixture  Fixtures/images/colour-views.json
/// One pixel's hue, saturation and value, each 0...255.
struct HueSaturationValue: Equatable {
  var hue: Int32
  var saturation: Int32
  var value: Int32

  /// A point of given numbers.
  init(hue: Int32, saturation: Int32, value: Int32) {
    (self.hue, self.saturation, self.value) = (hue, saturation, value)
  }

  /// The point of a colour, each part 0...255.
  init(red: Int32, green: Int32, blue: Int32) {
    let (largest, smallest) = (max(red, max(green, blue)), min(red, min(green, blue)))
    value = largest
    guard largest > smallest else {
      (hue, saturation) = (0, 0)
      return
    }
    let range = Float(largest - smallest)
    let r = Float(largest - red) / range
    let g = Float(largest - green) / range
    let b = Float(largest - blue) / range
    let sixths: Float =
      red == largest
      ? b - g : green == largest ? Float(2 + Double(r) - Double(b)) : Float(4 + Double(g) - Double(r))
    // From 5/6 to 11/6: taking 1 away where it is there is the remainder of a division by 1, exactly.
    let turned = Double(sixths) / 6 + 1
    hue = Int32(Double(Float(turned >= 1 ? turned - 1 : turned)) * 255)
    saturation = Int32(Double(range / Float(largest)) * 255)
  }

  /// Red, green and blue.
  var colour: SIMD3<UInt8> {
    let sixths = Double(hue) * 6 / 255
    let sector = Int32(sixths)
    let fraction = Float(sixths - Double(sector))
    let saturation = Float(Double(saturation) / 255)
    let (v, full) = (UInt8(value), Double(value))
    let p = Self.rounded(full * (1 - Double(saturation)))
    let q = Self.rounded(full * (1 - Double(saturation * fraction)))
    let t = Self.rounded(full * (1 - Double(saturation) * (1 - Double(fraction))))
    switch sector {
    case 1: return [q, v, p]
    case 2: return [p, v, t]
    case 3: return [p, q, v]
    case 4: return [t, p, v]
    case 5: return [v, p, q]
    // A hue of 255 is a whole turn.
    default: return [v, t, p]
    }
  }

  /// The nearest byte of a number of 0...255, halves up.
  private static func rounded(_ number: Double) -> UInt8 { UInt8(number + 0.5) }
}
