// Operations on the histogram or on single bytes of a picture: each is one table of 256 bytes for each channel.
//
// The arithmetic is Pillow's ImageOps, whose bytes are the definition.
// Tests    ImagesTests/ToneOperationsTests.swift    Fixture  Fixtures/images/rand-augment.json
import Kernels

extension ColourImage {
  /// Each channel stretched so that its darkest byte becomes 0 and its brightest 255; a channel of one value stays.
  ///
  ///     s = 255 / (high − low);  y = the whole part of x s − low s,  in Double, cut to 0...255
  public func autoContrasted() -> ColourImage {
    mapped { histogram in
      let low = histogram.firstIndex { $0 > 0 } ?? 0
      let high = histogram.lastIndex { $0 > 0 } ?? 0
      guard high > low else { return (0..<256).map { UInt8($0) } }
      let scale = 255 / Double(high - low)
      let offset = -Double(low) * scale
      return (0..<256).map { UInt8(max(0, min(255, (Double($0) * scale + offset).rounded(.towardZero)))) }
    }
  }

  /// Each channel with a histogram that is as flat as a table can make it.
  ///
  /// With q = ⌊(pixels − pixels of the brightest value) / 255⌋:  y(x) = ⌊(⌊q/2⌋ + pixels darker than x) / q⌋, at most 255.
  public func equalized() -> ColourImage {
    mapped { histogram in
      let step = (histogram.reduce(0, +) - (histogram.last { $0 > 0 } ?? 0)) / 255
      guard step > 0 else { return (0..<256).map { UInt8($0) } }
      var sum = step / 2
      return histogram.map { frequency in
        defer { sum += frequency }
        return UInt8(min(255, sum / step))
      }
    }
  }

  /// The bits that ``posterized(bits:)`` keeps.
  public static let bits = 1...8

  /// The highest bits of every byte, the others 0.
  public func posterized(bits: Int) -> ColourImage {
    require(Self.bits.contains(bits), "1 to 8 bits can be kept, not \(bits)")
    return mapped { _ in (0..<256).map { (UInt8($0) >> (8 - bits)) << (8 - bits) } }
  }

  /// Every byte at or above a threshold inverted.
  public func solarized(threshold: Double) -> ColourImage {
    mapped { _ in (0..<256).map { UInt8(Double($0) < threshold ? $0 : 255 - $0) } }
  }

  /// Every byte through a table that each channel's histogram makes.
  private func mapped(_ table: ([Int]) -> [UInt8]) -> ColourImage {
    var result = self
    for channel in 0..<3 {
      var histogram = [Int](repeating: 0, count: 256)
      for i in channel * area..<(channel + 1) * area { histogram[Int(pixels[i])] += 1 }
      let levels = table(histogram)
      for i in channel * area..<(channel + 1) * area { result.pixels[i] = levels[Int(pixels[i])] }
    }
    return result
  }
}
