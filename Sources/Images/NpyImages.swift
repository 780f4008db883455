// Images in an npy file: uint8, images × height × width, or images × height × width × channels with 1 or 3 channels.
//
// This is what numpy.save writes of an array in C order. Labels can be an npy file too: one whole number for each image.
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
    let (header, shape) = try open(file, types: ["|u1"])
    guard (3...4).contains(shape.count), shape.count == 3 || shape[3] == 1 || shape[3] == 3 else {
      let isPlanar = shape.count == 4 && (shape[1] == 1 || shape[1] == 3)
      throw fail(
        "the array is \(shapeText(shape)), not images x height x width or images x height x width x 1 or 3 channels"
          + (isPlanar ? "; move the channels to the end with numpy.moveaxis(array, 1, 3)" : ""))
    }
    let (size, channels) = (ImageSize(height: shape[1], width: shape[2]), shape.count == 4 ? shape[3] : 1)
    let length = channels * size.height * size.width
    let labels = try LabelFile.labels(request, own: nil, total: shape[0], path: file.path)
    let count = try request.count(of: shape[0], path: file.path)
    var collector = try ImageCollector(
      channels: channels, given: size, request: request, count: count, path: file.path)
    try file.forEachRecord(from: header.end, length: length, count: count) { record in
      collector.append(channels == 1 ? record : planes(record, channels: channels)[...])
    }
    return ImageSet(
      name: file.path, channels: channels, height: collector.size.height, width: collector.size.width,
      pixels: collector.pixels, labels: labels.map { Array($0[..<count]) })
  }

  /// The whole numbers of an npy file with one axis, none negative.
  static func labels(_ file: DataFile) throws(ImageSetError) -> [Int] {
    let types = ["|u1", "<u2", "<u4", "<u8", "|i1", "<i2", "<i4", "<i8"]
    let (header, shape) = try open(file, types: types)
    guard shape.count == 1 else {
      throw ImageSetError(
        path: file.path, problem: "the array of labels is \(shapeText(shape)), not one number for each image")
    }
    // Negative numbers have their highest bit set, and are then too large.
    let bytes = try file.bytes()
    let size = bytesPerValue(header.type)
    var labels: [Int] = []
    for index in stride(from: header.end, to: bytes.count, by: size) {
      let word = bytes[index..<index + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard word <= LabelFile.largest, !header.type.contains("i") || word >> (8 * UInt64(size) - 1) == 0 else {
        throw ImageSetError(
          path: file.path,
          problem: "label \(labels.count) is negative or above \(LabelFile.largest), the most that is read")
      }
      labels.append(Int(word))
    }
    return labels
  }

  private static func bytesPerValue(_ type: String) -> Int { type.last?.wholeNumberValue ?? 1 }

  /// The header, and the shape, which the file has exactly the bytes for.
  private static func open(
    _ file: DataFile, types: [String]
  ) throws(ImageSetError) -> (header: NpyHeader, shape: [Int]) {
    let start = try file.start(NpyHeader.largestEnd)
    let (header, shape): (NpyHeader, [Int])
    do {
      header = try NpyHeader(start, name: "the file")
      shape = try header.shape(ofTypes: types, name: "the file")
    } catch {
      throw ImageSetError(path: file.path, problem: error.description)
    }
    guard !shape.isEmpty, shape.allSatisfy({ $0 > 0 }) else {
      throw ImageSetError(path: file.path, problem: "the array of shape (\(shapeText(shape))) holds nothing")
    }
    // Divided away one by one, the lengths must leave the bytes of one value.
    var rest = file.size - header.end
    for length in shape { rest = rest > 0 && rest % length == 0 ? rest / length : -1 }
    guard rest == bytesPerValue(header.type) else {
      throw ImageSetError(
        path: file.path,
        problem: "the array is \(shapeText(shape)) of \(bytesPerValue(header.type)) bytes each, but "
          + "\(file.size - header.end) bytes follow the header; the file may be truncated")
    }
    return (header, shape)
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
