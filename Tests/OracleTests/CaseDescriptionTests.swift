import Files
import Networks
import Testing

@testable import Oracle

@Suite("Case descriptions")
struct CaseDescriptionTests {
  private static func read(_ text: String) throws -> CaseDescription {
    try CaseDescription(bytes: Array(text.utf8), name: "case.json")
  }

  // What someone writes by hand: nothing but what the operation needs.
  @Test func workedExampleOfAHandWrittenPrompt() throws {
    let description = try Self.read(
      #"{"id": "mine/a-1", "operation": "sgd", "parameters": {"rates": [1, 0.5], "nesterov": true, "a": [["x"], -3]}}"#)
    #expect(description.id == "mine/a-1" && description.area == "mine" && description.operation == "sgd")
    #expect(
      description.parameters == [
        "rates": .array([.integer(1), .number(0.5)]), "nesterov": .bool(true),
        "a": .array([.array([.string("x")]), .integer(-3)]),
      ])
    #expect(description.outputs.isEmpty && description.witnesses.isEmpty)
  }

  @Test func invariantRoundTripOfEveryPrompt() throws {
    for casePrompt in try corpusPrompts.get() {
      var description = try CaseDescription(casePrompt)
      #expect(try CaseDescription(bytes: description.encoded, name: "x") == description)
      description.outputs = ["y": .init(type: "F64", shape: [2, 0], terms: 7), "n": .init(type: "I64", shape: [])]
      description.margins = ["relu": 0.0625]
      description.graph = [GraphNode(from: ["x", "w"], to: ["y"], operation: "convolution")]
      description.witnesses = [
        .init(name: "w", version: "1.2", distance: 0.5), .init(name: "v", version: "", distance: 0, outputs: ["y"]),
      ]
      #expect(try CaseDescription(bytes: description.encoded, name: "x") == description)
    }
  }

  @Test(arguments: [
    ("{}", "lacks \"id\""), (#"{"id":"a/b"}"#, "lacks \"operation\""), ("[]", "an object was expected"),
    (#"{"id":"a/b","operation":"x","paramters":{}}"#, "unknown member \"paramters\"; known are id, operation"),
    (#"{"id":"a/b","operation":"x","parameters":{"p":null}}"#, "\"p\" is null"),
    (#"{"id":"a/b","operation":"x","parameters":{"p":{}}}"#, "is an object"),
    (#"{"id":"a/b","operation":"x","parameters":{"p":1,"p":2}}"#, "given twice"),
    (#"{"id":"a/b","operation":"x","area":"c"}"#, "the area is \"c\""),
    (#"{"id":"a","operation":"x"}"#, "no identifier"), (#"{"id":"../b","operation":"x"}"#, "no identifier"),
    (#"{"id":"a/B","operation":"x"}"#, "no identifier"), (#"{"id":"a//b","operation":"x"}"#, "no identifier"),
    (#"{"id":"a/b/c","operation":"x"}"#, "no identifier"), (#"{"id":"a/-b","operation":"x"}"#, "no identifier"),
    (#"{"id":"a/b","operation":"x","graph":[{"from":["x"],"operation":"add"}]}"#, "lacks \"to\""),
    (#"{"id":"a/b","operation":"x","graph":{"from":["x"]}}"#, "a list was expected"),
    (#"{"id":"a/b","operation":"x","outputs":{"y":{"type":"F32","shape":[]}}}"#, "must be F64 with"),
    (#"{"id":"a/b","operation":"x","outputs":{"y":{"type":"F64","shape":[]}}}"#, "must be F64 with"),
    (#"{"id":"a/b","operation":"x","outputs":{"y":{"type":"F64","shape":[],"terms":0}}}"#, "1 to 4194304 terms"),
    (#"{"id":"a/b","operation":"x","outputs":{"y":{"type":"F64","shape":[],"terms":99999999}}}"#, "terms"),
    (#"{"id":"a/b","operation":"x","generated":{"v":{"shape":[0],"seed":1,"image":1,"scale":1}}}"#, "no shape of 1"),
    (
      #"{"id":"a/b","operation":"x","generated":{"v":{"shape":[4294967296,4294967296],"seed":1,"image":1,"scale":1}}}"#,
      "no shape of 1"
    ),
    (
      #"{"id":"a/b","operation":"x","generated":{"v":{"shape":[67108864,2],"seed":1,"image":1,"scale":1}}}"#,
      "no shape of 1"
    ),
    (#"{"id":"a/b","operation":"x","generated":{"v":{"shape":[1],"seed":-1,"image":1,"scale":1}}}"#, "from 0 to 2^32"),
    (#"{"id":"a/b","operation":"x","generated":{"v":{"shape":[1],"seed":1,"image":1}}}"#, "lacks \"scale\""),
    (#"{"id":"a/b","operation":"x","generated":{"v":3}}"#, "an object was expected"),
  ]) func invariantMistakesAreTold(text: String, part: String) {
    expectError("case.json", part) { try Self.read(text) }
  }

  @Test func invariantInfinitiesAreNotWritten() throws {
    var description = CaseDescription(id: "a/b", operation: "x")
    description.parameters["p"] = .array([.number(.infinity)])
    expectError("\"p\" is not finite") { try description.requireFinite() }
    description.parameters = [:]
    description.margins["m"] = .nan
    expectError("\"m\" is nan") { try description.requireFinite() }
  }
}
