// The JSON form of case.json, read strictly: an unknown member is an error, for it may be a misspelt one.
//
// Schema   Fixtures/corpus/schema/case.schema.json
// Tests    OracleTests/CaseDescriptionTests.swift
import Files
import Kernels
import Networks

extension JSON {
  /// The value, found to hold neither null nor an object.
  fileprivate func parameter(of context: String) throws(JSONError) -> JSON {
    switch self {
    case .null, .object:
      throw JSONError(description: "\(context) is \(kind); a parameter is a truth value, number, text or list of such")
    case .array(let values):
      for value in values { _ = try value.parameter(of: context) }
    default: break
    }
    return self
  }
}

extension CaseDescription {
  /// Reads case.json; `name` stands for the file in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      self.init(
        id: try members.take("id").string(of: "\"id\""),
        operation: try members.take("operation").string(of: "\"operation\""))
      for (key, value) in try members.object("parameters") {
        parameters[key] = try value.parameter(of: "the parameter \(Wording.quoted(key))")
      }
      for (key, value) in try members.object("generated") {
        generated[key] = try GeneratedTensor(value, Wording.quoted(key))
      }
      let values = generated.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
      guard values <= GeneratedTensor.mostValues else {
        throw JSONError(description: "\(values) values are generated, and at most \(GeneratedTensor.mostValues) may be")
      }
      for (key, value) in try members.object("outputs") { outputs[key] = try Output(value, "the output \"\(key)\"") }
      for (key, value) in try members.object("margins") { margins[key] = try value.number(of: "the margin \"\(key)\"") }
      graph = try (members.optional("graph")?.elements(of: "\"graph\"") ?? [])
        .map { edge throws(JSONError) in try GraphNode(edge, "an edge of the graph") }
      formula = try members.optional("formula")?.string(of: "\"formula\"") ?? ""
      summary = try members.optional("summary")?.string(of: "\"summary\"") ?? ""
      catches = try members.optional("catches")?.strings(of: "\"catches\"") ?? []
      wanted = try members.optional("wanted")?.strings(of: "\"wanted\"") ?? []
      witnesses = try (members.optional("witnesses")?.elements(of: "\"witnesses\"") ?? [])
        .map { witness throws(JSONError) in try Witness(witness, "a witness") }
      if let area = try members.optional("area")?.string(of: "\"area\""), area != self.area {
        throw JSONError(description: "the area is \"\(area)\", and the identifier \"\(id)\"")
      }
      try members.finish()
    } catch {
      throw OracleError("\(name): \(error.description)")
    }
    try Self.check(id, in: name)
  }

  /// The bytes of case.json.
  var encoded: [UInt8] {
    var members: [String: JSON] = [
      "id": .string(id), "area": .string(area), "operation": .string(operation), "formula": .string(formula),
      "summary": .string(summary), "catches": .array(catches.map { .string($0) }),
      "parameters": .object(parameters), "generated": .object(generated.mapValues(\.json)),
    ]
    if !wanted.isEmpty { members["wanted"] = .array(wanted.map { .string($0) }) }
    if !outputs.isEmpty {
      members["outputs"] = .object(outputs.mapValues(\.json))
      members["margins"] = .object(margins.mapValues { .number($0) })
      members["witnesses"] = .array(witnesses.map(\.json))
      if !graph.isEmpty { members["graph"] = .array(graph.map(\.json)) }
    }
    return Array(JSON.object(members).pretty.utf8)
  }

  /// Throws if a number is none that JSON can hold.
  func requireFinite() throws(OracleError) {
    func isFinite(_ value: JSON) -> Bool {
      switch value {
      case .number(let number): number.isFinite
      case .array(let list): list.allSatisfy(isFinite)
      default: true
      }
    }
    if let name = parameters.first(where: { !isFinite($0.value) })?.key {
      throw OracleError("\(id): the parameter \"\(name)\" is not finite")
    }
    if let margin = margins.first(where: { !$0.value.isFinite }) {
      throw OracleError("\(id): the margin \"\(margin.key)\" is \(margin.value)")
    }
  }
}

