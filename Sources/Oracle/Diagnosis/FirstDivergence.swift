// Where a step first went wrong, in two ways.
//
//     propagated   a tensor out of bound, all answered tensors that it was made of within: the mistake lies between them
//     isolated     every operation computed anew from the tensors that the backend itself answered, and its result held against
//                  the backend's: one mistake does not hide the next
//
// Isolation needs no second run of the backend: from its own wrong inputs the right operation gives a value that only this
// operation's mistakes are away from. An operation is accused only if its result is out of bound and all tensors that it read were
// answered in their shapes: from tensors of our own it would be blamed for what another one did. The bound is the operation's own
// error on these inputs, or the golden one if that is larger; what is no output has no golden one and must be ten bounds away.
// Tests    OracleTests/FirstDivergenceTests.swift
import Kernels
import Networks

extension CorpusCase {
  /// Looks for the first wrong operations; nil where the case has neither graph nor lines, or nothing is wrong.
  func divergence(_ answers: [String: StoredTensor], profile: Profile) -> Divergence? {
    if let lines { return divergence(answers, along: lines, profile: profile) }
    let reports = compare(answers, profile: profile)
    let wrong = Set(reports.filter { [.fail, .notFinite, .shape].contains($0.verdict) }.map(\.name))
    guard !wrong.isEmpty, let trace = DiagnosticTrace(prompt), let graph = trace.graph(), !graph.isEmpty else {
      return nil
    }
    var divergence = Divergence(first: [], isolated: [], wanted: [])
    let makers = graph.reduce(into: [String: GraphNode]()) { makers, edge in for name in edge.to { makers[name] = edge }
    }
    for edge in graph {
      for tensor in edge.to where wrong.contains(tensor) {
        var (between, isFirst): ([String], Bool) = ([], true)
        walkBack(from: tensor, makers, Set(answers.keys)) { ancestor, isAnswered in
          if !isAnswered { between.append(ancestor) } else if wrong.contains(ancestor) { isFirst = false }
        }
        guard isFirst else { continue }
        divergence.first.append(tensor)
        divergence.wanted += between.filter { !divergence.wanted.contains($0) }
      }
    }
    let places = Dictionary(graph.flatMap(\.to).enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    divergence.wanted.sort { places[$0, default: 0] < places[$1, default: 0] }
    divergence.isolated = isolatedFaults(trace, answers, wrong, made: Set(makers.keys), profile)
    return divergence
  }

  /// Visits what a tensor was made of, through tensors that were not answered up to those that were.
  private func walkBack(
    from tensor: String, _ makers: [String: GraphNode], _ answered: Set<String>, _ visit: (String, Bool) -> Void
  ) {
    var (stack, seen): ([String], Set<String>) = (makers[tensor]?.from ?? [], [])
    while let name = stack.popLast() {
      guard makers[name] != nil, seen.insert(name).inserted else { continue }
      visit(name, answered.contains(name))
      if !answered.contains(name) { stack += makers[name]?.from ?? [] }
    }
  }

  /// Traces the computation on the backend's own tensors.
  private func isolatedFaults(
    _ trace: DiagnosticTrace, _ answers: [String: StoredTensor], _ wrong: Set<String>, made: Set<String>,
    _ profile: Profile
  ) -> [IsolatedFault] {
    var (faults, known): ([IsolatedFault], [String]) = ([], [])
    _ = trace.outputs { site, recorded in
      guard case .real(let given)? = answers[site.name]?.value, given.shape == site.value.shape else { return nil }
      let isAnswered = site.inputs.allSatisfy { input in
        guard made.contains(input) else { return true }
        guard let shape = answers[input]?.value.shape else { return false }
        return recorded[input].map { $0.shape == shape } ?? true
      }
      let ratio = isolatedRatio(site, recorded, given.values, answers[site.name]?.type ?? "F64", profile)
      let isWrong = expected[site.name] == nil ? ratio >= Self.clearlyWrong : ratio > 1 && wrong.contains(site.name)
      if isWrong, isAnswered {
        let step = TraceStep(prompt: prompt, site: site, recorded: recorded)
        let fault = PlaceOfFault(step, given, profile, multipliesMatrices: multipliesMatrices)
        let mutant = fault.mutant(known: known)
        if let mutant, !known.contains(mutant) { known.append(mutant) }
        faults.append(
          IsolatedFault(
            tensor: site.name, operation: site.operation, inputs: site.inputs, ratio: ratio, mutant: mutant,
            form: mutant == nil ? fault.form : nil))
      }
      return given
    }
    return faults
  }

  private func isolatedRatio(
    _ site: TraceSite<Double>, _ recorded: [String: Tensor<Double>], _ given: [Double], _ type: String,
    _ profile: Profile
  ) -> Double {
    var (errors, golden) = (site.errors(), scales[site.name])
    if site.operation == "weighted-sum", let first = recorded[site.inputs[0]], first.shape == site.value.shape {
      // Its terms may be larger than the sum, and each rounds twice: as it was answered, and with the weight folded into its own way.
      for (i, sum) in site.value.values.enumerated() {
        errors[i] = max(errors[i], 2 * abs(first.values[i]) + 2 * abs(sum - first.values[i]))
      }
    }
    var largest = 0.0
    for (i, right) in site.value.values.enumerated() {
      guard right.isFinite else { continue }
      guard given[i].isFinite else { return .infinity }
      let own = profile.bound(
        stored: right, scale: errors[i], terms: site.terms, type: type, multipliesMatrices: multipliesMatrices)
      let stored = golden.map { bound(stored: right, $0, element: i, profile, type) } ?? 0
      largest = max(largest, abs(given[i] - right) / max(own, stored))
    }
    return largest
  }
}
