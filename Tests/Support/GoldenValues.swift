// Reference numbers of the method, read from a JSON file of numbers, lists and named groups.
//
// Fixtures/method/method-golden.json and losses.json hold them; the README.md beside them says who made them and how.
// Independent programs did, so they bind this package and not the other way round.
// Tests    OracleTests and TwoStageTests: every test whose name begins with "golden"
import Files
import Foundation
import Kernels
import Networks

/// The numbers of one fixture file, read by the path of their names: `golden.matrix("A_stage1", "M")`.
package struct GoldenValues: Sendable {
  /// Why a fixture could not be read.
  package struct ReadingError: Error, CustomStringConvertible {
    /// One sentence: what was expected, what was found, where.
    package let description: String
  }

  private let root: JSON
  private let file: String

  /// Reads `Fixtures/method/<name>`.
  package init(_ name: String = "method-golden.json") throws(ReadingError) {
    file = PackageFiles.root.appendingPathComponent("Fixtures/method/\(name)").path
    do {
      root = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    } catch {
      throw ReadingError(description: "\(file) is not a JSON file of numbers, lists and groups: \(error)")
    }
  }

  /// The number at a path of names.
  package func number(_ path: String...) throws(ReadingError) -> Double {
    try number(value(path), path)
  }

  /// The numbers of the list at a path of names.
  package func vector(_ path: String...) throws(ReadingError) -> [Double] { try numbers(of: value(path), path) }

  /// The whole numbers of the list at a path of names.
  package func integers(_ path: String...) throws(ReadingError) -> [Int] {
    try integers(numbers(of: value(path), path), path)
  }

  /// The list of lists of whole numbers at a path of names.
  package func integerLists(_ path: String...) throws(ReadingError) -> [[Int]] {
    guard case .array(let lists) = try value(path) else { throw unexpected("a list of lists", path) }
    return try lists.map { list throws(ReadingError) in try integers(numbers(of: list, path), path) }
  }

  /// The matrix at a path of names, a list of equally long rows.
  package func matrix(_ path: String...) throws(ReadingError) -> Tensor<Double> {
    guard case .array(let lists) = try value(path) else { throw unexpected("a list of rows", path) }
    let rows = try lists.map { list throws(ReadingError) in try numbers(of: list, path) }
    guard rows.allSatisfy({ $0.count == rows[0].count }) else { throw unexpected("rows of one length", path) }
    return Tensor(rows: rows)
  }

  /// The names in the group at a path of names, in alphabetical order.
  package func names(_ path: String...) throws(ReadingError) -> [String] {
    guard case .object(let group) = try value(path) else { throw unexpected("a group", path) }
    return group.keys.sorted()
  }

  private func value(_ path: [String]) throws(ReadingError) -> JSON {
    var value = root
    for name in path {
      guard case .object(let group) = value, let next = group[name] else { throw unexpected("the name \(name)", path) }
      value = next
    }
    return value
  }

  /// A number; true counts as 1 and false as 0.
  private func number(_ value: JSON, _ path: [String]) throws(ReadingError) -> Double {
    switch value {
    case .number(let number): return number
    case .integer(let integer): return Double(integer)
    case .bool(let bool): return bool ? 1 : 0
    default: throw unexpected("a number", path)
    }
  }

  private func numbers(of value: JSON, _ path: [String]) throws(ReadingError) -> [Double] {
    guard case .array(let list) = value else { throw unexpected("a list", path) }
    return try list.map { element throws(ReadingError) in
      try number(element, path)
    }
  }

  private func integers(_ numbers: [Double], _ path: [String]) throws(ReadingError) -> [Int] {
    try numbers.map { number throws(ReadingError) in
      guard let integer = Int(exactly: number) else { throw unexpected("whole numbers", path) }
      return integer
    }
  }

  private func unexpected(_ expected: String, _ path: [String]) -> ReadingError {
    ReadingError(description: "\(file) should hold \(expected) at \(path.joined(separator: "/")), and does not.")
  }
}
