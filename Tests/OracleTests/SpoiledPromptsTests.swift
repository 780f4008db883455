// Prompts of every operation, each spoiled in one way: refused in a sentence, or accepted for a reason that stands below.
import Kernels
import Networks
import Testing

@testable import Oracle

/// One prompt with one thing wrong.
private struct Spoiled {
  /// What was done.
  let way: Way
  /// The parameter or input that it was done to.
  let name: String
  let prompt: Prompt
}

/// What can be done to a prompt.
private enum Way: String, CaseIterable {
  case parameterRemoved, parameterMisspelt, parameterOfAnotherKind, parameterNegative, parameterZero, parameterHuge
  case parameterNotFinite, parameterWordUnknown, listEmptied, listLonger, listNested, parameterUnknown
  case inputRemoved, inputMisspelt, inputOfAnotherKind, axisAppended, axisPrepended, firstAxisLonger, lastAxisLonger
  case inputEmptied, numberNegative, numberHuge, numberNotFinite, allZero, inputUnknown
}

@Suite("Spoiled prompts")
struct SpoiledPromptsTests {
  /// Why a way of spoiling leaves some prompts good, how many these are, and of which operation and name that may be said.
  private static let accepted:
    [Way: (why: String, count: Int, holds: @Sendable (any OracleOperation, String) -> Bool)] = [
      .parameterRemoved: (
        "it has a default, or its absence a meaning", 198,
        { operation, name in
          operation.parameters.contains {
            if case .refused = $0.absence { return false }
            return $0.name == name
          }
        }
      ),
      .parameterNegative: (
        "shifts, angles, shears, means and constants have signs, and a view may be darker", 25,
        { operation, name in
          ["shift", "hue", "mean", "ownLogit"].contains(name)
            || operation.name == "grey-view"
              && ["rotationDegrees", "shear", "shiftX", "shiftY", "brightness"].contains(name)
        }
      ),
      .parameterZero: (
        "0 is in its declared range", 80,
        { operation, name in
          operation.parameters.contains { $0.name == name && $0.kind.problem(with: .integer(0)) == nil }
        }
      ),
      .parameterHuge: (
        "as many neighbours as there are vote, and as many classes count", 3,
        { ["weighted-neighbours k", "vote-scores k", "top-accuracy count"].contains("\($0.name) \($1)") }
      ),
      .listLonger: (
        "one image, epoch, round, axis or stream more is another question", 9,
        { operation, name in
          ["images", "epochs", "rounds"].contains(name)
            || ["initial-weights shape", "initial-encoder streams"].contains("\(operation.name) \(name)")
        }
      ),
      .inputRemoved: (
        "it is declared optional", 9,
        { operation, name in operation.inputs.contains { !$0.isPattern && $0.name == name && $0.absent != nil } }
      ),
      .firstAxisLonger: (
        "one row, head, query, point or channel more, on which no other size depends", 15,
        { operation, name in
          ["bank", "rows", "queries", "heads", "points", "centroids"].contains(name)
            || operation.name == "grey-view" && name == "image"
        }
      ),
      .lastAxisLonger: (
        "one column or pixel more, on which no other size depends, or whose other sizes still fit", 40,
        { !$1.contains("weight") && !$1.contains("bias") }
      ),
      .numberNegative: (
        "real numbers have signs, but for probabilities and variances", 117,
        { operation, name in
          operation.inputs.contains { $0.fits(name) && $0.kind == .real }
            && !["first", "second", "runningVariance"].contains(name)
        }
      ),
      .numberHuge: (
        "real numbers of any size of which no answer overflows; what becomes of them is told where it is computed", 194,
        { operation, name in
          operation.inputs.contains { $0.fits(name) && $0.kind == .real } && !["first", "second"].contains(name)
        }
      ),
      .allZero: (
        "0 is a number, an image and a class", 150,
        { operation, name in operation.inputs.contains { $0.fits(name) } && !["first", "second"].contains(name) }
      ),
    ]

