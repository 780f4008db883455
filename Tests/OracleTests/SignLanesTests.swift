import Kernels
import Testing

@testable import Oracle

@Suite("Sums with 64 choices of signs")
struct SignLanesTests {
  // Against a loop over lanes and bits, to the bit: frozen scales are made of these sums.
  @Test func invariantLanesAreTheirOwnSums() {
    var stream = RandomStream(seed: 64, purpose: .test)
    func draw() -> Double { Double(stream.nextWord()) / 0x1p31 - 1 }
    func key() -> UInt64 { UInt64(stream.nextWord()) << 32 | UInt64(stream.nextWord()) }
    var (lanes, others) = (SignLanes(), SignLanes())
    var (plain, plainOthers) = ([Double](repeating: 0, count: 64), [Double](repeating: 0, count: 64))
    for _ in 0..<50 {
      let (size, signs, slope) = (draw(), key(), draw())
      lanes.add(size, signs: signs)
      others.add(slope, signs: ~signs &* 3)
      lanes.add(others, times: slope)
      for i in 0..<64 {
        plain[i] += signs >> UInt64(i) & 1 == 0 ? size : -size
        plainOthers[i] += (~signs &* 3) >> UInt64(i) & 1 == 0 ? slope : -slope
        plain[i] += plainOthers[i] * slope
      }
    }
    let quotients = lanes.divided(by: 3)
    for i in 0..<64 { #expect(lanes[i] == plain[i] && quotients[i] == plain[i] / 3) }
    #expect(lanes.meanSquare == plain.reduce(0) { $0 + $1 * $1 } / 64)
  }

  @Test func workedExampleOfSigns() {
    var lanes = SignLanes()
    lanes.add(2, signs: 1 << 63 | 1 << 8 | 1)
    for i in 0..<64 { #expect(lanes[i] == ([0, 8, 63].contains(i) ? -2 : 2)) }
    #expect(lanes.meanSquare == 4)
  }
}
