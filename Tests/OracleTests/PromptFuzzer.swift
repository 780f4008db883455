// Prompts and answers as nobody should send them: extreme numbers, sizes and parameters, in what was right before.
import Files
import Kernels
import Networks
import TestSupport

@testable import Oracle

/// Spoils prompts and answers, alike for equal seeds.
struct PromptFuzzer {
  var random: SplitMix

  init(seed: UInt64) { random = SplitMix(state: seed) }

  /// Numbers at the ends of both types, and at places where something changes.
  static let numbers: [Double] = [
    0, -0.0, 1, -1, 0.5, 0x1p-1063, -0x1p-1063, 0x1p-1074, 1e-45, 1e-300, 1e300, -1e300, 1e-170, 1e154, 1e155, 1e19,
    3e19,
    1e-23, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude,
    Double(Float.greatestFiniteMagnitude), -Double(Float.greatestFiniteMagnitude), 3.5e38,
    Double(Float.leastNormalMagnitude), Double(Float.leastNonzeroMagnitude), 0x1p31, 0x1p32, 0x1p53, 0x1p62, 0x1p63,
    0x1p64, -0x1p63, 88.8, 710, -746, 1e4, 1e-4, 1e8, 255, 256, 1000.5,
  ]
  static let wholes = [
    0, 1, -1, 2, 3, 5, 7, 8, 9, 63, 64, 65, 100, 255, 256, 1000, 4096, 4097, 65_535, 65_536, 65_537, 1_000_000,
    1_000_001,
    1_000_000_000, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 32) - 1, 1 << 40, 1 << 53, 1 << 62, -(1 << 31), .max,
    .max - 1,
    .min, .min + 1,
  ]
  static let texts = [
    "", "mean", "sum", "class", "feature", "training", "evaluation", "paper", "released", "second", "first", "isif",
    "constant", "fractions", "allEpochs", "paperFromEpoch80", "plain", "sobel", "embedding", "relation", "rows-first",
    "automatic", String(repeating: "x", count: 5000), "\u{0}", "é\"\\",
  ]
  static let names = [
    "k", "rate", "round", "rounds", "classes", "temperature", "stride", "padding", "epsilon", "momentum", "mode",
    "modes",
    "count", "bound", "purpose", "epoch", "epochs", "length", "schedule", "reduction", "ownLogit", "negativeWeight",
    "denominator", "stopsGradient", "bankTemperature", "bankMomentum", "viewPolicy", "headTemperature", "axis",
    "trainable", "marginalEntropyWeight", "symmetrised", "consistencyWeight", "entropyWeight", "learningRate",
    "nesterov",
    "weightDecay", "probes", "streams", "widths", "steps", "rectified", "transposeA", "transposeB", "accumulate",
  ]

  mutating func one<Element>(_ list: [Element]) -> Element { list[Int(random.next() % UInt64(list.count))] }
  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
  mutating func chance(_ parts: Int) -> Bool { below(parts) == 0 }

  /// A prompt with some spoils; `others` are prompts of the same operation.
  mutating func spoiled(_ prompt: Prompt, others: [Prompt]) -> Prompt {
    var prompt = prompt
    for _ in 0...below(3) { spoil(&prompt, others) }
    return prompt
  }

  private mutating func spoil(_ prompt: inout Prompt, _ others: [Prompt]) {
    let (inputs, parameters) = (prompt.inputs.keys.sorted(), prompt.parameters.keys.sorted())
    switch below(14) {
    case 0, 1, 2, 3:
      guard !parameters.isEmpty else { return }
      let name = one(parameters)
      prompt.parameters[name] = prompt.parameters[name].map { parameter(like: $0) }
    case 4: prompt.parameters[one(Self.names)] = parameter()
    case 5: if !parameters.isEmpty { prompt.parameters[one(parameters)] = chance(2) ? nil : parameter() }
    case 6, 7, 8:
      guard !inputs.isEmpty else { return }
      let name = one(inputs)
      prompt.inputs[name] = prompt.inputs[name].map { value($0) }
    case 9: if !inputs.isEmpty { prompt.inputs[one(inputs)] = chance(2) ? nil : anyTensor() }
    case 10, 11: resize(&prompt)
    case 12:
      let factor = one([1e-300, 1e-160, 1e-38, 1e-20, 1e-3, 1e3, 1e19, 1e30, 1e150, 1e300])
      prompt.inputs = prompt.inputs.mapValues { $0.changed { clipped($0 * factor) } }
    default:
      let other = one(others)
      if chance(2) {
        prompt.parameters.merge(other.parameters) { $1 }
      } else if let name = other.inputs.keys.sorted().first {
        prompt.inputs[name] = other.inputs[name]
      }
    }
  }

  private func clipped(_ number: Double) -> Double {
    number.isFinite ? number : .greatestFiniteMagnitude
  }

  private mutating func parameter(like value: JSON) -> JSON {
    switch value {
    case .bool(let truth): chance(3) ? parameter() : .bool(!truth)
    case .integer: chance(5) ? parameter() : .integer(one(Self.wholes))
    case .number: chance(5) ? parameter() : .number(one(Self.numbers))
    case .string: chance(5) ? parameter() : .string(one(Self.texts))
    case .array(let list):
      switch below(6) {
      case 0: .array([])
      case 1: .array((0..<one([2000, 20_000])).map { _ in one(list.isEmpty ? [.integer(1)] : list) })
      case 2: .array(list.map { parameter(like: $0) })
      case 3: .array(Array(list.dropLast()))
      case 4: parameter()
      default: list.isEmpty ? .array([parameter()]) : replaced(list)
      }
    case .null, .object: parameter()
    }
  }

  private mutating func replaced(_ list: [JSON]) -> JSON {
    var list = list
    let index = below(list.count)
    list[index] = parameter(like: list[index])
    return .array(list)
  }

  private mutating func parameter() -> JSON {
    switch below(6) {
    case 0: .bool(chance(2))
    case 1, 2: .integer(one(Self.wholes))
    case 3: .number(one(Self.numbers))
    case 4: .string(one(Self.texts))
    default: .array([.integer(one(Self.wholes)), .number(one(Self.numbers))])
    }
  }

  /// Some elements of a tensor, or all, or its shape.
  private mutating func value(_ value: TensorValue) -> TensorValue {
    let shape = value.shape
    switch below(8) {
    case 0: return value.shaped(below(2) == 0 ? shape + [1] : [1] + shape)
    case 1: return anyTensor()
    case 2: return value.cut(axis: below(max(1, shape.count)), to: 0)
    case 3: return value.cut(axis: below(max(1, shape.count)), to: 1)
    case 4:
      let (number, whole) = (one(Self.numbers), one(Self.wholes))
      return value.changed({ _ in number }, { _ in whole })
    default:
      var left = 1 + below(3)
      let rarity = max(1, value.count / 3)
      var fuzzer = self
      let result = value.changed(
        { old in
          guard left > 0, fuzzer.chance(rarity) else { return old }
          left -= 1
          return fuzzer.one(Self.numbers)
        },
        { old in
          guard left > 0, fuzzer.chance(rarity) else { return old }
          left -= 1
          return fuzzer.one(Self.wholes)
        })
      random = fuzzer.random
      return result
    }
  }

  private mutating func anyTensor() -> TensorValue {
    let shape = one([
      [], [0], [1], [2], [0, 0], [1, 1], [1 << 40, 0], [0, 1 << 40], [1 << 62, 2, 0], [3, 0, 2], [2, 3], [1, 1, 1],
      [2, 3, 4, 4], [1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [0, 1, 1, 1], [2, 2, 2], [4, 4], [300, 1],
      [1, 300],
    ])
    let count = shape.contains(0) ? 0 : shape.reduce(1, *)
    let (number, whole) = (one(Self.numbers), one(Self.wholes))
    switch below(4) {
    case 0: return .integers(Array(repeating: whole, count: count), shape: shape)
    case 1: return .bytes(Array(repeating: UInt8(truncatingIfNeeded: whole), count: count), shape: shape)
    default:
      return count == 0
        ? .real(Tensor<Double>(shape: [0], values: [])) : .real(Tensor<Double>(shape: shape, repeating: number))
    }
  }

  /// Every axis of one length gets another: what fitted still fits.
  private mutating func resize(_ prompt: inout Prompt) {
    let lengths = Set(prompt.inputs.values.flatMap(\.shape)).sorted()
    guard !lengths.isEmpty else { return }
    let (length, other) = (one(lengths), one([0, 1, 2, 3]))
    prompt.inputs = prompt.inputs.mapValues { value in
      value.shape.indices.reduce(value) { $0.shape[$1] == length ? $0.cut(axis: $1, to: other) : $0 }
    }
  }

  /// Answers, spoiled in one or all tensors.
  mutating func spoiled(_ answers: [String: TensorValue], profile: Profile) -> [String: StoredTensor] {
    var stored: [String: StoredTensor] = [:]
    let all = chance(3)
    let (chosen, number, whole) = (
      answers.isEmpty ? "" : one(answers.keys.sorted()), one(Self.numbers + [.nan, .infinity, -.infinity]),
      one(Self.wholes)
    )
    let (kind, type) = (below(8), one(TensorFile.types))
    for (name, value) in answers.sorted(by: { $0.key < $1.key }) {
      var tensor = StoredTensor(type: profile == .float64 ? "F64" : "F32", value: value)
      if case .integers = value { tensor.type = "I64" }
      if case .bytes = value { tensor.type = "U8" }
      if all || name == chosen {
        switch kind {
        case 0: continue
        case 1: tensor.type = type
        case 2: tensor.value = anyTensor()
        case 3: tensor.value = value.changed({ $0 * number }, { $0 &+ whole })
        case 4: tensor.value = value.changed({ $0 + number }, { $0 &* whole })
        case 5: tensor.value = value.cut(axis: 0, to: 0)
        case 6: tensor.value = value.changed({ _ in number }, { _ in whole })
        default: tensor.value = value.changed({ $0 * 1.01 }, { $0 &+ 1 })
        }
      }
      stored[name] = tensor
    }
    if chance(5) { stored["another"] = StoredTensor(type: "F64", value: .number(number)) }
    return stored
  }
}

