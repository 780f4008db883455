// Which mistake was made: the answers that failed, compared with those of every mutant, alone and in pairs.
//
//     agrees      one mutant explains every result that was answered, and every tensor on the way that is wrong
//     derived     it explains the values, and the gradients are the derivatives of what it computes
//     a pair      one mutant asks the question wrongly, a second answers that question wrongly; or each explains its tensors
//     multiple    all that one mutant gets wrong, times a number
//     unknown     none does: another parameter may, or the wrong tensors have a form
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

/// Finds mistakes, with a limit on the work for pairs.
package struct Diagnostician: Diagnosing {
  /// How many cases of one operation are searched for pairs: two mistakes in an operation show in the first as in the last.
  static let mostPairSearches = 3
  private var pairSearches: [String: Int] = [:]
  /// An answer that is farther from a mutant's, relative to that, agrees only because its bounds are wide.
  private static let mostDistance = 0x1p-4
  /// How many cases of one composition are compared with every mutant of its parts.
  static let mostCompositionSearches = 2
  private var compositionSearches: [String: Int] = [:]
  /// How many cases of one operation are searched in vain for another parameter.
  static let mostParameterSearches = 3
  private var parameterSearches: [String: Int] = [:]
  /// Mutants that have explained a case already: the only ones that later compositions and a second look are compared with.
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
    let (failing, answered) = item.toExplain(answers, profile)
    guard !failing.isEmpty else { return nil }
    let question = Question(item.prompt, right: item.expected)
    var carried = CarriedGradients(question)
    var partial: [(mutant: Mutant, agreement: Agreement)] = []
    var (best, derived): (Diagnosis?, Diagnosis?)
    var alternatives: [NamedMistake] = []
    for suspicion in suspicions(of: item.prompt.operation) {
      guard let wrong = suspicion.answer(question) else { continue }
      let agreement = item.agreement(of: answers, failing: failing, with: wrong, profile: profile)
      let open = answered.subtracting(agreement.tensors)
      if open.isEmpty, agreement.distance <= Self.mostDistance {
        // The same name may stand for the operation itself and for a part of it.
        if !alternatives.contains(suspicion.mutant.named) { alternatives.append(suspicion.mutant.named) }
        if agreement.distance < best?.distance ?? .infinity {
          best = Diagnosis(mistakes: [suspicion.mutant.named], distance: agreement.distance)
        }
      } else if best == nil, derived == nil, CarriedGradients.changesValue(wrong, from: question),
        let gradients = item.gradients(open, failing: failing, of: answers, profile),
        carried.areDerivatives(gradients, of: suspicion.answer)
      {
        derived = Diagnosis(mistakes: [suspicion.mutant.named], distance: agreement.distance)
      } else if !agreement.tensors.isDisjoint(with: failing) {
        partial.append((suspicion.mutant, agreement))
      }
    }
    let found =
      best ?? derived ?? cover(failing, partial) ?? multiple(item, question, answers, failing, answered, profile)
      ?? sequence(item, question, answers, failing, answered, profile)
    suspects += (found?.mutants ?? []).filter { !suspects.contains($0) }
    var diagnosis = found ?? Diagnosis(mistakes: [], distance: .infinity)
    (diagnosis.operation, diagnosis.isComposed) = (item.prompt.operation, item.isComposed)
    diagnosis.alternatives = alternatives
    if found == nil {
      diagnosis.parameter = parameter(item, answers, failing, profile)
      // In a step most wrong tensors follow from one, which its trace tells; but not what should have changed.
      diagnosis.forms =
        diagnosis.isComposed
        ? item.keptStates(answers, failing: failing) : item.generalForms(answers, failing: failing, profile: profile)
    }
    return diagnosis
  }

  /// Looks again at a case that nothing explained, for mistakes that have explained others: it is enough now that the answer is nearer to
  /// theirs than to the right one.
  package mutating func reconsider(
    _ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile
  ) -> Diagnosis? {
    let (failing, answered) = item.toExplain(answers, profile)
    let question = Question(item.prompt, right: item.expected)
    var carried = CarriedGradients(question)
    for suspicion in Suspicion.all(item.prompt.operation) where suspects.contains(suspicion.mutant.name) {
      guard let wrong = suspicion.answer(question) else { continue }
      let agreement = item.agreement(
        of: answers, failing: failing, with: wrong, profile: profile, nearer: Self.nearerOnceKnown)
      let open = answered.subtracting(agreement.tensors)
      let explains =
        open.isEmpty && agreement.distance <= Self.mostDistance
        || CarriedGradients.changesValue(wrong, from: question)
          && item.gradients(open, failing: failing, of: answers, profile).map {
            carried.areDerivatives($0, of: suspicion.answer, nearer: Self.nearerOnceKnown)
          } ?? false
      if explains {
        return Diagnosis(
          mistakes: [suspicion.mutant.named], distance: agreement.distance, operation: item.prompt.operation)
      }
    }
    return nil
  }

  private static let nearerOnceKnown = 1.5

  /// Every mutant of the operation, and of what it is made of; of that, in later cases, only those that have explained something.
  private mutating func suspicions(of operation: String) -> [Suspicion] {
    let all = Suspicion.all(operation)
    compositionSearches[operation, default: 0] += 1
    guard compositionSearches[operation, default: 0] > Self.mostCompositionSearches else { return all }
    let own = Set(Mutants.of(operation).map(\.name))
    return all.filter { own.contains($0.mutant.name) || suspects.contains($0.mutant.name) }
  }

  /// Another parameter that explains the answer, searched for in the first cases of an operation.
  private mutating func parameter(
    _ item: CorpusCase, _ answers: [String: StoredTensor], _ failing: Set<String>, _ profile: Profile
  ) -> String? {
    let operation = item.prompt.operation
    guard parameterSearches[operation, default: 0] < Self.mostParameterSearches,
      let fit = ParameterFit(item, answers, failing: failing, profile: profile)
    else { return nil }
    let found = fit.found
    if found == nil { parameterSearches[operation, default: 0] += 1 }
    return found
  }

  /// Two mutants each of which explains a part of the tensors that failed, and both all of them.
  private func cover(_ failing: Set<String>, _ partial: [(mutant: Mutant, agreement: Agreement)]) -> Diagnosis? {
    for (index, first) in partial.enumerated() {
      for second in partial[(index + 1)...]
      where failing.isSubset(of: first.agreement.tensors.union(second.agreement.tensors))
        && max(first.agreement.distance, second.agreement.distance) <= Self.mostDistance
      {
        return Diagnosis(
          mistakes: [first.mutant.named, second.mutant.named],
          distance: max(first.agreement.distance, second.agreement.distance))
      }
    }
    return nil
  }

  /// A mutant all of whose wrong tensors are multiplied by one number: a temperature as a factor of the loss, say.
  private func multiple(
    _ item: CorpusCase, _ question: Question, _ answers: [String: StoredTensor], _ failing: Set<String>,
    _ answered: Set<String>, _ profile: Profile
  ) -> Diagnosis? {
    guard DiagnosticTrace(question.prompt) == nil || item.prompt.operation.hasSuffix("loss") else { return nil }
    for mutant in Mutants.of(item.prompt.operation) {
      // A multiple of the right answer explains every other multiple.
      guard var wrong = mutant.answer(question), !isMultiple(wrong, of: question.right, failing) else { continue }
      var (product, square, count) = (0.0, 0.0, 0)
      for name in failing {
        guard case .real(let given)? = answers[name]?.value, case .real(let other)? = wrong[name],
          given.shape == other.shape
        else { continue }
        // Each tensor counts alike, whatever its size.
        let size = other.values.reduce(0) { $0 + $1 * $1 }
        guard size > 0, size.isFinite else { continue }
        product += zip(given.values, other.values).reduce(0) { $0 + $1.0 * $1.1 } / size
        (square, count) = (square + 1, count + given.count)
      }
      // Of few numbers any factor would do.
      guard count >= 4, square > 0, product.isFinite, abs(product / square - 1) > 1e-2 else { continue }
      for name in failing {
        if case .real(let other)? = wrong[name] { wrong[name] = .real(other.mapped { product / square * $1 }) }
      }
      let agreement = item.agreement(of: answers, failing: failing, with: wrong, profile: profile)
      if answered.isSubset(of: agreement.tensors), agreement.distance <= Self.mostDistance {
        let factor = NamedMistake(
          name: "a factor", mistake: "what is wrong is also multiplied by a number", remedy: "no factor of its own")
        return Diagnosis(mistakes: [mutant.named, factor], distance: agreement.distance)
      }
    }
    return nil
  }

  /// Whether tensors are each a multiple of the right one, within a thousandth.
  private func isMultiple(
    _ wrong: [String: TensorValue], of right: [String: TensorValue], _ names: Set<String>
  ) -> Bool {
    names.allSatisfy { name in
      guard case .real(let wrong)? = wrong[name], case .real(let right)? = right[name], wrong.shape == right.shape
      else {
        return true
      }
      let square = right.values.reduce(0) { $0 + $1 * $1 }
      let factor = square > 0 ? zip(wrong.values, right.values).reduce(0) { $0 + $1.0 * $1.1 } / square : 0
      let rest = zip(wrong.values, right.values).reduce(0) {
        let apart = $1.0 - factor * $1.1
        return $0 + apart * apart
      }
      return rest <= 1e-6 * wrong.values.reduce(0) { $0 + $1 * $1 }
    }
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
        if answered.isSubset(of: agreement.tensors), agreement.distance <= Self.mostDistance {
          return Diagnosis(mistakes: [first.named, second.named], distance: agreement.distance)
        }
      }
    }
    return nil
  }
}

