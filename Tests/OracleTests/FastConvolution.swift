// Convolutions in Float by Winograd's algorithm and by Fourier transforms, without perturbations: legal programs, written apart from
// those that make the bounds, and wrong ones by request.
import Foundation
import Kernels

@testable import Oracle

/// One convolution in Float by a fast method.
struct FastConvolution {
  let method: ConvolutionMethod
  let shape: ConvolutionShape
  /// The sign of one constant of the last transform is wrong.
  var hasWrongSign = false

  private var matrices: (output: [[Float]], kernel: [[Float]], input: [[Float]]) {
    let winograd: Winograd = method == .winograd2 ? .two : .four
    func rows(_ matrix: SmallMatrix) -> [[Float]] { (0..<matrix.rows).map { matrix.row($0).map { Float($0) } } }
    var output = rows(winograd.output)
    if hasWrongSign { output[1][2].negate() }
    return (output, rows(winograd.kernel), rows(winograd.input))
  }

  func forward(_ x: [Float], _ weight: [Float]) -> [Float] {
    method == .fft
      ? fourier(x, weight)
      : winograd(
        x, shape.inputChannels, shape.height, shape.width, weight, shape.outputChannels, shape.outputHeight,
        shape.outputWidth, padding: shape.padding)
  }

  /// The forward pass of the gradient with turned kernels.
  func inputGradient(_ gradient: [Float], _ weight: [Float]) -> [Float] {
    var turned = weight
    let taps = shape.kernelHeight * shape.kernelWidth
    for o in 0..<shape.outputChannels {
      for c in 0..<shape.inputChannels {
        for tap in 0..<taps {
          turned[(c * shape.outputChannels + o) * taps + taps - 1 - tap] =
            weight[(o * shape.inputChannels + c) * taps + tap]
        }
      }
    }
    if method == .fft {
      var back = shape
      (back.inputChannels, back.outputChannels) = (shape.outputChannels, shape.inputChannels)
      (back.height, back.width) = (shape.outputHeight, shape.outputWidth)
      back.padding = shape.kernelHeight - 1 - shape.padding
      return FastConvolution(method: .fft, shape: back).fourier(gradient, turned)
    }
    return winograd(
      gradient, shape.outputChannels, shape.outputHeight, shape.outputWidth, turned, shape.inputChannels, shape.height,
      shape.width, padding: 2 - shape.padding)
  }

  private func winograd(
    _ x: [Float], _ channels: Int, _ height: Int, _ width: Int, _ weight: [Float], _ outputs: Int, _ outputHeight: Int,
    _ outputWidth: Int, padding: Int
  ) -> [Float] {
    let (a, g, b) = matrices
    let (m, t) = (a.count, b.count)
    var y = [Float](repeating: 0, count: shape.batch * outputs * outputHeight * outputWidth)
    let kernels = (0..<outputs * channels).map { k in
      sandwich(g, (0..<3).map { r in Array(weight[k * 9 + 3 * r..<k * 9 + 3 * r + 3]) })
    }
    for n in 0..<shape.batch {
      for top in stride(from: 0, to: outputHeight, by: m) {
        for left in stride(from: 0, to: outputWidth, by: m) {
          let patches = (0..<channels).map { c in
            sandwich(
              b,
              (0..<t).map { i in
                (0..<t).map { j in
                  let (h, w) = (top + i - padding, left + j - padding)
                  return h < 0 || h >= height || w < 0 || w >= width
                    ? 0 : x[((n * channels + c) * height + h) * width + w]
                }
              })
          }
          for o in 0..<outputs {
            var products = [[Float]](repeating: [Float](repeating: 0, count: t), count: t)
            for c in 0..<channels {
              for i in 0..<t { for j in 0..<t { products[i][j] += kernels[o * channels + c][i][j] * patches[c][i][j] } }
            }
            let tile = sandwich(a, products)
            for i in 0..<m where top + i < outputHeight {
              for j in 0..<m where left + j < outputWidth {
                y[((n * outputs + o) * outputHeight + top + i) * outputWidth + left + j] = tile[i][j]
              }
            }
          }
        }
      }
    }
    return y
  }

  /// P d Pᵀ.
  private func sandwich(_ p: [[Float]], _ d: [[Float]]) -> [[Float]] {
    func product(_ p: [[Float]], _ d: [[Float]]) -> [[Float]] {
      p.map { row in d[0].indices.map { j in zip(row, d).reduce(0) { $0 + $1.0 * $1.1[j] } } }
    }
    func transposed(_ m: [[Float]]) -> [[Float]] { m[0].indices.map { j in m.map { $0[j] } } }
    return transposed(product(p, transposed(product(p, d))))
  }

  /// The forward pass over spectra, whose sums Σ x exp(…) have P terms where a fast transform has log P levels.
  private func fourier(_ x: [Float], _ weight: [Float]) -> [Float] {
    let (rows, columns) = (shape.height + 2 * shape.padding, shape.width + 2 * shape.padding)
    func spectrum(_ map: ArraySlice<Float>, _ height: Int, _ width: Int, corner: Int) -> [(Float, Float)] {
      let plane: [(Int, Int, Float)] = map.enumerated().map { i, v in (i / width + corner, i % width + corner, v) }
      return (0..<rows * columns).map { k in
        plane.reduce((0, 0)) { sum, pixel in
          let angle = turn(k / columns * pixel.0, k % columns * pixel.1)
          return (sum.0 + pixel.2 * angle.0, sum.1 - pixel.2 * angle.1)
        }
      }
    }
    func turn(_ row: Int, _ column: Int) -> (Float, Float) {
      let angle = 2 * Double.pi * (Double(row) / Double(rows) + Double(column) / Double(columns))
      return (Float(cos(angle)), Float(sin(angle)))
    }
    let (pixels, taps) = (shape.height * shape.width, shape.kernelHeight * shape.kernelWidth)
    let images = stride(from: 0, to: x.count, by: pixels).map {
      spectrum(x[$0..<$0 + pixels], shape.height, shape.width, corner: shape.padding)
    }
    let kernels = stride(from: 0, to: weight.count, by: taps).map {
      spectrum(weight[$0..<$0 + taps], shape.kernelHeight, shape.kernelWidth, corner: 0)
    }
    var y: [Float] = []
    for n in 0..<shape.batch {
      for o in 0..<shape.outputChannels {
        let sum = (0..<rows * columns).map { k in
          (0..<shape.inputChannels).reduce((0, 0)) { sum, c -> (Float, Float) in
            let (a, b) = (images[n * shape.inputChannels + c][k], kernels[o * shape.inputChannels + c][k])
            return (sum.0 + a.0 * b.0 + a.1 * b.1, sum.1 + a.1 * b.0 - a.0 * b.1)
          }
        }
        for i in 0..<shape.outputHeight {
          for j in 0..<shape.outputWidth {
            let value = sum.indices.reduce(Float(0)) { total, k in
              let angle = turn(k / columns * i * shape.stride, k % columns * j * shape.stride)
              return total + sum[k].0 * angle.0 - sum[k].1 * angle.1
            }
            y.append(value / Float(rows * columns))
          }
        }
      }
    }
    return y
  }
}