extension TensorValue {
  /// Every element changed.
  func changed(_ real: (Double) -> Double, _ whole: (Int) -> Int = { $0 }) -> TensorValue {
    switch self {
    case .real(let tensor): .real(Tensor<Double>(shape: tensor.shape, values: tensor.values.map(real)))
    case .integers(let integers, let shape): .integers(integers.map(whole), shape: shape)
    case .bytes(let bytes, let shape): .bytes(bytes.map { UInt8(truncatingIfNeeded: whole(Int($0))) }, shape: shape)
    }
  }

  /// The same elements in another shape.
  func shaped(_ shape: [Int]) -> TensorValue {
    switch self {
    case .real(let tensor): .real(Tensor<Double>(shape: shape, values: tensor.values))
    case .integers(let integers, _): .integers(integers, shape: shape)
    case .bytes(let bytes, _): .bytes(bytes, shape: shape)
    }
  }

  /// One axis cut to a length, or filled up with what it has.
  func cut(axis: Int, to length: Int) -> TensorValue {
    guard axis < shape.count, !shape.contains(0) else { return self }
    let (outer, old, inner) = (
      shape[..<axis].reduce(1, *), shape[axis], shape[(axis + 1)...].reduce(1, *)
    )
    let indices = (0..<outer).flatMap { o in
      (0..<length).flatMap { l in (0..<inner).map { (o * old + l % old) * inner + $0 } }
    }
    var shape = shape
    shape[axis] = length
    switch self {
    case .real(let tensor): return .real(Tensor<Double>(shape: shape, values: indices.map { tensor.values[$0] }))
    case .integers(let integers, _): return .integers(indices.map { integers[$0] }, shape: shape)
    case .bytes(let bytes, _): return .bytes(indices.map { bytes[$0] }, shape: shape)
    }
  }
}