  @Test func everyOtherIsRefusedInASentence() throws {
    var counts: [Way: Int] = [:]
    var spoiledCount = 0
    let backend = PackageBackend(Double.self)
    for operation in Operations.all {
      for spoiled in try Self.spoiled(operation) {
        spoiledCount += 1
        do {
          _ = try backend.answer(spoiled.prompt)
          try Self.expectNoTrap(spoiled, operation)
          counts[spoiled.way, default: 0] += 1
          let holds = Self.accepted[spoiled.way]?.holds(operation, spoiled.name) ?? false
          #expect(holds, "\(operation.name), \(spoiled.name): \(spoiled.way) is accepted")
        } catch {
          Self.expectSentence("\(error)", of: spoiled, operation)
        }
      }
    }
    #expect(spoiledCount == 7175)
    #expect(counts == Self.accepted.mapValues(\.count))
  }

  /// What is answered in Double is judged too, unless that takes a hundred runs, and answered or refused in Float.
  private static func expectNoTrap(_ spoiled: Spoiled, _ operation: any OracleOperation) throws {
    if !(operation is any RecordedOperation) {
      _ = try operation.scales(spoiled.prompt)
      _ = try operation.margins(spoiled.prompt)
    }
    do {
      _ = try PackageBackend(Float.self).answer(spoiled.prompt)
    } catch {
      expectSentence("\(error)", of: spoiled, operation)
    }
  }