extension GeneratedTensor {
  /// The most values that one prompt may generate: more would exhaust memory.
  static let mostValues = 1 << 26

  fileprivate init(_ json: JSON, _ context: String) throws(JSONError) {
    var members = MemberReader(json, context)
    let shape = try members.take("shape").integers(of: "the shape of \(context)")
    let (seed, image) = (
      try members.take("seed").integer(of: "the seed of \(context)"),
      try members.take("image").integer(of: "the image of \(context)")
    )
    let scale = try members.take("scale").number(of: "the scale of \(context)")
    try members.finish()
    let count = shape.reduce(Optional(1)) { count, length in
      guard let count, length > 0, length <= Self.mostValues / count else { return nil }
      return count * length
    }
    guard count != nil, shape.count <= 8 else {
      throw JSONError(
        description: "\(context) has the shape (\(shape.inWords)), which is no shape of 1 to \(Self.mostValues) values")
    }
    guard let seed = UInt32(exactly: seed), UInt32(exactly: image) != nil else {
      throw JSONError(description: "\(context): seed and image must be from 0 to 2^32 - 1, not \(seed) and \(image)")
    }
    self.init(shape: shape, seed: seed, image: image, scale: scale)
  }

  fileprivate var json: JSON {
    .object([
      "shape": .array(shape.map { .integer($0) }), "seed": .integer(Int(seed)), "image": .integer(image),
      "scale": .number(scale),
    ])
  }
}

extension CaseDescription.Output {
  fileprivate init(_ json: JSON, _ context: String) throws(JSONError) {
    var members = MemberReader(json, context)
    type = try members.take("type").string(of: "the type of \(context)")
    shape = try members.take("shape").integers(of: "the shape of \(context)")
    terms = try members.optional("terms")?.integer(of: "the terms of \(context)")
    try members.finish()
    guard ["F64", "I64", "U8"].contains(type), (type == "F64") == (terms != nil) else {
      throw JSONError(description: "\(context) must be F64 with \"terms\", or I64 or U8 without, not \(type)")
    }
    guard (1...CaseDescription.mostTerms).contains(terms ?? 1) else {
      throw JSONError(description: "\(context) must have 1 to \(CaseDescription.mostTerms) terms, not \(terms ?? 0)")
    }
  }

  fileprivate var json: JSON {
    var members: [String: JSON] = ["type": .string(type), "shape": .array(shape.map { .integer($0) })]
    if let terms { members["terms"] = .integer(terms) }
    return .object(members)
  }
}

extension GraphNode {
  fileprivate init(_ json: JSON, _ context: String) throws(JSONError) {
    var members = MemberReader(json, context)
    self.init(
      from: try members.take("from").strings(of: "\"from\" of \(context)"),
      to: try members.take("to").strings(of: "\"to\" of \(context)"),
      operation: try members.take("operation").string(of: "\"operation\" of \(context)"))
    try members.finish()
  }

  fileprivate var json: JSON {
    .object([
      "from": .array(from.map { .string($0) }), "to": .array(to.map { .string($0) }), "operation": .string(operation),
    ])
  }
}

extension CaseDescription.Witness {
  fileprivate init(_ json: JSON, _ context: String) throws(JSONError) {
    var members = MemberReader(json, context)
    name = try members.take("name").string(of: "the name of \(context)")
    version = try members.take("version").string(of: "the version of \(context)")
    distance = try members.take("distance").number(of: "the distance of \(context)")
    outputs = try members.optional("outputs")?.strings(of: "the outputs of \(context)")
    try members.finish()
  }

  fileprivate var json: JSON {
    var members: [String: JSON] = ["name": .string(name), "version": .string(version), "distance": .number(distance)]
    if let outputs { members["outputs"] = .array(outputs.map { .string($0) }) }
    return .object(members)
  }
}
