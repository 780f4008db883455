// Convolutions by Fourier transforms, each of whose roundings is perturbed with a random sign.
//
//     y = F⁻¹[ Σ_c F(x_c) ∘ conj F(w_c) ]      on a plane of P = 2^L pixels that holds the padded image; every stride-th pixel is kept
//     ∂x = F⁻¹[ Σ_o F(∂y_o) ∘ F(w_o) ]         ∂y's pixels stride apart
//     ∂w = F⁻¹[ Σ_n F(x_n) ∘ conj F(∂y_n) ]
//
// Roundings. Each of the L steps of a transform multiplies by a rounded root of unity and adds: η u of the norm, η = 1 + 4 √2, so that
// ‖error‖₂ ≤ L η u ‖X‖₂ (Higham, "Accuracy and Stability of Numerical Algorithms", theorem 24.2), and √L η of independent signs in
// the mean square. The transform is a rotation, so an error that is spread evenly over frequencies is spread evenly over pixels:
// it is added as ± √L η ‖x‖₂ / √P at each pixel of the plane. A product of spectra sums n complex terms: √(n + 2) Σ |a| |b|.
// Tests    OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

/// One convolution with roundings of its own.
struct FourierConvolution {
  let shape: ConvolutionShape
  let perturbed: Perturbed
  var perturbation: Perturbation
  private let rows: Int
  private let columns: Int

  /// η: roundings of one step of a transform.
  private static let roundings = 1 + 4 * 2.0.squareRoot()

  init(shape: ConvolutionShape, perturbed: Perturbed, perturbation: Perturbation) {
    (self.shape, self.perturbed, self.perturbation) = (shape, perturbed, perturbation)
    func side(_ length: Int) -> Int {
      var side = 1
      while side < length { side *= 2 }
      return side
    }
    rows = side(shape.height + 2 * shape.padding)
    columns = side(shape.width + 2 * shape.padding)
  }

  /// y of x.
  mutating func forward(_ x: [Double], weight: [Double]) -> [Double] {
    let images = spectra(ofInputs: x)
    let kernels = spectra(ofKernels: weight)
    var y: [Double] = []
    for n in 0..<shape.batch {
      for o in 0..<shape.outputChannels {
        let plane = inverse(
          (0..<shape.inputChannels).map { c in
            (images[n * shape.inputChannels + c], kernels[o * shape.inputChannels + c])
          }, conjugate: true)
        for i in 0..<shape.outputHeight {
          for j in 0..<shape.outputWidth { y.append(plane[(i * columns + j) * shape.stride]) }
        }
      }
    }
    return y
  }

  /// ∂x.
  mutating func inputGradient(of gradient: [Double], weight: [Double]) -> [Double] {
    let gradients = spectra(ofOutputs: gradient)
    let kernels = spectra(ofKernels: weight)
    var x: [Double] = []
    for n in 0..<shape.batch {
      for c in 0..<shape.inputChannels {
        let plane = inverse(
          (0..<shape.outputChannels).map { o in
            (gradients[n * shape.outputChannels + o], kernels[o * shape.inputChannels + c])
          }, conjugate: false)
        for i in 0..<shape.height {
          let row = (i + shape.padding) * columns + shape.padding
          x += plane[row..<row + shape.width]
        }
      }
    }
    return x
  }

  /// ∂w.
  mutating func weightGradient(of gradient: [Double], input x: [Double]) -> [Double] {
    let gradients = spectra(ofOutputs: gradient)
    let images = spectra(ofInputs: x)
    var weight: [Double] = []
    for o in 0..<shape.outputChannels {
      for c in 0..<shape.inputChannels {
        let plane = inverse(
          (0..<shape.batch).map { n in
            (images[n * shape.inputChannels + c], gradients[n * shape.outputChannels + o])
          }, conjugate: true)
        for r in 0..<shape.kernelHeight { weight += plane[r * columns..<r * columns + shape.kernelWidth] }
      }
    }
    return weight
  }

  private mutating func spectra(ofInputs x: [Double]) -> [ComplexPlane] {
    let origin = shape.padding * columns + shape.padding
    return spectra(x, height: shape.height, width: shape.width, origin: origin, step: 1)
  }

  private mutating func spectra(ofKernels weight: [Double]) -> [ComplexPlane] {
    spectra(weight, height: shape.kernelHeight, width: shape.kernelWidth, origin: 0, step: 1)
  }

  private mutating func spectra(ofOutputs gradient: [Double]) -> [ComplexPlane] {
    spectra(gradient, height: shape.outputHeight, width: shape.outputWidth, origin: 0, step: shape.stride)
  }

  /// The transforms of maps whose pixels lie `step` apart on the plane, from a corner on.
  private mutating func spectra(
    _ maps: [Double], height: Int, width: Int, origin: Int, step: Int
  ) -> [ComplexPlane] {
    stride(from: 0, to: maps.count, by: height * width).map { map in
      var plane = ComplexPlane(rows: rows, columns: columns)
      var square = 0.0
      for i in 0..<height {
        for j in 0..<width {
          let value = maps[map + i * width + j]
          plane.real[origin + (i * columns + j) * step] = value
          square += value * value
        }
      }
      if perturbed == .results { addNoise(&plane.real, norm: square.squareRoot()) }
      var spectrum = plane.transformed()
      if perturbed == .factors {
        // The real part of a plane is kept in the end, which halves the variance of errors without symmetry: hence √2.
        let size = 2.0.squareRoot()
        for k in spectrum.real.indices {
          spectrum.real[k] *= 1 + size * perturbation.next()
          spectrum.imaginary[k] *= 1 + size * perturbation.next()
        }
      }
      return spectrum
    }
  }

  /// F⁻¹ of a sum of products a ∘ b, or a ∘ conj b.
  private mutating func inverse(_ pairs: [(ComplexPlane, ComplexPlane)], conjugate: Bool) -> [Double] {
    var sum = ComplexPlane(rows: rows, columns: columns)
    var sizes = [Double](repeating: 0, count: rows * columns)
    for (a, b) in pairs {
      for k in sizes.indices {
        let (re, im) = (b.real[k], conjugate ? -b.imaginary[k] : b.imaginary[k])
        sum.real[k] += a.real[k] * re - a.imaginary[k] * im
        sum.imaginary[k] += a.real[k] * im + a.imaginary[k] * re
        if perturbed == .results {
          sizes[k] +=
            ((a.real[k] * a.real[k] + a.imaginary[k] * a.imaginary[k]) * (re * re + im * im)).squareRoot()
        }
      }
    }
    if perturbed == .results {
      // Again √2, shared by the two parts: each has half the variance.
      let size = Double(pairs.count + 2).squareRoot()
      for k in sizes.indices {
        sum.real[k] += size * sizes[k] * perturbation.next()
        sum.imaginary[k] += size * sizes[k] * perturbation.next()
      }
    }
    var plane = sum.transformed(inverse: true).real
    if perturbed == .results {
      addNoise(&plane, norm: plane.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    return plane
  }

  /// The roundings of one transform, spread over the plane.
  private mutating func addNoise(_ plane: inout [Double], norm: Double) {
    let pixels = Double(rows * columns)
    let steps = Double((rows * columns).trailingZeroBitCount)
    let size = Self.roundings * (steps / pixels).squareRoot() * norm
    for i in plane.indices { plane[i] += size * perturbation.next() }
  }
}