  /// At most 300 characters that name the operation and what is wrong with it, and nothing of Swift.
  private static func expectSentence(_ sentence: String, of spoiled: Spoiled, _ operation: any OracleOperation) {
    let what = "\(operation.name), \(spoiled.name), \(spoiled.way): \(sentence)"
    #expect(sentence.count <= 300 && sentence.hasPrefix("the operation \(operation.name)"), "\(what)")
    for leak in ["Optional(", "Oracle.", "Tensor<", "Swift.", "ParameterValue", ".integer(", "nil", "[["] {
      #expect(!sentence.contains(leak), "\(what)")
    }
    // What does not fit another size or parameter may be told of that one.
    let tellsName: Set<Way> = [
      .parameterRemoved, .parameterOfAnotherKind, .parameterNegative, .parameterZero, .parameterHuge,
      .parameterNotFinite,
      .parameterWordUnknown, .listEmptied, .listNested, .inputRemoved, .inputOfAnotherKind, .inputEmptied,
      .numberNotFinite, .numberNegative,
    ]
    let fits = ["padding", "mode"].contains(spoiled.name)
    if tellsName.contains(spoiled.way), !fits { #expect(sentence.contains("\"\(spoiled.name)\""), "\(what)") }
    // The nearest right thing.
    if spoiled.way == .parameterMisspelt || spoiled.way == .inputMisspelt {
      #expect(sentence.contains("\"\(spoiled.name)\"?") || sentence.contains("\"\(spoiled.name)\" or"), "\(what)")
    }
  }

  /// Every name of an operation spoiled in every way: in the case that gives the most inputs, of these the smallest, with every
  /// default written out; names that this case lacks in the next cases that give them.
  private static func spoiled(_ operation: any OracleOperation) throws -> [Spoiled] {
    let cases = try allRecipes.get().filter {
      $0.prompt.operation == operation.name && $0.prompt.parameters["probes"] == nil
    }
    func size(_ recipe: CaseRecipe) -> Int { recipe.prompt.inputs.values.reduce(0) { $0 + $1.shape.reduce(1, *) } }
    let given = cases.map { recipe in
      operation.inputs.count { input in recipe.prompt.inputs.keys.contains(where: input.fits) }
    }
    let sizes = cases.map(size)
    let order = cases.indices.sorted { (-given[$0], sizes[$0], $0) < (-given[$1], sizes[$1], $1) }
    var (all, names) = ([Spoiled](), Set<String>())
    for place in order {
      var prompt = cases[place].prompt
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
        !names.contains($0.name) && ![nil, .list([])].contains(prompt.parameters[$0.name])
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
  private static func unknown(_ prompt: Prompt) -> [Spoiled] {
    let long = String(repeating: "x", count: 100_000)
    let parameters = ["unknown", long, ""].map { name in
      var spoiled = prompt
      spoiled.parameters[name] = .integer(1)
      return Spoiled(way: .parameterUnknown, name: name, prompt: spoiled)
    }
    return parameters
      + ["unknown", "conv1.unknown", long].map { name in
        var spoiled = prompt
        spoiled.inputs[name] = .number(1.0)
        return Spoiled(way: .inputUnknown, name: name, prompt: spoiled)
      }
  }

  private static func misspelt(_ name: String) -> String {
    var letters = Array(name)
    letters.count > 2 ? letters.swapAt(letters.count - 1, letters.count - 2) : letters.append("z")
    return String(letters) == name ? name + "z" : String(letters)
  }

  private static func spoiledParameters(_ prompt: Prompt, _ declarations: [ParameterDeclaration]) -> [Spoiled] {
    var all: [Spoiled] = []
    func add(_ way: Way, _ name: String, _ change: (inout Prompt) -> Void) {
      var spoiled = prompt
      change(&spoiled)
      if spoiled != prompt { all.append(Spoiled(way: way, name: name, prompt: spoiled)) }
    }
    for name in declarations.map(\.name).sorted() {
      guard let value = prompt.parameters[name] else { continue }
      func set(_ way: Way, _ values: ParameterValue...) {
        for other in values { add(way, name) { $0.parameters[name] = other } }
      }
      /// A list with its first element changed.
      func setFirst(_ way: Way, _ list: [ParameterValue], _ values: ParameterValue...) {
        for other in values { add(way, name) { $0.parameters[name] = .list([other] + list.dropFirst()) } }
      }
      add(.parameterRemoved, name) { $0.parameters[name] = nil }
      add(.parameterMisspelt, name) { $0.parameters[misspelt(name)] = $0.parameters.removeValue(forKey: name) }
      switch value {
      case .truth: set(.parameterOfAnotherKind, .integer(1), .text("true"), .list([value]))
      case .integer, .number:
        set(
          .parameterOfAnotherKind, .text("1"), .truth(true), .list([value]),
          .text(String(repeating: "9", count: 100_000)))
        set(.parameterNegative, .integer(-1), .number(-0.5))
        set(.parameterZero, .integer(0))
        set(.parameterHuge, .integer(.max), .number(1e300))
        set(.parameterNotFinite, .number(.nan), .number(.infinity), .number(-.infinity))
      case .text:
        set(.parameterOfAnotherKind, .integer(1), .truth(true), .list([value]))
        set(.parameterWordUnknown, .text(""), .text("wrong"), .text(String(repeating: "x", count: 100_000)))
      case .list(let list):
        set(.parameterOfAnotherKind, .integer(1), .text("1"), list.first ?? .integer(0))
        set(.listEmptied, .list([]))
        set(.listLonger, .list(list + list.prefix(1)))
        setFirst(.listNested, list, .list(list))
        if case .text = list.first {
          setFirst(.parameterWordUnknown, list, .text("wrong"), .integer(1))
        } else {
          setFirst(.parameterNegative, list, .integer(-1), .number(-0.5))
          setFirst(.parameterHuge, list, .integer(.max), .number(1e300))
          setFirst(.parameterNotFinite, list, .number(.nan), .number(.infinity))
          setFirst(.parameterOfAnotherKind, list, .text("1"), .truth(true))
        }
      }
    }
    return all
  }

  private static func spoiledInputs(_ prompt: Prompt, _ declarations: [InputDeclaration]) -> [Spoiled] {
    var all: [Spoiled] = []
    func add(_ way: Way, _ name: String, _ change: (inout Prompt) -> Void) {
      var spoiled = prompt
      change(&spoiled)
      if spoiled != prompt { all.append(Spoiled(way: way, name: name, prompt: spoiled)) }
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
