// The two numbers by which a run standardises every image it sees, also images that it was not trained on.
//
//     x = (pixel / maximumValue − mean) / standardDeviation
//
// Tests    Evaluation/RunEvaluationTests.swift
import Images
import Kernels
import Networks

/// The mean and the standard deviation of the images of a run.
public struct Standardisation: Codable, Sendable, Equatable {
  /// The mean of pixel / maximumValue over the training images.
  public let mean: Double
  /// Their population standard deviation; positive.
  public let standardDeviation: Double

  /// Two given numbers.
  public init(mean: Double, standardDeviation: Double) {
    require(
      mean.isFinite && standardDeviation > 0,
      "images cannot be standardised by mean \(mean) and standard deviation \(standardDeviation)")
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The numbers of a data set itself.
  public init(of images: ImageSet) {
    self.init(mean: images.mean, standardDeviation: images.standardDeviation)
  }

  /// Images without augmentation; range.count × channels × height × width. The same bits as
  /// `ImageSet.evaluationBatch` where the numbers are the set's own.
  public func batch<Scalar: RealScalar>(of images: ImageSet, _ range: Range<Int>) -> Tensor<Scalar> {
    // There are only 256 pixel values, so each is standardised once.
    let levels = (0..<256).map {
      (Scalar($0) / Scalar(images.maximumValue) - Scalar(mean)) / Scalar(standardDeviation)
    }
    let size = images.channels * images.height * images.width
    return Tensor(
      shape: [range.count, images.channels, images.height, images.width],
      values: images.pixels[range.lowerBound * size..<range.upperBound * size].map { levels[Int($0)] })
  }
}

extension ImageEncoder {
  /// The embeddings of all images of a set in evaluation mode; images × embeddingSize, unit rows.
  public func embed(_ images: ImageSet, standardisedBy standardisation: Standardisation) -> Tensor<Scalar> {
    var values: [Scalar] = []
    for first in stride(from: 0, to: images.count, by: 256) {
      values += embed(standardisation.batch(of: images, first..<min(images.count, first + 256))).values
    }
    return Tensor(shape: [images.count, configuration.embeddingSize], values: values)
  }
}
