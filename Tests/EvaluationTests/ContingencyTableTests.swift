import Kernels
import TestSupport
import Testing
import Evaluation

@Suite("Contingency table: accuracy, NMI, ARI")
struct ContingencyTableTests {
  // Clusters (0,0,1,1) against classes (1,1,0,1): counts [[0,2],[1,1]].
  // Best map 0→1, 1→0 matches 2 + 1 of 4. Entropies: clusters ln 2; classes −¼ ln ¼ − ¾ ln ¾.
  // I = ½ ln(½ / (½·¾)) + ¼ ln(¼ / (½·¼)) + ¼ ln(¼ / (½·¾)) = ½ ln(4/3) + ¼ ln 2 + ¼ ln(2/3).
  // ARI, ordered pairs: Σ n² = 6, tp = 2, fn = 10 − 6 = 4, fp = 8 − 6 = 2, tn = 16 − 4 − 2 − 6 = 4:
  // 2 (2·4 − 4·2) / … = 0.
  @Test func workedExampleOfFourImages() {
    let table = ContingencyTable(predictions: [0, 0, 1, 1], targets: [1, 1, 0, 1])
    #expect(table.counts == [[0, 2], [1, 1]])
    #expect(table.accuracy == 0.75)
    #expect(table.hungarian.mapping == [1, 0])
    let log = Double.log
    let information = log(4.0 / 3) / 2 + log(2) / 4 + log(2.0 / 3) / 4
    let mean = (log(2) + log(4) / 4 + log(4.0 / 3) * 3 / 4) / 2
    // Four roundings of numbers near 1.
    #expect(abs(table.normalisedMutualInformation - information / mean) < 1e-15)
    #expect(table.adjustedRandIndex == 0)
  }

  // The greedy choice (5 for cluster 0) leaves 0; the best assignment gives 4 + 4.
  @Test func workedExampleWhereGreedyLoses() {
    let best = HungarianAccuracy(counts: [[5, 4], [4, 0]])
    #expect(best.matched == 8)
    #expect(best.mapping == [1, 0])
    #expect(best.accuracy == 8.0 / 13)
  }

  @Test func workedExampleOfMoreClustersThanClasses() {
    let best = HungarianAccuracy(counts: [[3, 0], [4, 1], [0, 2]])
    #expect(best.mapping == [nil, 0, 1])
    #expect(best.matched == 6)
  }

