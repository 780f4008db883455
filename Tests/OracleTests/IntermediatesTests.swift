import Files
import Kernels
import Networks
import TestSupport
import Testing

@testable import Oracle

/// Oracle.docc/Intermediates.md against the graphs of the corpus, in both directions.
@Suite("What the article says about intermediate tensors")
struct IntermediatesTests {
  /// The columns of the article's tables behind name, shape and definition.
  private static let areas = ["step", "encoder", "block"]

  /// One tensor of the article.
  private struct Row {
    let shape: String
    let definition: String
    /// What each area's column says.
    let statuses: [String: String]
  }

  private static let article = Result { try rows(PackageFiles.text("Sources/Oracle/Oracle.docc/Intermediates.md")) }

  /// The tables' rows by the names in their first cells.
  private static func rows(_ text: String) throws -> [String: Row] {
    var rows: [String: Row] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.dropFirst(2).dropLast(2).split(separator: " | ").map(String.init)
      guard cells.count == 3 + areas.count else { continue }
      let statuses = Dictionary(uniqueKeysWithValues: zip(areas, cells.dropFirst(3)))
      for name in quoted(cells[0]) {
        try #require(rows[name] == nil, "\(name) stands twice")
        rows[name] = Row(shape: cells[1], definition: cells[2], statuses: statuses)
      }
    }
    return rows
  }

  /// The words in code font.
  private static func quoted(_ text: String) -> [String] { text.matches(of: /`([^`]+)`/).map { String($0.1) } }

  /// A tensor's name with patterns instead of numbers, parameters and batch norms.
  private static func pattern(_ name: String, area: String) -> String {
    var name = name.replacing(/^streams\.\d+\./, with: "").replacing(/^layer\d+\.\d+/, with: "BLOCK")
      .replacing(/^heads\.\d+\./, with: "heads.h.")
    if area == "block" && !["x", "y"].contains(name.prefix { $0 != "." }) { name = "BLOCK." + name }
    return name.replacing(/^(BLOCK\.)?(conv\d|shortcut\.\d|bn\d|linear)\.(weight|bias)/, with: "NAME")
      .replacing(/^(BLOCK\.)?(bn\d|shortcut\.1)\.(mean|variance|running)/) { "BN.\($0.3)" }
  }

  /// What a case says of a tensor.
  private static func status(_ name: String, _ description: CaseDescription) -> String {
    let reads = Set(description.graph.flatMap(\.from))
    guard description.graph.contains(where: { $0.to.contains(name) }) else { return "input" }
    return description.outputs[name] == nil ? "no output" : reads.contains(name) ? "optional" : "required"
  }

  /// The sizes that the article's letters stand for in a case, as far as its inputs tell.
  private static func sizes(_ prompt: Prompt, area: String) -> [String: Int] {
    func size(_ name: String, _ axis: Int) -> Int? {
      guard let shape = prompt.inputs[name]?.shape, axis < shape.count else { return nil }
      return shape[axis]
    }
    let rows = ["step": "views", "encoder": "images", "block": "x"][area] ?? ""
    let sizes = [
      "R": size(rows, 0), "N": size("bank", 0), "K": size("heads", 2),
      "D": size("bank", 1) ?? size("heads", 1) ?? size("embeddings.cotangent", 1),
    ]
    return sizes.compactMapValues { $0 }
  }

  /// Every case with a graph.
  private static func cases() throws -> [(item: CasePrompt, description: CaseDescription)] {
    let corpus = try ownCorpus.get()
    return try corpusPrompts(in: "step", "encoder", "block").map { ($0, try corpus.description(of: $0.id)) }
  }

  @Test func invariantEveryTensorIsInTheArticleAndTheArticleHasNoOther() throws {
    let article = try Self.article.get()
    var found: [String: [String: Set<String>]] = [:]
    for (item, description) in try Self.cases() {
      let area = description.area
      for name in Set(description.graph.flatMap { $0.from + $0.to }).union(description.outputs.keys) {
        let pattern = Self.pattern(name, area: area)
        let isProbe = name.hasSuffix(".norm") || name.hasSuffix(".samples")
        // Where a case asks for probes, other tensors than usual are outputs; the article says so in words.
        if item.prompt.parameters["probes"] == .bool(true) && !isProbe {
          #expect(article[pattern] != nil, "\(name) of \(item.id)")
        } else {
          found[pattern, default: [:]][area, default: []].insert(Self.status(name, description))
        }
      }
    }
    #expect(found.count > 80)
    for (name, statuses) in found {
      for area in Self.areas {
        let stated = article[name]?.statuses[area]
        #expect(stated.map { [$0] } ?? [] == statuses[area] ?? ["–"], "\(name) in \(area)")
      }
    }
    for name in article.keys { #expect(found[name] != nil, "no case has \(name)") }
    // Definitions speak of the same tensors.
    for (name, row) in article {
      for word in Self.quoted(row.definition) where word.contains(".") {
        let pattern = Self.pattern(word, area: "")
        #expect(article[pattern] != nil || pattern == "BLOCK", "\(word) in the definition of \(name)")
      }
    }
  }

  @Test func invariantShapesAreThoseOfTheCases() throws {
    let article = try Self.article.get()
    var compared = 0
    for (item, description) in try Self.cases() {
      let sizes = Self.sizes(item.prompt, area: description.area)
      let shapes =
        description.outputs.mapValues(\.shape).merging(item.prompt.inputs.mapValues(\.shape)) { shape, _ in shape }
      for (name, shape) in shapes {
        let stated = try #require(article[Self.pattern(name, area: description.area)]?.shape, "\(name)")
        if stated.hasPrefix("as ") { continue }
        let letters = stated == "[]" ? [] : stated.split(separator: " × ").map(String.init)
        #expect(letters.count == shape.count, "\(name) of \(item.id): \(stated), not \(shape)")
        for (letter, size) in zip(letters, shape) {
          guard let known = sizes[letter] ?? Int(letter) else { continue }
          #expect(size == known, "\(name) of \(item.id): \(stated), not \(shape)")
          compared += 1
        }
      }
    }
    #expect(compared > 1000)
  }
}
