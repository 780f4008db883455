// Reads SVHN, the Street View House Numbers, in its cropped format: MAT files with X (32 × 32 × 3 × images, unsigned bytes)
// and y (images × 1: 1 to 9, and 10 for the digit 0).
//
// Source   "The Street View House Numbers (SVHN) dataset", Netzer et al., section "Format 2: Cropped digits"
// Tests    ImagesTests/SVHNTests.swift    Fixture  Fixtures/images/formats/formats.json
import Foundation

/// The data set.
enum SVHN {
  static let size = ImageSize(height: 32, width: 32)
  /// The files, the part that each is, and how many images the official one has.
  private static let files: [(name: String, split: DataSplit?, count: Int)] = [
    ("train_32x32.mat", .training, 73257), ("test_32x32.mat", .test, 26032), ("extra_32x32.mat", nil, 531_131),
  ]

  /// The names of its files, by which a folder is known.
  static let folderNames = files.map(\.name)

  /// The set in a folder with SVHN's names.
  static func read(folder: String, names: [String], request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let parts = files.filter { $0.split != nil }
    let split = try request.chosenSplit(
      available: parts.filter { names.contains($0.name) }.compactMap(\.split), possible: [.training, .test, .all],
      format: "SVHN", path: folder)
    let wanted = parts.filter { $0.split == split || split == .all }.map(\.name)
    return try read(
      request.open(wanted, of: split, in: folder, names: names, format: "SVHN"), of: folder, split: split,
      request: request)
  }

  /// The set of one file.
  static func read(_ file: DataFile, request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let split = files.first { $0.name == file.name }?.split
    try request.refuseSplit(otherThan: split, path: file.path)
    return try read([file], of: file.path, split: split, request: request)
  }

  private static func read(
    _ files: [DataFile], of path: String, split: DataSplit?, request: ImageRequest
  ) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: path, format: "SVHN")
    var (parts, remarks) = ([MATImages.Part](), [String]())
    let length = 3 * size.height * size.width
    for file in files {
      let (pixels, labels) = try contents(of: file, withLabels: request.labels == nil, &remarks)
      parts.append(
        MATImages.Part(count: pixels.count / length, labels: labels) { images, body throws(ImageSetError) in
          for image in 0..<images {
            let first = pixels.startIndex + image * length
            body(pixels[first..<first + length])
          }
          return nil
        })
    }
    return try MATImages.imageSet(
      of: parts, size: size, path: path, split: split, request: request, classNames: (0..<10).map(String.init),
      classCount: 10, remarks: remarks)
  }

  /// X and y of a file; y may be missing.
  private static func contents(
    of file: DataFile, withLabels: Bool, _ remarks: inout [String]
  ) throws(ImageSetError) -> (pixels: ArraySlice<UInt8>, labels: [Int]?) {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: file.path, problem: problem) }
    // In a folder only its name has been looked at.
    let start = try file.start(512)
    guard MATFile.isMAT(start) else {
      throw fail(
        ForeignFiles.problem(of: start, path: file.path)
          ?? "the file has \(file.size) bytes and does not begin as a MAT file of version 5 does; fetch it again")
    }
    let bytes = try file.bytes()
    let mat: MATFile
    do {
      mat = try MATFile(bytes, names: withLabels ? ["X", "y"] : ["X"])
    } catch {
      throw fail(error.sentence)
    }
    let arrays = mat.arrays
    if let irregularity = mat.irregularity { remarks.append("\(file.path): \(irregularity)") }
    guard let images = arrays["X"] else {
      throw fail("the MAT file holds no numeric array X; SVHN's cropped format has X and y")
    }
    let shape = images.dimensions
    guard images.type == 2, (3...4).contains(shape.count), Array(shape[..<3]) == [32, 32, 3] else {
      throw fail("X is \(shapeText(shape)) of MATLAB's type \(images.type), not 32 x 32 x 3 x images of unsigned bytes")
    }
    let count = shape.count == 4 ? shape[3] : 1
    guard count > 0 else { throw fail("X is \(shapeText(shape)), without any image") }
    if Self.files.contains(where: { $0.name == file.name && $0.count == count }) {
      var checksum = OfficialFile(file.name, size: nil)
      checksum?.update(bytes[...])
      if let remark = checksum?.remark(path: file.path) { remarks.append(remark) }
    }
    guard withLabels, let y = arrays["y"] else { return (images.bytes, nil) }
    guard let labels = y.integers, labels.count == count else {
      throw fail("y is \(shapeText(y.dimensions)), not one whole number for each of the \(count) images")
    }
    if let wrong = labels.firstIndex(where: { !(1...10).contains($0) }) {
      throw fail("image \(wrong) has the label \(labels[wrong]); SVHN has 1 to 10, where 10 is the digit 0")
    }
    return (images.bytes, labels.map { $0 % 10 })
  }
}
