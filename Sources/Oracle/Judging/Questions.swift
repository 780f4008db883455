// Which further tensors would tell where a mistake is, as prompts that ask for these alone.
// Tests    OracleTests/QuestionsTests.swift
import Kernels
import Networks

/// Looks for the places of mistakes and for none of their names.
private struct PlaceFinder: Diagnosing {
  func findings(
    _ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile
  ) -> (diagnosis: Diagnosis?, divergence: Divergence?) { (nil, item.divergence(answers, profile: profile)) }

  func reconsider(_ item: CorpusCase, _ answers: [String: StoredTensor], profile: Profile) -> Diagnosis? { nil }
}

extension Corpus {
  /// A case's prompt for every tensor on the way of its operation.
  ///
  /// Throws where it has none.
  package func question(_ id: String) throws(OracleError) -> CasePrompt {
    let item = try load(id)
    let lines = item.lines?.tensors.filter(\.line.isOnTheWay).map(\.line.name) ?? []
    let graph = item.description.graph.isEmpty ? Operations.intermediates(of: item.prompt) : []
    let names = lines.isEmpty ? graph.subtracting(item.expected.keys).sorted() : lines
    guard !names.isEmpty else {
      throw OracleError(
        item.description.graph.isEmpty
          ? "\(item.prompt.operation) has no tensors between its inputs and its outputs"
          : "the tensors on the way of \(item.prompt.operation) are outputs of the case: answer them with it")
    }
    return CasePrompt(item.description, item.prompt).wanting(names)
  }

  /// What would tell more about answers that failed: of each operation its smallest failing case, the smallest of all first.
  package func questions(about responses: ResponseFolder, profile: Profile? = nil) throws(OracleError) -> [CasePrompt] {
    let report = try check(responses, profile: profile, by: PlaceFinder())
    var smallest: [String: (question: CasePrompt, size: Int)] = [:]
    for failure in report.failures {
      guard let wanted = failure.divergence?.wanted, !wanted.isEmpty else { continue }
      let item = try load(failure.id)
      let known = item.answerable(wanted)
      let names = wanted.filter(known.contains)
      let size = item.prompt.inputs.values.reduce(0) { $0 + $1.count }
      guard !names.isEmpty, size < smallest[item.prompt.operation]?.size ?? .max else { continue }
      smallest[item.prompt.operation] = (CasePrompt(item.description, item.prompt).wanting(names), size)
    }
    return smallest.values.sorted { ($0.size, $0.question.id) < ($1.size, $1.question.id) }.map(\.question)
  }
}

extension CasePrompt {
  fileprivate func wanting(_ names: [String]) -> CasePrompt {
    var prompt = self
    prompt.wanted = names
    return prompt
  }

  /// Each wanted tensor with its shape in words and its equation, where the operation's definition has it.
  package var wantedLines: [String] {
    let lines = (try? Operations.named(prompt.operation) as? any DefinedOperation)?.lines ?? []
    return wanted.map { name in
      lines.first { $0.name == name }.map { "\(name) (\($0.shape)): \($0.equation)" } ?? name
    }
  }
}
