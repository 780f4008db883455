// What an operation takes as an input, said once: prompts are checked by it, and the page of the operations is made of it.
// Tests    OracleTests/DeclarationTests.swift, OracleTests/SpoiledPromptsTests.swift
import Networks

/// One input of an operation, or all whose names fit a pattern.
package struct InputDeclaration: Sendable {
  /// What a tensor holds.
  package enum Kind: String, Sendable {
    case real = "real numbers"
    case integers = "whole numbers"
    case bytes
  }

  /// Its name in prompts; of a pattern, "*" stands for any text, as in "layer*.weight".
  package let name: String
  /// What it holds.
  package let kind: Kind
  /// Its axes in words, such as "rows × columns"; a number stands for itself, and " or " is between shapes that may be chosen from.
  package let shape: String
  /// What holds without it; nil where it must be given.
  package let absent: String?
  /// What it is, in a few words.
  package let summary: String
  /// The axes of each shape; empty where any shape will do, or the operation itself tells which.
  private let shapes: [[Substring]]

  private init(_ name: String, _ kind: Kind, _ shape: String, absent: String?, _ summary: String) {
    (self.name, self.kind, self.shape, self.absent, self.summary) = (name, kind, shape, absent, summary)
    shapes = shape.hasPrefix("any") ? [] : shape.split(separator: " or ").map { $0.split(separator: " × ") }
  }

  /// Real numbers.
  static func real(_ name: String, _ shape: String, absent: String? = nil, _ summary: String) -> Self {
    Self(name, .real, shape, absent: absent, summary)
  }

  /// Whole numbers.
  static func integers(_ name: String, _ shape: String, absent: String? = nil, _ summary: String) -> Self {
    Self(name, .integers, shape, absent: absent, summary)
  }

  /// Bytes.
  static func bytes(_ name: String, _ shape: String, _ summary: String) -> Self {
    Self(name, .bytes, shape, absent: nil, summary)
  }

  /// Whether it stands for several inputs.
  var isPattern: Bool { name.contains("*") }

  /// Whether it declares an input.
  func fits(_ input: String) -> Bool {
    let parts = name.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return input == name }
    return input.count > parts[0].count + parts[1].count && input.hasPrefix(parts[0]) && input.hasSuffix(parts[1])
  }

  /// What is wrong with a tensor of it as the end of a sentence that names it; nil if nothing is.
  func problem(with value: TensorValue) -> String? {
    guard value.kind == kind else { return "must be \(kind.rawValue), and is given as \(value.kind.rawValue)" }
    let (given, wanted) = (value.shape, shapes.isEmpty ? shape : "the shape (\(shape))")
    if given.contains(0) { return "must have \(wanted) with no axis of 0, not (\(given.inWords))" }
    let isRight =
      shapes.isEmpty
      || shapes.contains { axes in
        axes.count == given.count
          && zip(axes, given).allSatisfy { axis, length in Int(axis).map { $0 == length } ?? true }
      }
    if !isRight { return "must have \(wanted), not (\(given.inWords))" }
    if case .real(let tensor) = value, let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
      return "must hold finite numbers, but its element \(index) is \(tensor.values[index])"
    }
    return nil
  }
}

extension TensorValue {
  /// What it holds.
  var kind: InputDeclaration.Kind {
    switch self {
    case .real: .real
    case .integers: .integers
    case .bytes: .bytes
    }
  }
}

extension [Int] {
  /// A shape as people write it, of many axes the first: "2 × 3".
  var inWords: String {
    prefix(6).map { "\($0)" }.joined(separator: " × ") + (count > 6 ? " × … (\(count) axes)" : "")
  }
}
