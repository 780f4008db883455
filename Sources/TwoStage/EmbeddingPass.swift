// The embeddings of a whole set of images, as they are: no random view, batch norm with its running statistics.
//
// Tests    TrainerTests.swift, RunEvaluationTests.swift
import Images
import Kernels
import Networks

extension ImageEncoder {
  /// The unit embeddings of images of a set in evaluation mode.
  ///
  /// Images go through in chunks of 256, so that memory does not grow with the set; no image's embedding depends on others.
  ///
  /// - Parameters:
  ///   - images: The set.
  ///   - standardisation: That of the training images, which may be others; by default the set's own.
  ///   - indices: Numbers of images in the set; all by default.
  /// - Returns: indices.count × embeddingSize, in the order of the indices.
  public func embed(
    _ images: ImageSet, standardisedBy standardisation: Standardisation? = nil, indices: [Int]? = nil
  ) -> Tensor<Scalar> {
    let indices = indices ?? Array(0..<images.count)
    var values: [Scalar] = []
    values.reserveCapacity(indices.count * configuration.embeddingSize)
    for first in stride(from: 0, to: indices.count, by: 256) {
      let chunk = Array(indices[first..<min(indices.count, first + 256)])
      let pixels: [Scalar] = images.evaluationBatch(chunk, standardisedBy: standardisation)
      let tensor = Tensor(shape: [chunk.count, images.channels, images.height, images.width], values: pixels)
      values += embed(tensor).values
    }
    return Tensor(shape: [indices.count, configuration.embeddingSize], values: values)
  }
}
