// Where the package's own fixtures are, for programs that were built from its sources.
// Tests    OracleTests/DigestFileTests.swift
import Foundation

/// Files that are committed with the package.
enum PackageFixtures {
  /// The path of a fixture: found from the sources upwards, else below the current folder.
  static func path(_ name: String) -> String {
    var folder = URL(fileURLWithPath: #filePath)
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent("Fixtures/\(name)").path
      if CorpusFiles.exists(candidate) { return candidate }
    }
    return "Fixtures/\(name)"
  }
}
