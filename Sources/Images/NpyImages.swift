// Images in an npy file: uint8, images × height × width, or images × height × width × channels with 1 or 3 channels.
//
// This is what numpy.save writes, in C or in Fortran order. What is said of other arrays: NpyConversion.swift.
// Tests    ImagesTests/NpyImagesTests.swift    Fixture  Fixtures/images/formats/formats.json
import Files
import Kernels

/// Data sets of one npy file.
enum NpyImages {
  /// The set of a file.
  static func read(_ file: DataFile, request: ImageRequest) throws(ImageSetError) -> ImageSet {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: file.path, problem: problem) }
    try request.refuseLabelling(path: file.path, format: "an npy file")
    try request.refuseSplit(otherThan: nil, path: file.path)
    let (header, shape, surplus) = try open(file)
    if let problem = NpyConversion.problem(of: file, header: header, shape: shape) { throw fail(problem) }
    let (size, channels) = (ImageSize(height: shape[1], width: shape[2]), shape.count == 4 ? shape[3] : 1)
    let length = channels * size.height * size.width
    let count = try request.count(of: shape[0], path: file.path)
    let classes = try LabelFile.classes(request, own: nil, total: shape[0], first: count, path: file.path)
    var collector = try ImageCollector(
      channels: channels, given: size, request: request, count: count, path: file.path)
    if header.isFortran {
      let values = try file.bytes()[header.end...]
      for image in 0..<count { collector.append(planes(values, ofImage: image, of: shape[0], channels, size)[...]) }
    } else {
      try file.forEachRecord(from: header.end, length: length, count: count) { record in
        collector.append(channels == 1 ? record : planes(record, channels: channels)[...])
      }
    }
    return ImageSet(
      name: file.path, channels: channels, height: collector.size.height, width: collector.size.width,
      pixels: collector.pixels,
      remarks: surplus == 0 ? [] : ["\(file.path): " + surplusText(surplus, "the array")],
      classes: classes)
  }

  /// Bytes of a value of a type of numbers; nil for other types.
  static func bytesPerValue(_ type: String) -> Int? {
    guard let kind = type.dropFirst().first, "uifbc".contains(kind) else { return nil }
    return Int(type.dropFirst(2)).flatMap { (1...32).contains($0) ? $0 : nil }
  }

  /// The header, the shape, and how many bytes follow the array, which must all be there.
  private static func open(
    _ file: DataFile
  ) throws(ImageSetError) -> (header: NpyHeader, shape: [Int], surplus: Int) {
    let start = try file.start(NpyHeader.largestEnd)
    let (header, shape): (NpyHeader, [Int])
    do throws(NpyError) {
      header = try NpyHeader(start, name: "the file")
      shape = try header.shape(name: "the file")
    } catch {
      throw ImageSetError(path: file.path, problem: error.description)
    }
    guard shape.allSatisfy({ $0 > 0 }) else {
      throw ImageSetError(path: file.path, problem: "the array of shape (\(shapeText(shape))) holds nothing")
    }
    // Of types that are none of numbers the size is not known, and they are not read.
    guard let size = bytesPerValue(header.type) else { return (header, shape, 0) }
    let found = file.size - header.end
    // Divided by the lengths one after the other, the bytes must leave those of one value.
    let rest = shape.reduce(found) { $0 / $1 }
    guard rest >= size else {
      throw ImageSetError(
        path: file.path,
        problem:
          "the array is \(shapeText(shape)) of \(size) bytes each, but \(found) bytes follow the header; the file "
          + "is truncated")
    }
    return (header, shape, found - shape.reduce(size, *))
  }

  /// The planes of one image of an array in Fortran order, where the first axis is the fastest.
  private static func planes(
    _ values: ArraySlice<UInt8>, ofImage image: Int, of count: Int, _ channels: Int, _ size: ImageSize
  ) -> [UInt8] {
    let (source, height, width) = (values.span, size.height, size.width)
    return [UInt8](capacity: channels * height * width) { result in
      for channel in 0..<channels {
        for y in 0..<height {
          for x in 0..<width { result.append(source[image + count * (y + height * (x + width * channel))]) }
        }
      }
    }
  }

  /// The planes of a picture whose pixels hold their channels together.
  private static func planes(_ record: ArraySlice<UInt8>, channels: Int) -> [UInt8] {
    let source = record.span
    return [UInt8](capacity: source.count) { result in
      for channel in 0..<channels {
        for index in stride(from: channel, to: source.count, by: channels) { result.append(source[index]) }
      }
    }
  }
}
