import Foundation
import Kernels
import Networks
import Testing

@testable import Oracle

/// Whatever a port answers is judged and diagnosed without a trap: a wrong tensor is what the judge is there for.
@Suite("Fuzzed answers")
struct AnswerFuzzTests {
  /// What becomes of a tensor; its shape stays.
  enum Change: CaseIterable {
    case random, constant, zero, huge, tiny, negated, reversed, notANumber, infinite
  }

  private func changed(_ value: TensorValue, _ change: Change, _ stream: inout RandomStream) -> TensorValue {
    func number(_ i: Int, _ old: Double, of count: Int, _ values: (Int) -> Double) -> Double {
      switch change {
      case .random: stream.uniform(-3, 3)
      case .constant: 0.5
      case .zero: 0
      case .huge: old < 0 ? -1e300 : 1e300
      case .tiny: old < 0 ? -1e-300 : 1e-300
      case .negated: -old
      case .reversed: values(count - 1 - i)
      case .notANumber: i % 2 == 0 ? .nan : old
      case .infinite: i % 3 == 0 ? -.infinity : .infinity
      }
    }
    switch value {
    case .real(let tensor):
      return .real(tensor.mapped { i, old in number(i, old, of: tensor.count) { tensor.values[$0] } })
    case .integers(let integers, let shape):
      let extremes = [Int.max, Int.min, -1, 0, 1 << 32]
      return .integers(
        integers.indices.map { i in
          switch change {
          case .negated: 0 &- integers[i]
          case .reversed: integers[integers.count - 1 - i]
          case .zero, .tiny: 0
          default: extremes[stream.integer(below: extremes.count)]
          }
        }, shape: shape)
    case .bytes(let bytes, let shape):
      return .bytes(bytes.map { change == .negated ? 255 - $0 : UInt8(stream.integer(below: 256)) }, shape: shape)
    }
  }

  private func stored(_ value: TensorValue) -> StoredTensor {
    switch value {
    case .real: StoredTensor(type: "F64", value: value)
    case .integers: StoredTensor(type: "I64", value: value)
    case .bytes: StoredTensor(type: "U8", value: value)
    }
  }

  /// Whether every case is asked for, which takes many minutes in release.
  private let isWhole = ProcessInfo.processInfo.environment["TSUC_FUZZ"] != nil

  /// Of every operation the case of fewest numbers, or all cases.
  private func cases(_ corpus: Corpus) throws -> [CorpusCase] {
    let all = try corpus.manifest.cases.map { try corpus.load($0) }
    if isWhole { return all }
    func size(_ item: CorpusCase) -> Int { item.prompt.inputs.values.reduce(0) { $0 + $1.count } }
    return Dictionary(grouping: all, by: \.prompt.operation).values
      .compactMap { $0.min { (size($0), $0.description.id) < (size($1), $1.description.id) } }
      .sorted { $0.description.id < $1.description.id }
  }

  // Each tensor alone, and all tensors at once.
  @Test(.timeLimit(.minutes(30))) func propertyNoAnswerTrapsTheJudge() throws {
    var stream = RandomStream(seed: 0x667a, purpose: .test)
    var judged = 0
    for item in try cases(ownCorpus.get()) where isWhole || !item.description.id.hasPrefix("trajectory/") {
      let names = item.expected.keys.sorted()
      // Networks and steps have hundreds of tensors and take long: of them some tensors, each with other changes.
      let isLong = names.count > 20
      let most = isWhole ? isLong ? 8 : names.count : 2
      let chosen = names.indices.filter { $0 % max(1, names.count / most) == 0 }.map { names[$0] }
      let stride = isWhole ? isLong ? 3 : 1 : isLong ? 9 : 3
      for (number, name) in (chosen + ["*"]).enumerated() {
        for (index, change) in Change.allCases.enumerated() where (index + number) % stride == 0 {
          var answers = item.expected.mapValues(stored)
          for (other, value) in item.expected.sorted(by: { $0.key < $1.key }) where name == "*" || other == name {
            answers[other] = stored(changed(value, change, &stream))
          }
          var diagnostician: (any Diagnosing)? = Diagnostician()
          let report = item.report(on: answers, profile: .float64, by: &diagnostician)
          let text = CheckReport(
            corpus: "", isDraft: true,
            capability: Capability(backend: "fuzz", version: "1", scalar: "float64", claims: ["*"]), profile: .float64,
            cases: [report], problems: []
          ).description
          #expect(!text.contains("nan(") && text.count < 20_000, "\(item.description.id) \(name) \(change): \(text)")
          judged += 1
        }
      }
    }
    #expect(judged > 300, "\(judged)")
  }
}
