import Foundation

/// The files of this package, for tests of what its texts say about them.
package enum PackageFiles {
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  package static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
  }

  package static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// A JSON file below Fixtures.
  package static func fixture<Content: Decodable>(
    _ path: String, as type: Content.Type = Content.self
  ) throws -> Content {
    try JSONDecoder().decode(type, from: Data(contentsOf: root.appendingPathComponent("Fixtures/\(path)")))
  }

  /// Every file below a folder that ends with a suffix, by its path from the root, in alphabetical order.
  package static func below(_ folder: String, suffix: String) -> [String] {
    let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
    return (paths?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
      .sorted()
  }

  /// The identifiers of all cases of the corpus.
  package static let cases: [String] = ["v2", "v3"].flatMap { version in
    below("Fixtures/corpus/\(version)/cases", suffix: "/case.json").map {
      String($0.dropFirst("Fixtures/corpus/\(version)/cases/".count).dropLast("/case.json".count))
    }
  }
}
