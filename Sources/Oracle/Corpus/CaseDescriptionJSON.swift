// The JSON form of case.json, read strictly: an unknown member is an error, for it may be a misspelt one.
//
// Schema   Fixtures/corpus/schema/case.schema.json
// Tests    OracleTests/CaseDescriptionTests.swift
import Files
import Kernels
import Networks

extension ParameterValue {
  init(_ json: JSON, _ place: String) throws(JSONError) {
    switch json {
    case .truth(let truth): self = .truth(truth)
    case .integer(let integer): self = .integer(integer)
    case .number(let number): self = .number(number)
    case .text(let text): self = .text(text)
    case .list(let list):
      self = .list(try list.map { element throws(JSONError) in try ParameterValue(element, place) })
    case .null, .object:
      throw JSONError(
        description: "\(place) is \(json.kind); a parameter is a truth value, number, text or list of such")
    }
  }

  var json: JSON {
    switch self {
    case .truth(let truth): .truth(truth)
    case .integer(let integer): .integer(integer)
    case .number(let number): .number(number)
    case .text(let text): .text(text)
    case .list(let list): .list(list.map(\.json))
    }
  }
}

extension CaseDescription {
  /// Reads case.json; `name` stands for the file in messages.
  init(bytes: [UInt8], name: String) throws(OracleError) {
    do throws(JSONError) {
      var members = MemberReader(try JSON(bytes: bytes[...]), "the top level")
      self.init(
        id: try members.take("id").text(of: "\"id\""),
        operation: try members.take("operation").text(of: "\"operation\""))
      for (key, value) in try members.object("parameters") {
        parameters[key] = try ParameterValue(value, "the parameter \(Operations.quoted(key))")
      }
      for (key, value) in try members.object("generated") {
        generated[key] = try GeneratedTensor(value, Operations.quoted(key))
      }
      let values = generated.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
      guard values <= GeneratedTensor.mostValues else {
        throw JSONError(description: "\(values) values are generated, and at most \(GeneratedTensor.mostValues) may be")
      }
      for (key, value) in try members.object("outputs") { outputs[key] = try Output(value, "the output \"\(key)\"") }
      for (key, value) in try members.object("margins") { margins[key] = try value.number(of: "the margin \"\(key)\"") }
      graph = try (members.optional("graph")?.elements(of: "\"graph\"") ?? [])
        .map { edge throws(JSONError) in try StepEdge(edge, "an edge of the graph") }
      formula = try members.optional("formula")?.text(of: "\"formula\"") ?? ""
      summary = try members.optional("summary")?.text(of: "\"summary\"") ?? ""
      catches = try members.optional("catches")?.texts(of: "\"catches\"") ?? []
      witnesses = try (members.optional("witnesses")?.elements(of: "\"witnesses\"") ?? [])
        .map { witness throws(JSONError) in try Witness(witness, "a witness") }
      if let area = try members.optional("area")?.text(of: "\"area\""), area != self.area {
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
      "id": .text(id), "area": .text(area), "operation": .text(operation), "formula": .text(formula),
      "summary": .text(summary), "catches": .list(catches.map { .text($0) }),
      "parameters": .object(parameters.mapValues(\.json)), "generated": .object(generated.mapValues(\.json)),
    ]
    if !outputs.isEmpty {
      members["outputs"] = .object(outputs.mapValues(\.json))
      members["margins"] = .object(margins.mapValues { .number($0) })
      members["witnesses"] = .list(witnesses.map(\.json))
      if !graph.isEmpty { members["graph"] = .list(graph.map(\.json)) }
    }
    return Array(JSON.object(members).pretty.utf8)
  }

  /// Throws if a number is none that JSON can hold.
  func requireFinite() throws(OracleError) {
    func isFinite(_ value: ParameterValue) -> Bool {
      switch value {
      case .number(let number): number.isFinite
      case .list(let list): list.allSatisfy(isFinite)
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
  /// More values than this are no recipe but an attack on the memory.
  static let mostValues = 1 << 26

  fileprivate init(_ json: JSON, _ place: String) throws(JSONError) {
    var members = MemberReader(json, place)
    let shape = try members.take("shape").integers(of: "the shape of \(place)")
    let (seed, image) = (
      try members.take("seed").integer(of: "the seed of \(place)"),
      try members.take("image").integer(of: "the image of \(place)")
    )
    let scale = try members.take("scale").number(of: "the scale of \(place)")
    try members.finish()
    let count = shape.reduce(Optional(1)) { count, length in
      guard let count, length > 0, length <= Self.mostValues / count else { return nil }
      return count * length
    }
    guard count != nil, shape.count <= 8 else {
      throw JSONError(
        description: "\(place) has the shape (\(shape.inWords)), which is no shape of 1 to \(Self.mostValues) values")
    }
    guard let seed = UInt32(exactly: seed), UInt32(exactly: image) != nil else {
      throw JSONError(description: "\(place): seed and image must be from 0 to 2^32 - 1, not \(seed) and \(image)")
    }
    self.init(shape: shape, seed: seed, image: image, scale: scale)
  }

  fileprivate var json: JSON {
    .object([
      "shape": .list(shape.map { .integer($0) }), "seed": .integer(Int(seed)), "image": .integer(image),
      "scale": .number(scale),
    ])
  }
}

extension CaseDescription.Output {
  fileprivate init(_ json: JSON, _ place: String) throws(JSONError) {
    var members = MemberReader(json, place)
    type = try members.take("type").text(of: "the type of \(place)")
    shape = try members.take("shape").integers(of: "the shape of \(place)")
    terms = try members.optional("terms")?.integer(of: "the terms of \(place)")
    try members.finish()
    guard ["F64", "I64", "U8"].contains(type), (type == "F64") == (terms != nil) else {
      throw JSONError(description: "\(place) must be F64 with \"terms\", or I64 or U8 without, not \(type)")
    }
    guard (1...CaseDescription.mostTerms).contains(terms ?? 1) else {
      throw JSONError(description: "\(place) must have 1 to \(CaseDescription.mostTerms) terms, not \(terms ?? 0)")
    }
  }

  fileprivate var json: JSON {
    var members: [String: JSON] = ["type": .text(type), "shape": .list(shape.map { .integer($0) })]
    if let terms { members["terms"] = .integer(terms) }
    return .object(members)
  }
}

extension StepEdge {
  fileprivate init(_ json: JSON, _ place: String) throws(JSONError) {
    var members = MemberReader(json, place)
    self.init(
      from: try members.take("from").texts(of: "\"from\" of \(place)"),
      to: try members.take("to").texts(of: "\"to\" of \(place)"),
      operation: try members.take("operation").text(of: "\"operation\" of \(place)"))
    try members.finish()
  }

  fileprivate var json: JSON {
    .object([
      "from": .list(from.map { .text($0) }), "to": .list(to.map { .text($0) }), "operation": .text(operation),
    ])
  }
}

extension CaseDescription.Witness {
  fileprivate init(_ json: JSON, _ place: String) throws(JSONError) {
    var members = MemberReader(json, place)
    name = try members.take("name").text(of: "the name of \(place)")
    version = try members.take("version").text(of: "the version of \(place)")
    distance = try members.take("distance").number(of: "the distance of \(place)")
    outputs = try members.optional("outputs")?.texts(of: "the outputs of \(place)")
    try members.finish()
  }

  fileprivate var json: JSON {
    var members: [String: JSON] = ["name": .text(name), "version": .text(version), "distance": .number(distance)]
    if let outputs { members["outputs"] = .list(outputs.map { .text($0) }) }
    return .object(members)
  }
}