extension CorpusCase {
  /// The tensors that failed, and those that a mistake must explain: what is wrong, and every result.
  ///
  /// What is right on the way may be another's word for the same thing.
  fileprivate func toExplain(
    _ answers: [String: StoredTensor], _ profile: Profile
  ) -> (failing: Set<String>, answered: Set<String>) {
    let failing = Set(
      compare(answers, profile: profile).filter { [.fail, .notFinite, .shape].contains($0.verdict) }.map(\.name))
    let answered = Set(answers.keys).intersection(expected.keys).filter {
      failing.contains($0) || !isIntermediate($0)
    }
    return (failing, answered)
  }

  /// Whether its operation is traced for a diagnosis, or is a chain of such.
  fileprivate var isComposed: Bool {
    DiagnosticTrace(prompt) != nil || (try? Operations.named(prompt.operation).area) == "trajectory"
  }

  /// The answered gradients among tensors that no mutant explains as they are; nil if there is something else among them that failed.
  ///
  /// Values that are right are no obstacle where gradients alone are wrong: a backward pass may be that of another function.
  fileprivate func gradients(
    _ open: Set<String>, failing: Set<String>, of answers: [String: StoredTensor], _ profile: Profile
  ) -> [CarriedGradients.Given]? {
    let suffix = ".gradient"
    guard open.allSatisfy({ $0.hasSuffix(suffix) ? failing.contains($0) : failing.allSatisfy { $0.hasSuffix(suffix) } })
    else { return nil }
    let unit = profile.rounding(multipliesMatrices: multipliesMatrices)
    var gradients: [CarriedGradients.Given] = []
    for name in open.sorted() where name.hasSuffix(suffix) {
      guard case .real(let given)? = answers[name]?.value, case .real(let right)? = expected[name],
        given.shape == right.shape
      else { return nil }
      let bounds = given.values.indices.map {
        bound(stored: right.values[$0], scales[name], element: $0, profile, answers[name]?.type ?? "F64")
          + unit * abs(given.values[$0])
      }
      gradients.append(
        CarriedGradients.Given(input: String(name.dropLast(suffix.count)), values: given.values, bounds: bounds))
    }
    return gradients.isEmpty ? nil : gradients
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
