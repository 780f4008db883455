// The scalars of this package, Float and Double, and the one definition of "multiply, then add".
//
// Every contraction (matrix product, convolution) is a chain c = chained(c, a, b) in a written order. With fused multiply-add,
// which every arm64 has and FUSED promises on x86-64, the chain rounds once per term; the portable build for x86-64 rounds
// twice, and its last bits differ. Everything that is no contraction rounds each operation by itself, on every build.
// Tests    KernelsTests/RealScalarTests.swift

/// A real number type in which all of the mathematics can run: `Float` trains, `Double` is the truth.
public protocol RealScalar: BinaryFloatingPoint, SIMDScalar, BitwiseCopyable, Codable, Sendable {
  /// As many scalars as one register of the build's processor holds; on arm64, whose registers have 128 bits, as two hold.
  ///
  /// A tile's sums then take 24 of arm64's 32 registers instead of 12 of the 16 that AVX2 has.
  associatedtype Vector: SIMD, BitwiseCopyable, Sendable where Vector.Scalar == Self

  /// PyTorch's name of the type: "float32" or "float64".
  static var typeName: String { get }
  /// The exponential function, faithfully rounded; see Exponential.swift.
  static func exp(_ x: Self) -> Self
  /// The natural logarithm, faithfully rounded; see Logarithm.swift.
  static func log(_ x: Self) -> Self
}

extension Float: RealScalar {
  #if WIDE
    /// 512 bits.
    public typealias Vector = SIMD16<Float>
  #elseif FUSED || arch(arm64)
    /// 256 bits.
    public typealias Vector = SIMD8<Float>
  #else
    /// 128 bits, the registers of every x86-64.
    public typealias Vector = SIMD4<Float>
  #endif
  /// "float32".
  public static var typeName: String { "float32" }
}

extension Double: RealScalar {
  #if WIDE
    /// 512 bits.
    public typealias Vector = SIMD8<Double>
  #elseif FUSED || arch(arm64)
    /// 256 bits.
    public typealias Vector = SIMD4<Double>
  #else
    /// 128 bits, the registers of every x86-64.
    public typealias Vector = SIMD2<Double>
  #endif
  /// "float64".
  public static var typeName: String { "float64" }
}

/// What the build made of the package's arithmetic.
public enum Arithmetic {
  /// Whether a chain rounds once per term (fused multiply-add).
  ///
  /// If it does not, last bits differ from other machines'.
  public static var isFused: Bool {
    #if FUSED || arch(arm64)
      true
    #else
      false
    #endif
  }
}

/// One link of the chain: sum + a·b, rounded once where the build is fused, twice where it is not.
@inline(__always)
func chained<Scalar: RealScalar>(_ sum: Scalar, _ a: Scalar, _ b: Scalar) -> Scalar {
  #if FUSED || arch(arm64)
    sum.addingProduct(a, b)
  #else
    sum + a * b
  #endif
}
