import Files
import Foundation
import Networks
import TestSupport
import Testing

@testable import Oracle

/// A validator of the part of JSON Schema 2020-12 that the schemas use; any other keyword is an error.
struct Schema {
  let root: JSON

  init(_ name: String) throws {
    let file = PackageFiles.root.appendingPathComponent("Fixtures/corpus/schema/\(name).schema.json")
    root = try JSON(bytes: [UInt8](Data(contentsOf: file))[...])
  }

  /// What is wrong with a document, if anything.
  func fault(in bytes: [UInt8]) throws -> String? { try fault(in: JSON(bytes: bytes[...]), root, "it") }

  private func fault(in value: JSON, _ schema: JSON, _ context: String) throws -> String? {
    let rules = try schema.members(of: "a schema")
    for (keyword, rule) in rules {
      guard let fault = try fault(in: value, keyword, rule, rules, context) else { continue }
      return fault
    }
    return nil
  }

  private func fault(
    in value: JSON, _ keyword: String, _ rule: JSON, _ rules: [String: JSON], _ context: String
  ) throws -> String? {
    switch (keyword, value) {
    case ("$schema", _), ("title", _), ("description", _), ("$defs", _), ("properties", _): return nil
    case ("$ref", _):
      let name = String(try rule.string(of: "$ref").dropFirst("#/$defs/".count))
      let definitions = try root.members(of: "root")["$defs"]?.members(of: "$defs") ?? [:]
      return try fault(in: value, #require(definitions[name]), context)
    case ("type", _):
      let types = if case .string(let type) = rule { [type] } else { try rule.strings(of: "type") }
      return types.contains(where: { Self.isOf($0, value) }) ? nil : "\(context) is \(value.kind)"
    case ("enum", _):
      return try rule.elements(of: "enum").contains(value) ? nil : "\(context) is none of \(rule.compact)"
    case ("const", _): return rule == value ? nil : "\(context) is not \(rule.compact)"
    case ("anyOf", _):
      let fits = try rule.elements(of: "anyOf").contains { try fault(in: value, $0, context) == nil }
      return fits ? nil : "\(context) is none of the kinds"
    case ("minimum", .integer), ("minimum", .number):
      return try value.number(of: context) >= rule.number(of: "minimum") ? nil : "\(context) is too small"
    case ("maximum", .integer), ("maximum", .number):
      return try value.number(of: context) <= rule.number(of: "maximum") ? nil : "\(context) is too large"
    case ("minItems", .array(let list)): return try list.count >= rule.integer(of: "x") ? nil : "\(context) is short"
    case ("maxItems", .array(let list)): return try list.count <= rule.integer(of: "x") ? nil : "\(context) is long"
    case ("pattern", .string(let text)):
      return try text.contains(Regex(rule.string(of: "pattern"))) ? nil : "\(context) does not match"
    case ("required", .object(let members)):
      return try rule.strings(of: "required").first { members[$0] == nil }.map { "\(context) lacks \($0)" }
    case ("items", .array(let list)):
      return try first(list.map { ($0, rule, "an element of \(context)") })
    case ("additionalProperties", .object(let members)):
      let known = try rules["properties"]?.members(of: "properties") ?? [:]
      if rule == .bool(false), let other = members.keys.first(where: { known[$0] == nil }) {
        return "\(context) has the unknown member \(other)"
      }
      return try first(members.map { ($0.value, known[$0.key] ?? rule, "\(context).\($0.key)") })
    // A rule about another kind of values than this one.
    case ("minimum", _), ("maximum", _), ("minItems", _), ("maxItems", _), ("pattern", _), ("required", _),
      ("items", _), ("additionalProperties", _):
      return nil
    default: throw OracleError("the validator does not know the keyword \(keyword)")
    }
  }

  private func first(_ parts: [(value: JSON, schema: JSON, context: String)]) throws -> String? {
    for part in parts {
      if let fault = try fault(in: part.value, part.schema, part.context) { return fault }
    }
    return nil
  }

  private static func isOf(_ type: String, _ value: JSON) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("boolean", .bool), ("integer", .integer),
      ("number", .integer), ("number", .number):
      true
    default: false
    }
  }
}

@Suite("JSON schemas")
struct SchemaTests {
  @Test func invariantWhatIsWrittenConforms() throws {
    try withFolder { path in
      let corpus = try DraftCorpus.make(at: path("v1"))
      let (cases, manifest) = (try Schema("case"), try Schema("manifest"))
      #expect(try manifest.fault(in: corpus.manifest.encoded) == nil)
      for id in corpus.manifest.cases {
        let bytes = try CorpusFiles.read("\(corpus.path)/cases/\(id)/case.json")
        #expect(try cases.fault(in: bytes) == nil, "\(id)")
      }
      for casePrompt in try corpusPrompts.get() {
        #expect(try cases.fault(in: CaseDescription(casePrompt).encoded) == nil, "\(casePrompt.slug)")
      }
      var prompts = corpus.manifest
      prompts.corpus = corpus.manifest.hash
      #expect(try manifest.fault(in: prompts.encoded) == nil)
      var files = try DraftCorpus.standIn(corpus: corpus.manifest.hash, claims: ["rng", "schedule/learning-*"])
      #expect(try Schema("capability").fault(in: files[Capability.name] ?? []) == nil)
      files["rng/permutation-12.safetensors"] = [1]
      files["rng/uniform-first.safetensors"] = try TensorFile.encoded(
        ["y": .real(Tensor<Double>(shape: [1], values: [-Double(nan: 5, signaling: false)]))], reals: .double)
      let report = try corpus.check(DraftCorpus.write(files, to: path("answers")))
      #expect(!report.passed)
      #expect(try Schema("report").fault(in: report.encoded) == nil)
    }
  }

  @Test func invariantDigestsAndEnvelopesConform() throws {
    #expect(try Schema("digests").fault(in: CorpusFiles.read(DigestFile.ownPath)) == nil)
    #expect(try Schema("envelopes").fault(in: CorpusFiles.read(TrajectoryEnvelopeFile.ownPath)) == nil)
  }

  // What the program refuses to read, the schemas refuse too, as far as a schema can say it.
  @Test(arguments: [
    ("case", #"{"id":"a/b"}"#), ("case", #"{"id":"a/b","operation":"x","y":1}"#),
    ("case", #"{"id":"A","operation":"x"}"#),
    ("case", #"{"id":"a/b","operation":"x","parameters":{"p":null}}"#),
    ("case", #"{"id":"a/b","operation":"x","outputs":{"y":{"type":"F32","shape":[]}}}"#),
    ("case", #"{"id":"a/b","operation":"x","generated":{"v":{"shape":[0],"seed":1,"image":1,"scale":1}}}"#),
    ("capability", #"{"backend":"b","version":"1","scalar":"float32","claims":[]}"#),
    ("capability", #"{"backend":"","version":"1","scalar":"float32","claims":["op"]}"#),
    ("manifest", #"{"version":"v2","cases":[],"files":{},"hash":"0"}"#), ("report", "{}"),
    ("digests", #"{"version":"v1","digests":{"shuffles":{"sha256":{"99":""}}}}"#),
    ("envelopes", #"{"version":"v1","members":4,"trajectories":{}}"#),
  ]) func mistakesDoNotConform(name: String, text: String) throws {
    #expect(try Schema(name).fault(in: Array(text.utf8)) != nil)
  }
}
