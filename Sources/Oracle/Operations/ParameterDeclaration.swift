// What an operation takes as a parameter, said once: prompts are checked by it, operations read by it, and the page of the
// operations is made of it.
// Tests    OracleTests/DeclarationTests.swift, OracleTests/SpoiledPromptsTests.swift

import Files

/// The numbers that a parameter may be.
package struct NumberRange: Sendable {
  /// The least and the largest number.
  let ends: ClosedRange<Double>
  /// Whether the least one itself is left out.
  let excludesLeast: Bool

  /// All from one number to another.
  static func within(_ ends: ClosedRange<Double>) -> NumberRange { NumberRange(ends: ends, excludesLeast: false) }
  /// All above 0 up to a number.
  static func positive(to most: Double) -> NumberRange { NumberRange(ends: 0...most, excludesLeast: true) }

  func contains(_ number: Double) -> Bool { ends.contains(number) && !(excludesLeast && number == ends.lowerBound) }
}

extension NumberRange: CustomStringConvertible {
  /// What follows "a number", such as "from 0 to 1".
  package var description: String {
    let (least, most) = (Self.text(ends.lowerBound), Self.text(ends.upperBound))
    return excludesLeast ? "above \(least), at most \(most)" : "from \(least) to \(most)"
  }

  private static func text(_ number: Double) -> String {
    Int(exactly: number).flatMap { abs($0) <= 1_000_000 ? "\($0)" : nil } ?? "\(number)"
  }
}

/// One parameter of an operation.
package struct ParameterDeclaration: Sendable {
  /// What its value must be.
  package indirect enum Kind: Sendable {
    case bool
    case integer(ClosedRange<Int>)
    case number(NumberRange)
    case word([String])
    case array(of: Kind, count: ClosedRange<Int>)
  }

  /// What holds where a prompt does not give it.
  package enum Absence: Sendable {
    /// It must be given.
    case refused
    /// This value.
    case value(JSON)
    /// What these words say.
    case meaning(String)
  }

  /// Its name in prompts.
  package let name: String
  /// What its value must be.
  package let kind: Kind
  /// What holds without it.
  package let absence: Absence
  /// What it is, in a few words.
  package let summary: String

  private init(_ name: String, _ kind: Kind, _ fallback: JSON?, absent: String? = nil, _ summary: String) {
    (self.name, self.kind, self.summary) = (name, kind, summary)
    absence = fallback.map { .value($0) } ?? absent.map { .meaning($0) } ?? .refused
  }

  /// True or false.
  static func bool(_ name: String, default fallback: Bool? = nil, _ summary: String) -> Self {
    Self(name, .bool, fallback.map { .bool($0) }, summary)
  }

  /// A whole number of a range.
  static func integer(
    _ name: String, _ range: ClosedRange<Int>, default fallback: Int? = nil, absent: String? = nil, _ summary: String
  ) -> Self { Self(name, .integer(range), fallback.map { .integer($0) }, absent: absent, summary) }

  /// A number of a range.
  static func number(
    _ name: String, _ range: NumberRange, default fallback: Double? = nil, absent: String? = nil, _ summary: String
  ) -> Self { Self(name, .number(range), fallback.map { .number($0) }, absent: absent, summary) }

  /// One of some words.
  static func word(_ name: String, _ words: [String], default fallback: String? = nil, _ summary: String) -> Self {
    Self(name, .word(words), fallback.map { .string($0) }, summary)
  }

  /// One of the cases of an enumeration.
  static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, default fallback: Choice, _ summary: String
  ) -> Self where Choice.RawValue == String {
    word(name, Choice.allCases.map(\.rawValue), default: fallback.rawValue, summary)
  }

  /// One of the cases of an enumeration, which must be given.
  static func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, of _: Choice.Type, _ summary: String
  ) -> Self where Choice.RawValue == String { word(name, Choice.allCases.map(\.rawValue), summary) }

  /// A list of whole numbers of a range.
  static func integers(
    _ name: String, _ range: ClosedRange<Int>, count: ClosedRange<Int>, _ summary: String
  ) -> Self { Self(name, .array(of: .integer(range), count: count), nil, summary) }

  /// A list of numbers of a range.
  static func numbers(
    _ name: String, _ range: NumberRange, count: ClosedRange<Int>, _ summary: String
  ) -> Self { Self(name, .array(of: .number(range), count: count), nil, summary) }

  /// A list of words.
  static func words(_ name: String, _ words: [String], count: ClosedRange<Int>, _ summary: String) -> Self {
    Self(name, .array(of: .word(words), count: count), nil, summary)
  }

  /// The same where its absence has a meaning.
  func absent(_ meaning: String) -> Self { Self(name, kind, nil, absent: meaning, summary) }

  /// The same where a value holds in its absence.
  func defaulting(to value: JSON) -> Self { Self(name, kind, value, summary) }
}

extension ParameterDeclaration.Kind: CustomStringConvertible {
  /// What a value must be, such as "a whole number from 1 to 64".
  package var description: String { text(words: .max) }

  /// The description in a sentence about a fault: of many words the first.
  private var brief: String { text(words: 8) }

  private func text(words most: Int) -> String {
    switch self {
    case .bool: "true or false"
    case .integer(let range): "a whole number \(Self.text(range))"
    case .number(let range): "a number \(range)"
    case .word(let words):
      "one of "
        + (words.count <= most
          ? words.joined(separator: ", ") : words.prefix(4).joined(separator: ", ") + ", … (\(words.count) words)")
    case .array(let element, let count):
      "a list of \(Self.amount(count)), each \(element.text(words: most))"
    }
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max ? "of \(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
  }

  private static func amount(_ count: ClosedRange<Int>) -> String {
    count.count == 1 ? "\(count.lowerBound) values" : "\(count.lowerBound) to \(count.upperBound) values"
  }

  /// What is wrong with a value as the end of a sentence that names it; nil if nothing is.
  func problem(with value: JSON) -> String? {
    // Made only where it is told: a list may hold a million values.
    var wrong: String { "must be \(brief), not \(value)" }
    switch (self, value) {
    case (.bool, .bool): return nil
    case (.integer(let range), .integer(let integer)): return range.contains(integer) ? nil : wrong
    case (.number(let range), .integer(let integer)): return range.contains(Double(integer)) ? nil : wrong
    case (.number(let range), .number(let number)): return range.contains(number) ? nil : wrong
    case (.word(let words), .string(let text)):
      return words.contains(text) ? nil : wrong + Wording.hint(text, among: words)
    case (.array(let element, let count), .array(let values)):
      guard count.contains(values.count) else { return "must be \(brief), not \(values.count) values" }
      guard let index = values.firstIndex(where: { element.problem(with: $0) != nil }) else { return nil }
      return "must be \(brief), but its element \(index) is \(values[index])"
    default: return wrong
    }
  }
}

extension ParameterDeclaration {
  /// The value that a prompt has of it or that holds without it; nil where its absence is a meaning of its own.
  func value(in prompt: Prompt) throws(OracleError) -> JSON? {
    guard let value = prompt.parameters[name] else {
      switch absence {
      case .value(let value): return value
      case .meaning: return nil
      case .refused:
        throw OracleError("the operation \(prompt.operation) needs the parameter \"\(name)\", \(kind)")
      }
    }
    if let problem = kind.problem(with: value) {
      throw OracleError("the operation \(prompt.operation): the parameter \"\(name)\" \(problem)")
    }
    return value
  }
}
