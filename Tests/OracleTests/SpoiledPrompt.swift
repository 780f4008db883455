// Prompts of every operation, each spoiled in one way: every declared name of it removed, misspelt, of another kind or size.
import Files
import Kernels
import Networks

@testable import Oracle

/// One prompt with one thing wrong.
struct SpoiledPrompt {
  /// What was done.
  let way: Way
  /// The parameter or input that it was done to.
  let name: String
  let prompt: Prompt

  /// What can be done to a prompt.
  enum Way: String, CaseIterable {
    case parameterRemoved, parameterMisspelt, parameterOfAnotherKind, parameterNegative, parameterZero, parameterHuge
    case parameterNotFinite, parameterWordUnknown, listEmptied, listLonger, listNested, parameterUnknown
    case inputRemoved, inputMisspelt, inputOfAnotherKind, axisAppended, axisPrepended, firstAxisLonger, lastAxisLonger
    case inputEmptied, numberNegative, numberHuge, numberNotFinite, allZero, inputUnknown
  }

  private init(way: Way, name: String, prompt: Prompt) { (self.way, self.name, self.prompt) = (way, name, prompt) }

  /// A prompt after a change; nil where that changes nothing.
  private init?(_ prompt: Prompt, _ way: Way, _ name: String, _ change: (inout Prompt) -> Void) {
    var spoiled = prompt
    change(&spoiled)
    if spoiled == prompt { return nil }
    self.init(way: way, name: name, prompt: spoiled)
  }

