import Files
import Networks
import Testing

@testable import Oracle

@Suite("Response folders")
struct ResponseFolderTests {
  @Test func workedExampleOfClaims() {
    func claims(_ claim: String, _ id: String) -> Bool {
      Claims([claim]).contains(id)
    }
    #expect(claims("op", "op/relu") && !claims("op", "optimiser/sgd") && claims("op/relu", "op/relu"))
    #expect(!claims("op/relu", "op/relu-6") && claims("op/relu*", "op/relu-6") && claims("*", "op/relu"))
    #expect(claims("loss/*-sharp", "loss/batch-sharp") && !claims("loss/*-sharp", "loss/batch-sharper"))
    #expect(claims("*b*b", "a/bb") && claims("*a*b*", "xaxb") && !claims("*a*b", "xaxbx") && !claims("", "op/relu"))
    #expect(!claims(String(repeating: "*a", count: 40) + "b", String(repeating: "a", count: 200)))
  }

  @Test(arguments: [
    (#"{"backend":"b","version":"1","scalar":"float32","claims":[]}"#, "must not be empty"),
    (#"{"backend":"","version":"1","scalar":"float32","claims":["op"]}"#, "must not be empty"),
    (#"{"backend":"b","scalar":"float32","claims":["op"]}"#, "lacks \"version\""),
    (#"{"backend":"b","version":"1","scalar":"float32","claims":"op"}"#, "a list was expected, not text"),
    (#"{"backend":"b","version":"1","scalar":"float32","claim":["op"]}"#, "lacks \"claims\""),
    (#"{"backend":"b","version":"1","scalar":"float32","claims":["op"],"x":1}"#, "unknown member \"x\""),
    ("", "ends where"),
  ]) func mistakesAreTold(text: String, part: String) {
    expectError("capability.json", part) { try Capability(bytes: Array(text.utf8), name: "capability.json") }
  }

  @Test func invariantRoundTrip() throws {
    let capability = Capability(backend: "b", version: "1 \"x\"", scalar: "tf32", corpus: "c", claims: ["op", "a/*"])
    #expect(try Capability(bytes: capability.encoded, name: "c") == capability)
    try withFolder { path in
      let answers: [String: [String: TensorValue]] = [
        "op/a": ["y": .number(0.1), "n": .integers([1, 2], shape: [2]), "b": .bytes([7], shape: [])]
      ]
      for (name, reals, type) in [("a", RealStorage.double, "F64"), ("b", .single, "F32")] {
        try CorpusFiles.write(ResponseFolder.files(capability, answers, reals: reals), to: path(name))
        let folder = try ResponseFolder(reading: path(name))
        #expect(folder.capability == capability)
        #expect(try folder.ids() == ["op/a"])
        guard case .tensors(let tensors) = folder.answer("op/a") else { throw OracleError("no answer") }
        #expect(tensors.mapValues(\.type) == ["y": type, "n": "I64", "b": "U8"])
        #expect(tensors["y"]?.value == .number(type == "F64" ? 0.1 : Double(Float(0.1))))
        guard case .missing = folder.answer("op/b") else { throw OracleError("an answer from nowhere") }
      }
      expectError("there is no folder") { try ResponseFolder(reading: path("none")) }
      try CorpusFiles.write(["x": []], to: path("empty"))
      expectError("holds no capability.json") { try ResponseFolder(reading: path("empty")) }
    }
  }

  @Test func reservedNamesAreErrors() {
    for name in ["", "__metadata__"] {
      expectError("cannot be named") { try TensorFile.encoded([name: .number(1.0)], reals: .double) }
    }
  }
}
