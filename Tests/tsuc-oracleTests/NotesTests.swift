// They stand beside the tests of the second program because README and NOTES quote commands of both.
import Foundation
import TestSupport
import Testing

@testable import Commands
@testable import Explain
@testable import tsuc
@testable import tsuc_oracle

@Suite("What README, NOTES and the articles say")
struct NotesTests {
  private static let texts =
    ["README.md", "NOTES.md"] + PackageFiles.below("Sources", suffix: ".md")
    + PackageFiles.below("Fixtures/measurements", suffix: ".md")

  /// The lines of a text outside its code blocks, and those inside, which are indented by four.
  private static func lines(_ file: String) throws -> (prose: [String], code: [String]) {
    let lines = try PackageFiles.text(file).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return (lines.filter { !$0.hasPrefix("    ") }, lines.filter { $0.hasPrefix("    ") })
  }

  /// What stands between the marks of a regular expression's first group.
  private static func all(_ pattern: String, in text: String) throws -> [String] {
    let expression = try NSRegularExpression(pattern: pattern)
    return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
      Range(match.range(at: 1), in: text).map { String(text[$0]) }
    }
  }

  /// The rows of the first table below a heading of a text, without its header: cells.
  private static func table(_ file: String, below heading: String) throws -> [[String]] {
    let lines = try PackageFiles.text(file).components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix(heading) })
    let rows = lines[start...].drop { !$0.hasPrefix("| ") }.prefix { $0.hasPrefix("| ") }
    return rows.dropFirst(2).map { row in
      row.dropFirst().dropLast().components(separatedBy: " | ").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  private static let equations = Result { try table("NOTES.md", below: "## 4.") }

  @Test func invariantEquationsNameWhatExists() throws {
    let rows = try Self.equations.get()
    #expect(rows.count > 20)
    for row in rows {
      try #require(row.count == 8, "\(row)")
      let cells = try row.map { try Self.all("`([^`]+)`", in: $0) }
      for word in cells[0] { #expect((try? Explanation.named(word)) != nil, "\(word)") }
      let files = cells[2] + cells[3]
      let sources = try files.map { file -> String in
        let text = try? PackageFiles.text("Sources/\(file)")
        return try #require(text, "there is no Sources/\(file)")
      }
      // Each symbol is declared in one of the row's files, and each file declares or extends one of the row's symbols.
      func declares(_ text: String, _ symbol: String) -> Bool {
        text.range(
          of: "(struct|enum|class|func|extension|protocol|typealias) \(symbol)\\b", options: .regularExpression) != nil
      }
      for symbol in cells[4] { #expect(sources.contains { declares($0, symbol) }, "\(symbol) in \(files)") }
      for (file, text) in zip(cells[3], sources.dropFirst(cells[2].count)) {
        #expect(cells[4].contains { declares(text, $0) }, "\(file) declares none of \(cells[4])")
      }
      // A definition is in a file of its own, or among those of its kind.
      for file in cells[2] { #expect(file.contains("/Reference"), "\(file)") }
      for test in cells[6] { #expect(PackageFiles.exists("Tests/\(test)"), "\(test)") }
      for golden in cells[7] { #expect(try Self.isThere(golden), "\(golden)") }
      // Not everything has a golden case; then the table says so.
      #expect([3, 4, 6].allSatisfy { !cells[$0].isEmpty } && (row[7] == "–") == cells[7].isEmpty, "\(row)")
    }
  }

  /// Whether a case, a pattern of cases, or a file below Fixtures (with a part behind #) exists.
  private static func isThere(_ golden: String) throws -> Bool {
    let parts = golden.split(separator: "#").map(String.init)
    if parts[0].hasSuffix(".json") {
      guard PackageFiles.exists("Fixtures/\(parts[0])") else { return false }
      return try parts.count == 1 || PackageFiles.text("Fixtures/\(parts[0])").contains("\"\(parts[1])\"")
    }
    guard golden.hasSuffix("*") else { return PackageFiles.cases.contains(golden) }
    return PackageFiles.cases.contains { $0.hasPrefix(golden.dropLast()) }
  }

  /// Whoever cites the paper can be found from the equations, and so can every loss and every explanation.
  @Test func invariantEveryCitationIsInTheEquations() throws {
    let named = Set(try Self.equations.get().flatMap { try Self.all("`([^`]+)`", in: $0[2] + $0[3]) })
    let files =
      PackageFiles.below("Sources/TwoStage", suffix: ".swift")
      + PackageFiles.below("Sources/Networks", suffix: ".swift")
    #expect(files.count > 40)
    for file in files {
      let head = try PackageFiles.text(file).components(separatedBy: "\n").prefix(12)
      guard file.contains("/Losses/") || head.contains(where: { $0.hasPrefix("// Paper") }) else { continue }
      #expect(named.contains(String(file.dropFirst("Sources/".count))), "\(file) is missing in section 4")
    }
    let explained = Set(try Self.equations.get().flatMap { try Self.all("`([^`]+)`", in: $0[0]) })
    for term in Explanation.all { #expect(explained.contains(term.name), "\(term.name) is missing in section 4") }
  }

  @Test func invariantDifferencesNameOptions() throws {
    let rows = try Self.table("Sources/TwoStage/TwoStage.docc/Differences.md", below: "# Differences")
    #expect(rows.map { $0[0] } == (1...27).map(String.init))
    let known = Set(Command.train.hyperParameters.map(\.name))
    for row in rows {
      try #require(row.count == 7, "\(row)")
      for option in try Self.all("`([^`]+)`", in: row[5]) { #expect(known.contains(option), "\(option)") }
    }
  }

  @Test(arguments: texts) func invariantLinksLeadSomewhere(file: String) throws {
    let text = try PackageFiles.text(file)
    let links = try Self.all(#"\]\(([^)]+)\)"#, in: text)
    for link in links where !link.contains("://") {
      let parts = link.components(separatedBy: "#")
      let folder = file.split(separator: "/").dropLast()
      let target = parts[0].isEmpty ? file : (folder + [Substring(parts[0])]).joined(separator: "/")
      #expect(PackageFiles.exists(target), "\(link)")
      if parts.count > 1 {
        let headings = try PackageFiles.text(target).components(separatedBy: "\n").filter { $0.hasPrefix("#") }
        #expect(headings.map(Self.anchor).contains(parts[1]), "\(link)")
      }
    }
    // "section 7" means a heading "## 7. …" of NOTES.md.
    for number in try Self.all(#"[Ss]ection (\d+)"#, in: text) where file == "NOTES.md" {
      #expect(text.contains("\n## \(number). "), "section \(number)")
    }
  }

  /// A heading as browsers are led to it: lower case, punctuation dropped, spaces as hyphens.
  private static func anchor(_ heading: String) -> String {
    let words = heading.drop { $0 == "#" || $0 == " " }.lowercased()
    return String(
      words.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }.map { $0 == " " ? "-" : $0 })
  }

  /// The words after the program's name of every command line that a text quotes.
  private static func commandLines(_ file: String) throws -> [String] {
    let (prose, code) = try lines(file)
    let blocks = code.compactMap { line -> String? in
      let text = line.trimmingCharacters(in: .whitespaces)
      let names = ["swift run -c release tsuc", ".build/release/tsuc", "tsuc"]
      guard let name = names.first(where: { text == $0 || text.hasPrefix($0 + " ") }) else { return nil }
      // Two spaces or an arrow begin what is said of the command.
      let rest = text.dropFirst(name.count)
      return rest.hasPrefix("  ") ? "" : rest.components(separatedBy: "  ")[0].components(separatedBy: " → ")[0]
    }
    let quoted = try all(
      "`tsuc( [^`]*)?`", in: prose.joined(separator: "\n").replacingOccurrences(of: "`tsuc`", with: "`tsuc `"))
    return (blocks + quoted).map { $0.trimmingCharacters(in: .whitespaces) }
  }

  @Test(arguments: texts) func invariantQuotedCommandsAreUnderstood(file: String) throws {
    let commands = try Self.commandLines(file)
    #expect(file.hasPrefix("Sources") || file.hasPrefix("Fixtures") || commands.count > 10, "\(commands)")
    for line in commands {
      let words = line.split { $0 == " " || $0 == "\n" }.map(String.init)
      #expect(throws: Never.self, "tsuc \(line)") { try Self.understand(words) }
    }
  }

  private static func understand(_ words: [String]) throws {
    if words == ["--version"] { return }
    guard let first = words.first, !first.hasPrefix("-") else {
      _ = try Arguments(words, for: .train)
      return
    }
    let family = first == "oracle" ? tsuc_oracle.Main.family : try tsuc.Main.program.command(named: first)
    let (command, rest) = try family.member(Array(words.dropFirst()))
    // A command may be spoken of by its name alone.
    if !rest.isEmpty { _ = try Arguments(rest, for: command) }
  }
}
