// Hue, saturation and value in 8 bits each, and the turn of the hue, as Pillow computes them.
//
// With M the largest, m the smallest of R, G, B and r = (M − R)/(M − m), g and b likewise (in Float):
//
//     V = M    S = (M − m)/M    H = (b − g, 2 + r − b or 4 + g − r where M is R, G or B) / 6, modulo 1
//
// H and S are 255 times these with the fraction cut off, so white light is split into 255 hues, not 256. Back: with
// sector i and fraction f of 6 H / 255, the planes are V, p = V(1 − S), q = V(1 − S f) and t = V(1 − S(1 − f)), rounded.
// Which operation is in Float and which in Double decides bytes: S = 179/255 gives 178 in one and 179 in the other.
// Tests    ImagesTests/HueSaturationValueTests.swift    Fixture  Fixtures/images/colour-views.json
import Kernels

extension ColourImage {
  /// The parts of a whole turn that the hue may be shifted by.
  public static let hueShifts = -0.5...0.5

  /// The planes hue, saturation and value.
  public func hueSaturationValue() -> ColourImage {
    mapped { HueSaturationValue(red: Int32($0), green: Int32($1), blue: Int32($2)).bytes }
  }

  /// A picture from planes of hue, saturation and value.
  public func fromHueSaturationValue() -> ColourImage {
    mapped { HueSaturationValue(hue: Int32($0), saturation: Int32($1), value: Int32($2)).colour }
  }

  /// The picture with its hues turned by a part of the circle, −0.5 to 0.5.
  ///
  /// The turn is 255 · shift, cut towards zero; but the hue runs through 256 bytes before it starts again, as in torchvision.
  public func hueAdjusted(by shift: Double) -> ColourImage {
    require(Self.hueShifts.contains(shift), "a hue must be shifted by \(Self.hueShifts), not \(shift)")
    let turn = Int32(shift * 255)
    return mapped { red, green, blue in
      var point = HueSaturationValue(red: Int32(red), green: Int32(green), blue: Int32(blue))
      point.hue = (point.hue + turn) & 255
      return point.colour
    }
  }

  /// A picture of what a function makes of every pixel's three bytes.
  @inline(__always)
  private func mapped(_ change: (UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)) -> ColourImage {
    var result = self
    let (source, area) = (pixels.span, area)
    var target = result.pixels.mutableSpan
    for i in 0..<area {
      let (first, second, third) = change(source[i], source[area + i], source[2 * area + i])
      target[i] = first
      target[area + i] = second
      target[2 * area + i] = third
    }
    return result
  }
}

/// One pixel's hue, saturation and value, each 0...255.
private struct HueSaturationValue {
  var hue: Int32
  var saturation: Int32
  var value: Int32

  @inline(__always)
  init(hue: Int32, saturation: Int32, value: Int32) {
    (self.hue, self.saturation, self.value) = (hue, saturation, value)
  }

  @inline(__always)
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

  @inline(__always)
  var bytes: (UInt8, UInt8, UInt8) {
    (UInt8(truncatingIfNeeded: hue), UInt8(truncatingIfNeeded: saturation), UInt8(truncatingIfNeeded: value))
  }

  /// Red, green and blue.
  @inline(__always)
  var colour: (UInt8, UInt8, UInt8) {
    let sixths = Double(hue) * 6 / 255
    let sector = Int32(sixths)
    let fraction = Float(sixths - Double(sector))
    let saturation = Float(Double(saturation) / 255)
    let (v, full) = (UInt8(truncatingIfNeeded: value), Double(value))
    let p = Self.rounded(full * (1 - Double(saturation)))
    let q = Self.rounded(full * (1 - Double(saturation * fraction)))
    let t = Self.rounded(full * (1 - Double(saturation) * (1 - Double(fraction))))
    switch sector {
    case 1: return (q, v, p)
    case 2: return (p, v, t)
    case 3: return (p, q, v)
    case 4: return (t, p, v)
    case 5: return (v, p, q)
    // A hue of 255 is a whole turn.
    default: return (v, t, p)
    }
  }

  /// The nearest byte of a number of 0...255, halves up.
  @inline(__always)
  private static func rounded(_ number: Double) -> UInt8 { UInt8(truncatingIfNeeded: Int32(number + 0.5)) }
}
