import Kernels
import Networks
import TestSupport
import Testing

@testable import TwoStage

@Suite("The losses against the bank at once")
struct BankLossesTests {
  @Test(arguments: [1, 2, 13, 4100]) func invariantEqualsTwin(columns: Int) {
    check(columns, Float.self)
    check(columns, Double.self)
  }

  // Rows of length 12 make neighbours take nearly all probability, so that both ways to form 1 − q are met.
  private func check<Scalar: RealScalar>(_ columns: Int, _: Scalar.Type) {
    let images = [columns / 2, 0, columns - 1]
    let normalisation = L2Normalisation<Scalar>()
    let embeddings = normalisation.forward(.random([6, 5], seed: 1)).output
    for length: Scalar in [1, 12] {
      let rows = normalisation.forward(.random([columns, 5], seed: 2)).output
      let bank = MemoryBank(rows: Tensor(shape: rows.shape, values: rows.values.map { length * $0 }))
      let near = columns < 3 ? nil : NeighbourhoodDiscovery(rate: 0.5, neighbourCount: 2).discover(in: bank, round: 1)
      for neighbourhoods in [.instances(imageCount: columns), near].compactMap(\.self) {
        for reduction in Reduction.allCases {
          for ownLogit in [nil, Scalar(-10)] {
            for weight: Scalar in [0, 0.2] {
              let losses = BankLosses<Scalar>(
                neighbourhood: .init(reduction: reduction), entropy: .init(ownLogit: ownLogit, reduction: reduction),
                entropyWeight: weight)
              expectTwins(losses, embeddings, images + images, bank, neighbourhoods)
            }
          }
        }
      }
    }
  }

  private func expectTwins<Scalar: RealScalar>(
    _ losses: BankLosses<Scalar>, _ embeddings: Tensor<Scalar>, _ images: [Int], _ bank: MemoryBank<Scalar>,
    _ neighbourhoods: Neighbourhoods
  ) {
    let distribution = BankDistribution(logits: bank.logits(of: embeddings), images: images)
    let andTerm = losses.neighbourhood.evaluate(distribution, neighbourhoods: neighbourhoods)
    let ueTerm = losses.entropyWeight > 0 ? losses.entropy.evaluate(distribution) : nil
    var gradient = andTerm.logitsGradient
    if let ueTerm { add(ueTerm.logitsGradient.values, scaledBy: losses.entropyWeight, into: &gradient.values) }
    let embeddingsGradient = bank.embeddingsGradient(ofLogits: gradient)

    // All rows at a time, three and three, one after the other.
    let rowBytes = bank.rows.rows * MemoryLayout<Scalar>.stride
    for limit in [6 * rowBytes, 5 * rowBytes, 1] {
      var losses = losses
      losses.logitsLimit = limit
      let found = losses.evaluate(embeddings: embeddings, images: images, bank: bank, neighbourhoods: neighbourhoods)
      #expect(found.neighbourhood == andTerm.loss && found.entropy == ueTerm?.loss, "\(losses)")
      #expect(found.embeddingsGradient == embeddingsGradient, "\(losses)")
    }
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { evaluate(images: [0], imageCount: 4) }
    await #expect(processExitsWith: .failure) { evaluate(images: [0, 4], imageCount: 4) }
    await #expect(processExitsWith: .failure) { evaluate(images: [0, 1], imageCount: 5) }
  }
}

/// Two rows against a bank of four images.
private func evaluate(images: [Int], imageCount: Int) {
  _ = BankLosses<Float>(neighbourhood: .init(), entropy: .init(), entropyWeight: 1).evaluate(
    embeddings: Tensor(shape: [2, 2]), images: images, bank: MemoryBank(images: 4, features: 2, seed: 1),
    neighbourhoods: .instances(imageCount: imageCount))
}