  // Of [[3, 0], [4, 1], [0, 2]] each cluster's largest count: 3 + 4 + 2 of 10. Two clusters of three classes with 5, 3 and 2
  // images hold 8 of them at most.
  @Test func workedExampleOfOtherNumbersOfClusters() {
    let more = ContingencyTable(predictions: [0, 0, 0, 1, 1, 1, 1, 1, 2, 2], targets: [0, 0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(more.accuracy == 0.6 && more.manyToOneAccuracy == 0.9 && more.largestAccuracy == 1)
    let fewer = ContingencyTable(
      predictions: [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], targets: [0, 0, 0, 0, 0, 1, 1, 1, 2, 2])
    #expect(fewer.accuracy == 0.8 && fewer.manyToOneAccuracy == 0.8 && fewer.largestAccuracy == 0.8)
  }

  @Test func invariantUnderRenamingAndWithEmptyClusters() throws {
    for (number, scores) in try EvaluationFixture.load().scores.enumerated() {
      let table = ContingencyTable(
        predictions: scores.predictions, targets: scores.targets, clusters: scores.clusters, classes: scores.classes)
      var stream = RandomStream(seed: 1, purpose: .test, image: number)
      // Three more clusters than are used, under random names.
      let names = stream.permutation(of: scores.clusters + 3)
      let renamed = ContingencyTable(
        predictions: scores.predictions.map { names[$0] }, targets: scores.targets, clusters: scores.clusters + 3,
        classes: scores.classes)
      #expect(renamed.accuracy == table.accuracy)
      // Sums in another order: a few last bits of numbers up to 1.
      #expect(abs(renamed.normalisedMutualInformation - table.normalisedMutualInformation) < 1e-14)
      #expect(renamed.adjustedRandIndex == table.adjustedRandIndex)
    }
  }

  @Test func invariantUnderExchangeOfClustersAndClasses() throws {
    for scores in try EvaluationFixture.load().scores {
      let table = ContingencyTable(predictions: scores.predictions, targets: scores.targets)
      let exchanged = ContingencyTable(predictions: scores.targets, targets: scores.predictions)
      #expect(exchanged.accuracy == table.accuracy)
      #expect(abs(exchanged.normalisedMutualInformation - table.normalisedMutualInformation) < 1e-14)
      #expect(abs(exchanged.adjustedRandIndex - table.adjustedRandIndex) < 1e-14)
    }
  }

  @Test(arguments: [1, 2, 5, 10]) func invariantOnesForEqualPartitions(classes: Int) {
    let targets = (0..<40).map { $0 * $0 % classes }
    let predictions = targets.map { classes - 1 - $0 }
    let table = ContingencyTable(predictions: predictions, targets: targets, clusters: classes, classes: classes)
    #expect(table.accuracy == 1)
    #expect(abs(table.normalisedMutualInformation - 1) < 1e-15)
    #expect(table.adjustedRandIndex == 1)
  }

  @Test func invariantZeroInformationOfOneCluster() {
    let table = ContingencyTable(predictions: [0, 0, 0, 0], targets: [0, 1, 2, 3])
    #expect(table.accuracy == 0.25)
    #expect(table.normalisedMutualInformation == 0)
    #expect(table.adjustedRandIndex == 0)
  }

  @Test func invariantFiniteForAMillionImages() {
    let targets = (0..<1_000_000).map { $0 % 10 }
    let table = ContingencyTable(predictions: targets.map { ($0 + 3) % 10 }, targets: targets)
    #expect(table.accuracy == 1)
    #expect(table.adjustedRandIndex == 1)
  }

  @Test func goldenOfTheMethod() throws {
    let golden = try EvaluationGolden.load().hungarian
    let table = ContingencyTable(predictions: golden.predictions, targets: golden.targets)
    #expect(table.counts == golden.counts)
    #expect(table.hungarian.mapping == golden.mapping)
    #expect(table.accuracy == golden.accuracy)
    #expect(abs(table.normalisedMutualInformation - golden.normalisedMutualInformation) < 1e-14)
    #expect(abs(table.adjustedRandIndex - golden.adjustedRandIndex) < 1e-14)
  }

  @Test func goldenScoresOfOtherPrograms() throws {
    let cases = try EvaluationFixture.load().scores
    #expect(cases.count == 10)
    for scores in cases {
      let table = ContingencyTable(
        predictions: scores.predictions, targets: scores.targets, clusters: scores.clusters, classes: scores.classes)
      #expect(table.hungarian.matched == scores.matched)
      // Logarithms of another library and sums in another order.
      #expect(abs(table.normalisedMutualInformation - scores.nmi) < 1e-13, "\(scores.clusters)x\(scores.classes)")
      #expect(abs(table.adjustedRandIndex - scores.ari) < 1e-13, "\(scores.clusters)x\(scores.classes)")
    }
  }

  @Test func goldenAssignmentsOfOtherPrograms() throws {
    let cases = try EvaluationFixture.load().assignments
    #expect(cases.count == 10)
    for assignment in cases {
      let best = HungarianAccuracy(counts: assignment.counts)
      #expect(best.matched == assignment.matched)
      let used = best.mapping.compactMap { $0 }
      #expect(used.count == min(assignment.counts.count, assignment.counts[0].count))
      #expect(Set(used).count == used.count)
    }
  }

  @Test func stopsOnBadInput() async {
    await #expect(processExitsWith: .failure) { _ = ContingencyTable(predictions: [], targets: []) }
    await #expect(processExitsWith: .failure) { _ = ContingencyTable(predictions: [0, 1], targets: [0]) }
    await #expect(processExitsWith: .failure) { _ = ContingencyTable(predictions: [2], targets: [0], clusters: 2) }
    await #expect(processExitsWith: .failure) { _ = HungarianAccuracy(counts: []) }
  }
}
