// How a backend computes convolutions, as its capability file declares it: faster methods round otherwise than sums of products.
//
// Tests    OracleTests/ConvolutionMethodTests.swift

/// How a backend may compute convolutions, forward and in both gradients.
public enum ConvolutionMethod: String, CaseIterable, Sendable {
  /// As sums of products, in any order.
  case direct
  /// 3 × 3 kernels of stride 1 by Winograd's F(2 × 2, 3 × 3), all others directly.
  case winograd2 = "winograd-2"
  /// 3 × 3 kernels of stride 1 by Winograd's F(4 × 4, 3 × 3) with the points 0, ±1, ±2 and ∞, all others directly.
  case winograd4 = "winograd-4"
  /// Kernels larger than 1 × 1 by Fourier transforms, all others directly.
  case fft

  /// The methods by name, for messages.
  static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
