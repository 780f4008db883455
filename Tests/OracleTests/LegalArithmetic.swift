// Float arithmetic as any correct backend might do it: sums in any order and grouping, fused or not, exponentials
// within two units.
import Kernels
import Networks

/// Draws one legal way after another.
struct LegalArithmetic {
  private var stream: RandomStream

  init(seed: UInt32) { stream = RandomStream(seed: seed, purpose: .test, image: 0x6c65_6761) }

  /// Whether to take the second of two ways.
  mutating func flip() -> Bool { stream.integer(below: 2) == 1 }

  /// Σ a b: the terms shuffled into up to 16 lanes, each lane a chain of fused and unfused links, the lanes joined in
  /// random pairs.
  mutating func sum(_ terms: [(Float, Float)]) -> Float {
    guard !terms.isEmpty else { return 0 }
    let order = stream.permutation(of: terms.count)
    var lanes = [Float](repeating: 0, count: 1 + stream.integer(below: min(16, terms.count)))
    let mixes = flip()
    for (i, index) in order.enumerated() {
      let (a, b) = terms[index]
      let lane = i % lanes.count
      lanes[lane] = mixes && flip() ? lanes[lane] + a * b : lanes[lane].addingProduct(a, b)
    }
    while lanes.count > 1 {
      let last = lanes.removeLast()
      lanes[stream.integer(below: lanes.count)] += last
    }
    return lanes[0]
  }

  /// Σ x.
  mutating func sum(_ values: [Float]) -> Float { sum(values.map { ($0, 1) }) }

  /// x / y, or x times the rounded 1 / y.
  mutating func quotient(_ x: Float, _ y: Float) -> Float { flip() ? x / y : x * (1 / y) }

  /// exp(x), sometimes one unit in the last place off.
  mutating func exponential(_ x: Float) -> Float { neighbour(of: Float.exp(x)) }

  /// log(x), sometimes one unit in the last place off.
  mutating func logarithm(_ x: Float) -> Float { neighbour(of: Float.log(x)) }

  private mutating func neighbour(of x: Float) -> Float {
    // Nothing of an absent entry is nothing exactly.
    if x == 0 { return 0 }
    return switch stream.integer(below: 3) {
    case 0: x
    case 1: x.nextUp
    default: x.nextDown
    }
  }
}
