import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

/// The fast forms against their definitions.
///
/// In Double, at probabilities away from 0 and 1, both err by some hundred roundings
/// of numbers of the order of 1: 1e-12 is far above them and far below any mistake.
@Suite("Losses against their definitions")
struct ReferenceLossesTests {
  private let rows = unit(.random([8, 5], seed: 3))
  private let bank = unit(.random([11, 5], seed: 4))
  private let images = [4, 0, 9, 2]

  @Test(arguments: [(1.0, true), (1, false), (2.5, true), (2.5, false)])
  func invariantBatchLoss(weight: Double, stops: Bool) {
    let found = BatchLoss(temperature: 0.4, negativeWeight: weight, stopsGradient: stops).evaluate(rows)
    let expected = referenceBatchLoss(arrays(rows), temperature: 0.4, negativeWeight: weight, stopsGradient: stops)
    expectClose(found.loss, expected.loss, tolerance: 1e-12)
    expectClose(found.rowsGradient, Tensor(rows: expected.gradient), tolerance: 1e-12)
  }

  @Test func invariantPaperBatchLoss() {
    let found = BatchLoss<Double>(temperature: 0.4, denominator: .paper).evaluate(rows)
    expectClose(found.loss, referencePaperBatchLoss(arrays(rows), temperature: 0.4), tolerance: 1e-12)
  }

  @Test func invariantLossesAgainstTheBank() {
    let logits = MemoryBank(rows: bank, temperature: 0.5).logits(of: rows)
    expectClose(
      logits, Tensor(rows: referenceBankLogits(arrays(rows), bank: arrays(bank), temperature: 0.5)), tolerance: 1e-13)
    let neighbourhoods = Neighbourhoods(imageCount: 11, anchors: [0, 9], neighbours: [[3, 7], [1, 1]])
    let own = images + images
    let members = own.map { Set(neighbourhoods.members(of: $0)) }
    let found = InstanceNeighbourhoodLoss<Double>().evaluate(
      logits: logits, images: own, neighbourhoods: neighbourhoods)
    let expected = referenceInstanceNeighbourhoodLoss(arrays(logits), neighbourhoods: members)
    expectClose(found.loss, expected.loss, tolerance: 1e-12)
    expectClose(found.logitsGradient, Tensor(rows: expected.gradient), tolerance: 1e-12)
    let entropy = UnificationEntropyLoss<Double>().evaluate(logits: logits, images: own)
    let reference = referenceUnificationEntropyLoss(arrays(logits), images: own)
    expectClose(entropy.loss, reference.loss, tolerance: 1e-12)
    expectClose(entropy.logitsGradient, Tensor(rows: reference.gradient), tolerance: 1e-12)
  }

  @Test func invariantRelationLoss() {
    let loss = BatchLoss<Double>(temperature: 0.4)
    let found = RelationLoss(batchLoss: loss).evaluate(
      embeddings: rows, gram: bank.multiplied(by: bank, transposed: true))
    let expected = referenceRelationLoss(arrays(rows), bank: arrays(bank)) {
      referenceBatchLoss($0, temperature: 0.4)
    }
    expectClose(found.loss, expected.loss, tolerance: 1e-12)
    expectClose(found.embeddingsGradient, Tensor(rows: expected.gradient), tolerance: 1e-12)
  }

  @Test(arguments: [1.0, 2]) func invariantMutualInformation(weight: Double) {
    let logits = Tensor<Double>.random([12, 4], seed: 5)
    let all = Tensor(shape: [12, 4], values: softmaxOfRows(logits.values, columns: 4))
    let (first, second) = (all.rows(0..<6), all.rows(6..<12))
    let found = MutualInformationLoss(marginalEntropyWeight: weight).evaluate(first: first, second: second)
    let expected = referenceMutualInformationLoss(
      arrays(first), arrays(second), marginalEntropyWeight: weight)
    expectClose(found.loss, expected.loss, tolerance: 1e-12)
    expectClose(found.firstGradient, Tensor(rows: expected.firstGradient), tolerance: 1e-12)
    expectClose(found.secondGradient, Tensor(rows: expected.secondGradient), tolerance: 1e-12)
  }
}
