// Colour images whose planes are stored column by column, as MATLAB does; STL-10 and SVHN are.
// Tests    ImagesTests/STL10Tests.swift, ImagesTests/SVHNTests.swift

/// Images from MATLAB.
enum MATImages {
  /// The images of one file.
  struct Part {
    let count: Int
    /// Their labels, as many; nil without any.
    let labels: [Int]?
    /// Hands over the first so many images, each 3 × width × height; returns what a user should be told about the file.
    let forEachImage: (Int, (ArraySlice<UInt8>) -> Void) throws(ImageSetError) -> String?
  }

  /// The set of the images of several files, one after the other, as far as they are asked for.
  ///
  /// - Parameters:
  ///   - parts: The files; the set has labels of its own if each of them has.
  ///   - size: Of every image in the files.
  ///   - path: What the set is called.
  ///   - split: What part of the data set the files are; nil if that is not known.
  ///   - request: How many images are wanted, their size, and labels of another place.
  ///   - classNames: Of the set's own labels, if they are known.
  ///   - classCount: Of the set's own labels, whether or not each class occurs.
  ///   - remarks: What is known so far that a user should be told.
  /// - Returns: The set, with every remark.
  /// - Throws: A sentence with what is wrong with a file, or with the request.
  static func imageSet(
    of parts: [Part], size: ImageSize, path: String, split: DataSplit?, request: ImageRequest, classNames: [String]?,
    classCount: Int, remarks: [String]
  ) throws(ImageSetError) -> ImageSet {
    let own = labels(of: parts).map { ClassLabels($0, count: classCount, names: classNames) }
    let total = parts.reduce(0) { $0 + $1.count }
    let count = try request.count(of: total, path: path)
    let classes = try LabelFile.classes(request, own: own, total: total, first: count, path: path)
    var collector = try ImageCollector(channels: 3, given: size, request: request, count: count, path: path)
    var (rest, remarks) = (count, remarks)
    for part in parts {
      let images = min(rest, part.count)
      let remark = try part.forEachImage(images) { collector.append(rowMajor($0, size: size)[...]) }
      if let remark { remarks.append(remark) }
      rest -= images
    }
    return ImageSet(
      name: path, channels: 3, height: collector.size.height, width: collector.size.width, pixels: collector.pixels,
      split: split, remarks: remarks, classes: classes)
  }

  /// The labels of all files; nil if one has none.
  static func labels(of parts: [Part]) -> [Int]? {
    let labels = parts.compactMap(\.labels)
    return labels.count == parts.count ? Array(labels.joined()) : nil
  }

  /// The planes of a picture row by row, channels × height × width.
  ///
  /// - Parameters:
  ///   - planes: channels × width × height.
  ///   - size: Of the picture.
  /// - Returns: channels × height × width.
  static func rowMajor(_ planes: ArraySlice<UInt8>, size: ImageSize) -> [UInt8] {
    let (height, width, source) = (size.height, size.width, planes.span)
    return [UInt8](capacity: planes.count) { result in
      for first in stride(from: 0, to: source.count, by: height * width) {
        for y in 0..<height { for x in 0..<width { result.append(source[first + x * height + y]) } }
      }
    }
  }
}
