// Sharpness: a picture is moved towards, or away from, its smoothed version.
//
//     smoothed = (1 1 1; 1 5 1; 1 1 1) / 13, rounded; the outermost pixels, and pictures below 3 × 3, stay as they are
//
// Pillow's ImageEnhance.Sharpness, in Float and in its order: the row below, the own row, the row above.
// Tests    ImagesTests/SharpnessTests.swift    Fixture  Fixtures/images/rand-augment.json

extension ColourImage {
  /// The picture sharper (factor above 1) or smoother; 0 is the smoothed picture.
  public func sharpnessAdjusted(by factor: Double) -> ColourImage { blended(with: smoothed(), factor: factor) }

  /// The 3 × 3 smoothing.
  package func smoothed() -> ColourImage {
    guard height >= 3 && width >= 3 else { return self }
    var result = self
    let (edge, centre) = (Float(1) / 13, Float(5) / 13)
    let source = pixels.span
    var target = result.pixels.mutableSpan
    for plane in 0..<3 {
      for y in 1..<height - 1 {
        let row = (plane * height + y) * width
        for x in row + 1..<row + width - 1 {
          let (below, above) = (x + width, x - width)
          var sum: Float = 0.5
          sum += Float(source[below - 1]) * edge + Float(source[below]) * edge + Float(source[below + 1]) * edge
          sum += Float(source[x - 1]) * edge + Float(source[x]) * centre + Float(source[x + 1]) * edge
          sum += Float(source[above - 1]) * edge + Float(source[above]) * edge + Float(source[above + 1]) * edge
          target[x] = UInt8(max(0, min(255, sum)))
        }
      }
    }
    return result
  }
}
