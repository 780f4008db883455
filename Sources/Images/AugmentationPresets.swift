// The views that the default training uses for each bundled data set.
//
// Chosen by experiment on these data sets, with the scores in view. Stage 2 on the digits wants stronger views than
// stage 1; digits are never mirrored, clothes are.
// Tests    ImagesTests/AugmentationTests.swift

extension Augmentation {
  /// Views that are the image itself.
  public static let identity = Augmentation()

  /// The digits in stage 1.
  public static let digits: Augmentation = {
    var augmentation = Augmentation()
    augmentation.rotationDegrees = 15
    augmentation.shear = 0.15
    augmentation.zoom = 0.85...1.2
    augmentation.aspect = 1.2
    augmentation.shiftPixels = 1
    augmentation.contrast = 0.7...1.3
    augmentation.eraseProbability = 0.3
    augmentation.eraseSides = 1...2
    return augmentation
  }()

  /// The digits in stage 2.
  public static let digitsStrong: Augmentation = {
    var augmentation = Augmentation()
    augmentation.rotationDegrees = 20
    augmentation.shear = 0.2
    augmentation.zoom = 0.75...1.3
    augmentation.aspect = 1.3
    augmentation.shiftPixels = 1
    augmentation.contrast = 0.6...1.4
    augmentation.eraseProbability = 0.4
    augmentation.eraseSides = 1...3
    return augmentation
  }()

  /// Clothes of 28 × 28 pixels in both stages.
  public static let fashion: Augmentation = {
    var augmentation = Augmentation()
    augmentation.rotationDegrees = 8
    augmentation.shear = 0.1
    augmentation.aspect = 1.15
    augmentation.crop = Crop(area: 0.5...1)
    augmentation.flipProbability = 0.5
    augmentation.contrast = 0.6...1.4
    augmentation.brightness = 0.1
    augmentation.eraseProbability = 0.3
    augmentation.eraseSides = 1...8
    return augmentation
  }()
}
