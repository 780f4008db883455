// The options that the commands of the corpus share.
// Tests    tsuc-oracleTests/OracleCommandTests.swift
import Commands
import Oracle

extension Option {
  /// One area alone.
  static let area = Option("area", "AREA", "only the cases of one area, such as loss")
  /// What answers are held to.
  static let profile = Option(
    "profile", "NAME",
    "\(Profile.allCases.map(\.rawValue).joined(separator: ", ")); default the \"scalar\" of capability.json")
  /// Another corpus.
  static let corpus = Option(
    "corpus", "DIR", "the folder of the corpus (Fixtures/corpus/\(Manifest.current) of this package)")
}

extension Arguments {
  /// An option that must be given.
  func required(_ name: String, _ what: String) throws(UsageError) -> String {
    guard let value = self[name] else { throw UsageError("this needs --\(name) \(what)") }
    return value
  }

  /// The profile asked for.
  func profile() throws(UsageError) -> Profile? {
    guard let name = self["profile"] else { return nil }
    guard let profile = Profile(rawValue: name) else {
      throw UsageError(
        "there is no profile \"\(name)\"; there are \(Profile.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return profile
  }

  /// The area asked for, which must be one of those that there are.
  func area(among areas: [String]) throws(UsageError) -> String? {
    guard let area = self["area"] else { return nil }
    let known = Set(areas).sorted()
    guard known.contains(area) else {
      throw UsageError("there is no area \"\(area)\"; there are \(known.joined(separator: ", "))")
    }
    return area
  }

  /// The corpus asked for, or that of the package; an error if it is damaged or not there.
  func corpus() throws -> Corpus { try forOracle { try Corpus(at: self["corpus"]) } }
}
