// The random views of a stage: of real numbers for grey images, of bytes for colour pictures, or RandAugment's for both.
//
// Tests    ImagesTests/RandomViewsTests.swift
import Kernels

/// The distribution of random views, of one kind of three.
///
/// The JSON form is that of the kind's own numbers with "kind" beside them; without "kind" it is `grey`.
public enum RandomViews: Sendable, Equatable {
  /// Affine views with contrast, brightness and erased boxes, every channel alike. For images of any number of channels.
  case grey(Augmentation)
  /// The paper's views of colour pictures. For images of three channels, red, green and blue, of 8 bits.
  case colour(ColourAugmentation)
  /// RandAugment's stronger views, which no preset uses. For colour pictures, and for grey images as Pillow treats those.
  case randAugment(RandAugmentation)

  /// The name of a kind.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case grey, colour, randAugment

    /// Views of this kind to begin with: the image itself, the paper's, or RUC's.
    public var plain: RandomViews {
      switch self {
      case .grey: .grey(.identity)
      case .colour: .colour(ColourAugmentation())
      case .randAugment: .randAugment(RandAugmentation(.ruc))
      }
    }
  }

  /// Which this is.
  public var kind: Kind {
    switch self {
    case .grey: .grey
    case .colour: .colour
    case .randAugment: .randAugment
    }
  }

  /// The first value that is out of its range or does not fit the images.
  ///
  /// - Parameters:
  ///   - channels: Of the images.
  ///   - size: Of the images; nil leaves out what depends on it.
  /// - Returns: A sentence beginning with the value's name; nil if all is well.
  public func problem(channels: Int, size: ImageSize? = nil) -> String? {
    switch self {
    case .grey(let views): return views.problem
    case .colour(let views):
      guard channels == 3 else {
        return "kind colour needs images of 3 channels, not \(channels); the kind for those is grey"
      }
      return views.problem
    case .randAugment(let views):
      guard channels == 1 || channels == 3 else {
        return "kind randAugment needs images of 1 or 3 channels, not \(channels); the kind for those is grey"
      }
      return views.problem ?? size.flatMap(views.problem(size:))
    }
  }

  /// The same views, none of them mirrored.
  public var unflipped: RandomViews {
    switch self {
    case .grey(var views):
      views.flipProbability = 0
      return .grey(views)
    case .colour(var views):
      views.flipProbability = 0
      return .colour(views)
    case .randAugment(var views):
      views.flipProbability = 0
      return .randAugment(views)
    }
  }

  /// One random view of each of `images`, standardised.
  ///
  /// - Parameters:
  ///   - set: The images.
  ///   - images: Numbers of images in the set, in any order.
  ///   - seed: The run's seed.
  ///   - epoch: Counts over the whole run, so that no epoch repeats another's views.
  ///   - view: 0 or 1 for the two views of a training step.
  ///   - standardisation: The numbers to standardise by; by default the set's own.
  /// - Returns: images.count × channels × height × width.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func batch<Scalar: RealScalar>(
    of set: ImageSet, images: [Int], seed: UInt32, epoch: Int, view: Int,
    standardisedBy standardisation: Standardisation? = nil
  ) -> [Scalar] {
    switch self {
    case .grey(let views):
      views.batch(
        of: set, images: images, seed: seed, epoch: epoch, view: view, standardisedBy: standardisation)
    case .colour(let views):
      views.batch(
        of: set, images: images, seed: seed, epoch: epoch, view: view, standardisedBy: standardisation)
    case .randAugment(let views):
      views.batch(
        of: set, images: images, seed: seed, epoch: epoch, view: view, standardisedBy: standardisation)
    }
  }
}

extension RandomViews: Codable {
  private enum Key: String, CodingKey { case kind }

  /// Reads a kind and its numbers.
  public init(from decoder: any Decoder) throws {
    let kind = try decoder.container(keyedBy: Key.self).decodeIfPresent(Kind.self, forKey: .kind)
    switch kind ?? .grey {
    case .grey: self = .grey(try Augmentation(from: decoder))
    case .colour: self = .colour(try ColourAugmentation(from: decoder))
    case .randAugment: self = .randAugment(try RandAugmentation(from: decoder))
    }
  }

  /// Writes the kind's numbers and "kind" in one object.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(kind, forKey: .kind)
    switch self {
    case .grey(let views): try views.encode(to: encoder)
    case .colour(let views): try views.encode(to: encoder)
    case .randAugment(let views): try views.encode(to: encoder)
    }
  }
}
