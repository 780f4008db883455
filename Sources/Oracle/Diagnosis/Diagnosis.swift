// Which mistake was made: the answers that failed, compared with those of every mutant, alone and in pairs.
//
//     agrees      one mutant explains every result that was answered, and every tensor on the way that is wrong
//     a pair      one mutant asks the question wrongly, a second answers that question wrongly; or each explains its tensors
//     unknown     none does
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

/// Finds mistakes, with a limit on the work for pairs.
package struct Diagnostician: Diagnosing {
  /// How many cases of one operation are searched for pairs: two mistakes in an operation show in the first as in the last.
  static let mostPairSearches = 3
  private var pairSearches: [String: Int] = [:]
  /// Mutants that have explained a case already; tried first, and their pairs before others.
  private var suspects: [String] = []

  /// Knows every mutant.
  package init() {}

  /// One or two mutants that answer so, and where a step went wrong first.
  package mutating func findings(
    _ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile
  ) -> (diagnosis: Diagnosis?, divergence: Divergence?) {
    (diagnose(item, answers, profile: profile), item.divergence(answers, profile: profile))
  }

  /// Diagnoses one case; nil if its answers are right, or there are none to compare.
  mutating func diagnose(
    _ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile
  ) -> Diagnosis? {
    let failing = Set(
      item.compare(answers, profile: profile).filter { [.fail, .notFinite, .shape].contains($0.verdict) }.map(\.name))
    guard !failing.isEmpty else { return nil }
    let question = Question(item.prompt, right: item.expected)
    // What is right on the way may be another's word for the same thing; what is wrong, and every result, must be explained.
    let answered = Set(answers.keys).intersection(item.expected.keys).filter {
      failing.contains($0) || !item.isIntermediate($0)
    }
    var partial: [(mutant: Mutant, agreement: Agreement)] = []
    var best: Diagnosis?
    for mutant in Mutants.of(item.prompt.operation) {
      guard let wrong = mutant.answer(question) else { continue }
      let agreement = item.agreement(of: answers, failing: failing, with: wrong, profile: profile)
      if answered.isSubset(of: agreement.tensors) {
        if agreement.distance < best?.distance ?? .infinity {
          best = Diagnosis(mistakes: [mutant.named], distance: agreement.distance)
        }
      } else if !agreement.tensors.isDisjoint(with: failing) {
        partial.append((mutant, agreement))
      }
    }
    let found = best ?? cover(failing, partial) ?? sequence(item, question, answers, failing, answered, profile)
    suspects += (found?.mutants ?? []).filter { !suspects.contains($0) }
    var diagnosis = found ?? Diagnosis(mistakes: [], distance: .infinity)
    diagnosis.operation = item.prompt.operation
    if found == nil { diagnosis.forms = item.generalForms(answers, failing: failing, profile: profile) }
    return diagnosis
  }

  /// Two mutants each of which explains a part of the tensors that failed, and both all of them.
  private func cover(_ failing: Set<String>, _ partial: [(mutant: Mutant, agreement: Agreement)]) -> Diagnosis? {
    for (index, first) in partial.enumerated() {
      for second in partial[(index + 1)...]
      where failing.isSubset(of: first.agreement.tensors.union(second.agreement.tensors)) {
        return Diagnosis(
          mistakes: [first.mutant.named, second.mutant.named],
          distance: max(first.agreement.distance, second.agreement.distance))
      }
    }
    return nil
  }

  /// A mutant that answers a question which another has changed.
  private mutating func sequence(
    _ item: CorpusCase, _ question: Question, _ answers: [String: StoredTensor], _ failing: Set<String>,
    _ answered: Set<String>, _ profile: Profile
  ) -> Diagnosis? {
    let operation = item.prompt.operation
    // A whole network has too many pairs; there the first divergence says more.
    guard !((try? Operations.named(operation)) is any TracedOperation),
      pairSearches[operation, default: 0] < Self.mostPairSearches
    else { return nil }
    pairSearches[operation, default: 0] += 1
    for first in Mutants.of(operation) {
      guard let changed = first.changed(question.prompt), let other = try? Question(changed) else { continue }
      for second in Mutants.of(operation) where second.name != first.name {
        guard let wrong = second.answer(other) else { continue }
        let agreement = item.agreement(of: answers, failing: failing, with: wrong, profile: profile)
        if answered.isSubset(of: agreement.tensors) {
          return Diagnosis(mistakes: [first.named, second.named], distance: agreement.distance)
        }
      }
    }
    return nil
  }
}

extension Mutant {
  /// What a report says of it.
  fileprivate var named: NamedMistake { NamedMistake(name: name, mistake: mistake, remedy: remedy) }

  /// The question that this mutant answers instead; nil where its mistake is not in the question.
  fileprivate func changed(_ prompt: Prompt) -> Prompt? {
    guard let change = mutations.first(where: { $0.operation == prompt.operation })?.change else { return nil }
    var changed = prompt
    return (try? change(&changed)) == true ? changed : nil
  }
}
