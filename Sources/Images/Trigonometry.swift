// Sine and cosine of basic operations only, so that an augmented image has the same bits on every machine.
//
// Series   cos x = Σ (−1)^n x^2n / (2n)!,  sin x = Σ (−1)^n x^(2n+1) / (2n+1)!, after reducing the angle to [−45°, 45°]
//          exactly, in degrees: there the tenth term is below the rounding error of Double.
// Tests    ImagesTests/TrigonometryTests.swift

/// Sine and cosine of angles in degrees; multiples of 90° are exact.
enum Trigonometry {
  /// cos of an angle in degrees.
  static func cosine(degrees: Double) -> Double { value(degrees: degrees, quarters: 1) }

  /// sin of an angle in degrees.
  static func sine(degrees: Double) -> Double { value(degrees: degrees, quarters: 0) }

  /// sin(degrees + 90° · quarters).
  private static func value(degrees: Double, quarters: Int) -> Double {
    let turned = degrees.remainder(dividingBy: 360)
    let nearest = (turned / 90).rounded()
    let radians = (turned - 90 * nearest) * (Double.pi / 180)
    let quarter = (Int(nearest) + quarters + 4) % 4
    let magnitude = quarter % 2 == 0 ? series(radians, first: 1) : series(radians, first: 0)
    return quarter < 2 ? magnitude : -magnitude
  }

  /// Σ (−1)^n x^(2n + first) / (2n + first)! by Horner's rule from the smallest term on.
  private static func series(_ x: Double, first: Int) -> Double {
    var sum = 1.0
    for n in stride(from: 10, through: 1, by: -1) {
      let last = Double(2 * n + first)
      sum = 1 - x * x / (last * (last - 1)) * sum
    }
    return first == 1 ? x * sum : sum
  }
}
