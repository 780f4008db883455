// What is rounded hard beside the roundings of Float: the factors of matrix products, and where a backend declares it what it stores
// in 16 bits.
// Tests    OracleTests/HalfStorageTests.swift

/// The hard roundings of a sum of products.
struct ProductRounding: Sendable {
  /// Whether both factors are rounded first.
  let factors: Bool
  /// Whether the result is rounded last.
  let result: Bool

  /// Those of sums that are no matrix products.
  static let none = Self(factors: false, result: false)

  /// What the imitated program stores in 16 bits.
  @TaskLocal private static var storage: Set<HalfStorage> = []

  /// Those of matrix products; to be read before work is given to other threads.
  static var ofMatrices: Self { Self(factors: true, result: storage.contains(.activations)) }

  /// Whether the memory bank is stored in 16 bits.
  static var storesBank: Bool { storage.contains(.bank) }

  /// Tracks what `body` computes as a program does that stores something in 16 bits.
  static func storing<Result>(
    _ storage: Set<HalfStorage>, _ body: () throws(OracleError) -> Result
  ) throws(OracleError) -> Result {
    let result = $storage.withValue(storage) {
      Swift.Result<Result, OracleError> { () throws(OracleError) in try body() }
    }
    return try result.get()
  }
}

extension TrackedMatrix {
  /// Rows of a memory bank as they are stored.
  var asStoredBank: TrackedMatrix { ProductRounding.storesBank ? map(\.stored) : self }
}
