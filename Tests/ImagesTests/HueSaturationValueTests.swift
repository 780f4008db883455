import Testing

@testable import Images

@Suite("Hue, saturation and value of a pixel")
struct HueSaturationValueTests {
  private func point(_ red: Int32, _ green: Int32, _ blue: Int32) -> [Int32] {
    let point = HueSaturationValue(red: red, green: green, blue: blue)
    return [point.hue, point.saturation, point.value]
  }

  private func colour(_ hue: Int32, _ saturation: Int32, _ value: Int32) -> SIMD3<UInt8> {
    HueSaturationValue(hue: hue, saturation: saturation, value: value).colour
  }

  // Red 0, yellow 255/6 = 42.5, green 85, blue 170, magenta 212.5; black and grey have no hue and no saturation.
  @Test func workedExamplePureColours() {
    #expect(point(255, 0, 0) == [0, 255, 255])
    #expect(point(255, 255, 0) == [42, 255, 255])
    #expect(point(0, 9, 0) == [85, 255, 9])
    #expect(point(0, 0, 80) == [170, 255, 80])
    #expect(point(80, 0, 80) == [212, 255, 80])
    #expect(point(0, 0, 0) == [0, 0, 0])
    #expect(point(7, 7, 7) == [0, 0, 7])
  }

  // Hue 43: 6 · 43/255 = 1.0118, sector 1, f = 0.0118; S = 102/255 = 0.4: p = 100 · 0.6 = 60, q = 100 (1 − 0.4 · 0.0118) = 99.53.
  @Test func workedExampleBack() {
    #expect(colour(43, 102, 100) == [100, 100, 60])
    #expect(colour(255, 102, 100) == colour(0, 102, 100))
    #expect(colour(255, 0, 100) == [100, 100, 100])
  }
}
