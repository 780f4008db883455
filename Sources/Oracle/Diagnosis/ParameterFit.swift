// Which other parameter would explain an answer: "acts like epsilon = 0.001 instead of 1e-05".
//
// Words and flags are tried with their other values, whole numbers with their neighbours and 0, 1 and 2. A number v is searched for: over
// a grid of powers of ten and of usual constants for the least miss in bounds, then by golden section of log v between the grid's
// neighbours. The section needs several wrong numbers: of one, some v of any parameter is the cause.
// Tests    OracleTests/ParameterFitTests.swift
import Files
import Kernels
import Networks

/// Looks for the parameter.
struct ParameterFit {
  private let item: CorpusCase
  private let operation: any OracleOperation
  private let answers: [String: StoredTensor]
  private let failing: Set<String>
  private let profile: Profile

  /// Nil where the operation is too large to be asked a hundred times.
  init?(_ item: CorpusCase, _ answers: [String: StoredTensor], failing: Set<String>, profile: Profile) {
    guard let operation = try? Operations.named(item.prompt.operation), !(operation is any TracedOperation),
      !operation.name.hasSuffix("trajectory"), item.prompt.inputs.values.reduce(0, { $0 + $1.count }) <= 1 << 14
    else { return nil }
    (self.item, self.operation, self.answers) = (item, operation, answers)
    (self.failing, self.profile) = (failing, profile)
  }

  /// The parameter and the value by which the answer is right; nil where none is.
  var found: String? {
    for declaration in operation.parameters {
      let asked = try? declaration.value(in: item.prompt)
      for value in candidates(declaration.kind, asked ?? nil) where value != asked {
        if explains(declaration.name, value) { return text(declaration.name, value, asked ?? nil) }
      }
      if case .number(let range) = declaration.kind, let value = search(declaration.name, range, asked ?? nil) {
        return text(declaration.name, value, asked ?? nil)
      }
    }
    return nil
  }

  private func text(_ name: String, _ value: JSON, _ asked: JSON?) -> String {
    "\(name) = \(value) instead of \(asked?.description ?? "its absence")"
  }

  /// The other values of what has few.
  private func candidates(_ kind: ParameterDeclaration.Kind, _ asked: JSON?) -> [JSON] {
    switch (kind, asked) {
    case (.bool, _): [.bool(true), .bool(false)]
    case (.word(let words), _): words.map { .string($0) }
    case (.integer(let range), .integer(let value)?):
      [value &- 1, value &+ 1, 0, 1, 2].filter(range.contains).map { .integer($0) }
    default: []
    }
  }

  private func answer(_ name: String, _ value: JSON) -> [String: TensorValue]? {
    var prompt = item.prompt
    prompt.parameters[name] = value
    guard (try? Operations.asked(by: prompt)) != nil else { return nil }
    return try? operation.answer(prompt, as: Double.self)
  }

  /// Whether everything that was answered is what this value gives.
  private func explains(_ name: String, _ value: JSON) -> Bool {
    guard let other = answer(name, value), other != item.expected else { return false }
    let answered = Set(answers.keys).intersection(item.expected.keys)
    return answered.isSubset(
      of: item.agreement(of: answers, failing: failing, with: other, profile: profile).tensors)
  }

  private static let constants = [
    0, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.07, 0.1, 0.2, 0.25, 0.3, 0.5, 0.7, 0.75, 0.8,
    0.9, 0.95, 0.99, 0.999, 1, 2, 3, 5, 10, 20, 100, 1000,
  ]

  /// The value of least miss, as short as it may be written; nil if it is no explanation.
  private func search(_ name: String, _ range: NumberRange, _ asked: JSON?) -> JSON? {
    let own: Double? =
      switch asked {
      case .number(let number)?: number
      case .integer(let integer)?: Double(integer)
      default: nil
      }
    let grid = Set(
      Self.constants
        + (own.map { own in [0.1, 0.5, 2, 10].map { own * $0 } + [own * own, own.squareRoot(), 1 / own, 1 - own] } ?? [])
    ).filter { $0.isFinite && range.contains($0) && $0 != own }.sorted()
    // Nothing at all is the simplest of values, and small ones are hard to tell from it.
    if grid.first == 0, explains(name, .integer(0)) { return .integer(0) }
    let misses = grid.map { miss(name, $0) }
    guard let best = misses.indices.min(by: { misses[$0] < misses[$1] }), misses[best].isFinite else { return nil }
    if explains(name, .number(grid[best])) { return .number(grid[best]) }
    guard grid[best] > 0, failing.reduce(0, { $0 + (answers[$1]?.value.count ?? 0) }) >= 4 else { return nil }
    var low = max(best > 0 ? grid[best - 1] : 0, grid[best] / 100)
    var high = best + 1 < grid.count ? grid[best + 1] : grid[best] * 100
    let golden = (5.0.squareRoot() - 1) / 2
    // 60 sections leave 3e-13 of the interval.
    for _ in 0..<60 {
      let (a, b) = (high * Self.power(low / high, golden), low * Self.power(high / low, golden))
      if miss(name, a) < miss(name, b) { high = b } else { low = a }
    }
    let exact = (low * high).squareRoot()
    for digits in 1...8 {
      let short = exact.rounded(significantDigits: digits)
      if range.contains(short), short != own, explains(name, .number(short)) { return .number(short) }
    }
    return range.contains(exact) && explains(name, .number(exact)) ? .number(exact) : nil
  }

  /// base^exponent.
  private static func power(_ base: Double, _ exponent: Double) -> Double { Double.exp(exponent * Double.log(base)) }

  /// The largest |answer − other| in bounds, of the tensors that failed.
  private func miss(_ name: String, _ value: Double) -> Double {
    guard let other = answer(name, .number(value)) else { return .infinity }
    let unit = profile.rounding(multipliesMatrices: item.multipliesMatrices)
    var largest = 0.0
    for tensor in failing {
      guard case .real(let given)? = answers[tensor]?.value, case .real(let other)? = other[tensor],
        given.shape == other.shape, case .real(let right)? = item.expected[tensor]
      else { return .infinity }
      for i in given.values.indices {
        let bound = item.bound(
          stored: right.values[i], item.scales[tensor], element: i, profile, answers[tensor]?.type ?? "F64")
        let ratio = abs(given.values[i] - other.values[i]) / (bound + unit * abs(other.values[i]))
        if !(ratio <= largest) { largest = ratio.isNaN ? .infinity : ratio }
      }
    }
    return largest
  }
}
