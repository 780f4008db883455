// The terms that `tsuc explain` knows, and the words that name them.
// Tests    ExplainTests/ExplainTests.swift
import Commands
import Evaluation
import Files

extension Explanation {
  /// Every term, in the order of the method.
  package static let all: [Explanation] = [
    views, philox, batchNorm, unitRows, bank, anchors, neighbourhood, entropy, relations, stageOne, heads, information,
    assignment, batchLoss, stageTwo, descent, schedule, entropyWeight, nearestNeighbours, hungarian,
  ]

  /// The term of a name, of one of the paper's symbols or of an equation number such as "eq10", "10" or "(10)".
  package static func named(_ word: String) throws(UsageError) -> Explanation {
    let wanted = plain(word)
    if let term = all.first(where: { $0.names.contains { plain($0) == wanted } }) { return term }
    let nearest = nearestNames(to: word.lowercased(), among: all.flatMap(\.names)).joined(separator: " or ")
    throw UsageError("there is no term \"\(word)\"; did you mean \(nearest)? \"tsuc explain\" lists all")
  }

  /// The name and the aliases.
  package var names: [String] { [name] + aliases }

  /// A term as it is looked up: lower case, without brackets, an equation as "eq" and its number.
  ///
  /// So "(Eq. 10)" and "10" are "eq10".
  private static func plain(_ word: String) -> String {
    var text = word.lowercased().replacing("–", with: "-").filter { $0.isLetter || $0.isNumber || "-_".contains($0) }
    if text.hasPrefix("equation") { text = "eq" + text.dropFirst("equation".count) }
    return text.first?.isNumber == true ? "eq" + text : text
  }

  /// A line for each term.
  package static var list: String {
    let width = all.map(\.name.count).max() ?? 0
    let lines = all.map { term in
      let also = term.aliases.isEmpty ? "" : "  (\(term.aliases.joined(separator: ", ")))"
      return "  \(term.name.filled(to: width))  \(term.title)\n"
        + (also.isEmpty ? "" : "  \("".filled(to: width))\(also)\n")
    }
    return lines.joined()
      + "\nThe names in brackets do as well: the paper's symbols, and of its equations 10 and 11.\n"
  }
}
