// Batches of random views: each image is one block of the parallel loop, so the number of threads changes no bit.
//
// Tests    ImagesTests/AugmentationTests.swift
import Kernels

extension Augmentation {
  /// One random view of one image: channels × height × width, 0 black and 1 white, not yet standardised.
  public func view(of set: ImageSet, image: Int, seed: UInt32, epoch: Int, view: Int) -> [Float] {
    parameters(seed: seed, epoch: epoch, image: image, view: view, height: set.height, width: set.width)
      .view(of: set.image(image), channels: set.channels, height: set.height, width: set.width)
  }

  /// One random view of each of `images`, standardised: images.count × channels × height × width.
  ///
  /// Each value is (pixel − mean) / standardDeviation with the set's numbers, in the batch's own precision from the
  /// Float pixel on.
  ///
  /// - Parameters:
  ///   - set: The images.
  ///   - images: Numbers of images in the set, in any order.
  ///   - seed: The run's seed.
  ///   - epoch: Counts over the whole run, so that no epoch repeats another's views.
  ///   - view: 0 or 1 for the two views of a training step.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func batch<Scalar: RealScalar>(
    of set: ImageSet, images: [Int], seed: UInt32, epoch: Int, view: Int
  ) -> [Scalar] {
    let (mean, deviation) = (Scalar(set.mean), Scalar(set.standardDeviation))
    let size = set.valuesPerImage
    var values = [Scalar](repeating: 0, count: images.count * size)
    Parallel.forEachBlock(of: &values, blockSize: size) { place, span in
      let pixels = self.view(of: set, image: images[place], seed: seed, epoch: epoch, view: view)
      for i in pixels.indices { span[i] = (Scalar(pixels[i]) - mean) / deviation }
    }
    return values
  }
}
