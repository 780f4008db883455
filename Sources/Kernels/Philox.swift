// Counter-based random numbers: Philox4x32-10.
//
// Paper    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011; known answers: Random123.
// A number depends on its key and counter alone, so an image's augmentation depends on no batch, thread or restart.
// Tests    KernelsTests/PhiloxTests.swift

/// The block function: a key and a 128-bit counter give four random 32-bit words.
public enum Philox {
  /// The four words that belong to `counter` under `key`, after ten rounds.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<10 { pass(&counter, &key) }
    return counter
  }

  /// What each of the ten rounds leaves: the words, and the key that it has used.
  package static func rounds(
    counter: SIMD4<UInt32>, key: SIMD2<UInt32>
  ) -> [(words: SIMD4<UInt32>, key: SIMD2<UInt32>)] {
    var (counter, key) = (counter, key)
    return (0..<10).map { _ in
      let used = key
      pass(&counter, &key)
      return (counter, used)
    }
  }

  /// One round.
  @inline(__always)
  private static func pass(_ counter: inout SIMD4<UInt32>, _ key: inout SIMD2<UInt32>) {
    let first = UInt64(0xD251_1F53) * UInt64(counter[0])
    let second = UInt64(0xCD9E_8D57) * UInt64(counter[2])
    counter = SIMD4(
      UInt32(truncatingIfNeeded: second >> 32) ^ counter[1] ^ key[0], UInt32(truncatingIfNeeded: second),
      UInt32(truncatingIfNeeded: first >> 32) ^ counter[3] ^ key[1], UInt32(truncatingIfNeeded: first))
    key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85)
  }
}

/// What random numbers are drawn for: streams of different purposes never share a number.
public enum RandomPurpose: UInt32, Sendable {
  case test = 0
  case weights = 1
  case memory = 2
  case heads = 3
  case shuffle = 4
  case augmentation = 5
  case kMeans = 6
}

/// One stream of random numbers, set apart from all others by (seed, purpose, epoch, image, view).
///
/// Key = (seed, purpose); counter = (draw / 4, view, image, epoch); draws are taken from the four words in order.
public struct RandomStream: Sendable {
  private let key: SIMD2<UInt32>
  private var counter: SIMD4<UInt32>
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// A stream at its first draw.
  ///
  /// Of `epoch`, `image` and `view`, each 0 or more, the lowest 32 bits count.
  public init(seed: UInt32, purpose: RandomPurpose, epoch: Int = 0, image: Int = 0, view: Int = 0) {
    key = SIMD2(seed, purpose.rawValue)
    counter = SIMD4(
      0, UInt32(truncatingIfNeeded: view), UInt32(truncatingIfNeeded: image), UInt32(truncatingIfNeeded: epoch))
  }

  /// The next 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = Philox.block(counter: counter, key: key)
      counter[0] &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// A uniform number in [0, 1): the top 24 bits of one word over 2²⁴, so that Float and Double hold the same value.
  public mutating func uniform() -> Double { Double(nextWord() >> 8) * 0x1p-24 }

  /// A uniform number in [lower, upper), computed as lower + (upper − lower)·u in Double.
  public mutating func uniform(_ lower: Double, _ upper: Double) -> Double { lower + (upper - lower) * uniform() }

  /// A uniform integer in 0..<bound, exactly uniform (Lemire's multiplication with rejection).
  public mutating func integer(below bound: Int) -> Int {
    require((1...Int(UInt32.max)).contains(bound), "the bound must be 1 to 2^32 - 1, not \(bound)")
    let bound = UInt32(bound)
    let threshold = (0 &- bound) % bound
    while true {
      let product = UInt64(nextWord()) * UInt64(bound)
      if UInt32(truncatingIfNeeded: product) >= threshold { return Int(product >> 32) }
    }
  }

  /// A standard normal number, by Marsaglia's polar method (logarithm and square root only; the second one is dropped).
  public mutating func normal() -> Double {
    while true {
      let x = uniform(-1, 1)
      let y = uniform(-1, 1)
      let square = x * x + y * y
      if square > 0 && square < 1 { return x * (-2 * Double.log(square) / square).squareRoot() }
    }
  }

  /// As many normal numbers in a row, drawn in Double, times the standard deviation, then rounded.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func normals<Scalar: RealScalar>(
    _ count: Int, standardDeviation: Double = 1, as _: Scalar.Type = Scalar.self
  ) -> [Scalar] {
    var values: [Scalar] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(Scalar(standardDeviation * normal())) }
    return values
  }

  /// The numbers 0..<count in random order (Fisher and Yates, from the last place down).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(below: last + 1)) }
    return order
  }
}
