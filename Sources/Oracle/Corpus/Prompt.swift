// A question to a backend: which operation, with which parameters, on which tensors.
// Tests    OracleTests/PromptTests.swift
import Files
import Kernels
import Networks

/// One question: an operation, its parameters and its input tensors.
public struct Prompt: Sendable, Equatable {
  /// The operation's name, such as "convolution".
  public var operation: String
  /// The parameters by name: JSON values other than null and objects; an operation says which it knows.
  public var parameters: [String: JSON]
  /// The input tensors by name.
  public var inputs: [String: TensorValue]

  /// A question.
  public init(operation: String, parameters: [String: JSON] = [:], inputs: [String: TensorValue]) {
    self.operation = operation
    self.parameters = parameters
    self.inputs = inputs
  }

  /// Throws unless every input fills its shape, and every real number is finite, as those are that come from files.
  func requireSoundInputs() throws(OracleError) {
    for (name, value) in inputs.sorted(by: { $0.key < $1.key }) {
      guard value.fillsShape else {
        throw OracleError("the shape \(value.shape) of \"\(name)\" does not hold \(value.count) values")
      }
      if case .real(let tensor) = value, let index = tensor.values.firstIndex(where: { !$0.isFinite }) {
        throw OracleError(
          "\"\(name)\" must hold finite numbers, but its element \(index) is \(tensor.values[index])")
      }
    }
  }

  /// The same question with inputs that Float holds; throws if one is beyond them.
  func roundedToFloat() throws(OracleError) -> Prompt {
    var rounded = self
    for (name, value) in inputs {
      guard case .real = value else { continue }
      let tensor = try tensor(name, as: Float.self)
      rounded.inputs[name] = .real(tensor.converted(to: Double.self))
    }
    return rounded
  }

  /// The real input of a name, rounded to `Scalar`, which loses nothing where inputs are Float values, as in the corpus.
  public func tensor<Scalar: RealScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    guard case .real(let tensor)? = inputs[name] else { throw missing(name, "a tensor of real numbers") }
    // Such a number would be infinite as Float, and the answer with it.
    if Scalar.self == Float.self, let index = tensor.values.firstIndex(where: { abs($0) > Self.largestFloat }) {
      throw OracleError(
        "the operation \(operation): \"\(name)\" must hold numbers that float32 can hold, but its element \(index) is "
          + "\(tensor.values[index])")
    }
    return tensor.converted(to: Scalar.self)
  }

  private static let largestFloat = Double(Float.greatestFiniteMagnitude)

  /// The whole numbers of a name.
  public func integers(_ name: String) throws(OracleError) -> [Int] {
    guard case .integers(let integers, _)? = inputs[name] else { throw missing(name, "a tensor of whole numbers") }
    return integers
  }

  /// A parameter that is a number; `fallback` where it is not given.
  public func number(_ name: String, default fallback: Double? = nil) throws(OracleError) -> Double {
    switch parameters[name] {
    case .integer(let integer)?: return Double(integer)
    case .number(let number)?: return number
    case nil:
      if let fallback { return fallback }
      fallthrough
    default: throw wrong(name, "a number")
    }
  }

  /// A parameter that is a whole number; `fallback` where it is not given.
  public func integer(_ name: String, default fallback: Int? = nil) throws(OracleError) -> Int {
    if case .integer(let integer)? = parameters[name] { return integer }
    guard parameters[name] == nil, let fallback else { throw wrong(name, "a whole number") }
    return fallback
  }

  /// A parameter that is true or false; `fallback` where it is not given.
  public func bool(_ name: String, default fallback: Bool? = nil) throws(OracleError) -> Bool {
    if case .bool(let truth)? = parameters[name] { return truth }
    guard parameters[name] == nil, let fallback else { throw wrong(name, "true or false") }
    return fallback
  }

  /// A parameter that is text; `fallback` where it is not given.
  public func string(_ name: String, default fallback: String? = nil) throws(OracleError) -> String {
    if case .string(let text)? = parameters[name] { return text }
    guard parameters[name] == nil, let fallback else { throw wrong(name, "text") }
    return fallback
  }

  /// A parameter that is a list of numbers.
  public func numbers(_ name: String) throws(OracleError) -> [Double] {
    guard case .array(let list)? = parameters[name] else { throw wrong(name, "a list of numbers") }
    return try list.map { element throws(OracleError) in
      switch element {
      case .integer(let integer): Double(integer)
      case .number(let number): number
      default: throw wrong(name, "a list of numbers")
      }
    }
  }

  private func missing(_ name: String, _ kind: String) -> OracleError {
    let found =
      switch inputs[name] {
      case .real: "which is given, but as real numbers"
      case .integers: "which is given, but as whole numbers"
      case .bytes: "which is given, but as bytes"
      case nil: "which is not among its inputs: " + Self.brief(inputs.keys.sorted())
      }
    return OracleError("the operation \(operation) needs \(kind) named \"\(name)\", \(found)")
  }

  /// The first few names of a list, of long ones fewer.
  private static func brief(_ names: [String]) -> String {
    if names.isEmpty { return "none" }
    var (shown, length) = ([String](), 0)
    for name in names.prefix(8) where shown.isEmpty || length + name.count <= 100 {
      shown.append(name)
      length += name.count + 2
    }
    return shown.joined(separator: ", ") + (names.count > shown.count ? ", … (\(names.count) names)" : "")
  }

  private func wrong(_ name: String, _ kind: String) -> OracleError {
    let found = parameters[name].map { "not \($0)" } ?? "which is not given"
    return OracleError("the operation \(operation) needs \(kind) as its parameter \"\(name)\", \(found)")
  }
}
