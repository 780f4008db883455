// One answer against the stored value, element by element: right if and only if the difference is at most the bound.
// Tests    OracleTests/ComparisonTests.swift
import Kernels
import Networks

/// What can be said about an answer; whatever is not ``ok`` has not passed.
public enum Verdict: String, Sendable, CaseIterable {
  /// Every element lies within its bound.
  case ok
  /// An element lies outside its bound.
  case fail
  /// An element is infinite or NaN where the stored one is finite.
  case notFinite = "not finite"
  /// The shape is another.
  case shape
  /// The type is one that the profile does not accept.
  case type
  /// Claimed, and not there.
  case missing
  /// On the way of a computation whose results are all there: it may be left out, and has neither passed nor failed.
  case unanswered = "not answered"
  /// On the way of a computation that is too large to bound it: a diagnosis reads it, and it has neither passed nor failed.
  case uncompared = "not compared"
  /// A tensor that the case does not have.
  case extra
  /// A file that cannot be read.
  case unreadable
  /// Not claimed.
  case unsupported
  /// Outside its bound, where the profile's rounding may legally decide a kink or a tie otherwise: it has neither
  /// passed nor failed.
  case undecided
  /// The prompt itself has no answer: about the one that was given nothing is said.
  case illegal = "illegal prompt"
  /// Left out by the choice of an area.
  case notRun = "not run"

  /// Whether it speaks neither for nor against an answer that holds, or lacks, a tensor of this verdict.
  var isSilent: Bool { [.unanswered, .uncompared, .extra].contains(self) }
}

/// The verdict on one tensor.
public struct TensorReport: Sendable, Equatable {
  /// The output's name.
  public var name: String
  /// The verdict.
  public var verdict: Verdict
  /// The worst element: where it is, what was answered, what is stored.
  public var worst: (index: [Int], value: Double, stored: Double)?
  /// The worst element's |value − stored| over its bound; infinite where no number can say it.
  public var ratio: Double
  /// What was expected and found, where that is no matter of numbers.
  public var note: String

  /// How a note about whole numbers ends.
  static let ofWholeNumbers = "of whole numbers"

  /// Whether all parts are equal; a tuple has no equality of its own.
  public static func == (a: Self, b: Self) -> Bool {
    a.name == b.name && a.verdict == b.verdict && a.ratio == b.ratio && a.note == b.note
      && a.worst?.index == b.worst?.index && a.worst?.value == b.worst?.value && a.worst?.stored == b.worst?.stored
  }
}

/// Compares answers with stored values.
enum Comparison {
  /// The verdicts on all outputs of a case, and on tensors that are none, by name.
  static func compare(
    _ answers: [String: StoredTensor], with stored: [String: TensorValue], scales: [String: RoundingScale],
    profile: Profile, multipliesMatrices: Bool = true
  ) -> [TensorReport] {
    var reports = stored.map { name, value in
      guard let answer = answers[name] else { return report(name, .missing, "there is no tensor of this name") }
      return compare(
        answer, with: value, scale: scales[name], profile: profile, name: name, multipliesMatrices: multipliesMatrices)
    }
    for (name, answer) in answers where stored[name] == nil {
      reports.append(report(name, .extra, "the case has no such output; this one has the shape \(answer.value.shape)"))
    }
    return reports.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private static func report(_ name: String, _ verdict: Verdict, _ note: String) -> TensorReport {
    TensorReport(name: name, verdict: verdict, worst: nil, ratio: .infinity, note: note)
  }

  /// The verdict on one tensor.
  static func compare(
    _ answer: StoredTensor, with stored: TensorValue, scale: RoundingScale?, profile: Profile, name: String,
    multipliesMatrices: Bool = true
  ) -> TensorReport {
    let types =
      switch stored {
      case .real: profile.realTypes
      case .integers: ["I64", "I32"]
      case .bytes: ["U8"]
      }
    guard types.contains(answer.type) else {
      return report(
        name, .type, "\(types.joined(separator: " or ")) was expected for \(profile.rawValue), not \(answer.type)")
    }
    guard answer.value.shape == stored.shape else {
      return report(name, .shape, "\(stored.shape) was expected, not \(answer.value.shape)")
    }
    guard answer.value.count == stored.count else {
      return report(name, .shape, "\(answer.value.count) values do not fill the shape \(stored.shape)")
    }
    switch (answer.value, stored) {
    case (.real(let given), .real(let right)):
      guard let scale, scale.values.shape == right.shape else {
        return report(name, .fail, "the corpus holds no scale for it")
      }
      return elements(name, given.values, right.values, right.shape) { i in
        profile.bound(
          stored: right.values[i], scale: scale.values.values[i], terms: scale.terms,
          factors: scale.factors?.values[i], type: answer.type, multipliesMatrices: multipliesMatrices)
      }
    // Differences of large whole numbers would round in Double; only their being zero matters.
    case (.integers(let given, let shape), .integers(let right, _)):
      return elements(name, given, right, shape)
    case (.bytes(let given, let shape), .bytes(let right, _)):
      return elements(name, given, right, shape)
    default:
      return report(name, .type, "the tensor holds another kind of numbers than the stored one")
    }
  }

  /// Real numbers, each with its bound.
  private static func elements(
    _ name: String, _ given: [Double], _ right: [Double], _ shape: [Int], bound: (Int) -> Double
  ) -> TensorReport {
    var (worst, largest) = (0, -1.0)
    for i in right.indices {
      let ratio: Double
      if right[i].isFinite {
        guard given[i].isFinite else {
          return TensorReport(
            name: name, verdict: .notFinite, worst: (index(i, shape), given[i], right[i]), ratio: .infinity, note: "")
        }
        let (difference, limit) = (abs(given[i] - right[i]), bound(i))
        ratio = difference <= limit ? (difference == 0 ? 0 : difference / limit) : max(difference / limit, 1.nextUp)
      } else {
        // A stored infinity is the answer itself.
        ratio = given[i] == right[i] ? 0 : .infinity
      }
      // Written so that a ratio that is NaN counts as the worst of all.
      if !(ratio <= largest) { (worst, largest) = (i, ratio.isNaN ? .infinity : ratio) }
    }
    if right.isEmpty { return TensorReport(name: name, verdict: .ok, worst: nil, ratio: 0, note: "") }
    return TensorReport(
      name: name, verdict: largest <= 1 ? .ok : .fail, worst: (index(worst, shape), given[worst], right[worst]),
      ratio: largest, note: "")
  }

  /// Whole numbers: equal or not.
  private static func elements<Whole: BinaryInteger>(
    _ name: String, _ given: [Whole], _ right: [Whole], _ shape: [Int]
  ) -> TensorReport {
    guard let first = right.indices.first(where: { given[$0] != right[$0] }) else {
      return TensorReport(name: name, verdict: .ok, worst: nil, ratio: 0, note: "")
    }
    let count = right.indices.count { given[$0] != right[$0] }
    let largest = right.indices.reduce(0) { max($0, abs(Double(given[$1]) - Double(right[$1]))) }
    return TensorReport(
      name: name, verdict: .fail, worst: (index(first, shape), Double(given[first]), Double(right[first])),
      ratio: .infinity,
      note: "\(count) of \(right.count) differ, by at most \(Int(exactly: largest)?.description ?? "\(largest)"), "
        + TensorReport.ofWholeNumbers)
  }

  /// The index of an element in row-major order.
  private static func index(_ element: Int, _ shape: [Int]) -> [Int] {
    var (rest, index) = (element, [Int]())
    for length in shape.reversed() {
      index.append(rest % length)
      rest /= length
    }
    return index.reversed()
  }
}
