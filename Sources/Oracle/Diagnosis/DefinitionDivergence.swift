// Which line of an operation's definition is wrong by itself.
//
//     accused     a line whose tensor is wrong, all that it reads answered and right
//     first       a wrong tensor between which and what is right some tensors were not answered: the mistake is in one of these lines;
//                 where that is a single one, both are told
//     derived     a gradient beside a wrong value: it may be the derivative of what is wrong, so it is not accused
//     unclear     a tensor that is at most ten bounds away: roundings come to that, so neither it nor what reads it is accused
//
// The bound of every tensor holds the errors of all lines above it, so right lines make right tensors of right ones. Of steps, each of
// which reads what the one before left, the first that is wrong is looked at.
// Tests    OracleTests/DefinitionDivergenceTests.swift
import Kernels
import Networks

extension CorpusCase {
  /// A known mistake must show by as many bounds in some case; what is nearer may be arithmetic.
  static let clearlyWrong = 10.0
  /// How many further tensors are asked for at most.
  private static let mostWanted = 2

  /// Looks for the first wrong line; nil where nothing is wrong.
  func divergence(
    _ answers: [String: StoredTensor], along trace: DefinitionTrace, profile: Profile
  ) -> Divergence? {
    let whole = withIntermediates(answers.keys, along: trace)
    let reports = whole.compare(answers, profile: profile).filter { $0.verdict != .extra }
    var steps: [String: Int] = [:]
    for report in reports where [.fail, .notFinite, .shape].contains(report.verdict) {
      steps[report.name] = trace.operation.takesSteps ? whole.firstStep(report, answers, profile) : 0
    }
    guard let first = steps.values.min() else { return nil }
    let failing = Set(steps.filter { $0.value == first }.keys)
    let makers = Dictionary(uniqueKeysWithValues: trace.tensors.map { ($0.line.name, $0) })
    let wrong = reports.filter { report in
      failing.contains(report.name)
        && min(report.ratio, whole.ratio(report.name, answers, makers[report.name], profile)) >= Self.clearlyWrong
    }
    var divergence = Divergence(first: [], isolated: [], wanted: [])
    for tensor in trace.tensors {
      guard let report = wrong.first(where: { $0.name == tensor.line.name }) else { continue }
      let (between, isFirst) = walkBack(from: tensor, makers, Set(answers.keys), failing)
      guard isFirst else { continue }
      if between.count <= 1 {
        let other = between.first.flatMap { makers[$0]?.line }.map { ", or in that of \($0.name), \($0.equation)" }
        divergence.isolated.append(
          IsolatedFault(
            tensor: report.name, operation: trace.operation.name,
            inputs: tensor.reads.filter { makers[$0] != nil && !between.contains($0) }, ratio: report.ratio,
            mutant: nil,
            form: whole.form(report.name, answers, profile), equation: tensor.line.equation + (other ?? "")))
      }
      if !between.isEmpty {
        divergence.first.append(report.name)
        divergence.wanted += between.filter { !divergence.wanted.contains($0) }
      }
    }
    // A right backward pass of a wrong value has a wrong gradient.
    if failing.contains(where: { !IsolatedFault.isGradient($0) }) {
      divergence.isolated.removeAll { IsolatedFault.isGradient($0.tensor) }
    }
    divergence.wanted = Self.halving(divergence.wanted, in: trace)
    return divergence
  }

  /// How far a tensor is away in bounds of its line; infinite of whole numbers, and where the line has no bound of its own.
  ///
  /// That of an output may be narrower: it can be computed without the digits that a tensor on the way loses.
  private func ratio(
    _ name: String, _ answers: [String: StoredTensor], _ tensor: DefinitionTrace.Tensor?, _ profile: Profile
  ) -> Double {
    guard let scale = tensor?.scale, let answer = answers[name], let right = expected[name] else { return .infinity }
    return Comparison.compare(
      answer, with: right, scale: scale, profile: profile, name: name, multipliesMatrices: multipliesMatrices
    ).ratio
  }

  /// What was not answered between a line and those that were, and whether all of these are right.
  private func walkBack(
    from tensor: DefinitionTrace.Tensor, _ makers: [String: DefinitionTrace.Tensor], _ answered: Set<String>,
    _ failing: Set<String>
  ) -> (between: [String], isFirst: Bool) {
    var (stack, seen, between): ([String], Set<String>, [String]) = (tensor.reads, [], [])
    while let name = stack.popLast() {
      guard let maker = makers[name], seen.insert(name).inserted else { continue }
      if failing.contains(name) { return ([], false) }
      if !answered.contains(name) {
        between.append(name)
        stack += maker.reads
      }
    }
    return (between, true)
  }

  /// One or two of the tensors, which part them into pieces of like size.
  private static func halving(_ names: [String], in trace: DefinitionTrace) -> [String] {
    let ordered = trace.tensors.map(\.line.name).filter(names.contains)
    guard ordered.count > mostWanted else { return ordered }
    return (1...mostWanted).map { ordered[$0 * ordered.count / (mostWanted + 1)] }
  }

  /// The first place along the first axis at which a tensor is wrong.
  private func firstStep(_ report: TensorReport, _ answers: [String: StoredTensor], _ profile: Profile) -> Int {
    guard case .real(let given)? = answers[report.name]?.value, case .real(let right)? = expected[report.name],
      given.shape == right.shape, let steps = right.shape.first, steps > 0
    else { return 0 }
    let type = answers[report.name]?.type ?? "F64"
    let element = right.values.indices.first { i in
      let bound = bound(stored: right.values[i], scales[report.name], element: i, profile, type)
      return !(abs(given.values[i] - right.values[i]) <= bound)
    }
    return (element ?? 0) / max(1, right.count / steps)
  }

  /// What a wrong tensor is of the right one; nil where that is not known.
  private func form(_ name: String, _ answers: [String: StoredTensor], _ profile: Profile) -> String? {
    generalForms(answers, failing: [name], profile: profile).first.map { String($0.dropFirst(name.count + 1)) }
  }
}
