// Winograd's minimal filtering of 3 × 3 kernels with stride 1, every rounding of which can be perturbed.
//
//     y = Aᵀ [ Σ_c (G g_c Gᵀ) ∘ (Bᵀ d_c B) ] A          an m × m tile of the output from a t × t patch of the input, t = m + 2
//
// Both gradients are the transposed maps, since y is bilinear in g and d:
//
//     ∂d = B [ Σ_o (G g_o Gᵀ) ∘ (A ∂y_o Aᵀ) ] Bᵀ        patches overlap by 2 and add up
//     ∂g = Gᵀ [ Σ_tiles (A ∂y Aᵀ) ∘ (Bᵀ d B) ] G
//
// ∂d is also the forward map of ∂y with turned kernels, as libraries compute it; both forms are here.
//
// Roundings. A transform P d Pᵀ by sums of at most k products errs by at most 2 (k + 1) u |P| |d| |P|ᵀ, an element of the middle
// product, a sum of n products, by n u Σ |U| |V| (Higham, section 3.1, applied to each of the four steps as in Barabasz, Anderson,
// Soodhalter and Gregg, "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks", 2020). Each
// step is perturbed by the square root of its count, as every sum is (Traces/MonteCarloScale.swift).
//
// Matrices   Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, sections 4.1 and 4.3.
// Tests      OracleTests/ConvolutionMethodTests.swift
import Kernels

/// The three matrices of F(m × m, 3 × 3).
struct Winograd: Sendable {
  /// Aᵀ, m × t.
  let output: SmallMatrix
  /// G, t × 3.
  let kernel: SmallMatrix
  /// Bᵀ, t × t.
  let input: SmallMatrix

  /// m, the side of a tile of the output.
  var tile: Int { output.rows }
  /// t, the side of a patch of the input.
  var patch: Int { input.rows }

  /// F(2 × 2, 3 × 3).
  static let two = Winograd(
    output: SmallMatrix([[1, 1, 1, 0], [0, 1, -1, -1]]),
    kernel: SmallMatrix([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]]),
    input: SmallMatrix([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]]))

  /// F(4 × 4, 3 × 3).
  static let four = Winograd(
    output: SmallMatrix([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]),
    kernel: SmallMatrix([
      [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
      [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
    ]),
    input: SmallMatrix([
      [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
      [0, 4, 0, -5, 0, 1],
    ]))

  /// How much more an element at the worst place of a tile errs than one at a random place, in the root mean square.
  ///
  /// Place i sums with the weights of row i of Aᵀ, in both directions: Σ_j A_ji² of the worst row over the mean of all.
  var spread: Double {
    let squares = (0..<output.rows).map { row in output.row(row).reduce(0) { $0 + $1 * $1 } }
    return (squares.max() ?? 1) * Double(squares.count) / squares.reduce(0, +)
  }
}

/// A matrix of a few constants.
struct SmallMatrix: Sendable {
  let rows: Int
  let columns: Int
  let values: [Double]

  init(_ rows: [[Double]]) {
    self.rows = rows.count
    columns = rows[0].count
    values = rows.flatMap { $0 }
  }

  /// One row.
  func row(_ i: Int) -> ArraySlice<Double> { values[i * columns..<(i + 1) * columns] }

  /// With rows and columns exchanged.
  var transposed: SmallMatrix { SmallMatrix((0..<columns).map { j in (0..<rows).map { values[$0 * columns + j] } }) }

  /// |P|.
  var magnitudes: SmallMatrix { SmallMatrix((0..<rows).map { row($0).map { abs($0) } }) }

  /// 2 (k + 1): the roundings of a number in P d Pᵀ, with one more for constants that are no binary fractions.
  var roundings: Double { 2 * Double(1 + ((0..<rows).map { row($0).count { $0 != 0 } }.max() ?? 0)) }

  /// P d Pᵀ of a square d into `whole`, of rows × rows numbers or more; `half` is room for rows × columns.
  func sandwich(_ d: [Double], into whole: inout [Double], half: inout [Double]) {
    for i in 0..<rows * columns { half[i] = 0 }
    for i in 0..<rows {
      for k in 0..<columns where values[i * columns + k] != 0 {
        let factor = values[i * columns + k]
        for j in 0..<columns { half[i * columns + j] += factor * d[k * columns + j] }
      }
    }
    for i in 0..<rows * rows { whole[i] = 0 }
    for j in 0..<rows {
      for k in 0..<columns where values[j * columns + k] != 0 {
        let factor = values[j * columns + k]
        for i in 0..<rows { whole[i * rows + j] += half[i * columns + k] * factor }
      }
    }
  }
}
