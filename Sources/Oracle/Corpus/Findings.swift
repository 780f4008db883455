// What can be said about answers that failed, and who says it: the judge itself knows no mistakes.
// Tests    OracleTests/DiagnosisTests.swift, OracleTests/FirstDivergenceTests.swift
import Kernels

/// A mistake that is known by name.
public struct NamedMistake: Sendable, Equatable {
  /// "area.slug", such as "aug.no-stop-gradient".
  public var name: String
  /// The mistake, and what is right, each in a few words.
  public var mistake, remedy: String

  /// A mistake.
  public init(name: String, mistake: String, remedy: String) {
    (self.name, self.mistake, self.remedy) = (name, mistake, remedy)
  }
}

/// What can be said about a case that failed.
public struct Diagnosis: Sendable, Equatable {
  /// The mistakes that together answer as the backend did: one or two; empty where no known one does.
  public var mistakes: [NamedMistake]
  /// The largest |answer − wrong| over the largest |wrong|, wrong what a program with these mistakes answers.
  public var distance: Double
  /// Every single mistake that answers so, ``mistakes`` among them.
  package var alternatives: [NamedMistake] = []
  /// The operation of the case.
  public var operation: String
  /// Whether that is made of others, whose mistakes may be all that is wrong with it.
  package var isComposed = false
  /// What wrong tensors are of the right ones where no mistake is known: "y is 2.0 times the right tensor".
  public var forms: [String]
  /// The parameter that explains all of them where no mistake is known: "epsilon = 0.001 instead of 1e-05".
  public var parameter: String?

  /// A diagnosis.
  public init(
    mistakes: [NamedMistake], distance: Double, operation: String = "", forms: [String] = [], parameter: String? = nil
  ) {
    (self.mistakes, self.distance, self.operation, self.forms) = (mistakes, distance, operation, forms)
    self.parameter = parameter
  }

  /// Their names.
  public var mutants: [String] { mistakes.map(\.name) }
}

/// An operation of a graph, or a line of a definition, that is wrong by itself.
public struct IsolatedFault: Sendable, Equatable {
  /// The tensor.
  public var tensor: String
  /// The operation that made it, as in the graph.
  public var operation: String
  /// What it was made of.
  public var inputs: [String]
  /// The largest |answer − right| in bounds, from the backend's own inputs.
  public var ratio: Double
  /// The mutant that would have answered so, from these inputs.
  public var mutant: String?
  /// What it is of the right result, where no mutant is known: "is 2.0 times the right tensor".
  public var form: String?
  /// Of a line of an operation's definition its equation; its inputs are right then, and those of the prompt are not among them.
  public var equation: String?

  /// Whether a tensor is a gradient by its name.
  static func isGradient(_ name: String) -> Bool { name.hasSuffix(".gradient") }

  /// A fault.
  public init(
    tensor: String, operation: String, inputs: [String], ratio: Double, mutant: String?, form: String? = nil,
    equation: String? = nil
  ) {
    (self.tensor, self.operation, self.inputs) = (tensor, operation, inputs)
    (self.ratio, self.mutant, self.form) = (ratio, mutant, form)
    self.equation = equation
  }
}

/// What the graph of a case says about answers that failed.
public struct Divergence: Sendable, Equatable {
  /// The earliest tensors out of bound, in the order of the computation.
  public var first: [String]
  /// The operations that are wrong by themselves, in the order of the computation.
  public var isolated: [IsolatedFault]
  /// Tensors that were not answered and lie between right ones and a first wrong one: answering them narrows it down.
  public var wanted: [String]

  /// What is said.
  public init(first: [String], isolated: [IsolatedFault], wanted: [String]) {
    (self.first, self.isolated, self.wanted) = (first, isolated, wanted)
  }
}

/// Somebody who looks for the mistakes behind answers that failed.
package protocol Diagnosing {
  /// What is known of a case's wrong answers; nil of what cannot be told.
  mutating func findings(
    _ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile
  ) -> (diagnosis: Diagnosis?, divergence: Divergence?)
  /// What explains a case that nothing explained at first, among the mistakes that have explained others since.
  mutating func reconsider(_ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile) -> Diagnosis?
}

extension [CaseReport] {
  /// Where several mistakes explain a case, the one that explains the most cases: what is left of others is theirs.
  func withConsistentNames() -> [CaseReport] {
    var reports = self
    var open = reports.indices.filter { !(reports[$0].diagnosis?.alternatives.isEmpty ?? true) }
    while true {
      var counts: [String: (mistake: NamedMistake, cases: Int)] = [:]
      for mistake in open.flatMap({ reports[$0].diagnosis?.alternatives ?? [] }) {
        counts[mistake.name, default: (mistake, 0)].cases += 1
      }
      guard let most = counts.values.max(by: { ($0.cases, $1.mistake.name) < ($1.cases, $0.mistake.name) }) else {
        return reports.withoutChanceNames()
      }
      for i in open where reports[i].diagnosis?.alternatives.contains(most.mistake) ?? false {
        // The nearest stays where it explains as many.
        let nearest = reports[i].diagnosis?.mistakes.first?.name
        if let nearest, counts[nearest]?.cases == most.cases { continue }
        reports[i].diagnosis?.mistakes = [most.mistake]
      }
      open.removeAll { reports[$0].diagnosis?.alternatives.contains(most.mistake) ?? false }
    }
  }

  /// A few whole numbers may come out of a known mistake by chance: where the line that is wrong is located, a mistake is not named that
  /// explains no more than half of the failing cases of its operation, or for which fewer than five single whole numbers speak:
  /// of two values each, four agree by chance in one of 16 mistakes.
  private func withoutChanceNames() -> [CaseReport] {
    let explanations = compactMap(\.diagnosis)
    var reports = self
    for i in indices {
      guard let diagnosis = self[i].diagnosis, !diagnosis.mistakes.isEmpty,
        self[i].divergence?.isolated.contains(where: { $0.equation != nil }) ?? false
      else { continue }
      let explained = explanations.count { $0.operation == diagnosis.operation && $0.mistakes == diagnosis.mistakes }
      // In some cases lines on the way alone are wrong, and of those there is no diagnosis.
      let failing = self.filter { report in
        report.diagnosis?.operation == diagnosis.operation
          || report.divergence?.isolated.contains { $0.equation != nil && $0.operation == diagnosis.operation } ?? false
      }
      let isNumber =
        diagnosis.distance == 0 && self[i].tensors.allSatisfy { $0.verdict != .fail || $0.worst?.index == [] }
      if 2 * explained <= failing.count || isNumber && explained < 5 { reports[i].diagnosis?.mistakes = [] }
    }
    return reports
  }
}
