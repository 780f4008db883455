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
          ? "\(subject) has no parameters, but \(Wording.quoted(name)) is given"
          : "\(subject) has no parameter \(Wording.quoted(name))" + Wording.hint(name, among: parameters.map(\.name)))
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
          ? "\(subject) has no inputs, but \(Wording.quoted(name)) is given"
          : "\(subject) has no input \(Wording.quoted(name))" + Wording.hint(name, among: declarations.map(\.name)))
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
        throw OracleError("\(subject): the input \(Wording.quoted(name)) \(problem)")
      }
    }
  }
}
