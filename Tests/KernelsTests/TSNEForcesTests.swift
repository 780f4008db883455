import Kernels
import Testing

@Suite("Forces of a layout")
struct TSNEForcesTests {
  // Two points one apart: w = 1 / (1 + 1) = 1/2. The pull is p w · (−1) = −1/4 for p = 1/2, the push w² · (−1) = −1/4,
  // the weights 1 (the point itself) + 1/2. The places beyond, whatever they hold, do nothing.
  @Test func workedExampleOfTwoPoints() {
    var p = [Double](repeating: 0, count: 32)
    (p[1], p[16]) = (0.5, 0.5)
    let x = [0, 1] + [Double](repeating: 0.5, count: 14)
    let forces = tsneForces(
      affinities: p, x: x, y: [Double](repeating: 0, count: 16), count: 2, columns: 16)
    #expect(forces.map(\.attractionX) == [-0.25, 0.25])
    #expect(forces.map(\.repulsionX) == [-0.25, 0.25])
    #expect(forces.map(\.attractionY) == [0, 0] && forces.map(\.repulsionY) == [0, 0])
    #expect(forces.map(\.weight) == [1.5, 1.5])
  }

  // Sums of 37 terms below 1: 40 roundings of 2⁻⁵³ each in Double, of 2⁻²⁴ in Float.
  @Test(arguments: [1, 2, 15, 16, 17, 37]) func invariantEqualsTheDefinition(count: Int) {
    let columns = (count + 15) / 16 * 16
    var stream = RandomStream(seed: 3, purpose: .test)
    let x = (0..<columns).map { _ in stream.normal() }
    let y = (0..<columns).map { _ in stream.normal() }
    let p = (0..<count * columns).map { $0 % columns < count ? stream.uniform() / Double(count) : 0 }
    let forces = tsneForces(affinities: p, x: x, y: y, count: count, columns: columns)
    let narrow = tsneForces(
      affinities: p.map { Float($0) }, x: x.map { Float($0) }, y: y.map { Float($0) }, count: count, columns: columns)
    for i in 0..<count {
      var (pull, push, weight) = (0.0, 0.0, 0.0)
      for j in 0..<count {
        let w = 1 / (1 + (x[i] - x[j]) * (x[i] - x[j]) + (y[i] - y[j]) * (y[i] - y[j]))
        pull += p[i * columns + j] * w * (y[i] - y[j])
        push += w * w * (y[i] - y[j])
        weight += w
      }
      let scale = 40 * Double(count)
      for (found, expected) in [
        (forces[i].attractionY, pull), (forces[i].repulsionY, push), (forces[i].weight, weight),
      ] { #expect(abs(found - expected) <= scale * 0x1p-53) }
      for (found, expected) in [
        (narrow[i].attractionY, pull), (narrow[i].repulsionY, push), (narrow[i].weight, weight),
      ] { #expect(abs(Double(found) - expected) <= scale * 0x1p-24) }
    }
  }
}
