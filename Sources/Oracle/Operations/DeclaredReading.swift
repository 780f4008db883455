// Reads parameters out of prompts as they are declared: kind, range and default stand in the declaration alone.
// Tests    OracleTests/DeclarationTests.swift, OracleTests/LossPromptTests.swift
import Files
import Kernels
import Networks

extension Prompt {
  /// A fault of this prompt.
  func fault(_ text: String) -> OracleError { OracleError("the operation \(operation): \(text)") }

  /// Whether a parameter is given, where its absence is a meaning of its own.
  func isGiven(_ declaration: ParameterDeclaration) -> Bool { parameters[declaration.name] != nil }

  /// A parameter that is true or false.
  func bool(_ declaration: ParameterDeclaration) throws(OracleError) -> Bool {
    guard case .bool(let truth)? = try declaration.value(in: self) else { throw missing(declaration) }
    return truth
  }

  /// A parameter that is a whole number.
  func integer(_ declaration: ParameterDeclaration) throws(OracleError) -> Int {
    guard let integer = try integerIfGiven(declaration) else { throw missing(declaration) }
    return integer
  }

  /// A parameter that is a whole number; nil where its absence is a meaning of its own.
  func integerIfGiven(_ declaration: ParameterDeclaration) throws(OracleError) -> Int? {
    if case .integer(let integer)? = try declaration.value(in: self) { integer } else { nil }
  }

  /// A parameter that is a number, rounded to `Scalar`, where it must not become infinite or a 0 that is left out.
  func number<Scalar: RealScalar>(
    _ declaration: ParameterDeclaration, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Scalar {
    guard let number: Scalar = try numberIfGiven(declaration) else { throw missing(declaration) }
    return number
  }

  /// As ``number(_:as:)``; nil where its absence is a meaning of its own.
  func numberIfGiven<Scalar: RealScalar>(
    _ declaration: ParameterDeclaration, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Scalar? {
    guard let value = try declaration.value(in: self) else { return nil }
    guard let number = value.asNumber, case .number(let range) = declaration.kind else { throw missing(declaration) }
    let rounded = Scalar(number)
    guard rounded.isFinite, !range.excludesLeast || Double(rounded) > range.ends.lowerBound else {
      throw fault(
        "the parameter \"\(declaration.name)\" must be \(declaration.kind), and \(number) is \(rounded) in float32")
    }
    return rounded
  }

  /// A parameter that is one of some words.
  func string(_ declaration: ParameterDeclaration) throws(OracleError) -> String {
    guard case .string(let text)? = try declaration.value(in: self) else { throw missing(declaration) }
    return text
  }

  /// A parameter that names one of the cases of an enumeration.
  func choice<Choice: RawRepresentable>(
    _ declaration: ParameterDeclaration, as _: Choice.Type = Choice.self
  ) throws(OracleError) -> Choice where Choice.RawValue == String {
    guard let choice = Choice(rawValue: try string(declaration)) else { throw missing(declaration) }
    return choice
  }

  /// A parameter that is a list of cases of an enumeration.
  func choices<Choice: RawRepresentable>(
    _ declaration: ParameterDeclaration, as _: Choice.Type = Choice.self
  ) throws(OracleError) -> [Choice] where Choice.RawValue == String {
    try array(declaration).compactMap { if case .string(let text) = $0 { Choice(rawValue: text) } else { nil } }
  }

  /// A parameter that is a list.
  func array(_ declaration: ParameterDeclaration) throws(OracleError) -> [JSON] {
    guard case .array(let list)? = try declaration.value(in: self) else { throw missing(declaration) }
    return list
  }

  /// A parameter that is a list of whole numbers.
  func integers(_ declaration: ParameterDeclaration) throws(OracleError) -> [Int] {
    try array(declaration).compactMap { if case .integer(let integer) = $0 { integer } else { nil } }
  }

  /// A parameter that is a list of numbers.
  func numbers(_ declaration: ParameterDeclaration) throws(OracleError) -> [Double] {
    try array(declaration).compactMap(\.asNumber)
  }

  /// A parameter that is a list of the least and the largest number of a range.
  func range(_ declaration: ParameterDeclaration) throws(OracleError) -> ClosedRange<Double> {
    let ends = try numbers(declaration)
    guard ends.count == 2, ends[0] <= ends[1] else {
      throw fault("the parameter \"\(declaration.name)\" must be the least number, then the largest, not \(ends)")
    }
    return ends[0]...ends[1]
  }

  /// A parameter that may be absent but is needed here.
  private func missing(_ declaration: ParameterDeclaration) -> OracleError {
    OracleError("the operation \(operation) needs the parameter \"\(declaration.name)\", \(declaration.kind)")
  }
}

extension JSON {
  /// A number of either kind.
  var asNumber: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }
}
