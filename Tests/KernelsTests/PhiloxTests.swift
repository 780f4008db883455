import Kernels
import Testing

@Suite("Philox and random streams")
struct PhiloxTests {
  // Random123's known answers for philox4x32-10; an independent Python program of twelve lines gives the same.
  @Test func workedExampleKnownAnswers() {
    let ones = UInt32.max
    #expect(
      Philox.block(counter: SIMD4(0, 0, 0, 0), key: SIMD2(0, 0))
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox.block(counter: SIMD4(ones, ones, ones, ones), key: SIMD2(ones, ones))
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      Philox.block(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), key: SIMD2(0xA409_3822, 0x299F_31D0))
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  // The last of ten rounds is the block; the first uses the key, each of the others its Weyl sequence's next number.
  @Test func invariantRoundsLeadToTheBlock() throws {
    let (counter, key): (SIMD4<UInt32>, SIMD2<UInt32>) = (SIMD4(1, 2, 3, 4), SIMD2(5, .max))
    let rounds = Philox.rounds(counter: counter, key: key)
    #expect(rounds.count == 10 && rounds.last?.words == Philox.block(counter: counter, key: key))
    #expect(rounds[0].key == key && rounds[1].key == SIMD2(0x9E37_79BE, 0xBB67_AE84))
    // hi and lo of CD9E8D57 · 3 are 2 and 68DBA805, of D2511F53 · 1 they are 0 and itself.
    #expect(rounds[0].words == SIMD4<UInt32>(2 ^ 2 ^ 5, 0x68DB_A805, 0 ^ 4 ^ .max, 0xD251_1F53))
  }

  // All from the same independent Python program: key (seed, purpose), counter (draw / 4, view, image, epoch).
  @Test func workedExampleStream() {
    var words = RandomStream(seed: 7, purpose: .augmentation, epoch: 3, image: 11, view: 1)
    let expected: [UInt32] = [0xFCC6_24F4, 0x1C7F_31F9, 0xE378_D896, 0x8BC1_DBF5, 0xAF00_33C0, 0x9D8B_6AF3]
    #expect(expected.map { _ in words.nextWord() } == expected)
    var uniform = RandomStream(seed: 7, purpose: .augmentation, epoch: 3, image: 11, view: 1)
    #expect((0..<3).map { _ in uniform.uniform() } == [0.9873983860015869, 0.1113157868385315, 0.8885626792907715])
    var integers = RandomStream(seed: 1, purpose: .test)
    #expect((0..<12).map { _ in integers.integer(below: 10) } == [8, 8, 5, 7, 6, 8, 4, 6, 2, 5, 7, 9])
    // A bound above 2³¹ rejects often.
    var wide = RandomStream(seed: 1, purpose: .test)
    #expect(
      (0..<6).map { _ in wide.integer(below: 3_000_000_000) }
        == [2_670_777_518, 2_684_054_148, 1_757_177_844, 2_133_804_229, 1_426_779_677, 742_204_416])
    var normal = RandomStream(seed: 1, purpose: .test)
    for expected in [0.666377938121571, 0.3681397433174831, -0.33159943831875294, -1.583699529420271] {
      // One faithful logarithm, a division, a root and a product apart from the other program's.
      #expect(abs(normal.normal() - expected) < 1e-15 * 4)
    }
    var shuffle = RandomStream(seed: 42, purpose: .shuffle, epoch: 2)
    #expect(shuffle.permutation(of: 12) == [6, 5, 7, 1, 10, 4, 3, 8, 2, 0, 9, 11])
  }

  @Test func invariantStreamsDiffer() {
    let streams = [
      RandomStream(seed: 1, purpose: .test), RandomStream(seed: 2, purpose: .test),
      RandomStream(seed: 1, purpose: .weights), RandomStream(seed: 1, purpose: .test, epoch: 1),
      RandomStream(seed: 1, purpose: .test, image: 1), RandomStream(seed: 1, purpose: .test, view: 1),
    ]
    var seen: Set<UInt32> = []
    for var stream in streams {
      for _ in 0..<8 { seen.insert(stream.nextWord()) }
    }
    #expect(seen.count == 48)
  }

  // n = 200,000 uniforms: the mean's deviation is 1/√(12 n) = 6.5e-4, the variance's about 1.7e-4; five of each.
  @Test func invariantUniformMoments() {
    var stream = RandomStream(seed: 3, purpose: .test)
    let values = (0..<200_000).map { _ in stream.uniform() }
    #expect(values.allSatisfy { (0..<1).contains($0) })
    #expect(values.allSatisfy { Double(Float($0)) == $0 })
    let mean = values.reduce(0, +) / 200_000
    #expect(abs(mean - 0.5) < 3.3e-3)
    let variance = values.reduce(0.0) { (sum: Double, x: Double) -> Double in sum + (x - mean) * (x - mean) } / 200_000
    #expect(abs(variance - 1.0 / 12) < 9e-4)
    #expect((0..<1000).allSatisfy { _ in (-2..<3).contains(stream.uniform(-2, 3)) })
  }

  // Moments of n = 100,000 standard normals: deviations √(1/n), √(2/n), √(15/n), √(96/n); five of each.
  @Test func invariantNormalMoments() {
    var stream = RandomStream(seed: 4, purpose: .test)
    let values = (0..<100_000).map { _ in stream.normal() }
    func moment(_ power: (Double) -> Double) -> Double { values.reduce(0) { $0 + power($1) } / 100_000 }
    #expect(abs(moment { $0 }) < 0.016)
    #expect(abs(moment { $0 * $0 } - 1) < 0.023)
    #expect(abs(moment { $0 * $0 * $0 }) < 0.062)
    #expect(abs(moment { $0 * $0 * $0 * $0 } - 3) < 0.155)
  }

  private func chiSquared(_ counts: [Int], expected: Int) -> Double {
    counts.reduce(0.0) { (sum: Double, count: Int) -> Double in
      let distance = Double(count - expected)
      return sum + distance * distance / Double(expected)
    }
  }

  // χ² of 7 faces and 70,000 throws has 6 degrees of freedom: above 33 once in 10⁵ seeds.
  @Test func invariantIntegersUniform() {
    var stream = RandomStream(seed: 5, purpose: .test)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[stream.integer(below: 7)] += 1 }
    #expect(chiSquared(counts, expected: 10_000) < 33)
    #expect(stream.integer(below: 1) == 0)
  }

  // χ² of the 24 orders of 4 numbers in 24,000 draws has 23 degrees of freedom: above 65 once in 10⁵ seeds.
  @Test func invariantPermutations() {
    var stream = RandomStream(seed: 6, purpose: .test)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 { counts[stream.permutation(of: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    #expect(chiSquared(Array(counts.values), expected: 1000) < 65)
    #expect(counts.keys.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
    #expect(stream.permutation(of: 0) == [] && stream.permutation(of: 1) == [0])
  }

  @Test func stopsOnEmptyRange() async {
    await #expect(processExitsWith: .failure) {
      var stream = RandomStream(seed: 1, purpose: .test)
      _ = stream.integer(below: 0)
    }
  }
}
