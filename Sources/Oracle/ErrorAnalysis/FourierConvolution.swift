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
  private let rootsOfRows: RootsOfUnity
  private let rootsOfColumns: RootsOfUnity

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
    (rootsOfRows, rootsOfColumns) = (RootsOfUnity(columns), RootsOfUnity(rows))
  }

  /// y of x.
  mutating func forward(_ x: [Double], weight: [Double]) -> [Double] {
    let (images, kernels) = (spectra(ofInputs: x), spectra(ofKernels: weight))
    let channels = shape.inputChannels
    return planes(shape.batch, shape.outputChannels, conjugate: true) { n, o in
      (0..<channels).map { (images[n * channels + $0], kernels[o * channels + $0]) }
    }.flatMap { crop($0, rows: shape.outputHeight, columns: shape.outputWidth, step: shape.stride) }
  }

  /// ∂x.
  mutating func inputGradient(of gradient: [Double], weight: [Double]) -> [Double] {
    let (gradients, kernels) = (spectra(ofOutputs: gradient), spectra(ofKernels: weight))
    let (inputs, outputs) = (shape.inputChannels, shape.outputChannels)
    return planes(shape.batch, inputs, conjugate: false) { n, c in
      (0..<outputs).map { (gradients[n * outputs + $0], kernels[$0 * inputs + c]) }
    }.flatMap { crop($0, rows: shape.height, columns: shape.width, from: shape.padding) }
  }

  /// ∂w.
  mutating func weightGradient(of gradient: [Double], input x: [Double]) -> [Double] {
    let (gradients, images) = (spectra(ofOutputs: gradient), spectra(ofInputs: x))
    let (inputs, outputs, batch) = (shape.inputChannels, shape.outputChannels, shape.batch)
    return planes(outputs, inputs, conjugate: true) { o, c in
      (0..<batch).map { (images[$0 * inputs + c], gradients[$0 * outputs + o]) }
    }.flatMap { crop($0, rows: shape.kernelHeight, columns: shape.kernelWidth) }
  }

  /// One plane for each i and j: the sum of the products of some pairs of spectra.
  private mutating func planes(
    _ first: Int, _ second: Int, conjugate: Bool, pairs: (_ i: Int, _ j: Int) -> [(ComplexPlane, ComplexPlane)]
  ) -> [[Double]] {
    (0..<first * second).map { inverse(pairs($0 / second, $0 % second), conjugate: conjugate) }
  }

  /// Every `step`-th pixel of a plane from a corner on the diagonal.
  private func crop(_ plane: [Double], rows: Int, columns: Int, step: Int = 1, from corner: Int = 0) -> [Double] {
    (0..<rows * columns).map { i in
      plane[(corner + i / columns * step) * self.columns + corner + i % columns * step]
    }
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
      var spectrum = plane.transformed(rootsOfRows, rootsOfColumns)
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
    var plane = sum.transformed(rootsOfRows, rootsOfColumns, inverse: true).real
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
