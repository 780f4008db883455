// One view of RandAugment as numbers, and what they do: crop and resize, mirror, the operations in order, the cutout.
// Tests    ImagesTests/RandAugmentationTests.swift    Fixture  Fixtures/images/rand-augment.json
import Kernels

/// Everything that makes one view of RandAugment.
public struct RandViewParameters: Codable, Sendable, Equatable {
  /// A box that is cut out of the view; it may be empty.
  public struct Cutout: Codable, Sendable, Equatable {
    /// What stands in the box.
    public enum Fill: String, Codable, Sendable, CaseIterable {
      /// The byte 127 in each channel.
      case grey
      /// 0 after normalisation: the mean colour. Bytes stay as they are.
      case mean
    }

    /// The box, inside the view.
    public var box: ViewParameters.Box
    /// What stands in it.
    public var fill: Fill

    /// A cutout of given numbers.
    public init(box: ViewParameters.Box, fill: Fill) { (self.box, self.fill) = (box, fill) }

    /// Calls `body` with every place of the box in a plane of `width` columns.
    func forEachPixel(width: Int, _ body: (Int) -> Void) {
      for y in box.top..<box.top + box.height {
        for x in box.left..<box.left + box.width { body(y * width + x) }
      }
    }
  }

  /// The part of the picture that is resized to the view.
  public var box: ViewParameters.Box
  /// Whether the view is mirrored left to right.
  public var isFlipped: Bool
  /// What is done, in order.
  public var operations: [RandAugmentOperation]
  /// What is cut out at the end; nil for nothing.
  public var cutout: Cutout?

  /// A view of given numbers.
  public init(
    box: ViewParameters.Box, isFlipped: Bool = false, operations: [RandAugmentOperation] = [], cutout: Cutout? = nil
  ) {
    (self.box, self.isFlipped, self.operations, self.cutout) = (box, isFlipped, operations, cutout)
  }

  /// The view of a picture, of the same size; a cutout of the mean colour is left to ``normalisedView(of:mean:standardDeviation:)``.
  public func view(of image: ColourImage) -> ColourImage {
    let cut = image.resized(box, height: image.height, width: image.width)
    var view = operations.reduce(isFlipped ? cut.flipped() : cut) { $1.applied(to: $0) }
    if let cutout, cutout.fill == .grey {
      let area = view.area
      cutout.forEachPixel(width: view.width) { index in
        for plane in 0..<3 { view.pixels[plane * area + index] = 127 }
      }
    }
    return view
  }

  /// The view as real numbers for a network, 3 × height × width: (byte / 255 − mean) / standard deviation, 0 in a cutout of the mean colour.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func normalisedView<Scalar: RealScalar>(
    of image: ColourImage, mean: [Double], standardDeviation: [Double]
  ) -> [Scalar] {
    let view = view(of: image)
    var values: [Scalar] = view.normalised(mean: mean, standardDeviation: standardDeviation)
    if let cutout, cutout.fill == .mean {
      cutout.forEachPixel(width: view.width) { index in
        for plane in 0..<3 { values[plane * view.area + index] = 0 }
      }
    }
    return values
  }
}
