// What a backend declares about its arithmetic beside the profile: how it computes convolutions, and what it stores in 16 bits.
//
// Both are legal and round otherwise than a profile alone allows. Where an answer fails the frozen bounds, wider ones are computed for
// what was declared (Operations/DeclaredBounds.swift).
// Tests    OracleTests/HalfStorageTests.swift, OracleTests/ConvolutionMethodTests.swift

/// What a backend may store in 16 bits; every value is rounded to the format that the profile's factors have.
public enum HalfStorage: String, CaseIterable, Sendable {
  /// What products, convolutions and the layers between them return, and the gradients of these, as under PyTorch's autocast.
  ///
  /// Losses, softmax, norms of rows, statistics of batches, parameters and the optimiser stay in Float.
  case activations
  /// The rows of the memory bank, from one step to the next.
  case bank

  /// All by name, for messages.
  static let names = allCases.map(\.rawValue).joined(separator: ", ")
}

/// What is declared and counts.
struct DeclaredArithmetic: Sendable, Equatable {
  /// How convolutions may have been computed: as sums of products, unless declared otherwise.
  var convolutions = ConvolutionMethod.direct
  /// What may have been stored in 16 bits: nothing, unless declared.
  var storage: Set<HalfStorage> = []

  /// Whether nothing is declared.
  var isPlain: Bool { convolutions == .direct && storage.isEmpty }

  /// In words, for the head of a report; empty where nothing is declared.
  var words: String {
    (convolutions == .direct ? "" : ", convolutions by \(convolutions.rawValue)")
      + (storage.isEmpty ? "" : ", \(storage.map(\.rawValue).sorted().joined(separator: " and ")) stored in 16 bits")
  }
}

extension Profile {
  /// Whether the format of its factors has 16 bits, so that a program may store in it.
  var storesHalves: Bool { self == .bfloat16 || self == .float16 }
}

extension Capability {
  /// What is declared and counts in a profile.
  func arithmetic(in profile: Profile) -> DeclaredArithmetic {
    DeclaredArithmetic(convolutions: convolutions, storage: profile.storesHalves ? storage : [])
  }

  /// What is declared and counts for nothing in a profile, as a sentence.
  func storageProblem(in profile: Profile) -> String? {
    storage.isEmpty || profile.storesHalves
      ? nil : "\"storage\" is declared, and the profile \(profile.rawValue) stores nothing in 16 bits"
  }
}
