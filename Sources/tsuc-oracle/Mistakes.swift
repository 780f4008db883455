// What porters get wrong, shown: a mutant's answer to an example's own question beside the right one.
// Tests    tsuc-oracleTests/MistakesTests.swift
import Files
import Explain
import Networks
import Oracle

/// A number to look at: a name, an output and the place in it.
struct Watched: Sendable {
  let name: String
  let output: String
  let index: Int

  init(_ name: String, _ output: String, _ index: Int = 0) {
    (self.name, self.output, self.index) = (name, output, index)
  }

  fileprivate func cell(_ answer: [String: TensorValue]) -> NumberTable.Cell {
    switch answer[output] {
    case .real(let tensor)? where index < tensor.count: .number(tensor.values[index])
    case .integers(let numbers, _)? where index < numbers.count:
      numbers[index] >= 1 << 16 ? .word(UInt32(truncatingIfNeeded: numbers[index])) : .whole(numbers[index])
    default: .none
    }
  }
}

extension Prompt {
  /// A passage about mutants: what each does wrong, what is right, and how numbers of the example change.
  func mistakes(
    _ mutants: [String], in part: String? = nil, watching: [Watched]
  ) throws(OracleError) -> [Passage] {
    let question = try Question(self)
    var passages: [Passage] = [.heading("What porters get wrong" + (part.map { " in \($0)" } ?? ""))]
    var rows = [("right", watching.map { $0.cell(question.right) })]
    for name in mutants {
      let mutant = try Mutants.named(name)
      // Nil if the library itself makes the mistake: then the disagreements tell.
      let answer = mutant.answer(question) ?? question.right
      passages.append(.quotation("\(name): \(mutant.mistake). Right is: \(mutant.remedy)."))
      rows.append((name, watching.map { $0.cell(answer) }))
    }
    return passages + [.table(NumberTable("", columns: watching.map(\.name), rows: rows))]
  }

  /// A question about rows and whole numbers.
  static func asking(
    _ operation: String, _ parameters: [String: JSON] = [:], rows: [String: Rows] = [:],
    wholes: [String: [Int]] = [:]
  ) -> Prompt {
    var inputs = rows.mapValues { TensorValue.real(Tensor<Double>(rows: $0)) }
    for (name, numbers) in wholes { inputs[name] = .integers(numbers, shape: [numbers.count]) }
    return Prompt(operation: operation, parameters: parameters, inputs: inputs)
  }
}

extension TensorValue {
  /// Real numbers in a shape.
  static func numbers(_ numbers: [Double], shape: [Int]) -> TensorValue {
    .real(Tensor<Double>(shape: shape, values: numbers))
  }
}
