// Digests of random views: boxes, orders, factors, flags, and the bytes of whole views of pictures made of random words.
// Tests    OracleTests/DigestTests.swift
import Files
import Images
import Kernels

/// The digests of Images/ColourAugmentation.swift.
///
/// Draw i is view i mod 2 of image i / 2 mod 1000 in epoch i / 2000: two views of 1,000 images, epoch after epoch.
let viewDigests: [Digest] = [
  Digest(
    "crop-boxes",
    definition: """
      Draw i: the box that crop-parameters tells (area 0.2 to 1, ratio 3/4 to 4/3) for a picture of height 40 and width 48, \
      by the 22 words 0...21 of view(i) = stream(seed 10, purpose 5, epoch i / 2000, image i / 2 mod 1000, view i mod 2), \
      quotients rounded down.
      """,
    record: "left, top, width, height, uint32 each",
    marginUnit: "a side before it is rounded, to the nearest half"
  ) { count in
    .ofEach(count) { i, records in records.append(boxOf: i, height: 40, width: 48) }
  },
  Digest(
    "crop-boxes-tall",
    definition: "As crop-boxes for a picture of height 96 and width 24, where many of the ten tries fit in none.",
    record: "left, top, width, height, uint32 each",
    marginUnit: "a side before it is rounded, to the nearest half"
  ) { count in
    .ofEach(count) { i, records in records.append(boxOf: i, height: 96, width: 24) }
  },
  Digest(
    "jitter-orders",
    definition: "Draw i: the order that jitter-parameters tells, by the words 23, 24, 25 of view(i).",
    record: "the four numbers, uint8 each"
  ) { count in
    .ofEach(count) { i, records in
      for operation in jitter(of: i).order { records.append(byte: operation.rawValue) }
    }
  },
  Digest(
    "jitter-factors",
    definition: """
      Draw i: least + (largest - least) u in binary64, u the uniform numbers 26...29 of view(i): brightness, contrast, \
      saturation from 0.6 to 1.4, hue from -0.4 to 0.4.
      """,
    record: "brightness, contrast, saturation, hue: the nearest binary32 each",
    marginUnit: "2^-53, to the nearest halfway case of binary32"
  ) { count in
    .ofEach(count) { i, records in
      let jitter = jitter(of: i)
      for factor in [jitter.brightness, jitter.contrast, jitter.saturation, jitter.hue] {
        records.append(nearestFloatTo: factor, unit: 0x1p-53)
      }
    }
  },
  Digest(
    "view-flags",
    definition:
      "Draw i: uniform number 22 of view(i) < 0.8 (jittered), number 30 < 0.2 (grey), number 31 < 0.5 (mirrored).",
    record: "jittered, grey, mirrored: 0 or 1, uint8 each"
  ) { count in
    .ofEach(count) { i, records in
      let view = view(i, height: 40, width: 48)
      for flag in [view.jitter != nil, view.isGrey, view.isFlipped] { records.append(byte: flag ? 1 : 0) }
    }
  },
  Digest(
    "colour-views",
    definition: """
      Draw i: picture(i) of 3 x 40 x 48 bytes, byte b of which is byte b mod 4, the lowest first, of word b / 4 of \
      stream(seed 11, purpose 0, epoch 0, image i, view 0); its view of height 32 and width 32 as colour-view tells, with \
      the box of crop-boxes, the order and the binary64 factors of jitter-orders and jitter-factors where view-flags says \
      jittered, then grey, then mirrored.
      """,
    record: "the SHA-256 of the view's 3 x 32 x 32 bytes: 32 bytes"
  ) { count in
    .ofEach(count) { i, records in
      let view = view(i, height: 40, width: 48).view(of: picture(i), height: 32, width: 32)
      records.append(digestOf: view.pixels)
    }
  },
]

/// The paper's views, but not always jittered, so that the flag is seen.
private let augmentation: ColourAugmentation = {
  var augmentation = ColourAugmentation()
  augmentation.jitterProbability = 0.8
  return augmentation
}()

/// The paper's views, whose order and factors are drawn in any case.
private let jittering = ColourAugmentation()

private func view(
  _ i: Int, height: Int, width: Int, _ augmentation: ColourAugmentation = augmentation
) -> ColourViewParameters {
  augmentation.parameters(
    seed: 10, epoch: i / 2000, image: i / 2 % 1000, view: i % 2, height: height, width: width)
}

private func jitter(of i: Int) -> ColourViewParameters.Jitter {
  view(i, height: 40, width: 48, jittering).jitter ?? ColourViewParameters.Jitter()
}

/// A picture of random bytes.
private func picture(_ i: Int) -> ColourImage {
  var (stream, pixels) = (RandomStream(seed: 11, purpose: .test, image: i), DigestRecords())
  for _ in 0..<3 * 40 * 48 / 4 { pixels.append(word: stream.nextWord()) }
  return ColourImage(height: 40, width: 48, pixels: pixels.bytes)
}

extension DigestRecords {
  /// The box of a view, and how near one of its sides came to a rounding half.
  fileprivate mutating func append(boxOf i: Int, height: Int, width: Int) {
    let box = view(i, height: height, width: width).box
    for number in [box.left, box.top, box.width, box.height] { append(word: UInt32(number)) }
    guard let crop = augmentation.crop else { return }
    var stream = RandomStream(
      seed: 10, purpose: .augmentation, epoch: i / 2000, image: i / 2 % 1000, view: i % 2)
    let comparisons = CropParametersOperation.comparisons(of: crop, height: height, width: width, from: &stream)
    if let side = comparisons.margins["side"] { meet(margin: side) }
  }
}
