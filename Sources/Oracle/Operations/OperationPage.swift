// What an operation takes, for people: made of its declaration, so that it cannot say anything else.
// Tests    OracleTests/DeclarationTests.swift
import Files
import Networks

extension OracleOperation {
  /// One section of Markdown: the formula, every parameter and every input.
  package var page: String {
    var lines = ["## \(name)", ""] + formula.split(separator: "\n").map { "    \($0)" } + [""]
    if parameters.isEmpty {
      lines += ["No parameters.", ""]
    } else {
      lines += ["| parameter | value | default | what it is |", "|---|---|---|---|"]
      lines += parameters.map { "| `\($0.name)` | \($0.kind) | \($0.absence) | \($0.summary) |" } + [""]
    }
    if inputs.isEmpty {
      lines += ["No inputs."]
    } else {
      lines += ["| input | holds | shape | without it | what it is |", "|---|---|---|---|---|"]
      lines += inputs.map {
        "| `\($0.name)` | \($0.kind.rawValue) | \($0.shape) | \($0.absent ?? "refused") | \($0.summary) |"
      }
    }
    let onTheWay = (self as? any DefinedOperation)?.lines.filter(\.isOnTheWay) ?? []
    if !onTheWay.isEmpty {
      lines += ["", "On the way, may be answered too:", "", "| tensor | shape | equation |", "|---|---|---|"]
      lines += onTheWay.map {
        "| `\($0.name)` | \($0.shape) | \($0.equation.replacing("|", with: "\\|")) |"
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ParameterDeclaration.Absence: CustomStringConvertible {
  /// What stands in the column of defaults.
  package var description: String {
    switch self {
    case .refused: "must be given"
    case .value(.string(let word)): word
    case .value(let value): "\(value)"
    case .meaning(let meaning): "none: \(meaning)"
    }
  }
}

extension Operations {
  /// The page of all operations, `Fixtures/corpus/operations/declared.md`.
  package static var page: String {
    """
    # What every operation takes

    Made by `tsuc oracle operations` of the declarations in `Sources/Oracle`, by which prompts are checked. Unknown names are
    refused, and so is every value that is not as it stands here. Shapes: a number stands for itself, "or" is between shapes that
    may be chosen from, no axis is 0; all numbers are finite. In a name, `*` stands for any text. What the operations
    compute and return is told in the other pages of this folder. What is "on the way" is no output: an answer may hold it, and then
    it is judged too, and tells in which equation a mistake is.


    """ + all.map(\.page).joined(separator: "\n")
  }
}
