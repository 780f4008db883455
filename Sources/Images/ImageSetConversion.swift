// The same images in another size or with other channels.
//
// Tests    ImagesTests/ImageSetConversionTests.swift

extension ImageSet {
  /// The set with every image brought to another size, as ``load(_:labels:count:split:labelling:size:)`` does.
  package func fitted(to size: ImageSize) -> ImageSet {
    if size == self.size { return self }
    var fitted: [UInt8] = []
    for image in 0..<count {
      fitted += ImageCollector.fit(
        pixels[image * valuesPerImage..<(image + 1) * valuesPerImage], channels, self.size, to: size)
    }
    return with(fitted, channels: channels, size: size)
  }

  /// The set in colour: grey images have three equal channels, as a grey picture among coloured ones has.
  package var inColour: ImageSet {
    guard channels == 1 else { return self }
    var tripled: [UInt8] = []
    tripled.reserveCapacity(3 * pixels.count)
    for image in 0..<count {
      for _ in 0..<3 { tripled += pixels[image * valuesPerImage..<(image + 1) * valuesPerImage] }
    }
    return with(tripled, channels: 3, size: size)
  }

  private func with(_ pixels: [UInt8], channels: Int, size: ImageSize) -> ImageSet {
    ImageSet(
      name: name, channels: channels, height: size.height, width: size.width, pixels: pixels,
      maximumValue: maximumValue, labels: labels, split: split, classNames: classNames, classCount: classCount,
      imageNames: imageNames, remarks: remarks)
  }
}
