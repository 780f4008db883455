// Batches of random views: each image is one block of the parallel loop, so the number of threads changes no bit.
//
// Tests    ImagesTests/AugmentationTests.swift, ImagesTests/RandomViewsTests.swift
import Kernels

extension Augmentation {
  /// One random view of one image: channels × height × width, 0 black and 1 white, not yet standardised.
  public func view(of set: ImageSet, image: Int, seed: UInt32, epoch: Int, view: Int) -> [Float] {
    parameters(seed: seed, epoch: epoch, image: image, view: view, height: set.height, width: set.width)
      .view(of: set.image(image), channels: set.channels, height: set.height, width: set.width)
  }

  /// One random view of each of `images`, standardised: images.count × channels × height × width.
  ///
  /// Each value is (pixel − mean) / standard deviation, in the batch's own precision from the Float pixel on. The
  /// parameters are those of ``RandomViews/batch(of:images:seed:epoch:view:standardisedBy:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func batch<Scalar: RealScalar>(
    of set: ImageSet, images: [Int], seed: UInt32, epoch: Int, view: Int,
    standardisedBy standardisation: Standardisation? = nil
  ) -> [Scalar] {
    let numbers = set.channelNumbers(standardisation)
    let (means, standardDeviations) = (numbers.map { Scalar($0.mean) }, numbers.map { Scalar($0.standardDeviation) })
    let (size, area) = (set.valuesPerImage, set.height * set.width)
    var values = [Scalar](repeating: 0, count: images.count * size)
    Parallel.forEachBlock(of: &values, blockSize: size) { index, span in
      let pixels = self.view(of: set, image: images[index], seed: seed, epoch: epoch, view: view)
      for channel in means.indices {
        let (mean, standardDeviation) = (means[channel], standardDeviations[channel])
        for i in channel * area..<(channel + 1) * area { span[i] = (Scalar(pixels[i]) - mean) / standardDeviation }
      }
    }
    return values
  }
}

extension ColourAugmentation {
  /// One random view of one picture of a set of colour images, in bytes.
  public func view(of set: ImageSet, image: Int, seed: UInt32, epoch: Int, view: Int) -> ColourImage {
    require(set.channels == 3, "views of colour need 3 channels, not \(set.channels)")
    return parameters(seed: seed, epoch: epoch, image: image, view: view, height: set.height, width: set.width)
      .view(of: set.picture(image), height: set.height, width: set.width)
  }

  /// One random view of each of `images`, standardised: images.count × 3 × height × width.
  ///
  /// The views are bytes; only then do they become numbers of [0, 1] and are standardised, as in the released program.
  /// The parameters are those of ``RandomViews/batch(of:images:seed:epoch:view:standardisedBy:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func batch<Scalar: RealScalar>(
    of set: ImageSet, images: [Int], seed: UInt32, epoch: Int, view: Int,
    standardisedBy standardisation: Standardisation? = nil
  ) -> [Scalar] {
    let levels: [Scalar] = (standardisation ?? set.standardisation)
      .levels(channels: set.channels, maximumValue: 255)
    let (size, area) = (set.valuesPerImage, set.height * set.width)
    var values = [Scalar](repeating: 0, count: images.count * size)
    Parallel.forEachBlock(of: &values, blockSize: size) { index, span in
      let bytes = self.view(of: set, image: images[index], seed: seed, epoch: epoch, view: view).pixels
      for i in bytes.indices { span[i] = levels[i / area * 256 + Int(bytes[i])] }
    }
    return values
  }
}

extension RandAugmentation {
  /// One random view of each of `images`, standardised: images.count × channels × height × width.
  ///
  /// Views are bytes, as in ``ColourAugmentation``; a grey image is one of three equal planes, on which Pillow's operations
  /// do what they do to one. The parameters are those of
  /// ``RandomViews/batch(of:images:seed:epoch:view:standardisedBy:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func batch<Scalar: RealScalar>(
    of set: ImageSet, images: [Int], seed: UInt32, epoch: Int, view: Int,
    standardisedBy standardisation: Standardisation? = nil
  ) -> [Scalar] {
    let channels = set.channelNumbers(standardisation)
    let numbers = channels.count == 1 ? channels + channels + channels : channels
    let size = set.valuesPerImage
    var values = [Scalar](repeating: 0, count: images.count * size)
    Parallel.forEachBlock(of: &values, blockSize: size) { index, span in
      let image = images[index]
      let planes: [Scalar] = parameters(
        seed: seed, epoch: epoch, image: image, view: view, height: set.height, width: set.width
      ).normalisedView(
        of: set.picture(image), mean: numbers.map(\.mean), standardDeviation: numbers.map(\.standardDeviation))
      for i in 0..<size { span[i] = planes[i] }
    }
    return values
  }
}

extension ImageSet {
  /// What each channel is standardised by, in the set's own way unless another is given; traps where that does not fit.
  fileprivate func channelNumbers(_ given: Standardisation?) -> [(mean: Double, standardDeviation: Double)] {
    let standardisation = given ?? self.standardisation
    if let problem = standardisation.problem(channels: channels) { require(false, problem) }
    return (0..<channels).map { standardisation.numbers(ofChannel: $0) }
  }

  /// One image as a picture of bytes: a grey one as three equal planes, values scaled so that white is 255, and rounded.
  func picture(_ image: Int) -> ColourImage {
    require(channels == 1 || channels == 3, "pictures have 1 or 3 channels, not \(channels)")
    require((0..<count).contains(image), "image \(image) of a set of \(count)")
    var planes = Array(pixels[image * valuesPerImage..<(image + 1) * valuesPerImage])
    if maximumValue != 255 {
      planes = planes.map { UInt8((510 * Int($0) + maximumValue) / (2 * maximumValue)) }
    }
    return ColourImage(height: height, width: width, pixels: channels == 3 ? planes : planes + planes + planes)
  }
}
