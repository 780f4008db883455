// A named wrong implementation: the same mistake wherever the method has room for it.
// Tests    OracleTests/MutantsTests.swift
import Kernels
import Networks

/// One mistake that a port of the method may make, with what it would answer to any prompt.
package struct Mutant: Sendable {
  /// "area.slug", such as "aug.no-stop-gradient".
  package let name: String
  /// What is right, in a sentence.
  package let remedy: String
  /// The mistake, operation by operation.
  let mutations: [Mutation]

  /// The operations that it gets wrong, in alphabetical order.
  package var operations: [String] { mutations.map(\.operation).sorted() }

  /// The mistake in a few words.
  package var mistake: String { mutations.first?.mistake.wrong ?? "" }

  /// Everything that this mutant would answer; nil where its mistake makes no difference to the question.
  package func answer(_ question: Question) -> [String: TensorValue]? {
    guard let mutation = mutations.first(where: { $0.operation == question.prompt.operation }),
      // An error is a question in which the mistake has no place: an input is missing, or a constant out of its range.
      let wrong = try? mutation.answer(question), !wrong.isEmpty
    else { return nil }
    let answer = question.right.merging(wrong.filter { question.right[$0.key] != nil }) { $1 }
    return answer == question.right ? nil : answer
  }
}

/// All mutants.
package enum Mutants {
  /// Every mutant, in alphabetical order.
  package static let all: [Mutant] = {
    var byName: [String: [Mutation]] = [:]
    for mutation in mutations { byName[mutation.mistake.name, default: []].append(mutation) }
    return byName.sorted { $0.key < $1.key }.map { name, mutations in
      let rights = mutations.map(\.mistake.right)
      return Mutant(name: name, remedy: rights.first { !$0.isEmpty } ?? "", mutations: mutations)
    }
  }()

  /// The mutant of a name; throws if there is none.
  package static func named(_ name: String) throws(OracleError) -> Mutant {
    guard let mutant = all.first(where: { $0.name == name }) else {
      throw OracleError("there is no mutant \"\(name)\"")
    }
    return mutant
  }

  /// Those that have something to say about an operation.
  package static func of(_ operation: String) -> [Mutant] {
    all.filter { mutant in mutant.mutations.contains { $0.operation == operation } }
  }

  /// The mistakes of all operations.
  static let mutations: [Mutation] =
    []
    + augmentationMutations + colourViewMutations
    + bankLossMutations
    + batchLossMutations
    + batchNormMutations
    + convolutionMutations
    + evaluationMutations
    + headMutations
    + informationMutations
    + matrixMutations
    + memoryMutations
    + neighbourMutations
    + networkMutations
    + optimiserMutations
    + portingMutations
    + poolMutations
    + randomMutations
    + rectifierMutations
    + rowMutations
    + scheduleMutations
    + sequenceMutations
    + sobelMutations
    + stageLossMutations
    + stepMutations
    + unitRowMutations
    + viewParameterMutations
    + zeroLogZeroMutations
    + kMeansMutations
    + voteMutations
    + initialMutations
    + greyViewMutations
    + greyDrawMutations
    + randAugmentMutations
    + randViewMutations
    + embeddingLossMutations
    + overflowMutations
    + releasedMutations
    + constantMutations
    + runScheduleMutations
    + zeroVectorMutations
}
