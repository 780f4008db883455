// The one door to the operations: every prompt that is answered or judged passes it, and is held to what its operation declares.
// Tests    OracleTests/DeclarationTests.swift, OracleTests/SpoiledPromptsTests.swift
import Files
import Networks

extension Operations {
  /// The operation that a prompt asks; throws unless the prompt has what the operation declares and nothing else.
  ///
  /// Sizes that must fit each other are the operation's own matter.
  package static func asked(by prompt: Prompt) throws(OracleError) -> any OracleOperation {
    let operation = try named(prompt.operation)
    let subject = "the operation \(operation.name)"
    let parameters = operation.parameters
    let unknown = prompt.parameters.keys.filter { name in !parameters.contains { $0.name == name } }
    if let name = unknown.min() {
      throw OracleError(
        parameters.isEmpty
          ? "\(subject) has no parameters, but \(quoted(name)) is given"
          : "\(subject) has no parameter \(quoted(name))" + hint(name, among: parameters.map(\.name)))
    }
    try check(prompt.inputs, by: operation)
    for parameter in parameters { _ = try parameter.value(in: prompt) }
    return operation
  }

  private static func check(
    _ inputs: [String: TensorValue], by operation: any OracleOperation
  ) throws(OracleError) {
    let (subject, declarations) = ("the operation \(operation.name)", operation.inputs)
    let unknown = inputs.keys.filter { name in !declarations.contains { $0.fits(name) } }
    if let name = unknown.min() {
      throw OracleError(
        declarations.isEmpty
          ? "\(subject) has no inputs, but \(quoted(name)) is given"
          : "\(subject) has no input \(quoted(name))" + hint(name, among: declarations.map(\.name)))
    }
    for input in declarations where !input.isPattern {
      guard let value = inputs[input.name] else {
        if input.absent != nil { continue }
        throw OracleError(
          "\(subject) needs the input \"\(input.name)\", \(input.kind.rawValue) of shape (\(input.shape))")
      }
      if let problem = input.problem(with: value) {
        throw OracleError("\(subject): the input \"\(input.name)\" \(problem)")
      }
    }
    for input in declarations where input.isPattern {
      for name in inputs.keys.sorted() where input.fits(name) {
        guard let value = inputs[name], let problem = input.problem(with: value) else { continue }
        throw OracleError("\(subject): the input \(quoted(name)) \(problem)")
      }
    }
  }

  /// A name that somebody wrote, in quotation marks.
  static func quoted(_ name: String) -> String { "\"\(shown(name, most: 40))\"" }

  /// A name that somebody wrote: of a long one the beginning, and nothing that a terminal obeys.
  static func shown(_ name: String, most: Int) -> String {
    let plain = name.prefix(most).unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : String($0) }
    return plain.joined() + (name.count > most ? "…" : "")
  }

  /// The end of a sentence about an unknown name: the known ones that it most resembles.
  static func hint(_ name: String, among known: [String]) -> String {
    let nearest = nearestNames(to: String(name.prefix(60)), among: known).map { "\"\($0)\"" }
    return nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
  }
}
