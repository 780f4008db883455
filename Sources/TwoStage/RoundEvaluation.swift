// How good the embeddings are after each round of stage 1, by labels that training does not see.
//
// Paper    Wu et al., CVPR 2018 (NPID), section 3.4; after each epoch in the released program of Han et al., ECCV 2020:
//          the rows of the memory bank vote, K = 200 (fewer where classes are small), σ = 0.1, on test images.
// Tests    RoundEvaluationTests.swift
import Evaluation
import Images
import Kernels
import Networks

/// Weighted nearest neighbours of test images, or without any of the training images, among the rows of the memory bank.
public struct RoundEvaluation: Sendable {
  private let training: ImageSet
  private let test: ImageSet?
  private let standardisation: Standardisation
  private let labels: [Int]
  private let classCount: Int

  /// What is needed for it; nil without labels.
  ///
  /// - Parameters:
  ///   - training: The training images.
  ///   - test: Other images with labels; their classes are those of the training where their names are.
  ///   - standardisation: That of the training images.
  public init?(training: ImageSet, test: ImageSet?, standardisation: Standardisation) {
    guard let labels = training.labels, test == nil || test?.labels != nil else { return nil }
    let test = test.map { test in training.namesOfClasses.map(test.numberingClasses) ?? test }
    (self.training, self.test, self.standardisation, self.labels) = (training, test, standardisation, labels)
    classCount = max(training.classCount ?? 1, test?.classCount ?? 1)
  }

  /// The share of the test images whose class is found; without test images that of the training images, each by all rows
  /// of the bank but its own.
  public func accuracy(of stage: StageOne<Float>) -> Double {
    let classifier = WeightedNearestNeighbours(
      features: stage.bank.rows, labels: labels, classCount: classCount,
      neighbourCount: WeightedNearestNeighbours<Float>.neighbourCount(images: training.count, classes: classCount),
      temperature: RunEvaluation.neighbourTemperature)
    let queries = stage.encoder.embed(test ?? training, standardisedBy: standardisation)
    guard let testLabels = test?.labels else { return classifier.leaveOneOutAccuracy(of: queries) }
    return classifier.accuracy(of: queries, labels: testLabels)
  }
}
