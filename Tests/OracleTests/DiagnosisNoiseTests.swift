import Kernels
import Networks
import Testing

@testable import Oracle

/// A right answer with noise is no known mistake: a wrong name costs a porter more than none.
@Suite("Diagnosis of noise")
struct DiagnosisNoiseTests {
  /// What disturbs one tensor, by at most `size` bounds in its worst element.
  enum Noise: CaseIterable {
    /// Every element by its own random part of the size.
    case uniform
    /// Every element by the same relative amount.
    case relative
    /// One element alone.
    case oneElement
    /// The last column alone.
    case oneColumn
    /// Factors of 11 significant bits, as TF32 has.
    case elevenBits
  }

  private func disturbed(
    _ right: Tensor<Double>, _ bounds: [Double], _ noise: Noise, size: Double, _ stream: inout RandomStream
  ) -> Tensor<Double> {
    let columns = max(1, right.shape.last ?? 1)
    let chosen = stream.integer(below: right.count)
    let relative = zip(bounds, right.values).reduce(Double.infinity) {
      $1.1 == 0 ? $0 : min($0, size * $1.0 / abs($1.1))
    }
    var result = right
    for i in right.values.indices {
      let sign: Double = stream.integer(below: 2) == 0 ? 1 : -1
      switch noise {
      case .uniform: result.values[i] += sign * stream.uniform(0, size) * bounds[i]
      case .relative: result.values[i] *= 1 + (relative.isFinite ? relative : 0)
      case .oneElement: if i == chosen { result.values[i] += sign * size * bounds[i] }
      case .oneColumn: if i % columns == columns - 1 { result.values[i] += sign * size * bounds[i] }
      case .elevenBits: result.values[i] = ReducedRounding.elevenBits(right.values[i])
      }
    }
    return result
  }

  private enum ReducedRounding {
    static func elevenBits(_ value: Double) -> Double {
      guard value != 0, value.isFinite else { return value }
      let unit = Double(sign: .plus, exponent: value.exponent - 10, significand: 1)
      return (value / unit).rounded() * unit
    }
  }

  /// Every tensor of a sample of the cases that are no networks, with five kinds of noise of four sizes.
  @Test(.timeLimit(.minutes(30))) func noiseIsNoKnownMistake() throws {
    let corpus = try ownCorpus.get()
    var (tried, named): (Int, [String]) = (0, [])
    var stream = RandomStream(seed: 0x6e6f, purpose: .test)
    for (index, id) in corpus.manifest.cases.enumerated() where index % 23 == 1 {
      if ["trajectory/", "step/", "encoder/", "block/"].contains(where: id.hasPrefix) { continue }
      let item = try corpus.load(id)
      var answers: [String: StoredTensor] = [:]
      for (name, value) in item.expected {
        let type =
          switch value {
          case .real: "F64"
          case .integers: "I64"
          case .bytes: "U8"
          }
        answers[name] = StoredTensor(type: type, value: value)
      }
      // One for the case: it searches for pairs in the first few answers alone.
      var diagnostician = Diagnostician()
      for (name, value) in item.expected.sorted(by: { $0.key < $1.key }) {
        guard case .real(let right) = value, right.count > 0 else { continue }
        let bounds = right.values.indices.map {
          item.bound(stored: right.values[$0], item.scales[name], element: $0, .float32, "F64")
        }
        for noise in Noise.allCases {
          for size in noise == .elevenBits ? [1] : [1.5, 3, 20, 100] {
            var noisy = answers
            noisy[name] = StoredTensor(
              type: "F64", value: .real(disturbed(right, bounds, noise, size: size, &stream)))
            guard let found = diagnostician.diagnose(item, noisy, profile: .float32) else { continue }
            tried += 1
            if !found.mutants.isEmpty {
              named.append("\(id) \(name), \(noise) of \(size) bounds: \(found.mutants.joined(separator: " and "))")
            }
          }
        }
      }
    }
    #expect(tried > 250, "\(tried)")
    #expect(named.isEmpty, "\(named.count) of \(tried): \(named.prefix(20).joined(separator: "; "))")
  }
}
