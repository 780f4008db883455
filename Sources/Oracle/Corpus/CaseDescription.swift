// case.json: what a case asks, what it is for, and how its answers came to be trusted.
//
// Schema   Fixtures/corpus/schema/case.schema.json
// Tests    OracleTests/CaseDescriptionTests.swift
import Files
import Kernels
import Networks

/// Everything about a case but its tensors.
public struct CaseDescription: Sendable, Equatable {
  /// What an output is.
  public struct Output: Sendable, Equatable {
    /// F64, I64 or U8.
    public var type: String
    /// The sizes, outermost first.
    public var shape: [Int]
    /// The terms of the longest sum on the way to a real output; nil for others.
    public var terms: Int?
  }

  /// A program that shares no code with this package and agrees with it.
  public struct Witness: Sendable, Equatable {
    /// The program.
    public var name: String
    /// What it was built of.
    public var version: String
    /// The largest difference from the stored values in bounds of the profile float64; at most 1.
    public var distance: Double
    /// The outputs that it answered, where that is not all.
    public var outputs: [String]?
  }

  /// The largest number of terms: with more, a float32 bound would not be small.
  static let mostTerms = 1 << 22

  /// "area/slug".
  public var id: String
  /// The operation's name.
  public var operation: String
  /// The operation's parameters.
  public var parameters: [String: JSON] = [:]
  /// The inputs that are stored as recipes.
  public var generated: [String: GeneratedTensor] = [:]
  /// The operation's formula.
  public var formula = ""
  /// One line for the list.
  public var summary = ""
  /// The mistakes that it is made to catch.
  public var catches: [String] = []
  /// Of a prompt the tensors that are asked for, outputs or others on the way to them; empty where all outputs are.
  public var wanted: [String] = []
  /// The outputs by name; empty in a prompt.
  public var outputs: [String: Output] = [:]
  /// The distance to every kink and tie by name.
  public var margins: [String: Double] = [:]
  /// Which tensor came from which, in the order of the computation; empty where an operation is one of its own.
  package var graph: [GraphNode] = []
  /// Who else has computed the answers.
  public var witnesses: [Witness] = []

  /// A description of a prompt.
  public init(id: String, operation: String) {
    self.id = id
    self.operation = operation
  }

  /// The area: the part of the identifier before the stroke.
  public var area: String { String(id.prefix { $0 != "/" }) }

  /// Throws unless an identifier is "area/slug", both of small letters, digits and hyphens; so it can name files.
  static func check(_ id: String, in context: String) throws(OracleError) {
    let parts = id.split(separator: "/", omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { part in
      !part.isEmpty && !part.hasPrefix("-")
        && part.utf8.allSatisfy { Character(Unicode.Scalar($0)).isLowercaseDigitOrHyphen }
    }
    guard parts.count == 2, isPlain, id.utf8.count <= 160 else {
      throw OracleError(
        "\(context): \"\(id.prefix(80))\" is no identifier; it should be area/slug in small letters, digits and hyphens"
      )
    }
  }
}

extension Character {
  fileprivate var isLowercaseDigitOrHyphen: Bool { "a"..."z" ~= self || "0"..."9" ~= self || self == "-" }
}