  /// Every name of an operation spoiled in every way: in the case that gives the most inputs, of these the smallest,
  /// of these the one with the most parameters, with every
  /// default written out; names that this case lacks in the next cases that give them.
  static func all(of operation: any OracleOperation) throws -> [SpoiledPrompt] {
    let cases = try corpusPrompts.get().filter {
      $0.prompt.operation == operation.name && $0.prompt.parameters["probes"] == nil
    }
    func size(_ casePrompt: CasePrompt) -> Int {
      casePrompt.prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
    let given = cases.map { casePrompt in
      operation.inputs.count { input in casePrompt.prompt.inputs.keys.contains(where: input.fits) }
    }
    let (sizes, parameters) = (cases.map(size), cases.map(\.prompt.parameters.count))
    let order = cases.indices.sorted {
      (-given[$0], sizes[$0], -parameters[$0], $0) < (-given[$1], sizes[$1], -parameters[$1], $1)
    }
    var (all, names) = ([SpoiledPrompt](), Set<String>())
    for index in order {
      var prompt = cases[index].prompt
      // One step of a trajectory is refused for the same reasons as ten.
      if prompt.parameters["steps"] != nil {
        prompt.parameters["steps"] = .integer(1)
        for name in ["views", "images"] {
          prompt.inputs[name] = prompt.inputs[name].map { $0.reshaped([1] + $0.shape.dropFirst()) }
        }
      }
      for parameter in operation.parameters where prompt.parameters[parameter.name] == nil {
        if case .value(let value) = parameter.absence { prompt.parameters[parameter.name] = value }
      }
      // An empty list has nothing that could be spoiled.
      let parameters = operation.parameters.filter {
        !names.contains($0.name) && ![nil, .array([])].contains(prompt.parameters[$0.name])
      }
      let inputs = operation.inputs.filter { input in
        !names.contains(input.name) && prompt.inputs.keys.contains(where: input.fits)
      }
      if names.isEmpty { all += unknown(prompt) }
      all += spoiledParameters(prompt, parameters) + spoiledInputs(prompt, inputs)
      names.formUnion(parameters.map(\.name) + inputs.map(\.name))
    }
    return all
  }

  /// With names that no operation has.
  private static func unknown(_ prompt: Prompt) -> [SpoiledPrompt] {
    let long = String(repeating: "x", count: 100_000)
    let parameters = ["unknown", long, ""].map { name in
      var spoiled = prompt
      spoiled.parameters[name] = .integer(1)
      return SpoiledPrompt(way: .parameterUnknown, name: name, prompt: spoiled)
    }
    return parameters
      + ["unknown", "conv1.unknown", long].map { name in
        var spoiled = prompt
        spoiled.inputs[name] = .number(1.0)
        return SpoiledPrompt(way: .inputUnknown, name: name, prompt: spoiled)
      }
  }

  private static func misspelt(_ name: String) -> String {
    var letters = Array(name)
    letters.count > 2 ? letters.swapAt(letters.count - 1, letters.count - 2) : letters.append("z")
    return String(letters) == name ? name + "z" : String(letters)
  }

  private static func spoiledParameters(_ prompt: Prompt, _ declarations: [ParameterDeclaration]) -> [SpoiledPrompt] {
    var all: [SpoiledPrompt] = []
    func add(_ way: Way, _ name: String, _ change: (inout Prompt) -> Void) {
      if let spoiled = SpoiledPrompt(prompt, way, name, change) { all.append(spoiled) }
    }
    for name in declarations.map(\.name).sorted() {
      guard let value = prompt.parameters[name] else { continue }
      func set(_ way: Way, _ values: JSON...) {
        for other in values { add(way, name) { $0.parameters[name] = other } }
      }
      /// A list with its first element changed.
      func setFirst(_ way: Way, _ list: [JSON], _ values: JSON...) {
        for other in values { add(way, name) { $0.parameters[name] = .array([other] + list.dropFirst()) } }
      }
      add(.parameterRemoved, name) { $0.parameters[name] = nil }
      add(.parameterMisspelt, name) { $0.parameters[misspelt(name)] = $0.parameters.removeValue(forKey: name) }
      switch value {
      case .bool: set(.parameterOfAnotherKind, .integer(1), .string("true"), .array([value]))
      case .integer, .number:
        set(
          .parameterOfAnotherKind, .string("1"), .bool(true), .array([value]),
          .string(String(repeating: "9", count: 100_000)))
        set(.parameterNegative, .integer(-1), .number(-0.5))
        set(.parameterZero, .integer(0))
        set(.parameterHuge, .integer(.max), .number(1e300))
        set(.parameterNotFinite, .number(.nan), .number(.infinity), .number(-.infinity))
      case .string:
        set(.parameterOfAnotherKind, .integer(1), .bool(true), .array([value]))
        set(.parameterWordUnknown, .string(""), .string("wrong"), .string(String(repeating: "x", count: 100_000)))
      case .null, .object: break  // no parameter is one
      case .array(let list):
        set(.parameterOfAnotherKind, .integer(1), .string("1"), list.first ?? .integer(0))
        set(.listEmptied, .array([]))
        set(.listLonger, .array(list + list.prefix(1)))
        setFirst(.listNested, list, .array(list))
        if case .string = list.first {
          setFirst(.parameterWordUnknown, list, .string("wrong"), .integer(1))
        } else {
          setFirst(.parameterNegative, list, .integer(-1), .number(-0.5))
          setFirst(.parameterHuge, list, .integer(.max), .number(1e300))
          setFirst(.parameterNotFinite, list, .number(.nan), .number(.infinity))
          setFirst(.parameterOfAnotherKind, list, .string("1"), .bool(true))
        }
      }
    }
    return all
  }

  private static func spoiledInputs(_ prompt: Prompt, _ declarations: [InputDeclaration]) -> [SpoiledPrompt] {
    var all: [SpoiledPrompt] = []
    func add(_ way: Way, _ name: String, _ change: (inout Prompt) -> Void) {
      if let spoiled = SpoiledPrompt(prompt, way, name, change) { all.append(spoiled) }
    }
    // Of a module's tensors one for each pattern.
    let names = declarations.compactMap { input in prompt.inputs.keys.sorted().first(where: input.fits) }
    for name in Set(names).sorted() {
      guard let value = prompt.inputs[name] else { continue }
      func set(_ way: Way, _ values: TensorValue...) {
        for other in values { add(way, name) { $0.inputs[name] = other } }
      }
      let (shape, count) = (value.shape, value.shape.reduce(1, *))
      add(.inputRemoved, name) { $0.inputs[name] = nil }
      add(.inputMisspelt, name) { $0.inputs[misspelt(name)] = $0.inputs.removeValue(forKey: name) }
      set(.axisAppended, value.reshaped(shape + [1]), value.reshaped(shape + Array(repeating: 1, count: 500)))
      set(.axisPrepended, value.reshaped([1] + shape))
      if let first = shape.first, let last = shape.last {
        set(.firstAxisLonger, value.reshaped([first + 1] + shape.dropFirst()))
        set(.lastAxisLonger, value.reshaped(shape.dropLast() + [last + 1]))
        set(.inputEmptied, value.reshaped([0] + shape.dropFirst()), value.reshaped(shape.dropLast() + [0]))
      }
      switch value {
      case .real(let tensor):
        set(
          .inputOfAnotherKind, .integers(Array(repeating: 1, count: count), shape: shape),
          .bytes(Array(repeating: 1, count: count), shape: shape))
        func first(_ number: Double) -> TensorValue {
          .real(Tensor<Double>(shape: shape, values: [number] + tensor.values.dropFirst()))
        }
        set(.numberNegative, first(-1))
        set(.numberHuge, first(1e300), first(1e30))
        set(.numberNotFinite, first(.nan), first(.infinity))
        set(.allZero, .real(Tensor<Double>(shape: shape)))
      case .integers(let integers, _):
        set(.inputOfAnotherKind, .real(Tensor<Double>(shape: shape, values: integers.map { Double($0) })))
        func first(_ number: Int) -> TensorValue { .integers([number] + integers.dropFirst(), shape: shape) }
        set(.numberNegative, first(-2), first(.min))
        set(.numberHuge, first(.max), first(1 << 40))
        set(.allZero, .integers(Array(repeating: 0, count: count), shape: shape))
      case .bytes(let bytes, _):
        set(.inputOfAnotherKind, .integers(bytes.map { Int($0) }, shape: shape))
        set(.allZero, .bytes(Array(repeating: 0, count: count), shape: shape))
      }
    }
    return all
  }
}

extension TensorValue {
  /// The first values in another shape, with the last repeated where there are too few.
  fileprivate func reshaped(_ shape: [Int]) -> TensorValue {
    let count = shape.reduce(1, *)
    func fitted<Element>(_ values: [Element]) -> [Element] {
      values.prefix(count) + (values.last.map { Array(repeating: $0, count: max(0, count - values.count)) } ?? [])
    }
    switch self {
    case .real(let tensor): return .real(Tensor<Double>(shape: shape, values: fitted(tensor.values)))
    case .integers(let integers, _): return .integers(fitted(integers), shape: shape)
    case .bytes(let bytes, _): return .bytes(fitted(bytes), shape: shape)
    }
  }
}
