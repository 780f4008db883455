// What a method of convolution other than sums of products adds to the roundings of a traced convolution.
//
// In a perturbed run the convolution is computed by the method, each of its roundings with a random sign, and
//
//     deviation = ρ (method(x, w) − x ⋆ w)
//
// is added to the traced result beside the roundings of the direct sum, since a program may compute any single layer directly. ρ is 1
// but for F(4 × 4, 3 × 3), whose tiles err unequally: tiles begin anywhere, so each place counts as the worst one.
// Both forms of ∂x by Winograd, turned kernels and the transposed map, are added up: a program has one of them.
// Tests    OracleTests/ConvolutionMethodTests.swift
import Kernels
import Networks

extension ConvolutionMethod {
  /// Whether convolutions of a shape may be computed by it rather than directly.
  func covers(_ shape: ConvolutionShape) -> Bool {
    switch self {
    case .direct: false
    case .winograd2, .winograd4: shape.kernelHeight == 3 && shape.kernelWidth == 3 && shape.stride == 1
    case .fft: shape.kernelHeight * shape.kernelWidth > 1
    }
  }

  fileprivate var winograd: Winograd? {
    switch self {
    case .direct, .fft: nil
    case .winograd2: .two
    case .winograd4: .four
    }
  }
}

/// The three maps of a convolution.
enum ConvolutionPass {
  case forward, inputGradient, weightGradient
}

/// One perturbed convolution by a declared method.
struct ConvolutionRoundings {
  let method: ConvolutionMethod
  let shape: ConvolutionShape
  let perturbed: Perturbed

  /// ρ (method − direct) of one pass; nil where the method computes it directly.
  ///
  /// - Parameters:
  ///   - pass: Which map.
  ///   - first: x, or ∂y of the gradients.
  ///   - second: The weight, or x of the weight's gradient.
  ///   - perturbation: The signs, of which many are used.
  /// - Returns: As many numbers as the pass's result has.
  func deviation(
    _ pass: ConvolutionPass, _ first: [Double], _ second: [Double], _ perturbation: inout Perturbation
  ) -> [Double]? {
    guard method.covers(shape) else { return nil }
    let direct =
      switch pass {
      case .forward: convolve(first, weight: second, shape: shape)
      case .inputGradient: convolutionInputGradient(outputGradient: first, weight: second, shape: shape)
      case .weightGradient: convolutionWeightGradient(outputGradient: first, input: second, shape: shape)
      }
    guard let winograd = method.winograd else {
      var fourier = FourierConvolution(shape: shape, perturbed: perturbed, perturbation: perturbation)
      defer { perturbation = fourier.perturbation }
      let found =
        switch pass {
        case .forward: fourier.forward(first, weight: second)
        case .inputGradient: fourier.inputGradient(of: first, weight: second)
        case .weightGradient: fourier.weightGradient(of: first, input: second)
        }
      return direct.indices.map { found[$0] - direct[$0] }
    }
    var filter = WinogradConvolution(winograd: winograd, perturbed: perturbed, perturbation: perturbation)
    defer { perturbation = filter.perturbation }
    switch pass {
    case .forward:
      let found = filter.forward(first, weight: second, shape: shape)
      return direct.indices.map { winograd.spread * (found[$0] - direct[$0]) }
    case .inputGradient:
      let turned = filter.inputGradientByTurnedKernels(of: first, weight: second, shape: shape)
      let transposed = filter.inputGradientByTransposition(of: first, weight: second, shape: shape)
      return direct.indices.map { winograd.spread * (turned[$0] + transposed[$0] - 2 * direct[$0]) }
    case .weightGradient:
      let found = filter.weightGradient(of: first, input: second, shape: shape)
      return direct.indices.map { found[$0] - direct[$0] }
    }
  }
}
