// The discrete Fourier transform of a plane, by splitting even and odd indices.
//
//     X[k] = Σ_j x[j] exp(−2πi j k / n)          along rows, then along columns; n a power of two
//
// Tests    OracleTests/ConvolutionMethodTests.swift
import Foundation

/// exp(−2πi k / n) for the first half of all k.
struct RootsOfUnity {
  /// n, a power of two.
  let count: Int
  fileprivate let real: [Double]
  fileprivate let imaginary: [Double]

  init(_ count: Int) {
    self.count = count
    let angles = (0..<max(1, count / 2)).map { -2 * Double.pi * Double($0) / Double(count) }
    (real, imaginary) = (angles.map { cos($0) }, angles.map { sin($0) })
  }
}

/// A plane of complex numbers whose sides are powers of two.
struct ComplexPlane {
  let rows: Int
  let columns: Int
  var real: [Double]
  var imaginary: [Double]

  /// Zeros.
  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    real = [Double](repeating: 0, count: rows * columns)
    imaginary = real
  }

  /// The transform, or its inverse, with the factor 1 / (rows · columns); of rows by the first roots, of columns by the second.
  func transformed(_ ofRows: RootsOfUnity, _ ofColumns: RootsOfUnity, inverse: Bool = false) -> ComplexPlane {
    var result = self
    for row in 0..<rows { result.transformLine(from: row * columns, step: 1, ofRows, inverse) }
    for column in 0..<columns { result.transformLine(from: column, step: columns, ofColumns, inverse) }
    if inverse {
      let share = 1 / Double(rows * columns)
      for i in result.real.indices {
        result.real[i] *= share
        result.imaginary[i] *= share
      }
    }
    return result
  }

  /// One row or column, in place.
  private mutating func transformLine(from first: Int, step: Int, _ roots: RootsOfUnity, _ inverse: Bool) {
    let n = roots.count
    // Number i goes where its bits stand in reverse, then pairs of transforms of half the length are joined.
    var target = 0
    for i in 0..<n {
      if i < target {
        real.swapAt(first + i * step, first + target * step)
        imaginary.swapAt(first + i * step, first + target * step)
      }
      var bit = n >> 1
      while bit > 0, target & bit != 0 {
        target ^= bit
        bit >>= 1
      }
      target |= bit
    }
    var half = 1
    while half < n {
      for k in 0..<half {
        let root = k * (n / (2 * half))
        let (c, s) = (roots.real[root], inverse ? -roots.imaginary[root] : roots.imaginary[root])
        for start in stride(from: k, to: n, by: 2 * half) {
          let (a, b) = (first + start * step, first + (start + half) * step)
          let (re, im) = (c * real[b] - s * imaginary[b], c * imaginary[b] + s * real[b])
          (real[b], imaginary[b]) = (real[a] - re, imaginary[a] - im)
          real[a] += re
          imaginary[a] += im
        }
      }
      half *= 2
    }
  }
}
