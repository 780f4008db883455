// This package itself as a backend.
// Tests    OracleTests/CorpusBackendTests.swift
import Kernels
import Networks

/// This package as a backend.
public struct PackageBackend: CorpusBackend, Sendable {
  /// Float32 or float64.
  public let profile: Profile
  /// All of the corpus, in the profile's arithmetic.
  public var capability: Capability {
    Capability(
      backend: "tsuc", version: Arithmetic.isFused ? "1.0.0, fused" : "1.0.0, portable", scalar: profile.rawValue,
      claims: ["*"])
  }

  /// The package's own arithmetic in Float or Double.
  public init<Scalar: RealScalar>(_: Scalar.Type) { profile = Scalar.self == Float.self ? .float32 : .float64 }

  /// What the package's own kernels answer, all of it finite.
  public func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
    let operation = try Operations.asked(by: prompt)
    return profile == .float32
      ? try operation.finiteAnswer(prompt, as: Float.self) : try operation.finiteAnswer(prompt, as: Double.self)
  }
}
