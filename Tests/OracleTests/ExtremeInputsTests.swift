import Files
import Kernels
import Networks
import Testing

@testable import Oracle

/// From finite inputs of any size comes a finite answer, or a sentence that says why there is none.
@Suite("Answers to extreme inputs")
struct ExtremeInputsTests {
  /// The smallest cases of an operation that have real inputs.
  private static func prompts(_ operation: String) throws -> [Prompt] {
    func size(_ prompt: Prompt) -> Int { prompt.inputs.values.reduce(0) { $0 + $1.count } }
    let all = try corpusPrompts.get().map(\.prompt).filter { prompt in
      prompt.operation == operation && prompt.inputs.values.contains { if case .real = $0 { true } else { false } }
    }
    return Array(all.sorted { size($0) < size($1) }.prefix(2))
  }

  /// A prompt whose real inputs, all of them or a single one, are multiplied by a factor, and stay numbers that are
  /// finite.
  private static func scaled(_ prompt: Prompt, by factor: Double, most: Double) -> [Prompt] {
    let names = prompt.inputs.keys.sorted().filter { if case .real? = prompt.inputs[$0] { true } else { false } }
    let choices = names.count > 1 ? [names] + names.map { [$0] } : [names]
    return choices.map { chosen in
      var changed = prompt
      for name in chosen { changed.inputs[name] = prompt.inputs[name]?.changed { max(-most, min(most, $0 * factor)) } }
      return changed
    }
  }

  /// Whether a prompt was answered; what is answered is finite, element by element, and what is not has a reason.
  private static func isAnswered<Scalar: RealScalar>(_ prompt: Prompt, as type: Scalar.Type) -> Bool {
    let label = "\(prompt.operation) in \(type), \(prompt.inputs.mapValues(\.shape))"
    do {
      for (name, value) in try PackageBackend(type).answer(prompt) {
        guard case .real(let tensor) = value else { continue }
        #expect(tensor.values.allSatisfy { $0.isFinite }, "\(label): \(name)")
      }
      return true
    } catch {
      let reason = (error as? OracleError)?.description ?? ""
      #expect(reason.hasPrefix("the operation \(prompt.operation): ") && reason.count > 40, "\(label): \(reason)")
      return false
    }
  }

  private static let operations = Operations.all.map(\.name)

  // Every operation that has real inputs, in both scalars; the deep ones, which take a thousand times as long, at the
  // ends alone.
  @Test(arguments: operations) func invariantFiniteOrRefused(operation: String) throws {
    let isDeep = try Operations.named(operation) is any TracedOperation
    let sizes = (single: isDeep ? [37.0] : [37, 30, 19, 10], double: isDeep ? [300.0] : [300, 150, 80, 10])
    for prompt in try Self.prompts(operation).prefix(isDeep ? 1 : 2) {
      var answered = (single: 0, double: 0)
      for sign in [-1.0, 1] {
        for size in sizes.single {
          for changed in Self.scaled(prompt, by: exp10(sign * size), most: Double(Float.greatestFiniteMagnitude)) {
            answered.single += Self.isAnswered(changed, as: Float.self) ? 1 : 0
          }
        }
        for size in sizes.double {
          for changed in Self.scaled(prompt, by: exp10(sign * size), most: .greatestFiniteMagnitude) {
            answered.double += Self.isAnswered(changed, as: Double.self) ? 1 : 0
          }
        }
      }
      // Probabilities, whose rows sum to 1, and bytes as numbers are none after any factor.
      let asked = answered.single > 0 && answered.double > 0
      #expect(asked || ["grey-view", "mutual-information"].contains(operation), "\(answered)")
    }
  }

  // Not a list of operations that is emptied unseen.
  @Test func invariantMostOperationsHaveRealInputs() throws {
    let asked = try Self.operations.filter { try !Self.prompts($0).isEmpty }.count
    #expect(asked >= 38, "\(asked) of \(Self.operations.count)")
  }

  /// 10 to a whole power, within a rounding or two.
  private func exp10(_ power: Double) -> Double { Double.exp(power * Double.log(10)) }
}
