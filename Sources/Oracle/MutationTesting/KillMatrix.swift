// Which case finds which wrong implementation, and by how much: mutants × cases × profiles.
//
//     margin = the largest |wrong − right| / bound of a case's elements, in bounds of the profile
//
// A mutant is killed by a case in a profile where the margin is at least 10: wrong by ten times what rounding may do.
// Tests    OracleTests/KillMatrixTests.swift
import Kernels
import Networks

/// What mutants answer to cases, in bounds.
package struct KillMatrix: Sendable, Equatable {
  /// What counts as killed.
  package static let leastMargin = 10.0
  /// The profiles of its columns: float16 has the bounds of tf32.
  package static let profiles = Profile.allCases.filter { $0 != .float16 }

  /// One mutant on one case that it can tell apart.
  package struct Entry: Sendable, Equatable {
    /// The mutant's name.
    package var mutant: String
    /// The case's identifier.
    package var id: String
    /// The margin in every profile, in the order of `profiles`; infinite where whole numbers or bytes differ.
    package var margins: [Double]

    /// Whether the case kills the mutant in a profile.
    package func kills(_ profile: Profile) -> Bool {
      (KillMatrix.profiles.firstIndex(of: profile).map { margins[$0] } ?? 0) >= KillMatrix.leastMargin
    }
  }

  /// The hash of the corpus.
  package var corpus: String
  /// Every pair at which a mutant's answer differs from the right one, by case, then by mutant.
  package var entries: [Entry]

  /// A matrix of known entries.
  package init(corpus: String, entries: [Entry]) { (self.corpus, self.entries) = (corpus, entries) }
}

extension CorpusCase {
  /// How far a wrong answer lies outside, in bounds of every profile; 0 where the case decides nothing.
  func margins(of wrong: [String: TensorValue]) -> [Double] {
    let answers = wrong.mapValues { value in
      switch value {
      case .real: StoredTensor(type: "F64", value: value)
      case .integers: StoredTensor(type: "I64", value: value)
      case .bytes: StoredTensor(type: "U8", value: value)
      }
    }
    return KillMatrix.profiles.map { profile in
      !undecided(in: profile).isEmpty ? 0 : compare(answers, profile: profile).map(\.ratio).max() ?? 0
    }
  }

  /// The entries of some mutants with this case.
  func entries(_ mutants: [Mutant]) throws(OracleError) -> [KillMatrix.Entry] {
    let question = try Question(prompt)
    return mutants.compactMap { mutant in
      guard let wrong = mutant.answer(question) else { return nil }
      return KillMatrix.Entry(mutant: mutant.name, id: description.id, margins: margins(of: wrong))
    }
  }
}

extension Corpus {
  /// Runs mutants on cases.
  ///
  /// - Parameters:
  ///   - mutants: All of them unless told otherwise.
  ///   - ids: The cases; all of them unless told otherwise.
  ///   - progress: Called with the identifier of each case before it.
  /// - Returns: Every pair at which a mutant's answer differs from the right one, by case, then by mutant.
  /// - Throws: ``OracleError`` if a case cannot be read or answered.
  package func killMatrix(
    of mutants: [Mutant] = Mutants.all, on ids: [String]? = nil, progress: (String) -> Void = { _ in }
  ) throws(OracleError) -> KillMatrix {
    var entries: [KillMatrix.Entry] = []
    for id in ids ?? manifest.cases {
      progress(id)
      entries += try load(id).entries(mutants)
    }
    return KillMatrix(corpus: manifest.hash, entries: entries)
  }
}
