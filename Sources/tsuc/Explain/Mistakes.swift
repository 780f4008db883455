// What porters get wrong, shown: a mutant's answer to the example's own question beside the right one.
// Tests    tsucTests/ExplainTests.swift
import Kernels
import Networks
import Oracle

/// A number to look at: a name, an output and the place in it.
struct Watched: Sendable {
  let name: String
  let output: String
  let place: Int

  init(_ name: String, _ output: String, _ place: Int = 0) {
    (self.name, self.output, self.place) = (name, output, place)
  }

  fileprivate func cell(_ answer: [String: TensorValue]) -> NumberTable.Cell {
    switch answer[output] {
    case .real(let tensor)? where place < tensor.count: .number(tensor.values[place])
    case .integers(let numbers, _)? where place < numbers.count:
      numbers[place] >= 1 << 16 ? .word(UInt32(truncatingIfNeeded: numbers[place])) : .whole(numbers[place])
    default: .none
    }
  }
}

extension Question {
  /// A real output of the library's answer.
  func real(_ name: String) throws -> Tensor<Double> {
    guard case .real(let tensor)? = right[name] else { throw OracleError("the answer has no real output \(name)") }
    return tensor
  }

  /// A single number of the library's answer.
  func number(_ name: String) throws -> Double { try real(name).values.first ?? .nan }

  /// The whole numbers of the library's answer.
  func wholes(_ name: String) throws -> [Int] {
    guard case .integers(let numbers, _)? = right[name] else { throw OracleError("the answer has no output \(name)") }
    return numbers
  }

  /// A passage about mutants: what each does wrong, what is right, and how numbers of the example change.
  func mistakes(_ mutants: [String], in part: String? = nil, watching: [Watched]) throws -> [Passage] {
    var passages: [Passage] = [.heading("What porters get wrong" + (part.map { " in \($0)" } ?? ""))]
    var rows = [("right", watching.map { $0.cell(right) })]
    for name in mutants {
      let mutant = try Mutants.named(name)
      // Nil if the library itself makes the mistake: then the disagreements tell.
      let answer = mutant.answer(self) ?? right
      passages.append(.quotation("\(name): \(mutant.mistake). Right is: \(mutant.remedy)."))
      rows.append((name, watching.map { $0.cell(answer) }))
    }
    return passages + [.table(NumberTable("", columns: watching.map(\.name), rows: rows))]
  }
}

extension Prompt {
  /// A question about rows and whole numbers.
  static func asking(
    _ operation: String, _ parameters: [String: ParameterValue] = [:], rows: [String: [[Double]]] = [:],
    wholes: [String: [Int]] = [:]
  ) -> Prompt {
    var inputs = rows.mapValues { TensorValue.real(Tensor<Double>(rows: $0)) }
    for (name, numbers) in wholes { inputs[name] = .integers(numbers, shape: [numbers.count]) }
    return Prompt(operation: operation, parameters: parameters, inputs: inputs)
  }
}
