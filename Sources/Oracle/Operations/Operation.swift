// What the corpus can ask: one operation by name, answered by this package in Double or Float.
// Tests    OracleTests/OperationTests.swift
import Files
import Kernels
import Networks

/// One operation of the method, as the corpus asks it.
///
/// Conventions: the output "y" has the cotangent "y.cotangent" among the inputs; the gradient of the input "x" is the output
/// "x.gradient"; the state "s" after the operation is the output "s.new".
package protocol OracleOperation: Sendable {
  /// The name in prompts, in lower case with hyphens.
  var name: String { get }
  /// The area of the corpus.
  var area: String { get }
  /// Whether matrix products or convolutions are on the way, whose factors a profile may round hard.
  var multipliesMatrices: Bool { get }
  /// The formula in one or a few lines of Unicode.
  var formula: String { get }
  /// All parameters that it knows, each with its kind, range and default; any other is refused.
  var parameters: [ParameterDeclaration] { get }
  /// All inputs that it knows, each with what it holds and its shape; any other is refused.
  var inputs: [InputDeclaration] { get }
  /// Answers with the package's own kernels in `Scalar`; every wrong prompt is an error, never a trap.
  func answer<Scalar: RealScalar>(_ prompt: Prompt, as _: Scalar.Type) throws(OracleError) -> [String: TensorValue]
  /// The scale of every real output; whole numbers and bytes have none and must agree exactly.
  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale]
  /// The scales for answers of one profile, where they depend on it; `margins` are those of the prompt.
  func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale]
  /// The distance to every kink and tie on the way, by name, relative to the values that meet there; empty if there are none.
  func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double]
  /// How far legal rounding moves each margin at most, in units of rounding: nearer than that, a comparison may go either way.
  func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double]
  /// The outputs that stay within their bounds on whichever side of a kink or tie rounding falls.
  func outputs(settledDespite margin: String) -> Set<String>
}

extension OracleOperation {
  /// Unless an operation says otherwise.
  package var multipliesMatrices: Bool { true }

  /// The same for all profiles.
  package func scales(
    _ prompt: Prompt, for profile: Profile, margins: [String: Double]
  ) throws(OracleError) -> [String: RoundingScale] { try scales(prompt) }

  /// No kinks and no ties.
  package func margins(_ prompt: Prompt) throws(OracleError) -> [String: Double] { [:] }

  /// None.
  package func outputs(settledDespite margin: String) -> Set<String> { [] }

  /// No comparison of numbers that were rounded.
  package func marginRoundings(_ prompt: Prompt) throws(OracleError) -> [String: Double] { [:] }
}

extension OracleOperation {
  /// As ``answer(_:as:)``, no value of which may be infinite or NaN.
  ///
  /// Numbers of prompts are finite: where an answer is not, the arithmetic left its range on the way.
  package func finiteAnswer<Scalar: RealScalar>(
    _ prompt: Prompt, as type: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    try prompt.requireSoundInputs()
    let answer = try answer(prompt, as: type)
    let precision = Scalar.self == Float.self ? "float" : "double"
    for (name, value) in answer.sorted(by: { $0.key < $1.key }) {
      guard case .real(let tensor) = value, let index = tensor.values.firstIndex(where: { !$0.isFinite }) else {
        continue
      }
      throw OracleError(
        "the operation \(self.name): \"\(name)\" overflows \(precision): its element \(index) is \(tensor.values[index])"
      )
    }
    return answer
  }
}

/// Every operation that a prompt may name.
package enum Operations {
  /// All operations, by area.
  package static let all: [any OracleOperation] =
    []
    + optimiserOperations
    + randomOperations
    + viewParameterOperations
    + augmentationOperations
    + evaluationOperations
    + networkOperations
    + layerOperations
    + lossOperations
    + bankLossOperations
    + memoryOperations
    + neighbourOperations
    + headOperations
    + stepOperations
    + trajectoryOperations
    + clusteringOperations
    + voteOperations
    + initialOperations
    + greyViewOperations
    + randAugmentOperations

  /// Looked up for every element that is judged.
  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// The operation of a name; throws if there is none.
  ///
  /// Prompts come in by ``asked(by:)``, which checks them.
  package static func named(_ name: String) throws(OracleError) -> any OracleOperation {
    guard let operation = byName[name] else {
      let hint = Wording.hint(name, among: all.map(\.name).sorted())
      throw OracleError(
        "there is no operation \(Wording.quoted(name))\(hint) There are \(all.count); \"tsuc oracle operations\" lists them"
      )
    }
    return operation
  }
}
