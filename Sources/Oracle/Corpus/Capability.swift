// capability.json: who answered, in which arithmetic, and which cases it claims to be able to answer.
//
// Schema   Fixtures/corpus/schema/capability.schema.json
// Tests    OracleTests/ResponseFolderTests.swift
import Files
import Kernels
import Networks

/// What a backend says about itself.
public struct Capability: Sendable, Equatable {
  /// The file's name.
  static let name = "capability.json"

  /// The backend's name.
  public var backend: String
  /// Its version, and what it was built of.
  public var version: String
  /// The arithmetic of its answers: a profile's name where it is one.
  public var scalar: String
  /// The hash of the corpus whose prompts were answered; empty where they had none.
  public var corpus: String
  /// Areas ("op"), identifiers ("op/relu-small") or patterns with * ("loss/unification-entropy-*").
  public var claims: [String]
  /// How it may have computed convolutions.
  public var convolutions: ConvolutionMethod
  /// What it may have stored in 16 bits; counts in the profiles bfloat16 and float16.
  public var storage: Set<HalfStorage>

  /// A backend's own words.
  public init(
    backend: String, version: String, scalar: String, corpus: String = "", claims: [String],
    convolutions: ConvolutionMethod = .direct, storage: Set<HalfStorage> = []
  ) {
    self.backend = backend
    self.version = version
    self.scalar = scalar
    self.corpus = corpus
    self.claims = claims
    self.convolutions = convolutions
    self.storage = storage
  }

  /// The profile that its scalar names.
  func profile() throws(OracleError) -> Profile {
    guard let profile = Profile(rawValue: scalar) else {
      let all = Profile.allCases.map(\.rawValue).joined(separator: ", ")
      throw OracleError("the answers' scalar \"\(scalar)\" is no profile; choose one of \(all)")
    }
    return profile
  }

  /// The bytes of the file.
  var encoded: [UInt8] {
    var members: [String: JSON] = [
      "backend": .string(backend), "version": .string(version), "scalar": .string(scalar), "corpus": .string(corpus),
      "claims": .array(claims.map { .string($0) }),
    ]
    if convolutions != .direct { members["convolutions"] = .string(convolutions.rawValue) }
    if !storage.isEmpty { members["storage"] = .array(storage.map(\.rawValue).sorted().map { .string($0) }) }
    return Array(JSON.object(members).pretty.utf8)
  }

  /// Reads the file; `name` stands for it in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    let (method, stored): (String?, [String])
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      backend = try members.take("backend").string(of: "\"backend\"")
      version = try members.take("version").string(of: "\"version\"")
      scalar = try members.take("scalar").string(of: "\"scalar\"")
      corpus = try members.optional("corpus")?.string(of: "\"corpus\"") ?? ""
      claims = try members.take("claims").strings(of: "\"claims\"")
      method = try members.optional("convolutions")?.string(of: "\"convolutions\"")
      stored = try members.optional("storage")?.strings(of: "\"storage\"") ?? []
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
    guard let convolutions = method.map({ ConvolutionMethod(rawValue: $0) }) ?? .direct else {
      throw OracleError(
        "\(name): \"convolutions\" must be one of \(ConvolutionMethod.names), not \(Wording.quoted(method ?? ""))")
    }
    self.convolutions = convolutions
    storage = []
    for word in stored {
      guard let tensors = HalfStorage(rawValue: word) else {
        throw OracleError("\(name): \"storage\" must list some of \(HalfStorage.names), not \(Wording.quoted(word))")
      }
      storage.insert(tensors)
    }
    guard !backend.isEmpty, !claims.isEmpty else {
      throw OracleError("\(name): \"backend\" and \"claims\" must not be empty")
    }
  }
}

/// Claims made ready for many questions: an answer to ten thousand prompts may claim each by its name.
struct Claims {
  private let names: Set<String>
  private let patterns: [ArraySlice<UInt8>]

  init(_ claims: [String]) {
    names = Set(claims)
    patterns = claims.filter { $0.utf8.contains(UInt8(ascii: "*")) }.map { Array($0.utf8)[...] }
  }

  /// Whether a case is among the claims: by itself, by its area, or by a pattern.
  func contains(_ id: String) -> Bool {
    if names.contains(id) { return true }
    if id.indices.contains(where: { id[$0] == "/" && names.contains(String(id[..<$0])) }) { return true }
    let word = Array(id.utf8)[...]
    return patterns.contains { Self.matches(word, $0) }
  }

  /// Whether a word follows a pattern in which * stands for any letters.
  private static func matches(_ word: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    // Greedy from the left with one place to go back to: linear in the word for each star.
    var (w, p) = (word.startIndex, pattern.startIndex)
    var (star, mark): (Int?, Int) = (nil, w)
    while w < word.endIndex {
      if p < pattern.endIndex, pattern[p] == UInt8(ascii: "*") {
        (star, mark) = (p, w)
        p += 1
      } else if p < pattern.endIndex, pattern[p] == word[w] {
        (w, p) = (w + 1, p + 1)
      } else if let star {
        mark += 1
        (w, p) = (mark, star + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}

extension Corpus {
  /// Whether a case has a name, or follows a pattern in which * stands for any letters.
  package func holds(_ pattern: String) -> Bool { manifest.cases.contains(where: Claims([pattern]).contains) }
}
