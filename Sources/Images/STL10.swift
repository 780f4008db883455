// Reads STL-10 in its binary version: pictures without any header, and labels, in files of their own.
//
//     train_X.bin, test_X.bin, unlabeled_X.bin    3 × 96 × 96 bytes for each image: red, green, blue, each column by column
//     train_y.bin, test_y.bin                     one byte for each image, 1 to 10; here 0 to 9
//
// Source   "STL-10 dataset", Coates, Lee, Ng, section "Binary files"
// The split "unlabelled" is what the first stage may learn from: 100,000 unlabelled images, then the training images.
// Tests    ImagesTests/STL10Tests.swift    Fixture  Fixtures/images/formats/formats.json
import Foundation

/// The data set.
enum STL10 {
  static let folder = "stl10_binary"
  static let size = ImageSize(height: 96, width: 96)
  static let recordLength = 3 * size.height * size.width
  private static let classCount = 10

  /// The files of images, and the part that each is.
  private static let files: [(name: String, split: DataSplit?)] = [
    ("train_X.bin", .training), ("test_X.bin", .test), ("unlabeled_X.bin", nil),
  ]

  /// The names of its files of images, by which a folder is known.
  static let folderNames = files.map(\.name)

  /// Whether a file has a name of STL-10's images, also with ".gz".
  static func isOfficial(_ name: String) -> Bool { files.contains { $0.name == name || $0.name + ".gz" == name } }

  /// The set in a folder with STL-10's names.
  static func read(folder: String, names: [String], request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let available: [DataSplit] = [.training, .test].filter { (split: DataSplit) in
      files.contains { $0.split == split && names.contains($0.name) }
    }
    let split = try request.chosenSplit(
      available: available, possible: [.training, .test, .all, .unlabelled], format: "STL-10", path: folder)
    let wanted =
      switch split {
      case .training: ["train_X.bin"]
      case .test: ["test_X.bin"]
      case .all: ["train_X.bin", "test_X.bin"]
      case .unlabelled: ["unlabeled_X.bin", "train_X.bin"]
      }
    return try read(
      request.open(wanted, of: split, in: folder, names: names, format: "STL-10"), of: folder, split: split,
      request: request)
  }

  /// The set of one file of images.
  static func read(_ file: DataFile, request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let split = files.first { file.name == $0.name || file.name == $0.name + ".gz" }?.split
    try request.refuseSplit(otherThan: split, path: file.path)
    return try read([file], of: file.path, split: split, request: request)
  }

  private static func read(
    _ files: [DataFile], of path: String, split: DataSplit?, request: ImageRequest
  ) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: path, format: "STL-10")
    var (parts, remarks) = ([MATImages.Part](), [String]())
    for file in files {
      let (count, rest) = file.size.quotientAndRemainder(dividingBy: recordLength)
      guard count > 0 && rest == 0 else {
        throw ImageSetError(
          path: file.path,
          problem:
            "\(file.size) bytes are \(count) images of STL-10 (\(recordLength) bytes each) and \(rest) bytes more; "
            + "the file is truncated or no file of STL-10")
      }
      let isUnlabelled = split == .unlabelled || request.labels != nil
      let labels = isUnlabelled ? nil : try labels(of: file, count: count, &remarks)
      parts.append(
        MATImages.Part(count: count, labels: labels) { images, body throws(ImageSetError) in
          // A checksum is of a whole file.
          var checksum = images == count ? OfficialFile(file.name, size: file.size) : nil
          try file.forEachRecord(length: recordLength, count: images) { record in
            checksum?.update(record)
            body(record)
          }
          return checksum?.remark(path: file.path)
        })
    }
    let folder = URL(fileURLWithPath: files[0].path).deletingLastPathComponent().path
    let classNames =
      MATImages.labels(of: parts) == nil
      ? nil : try LabelFile.classNames("\(folder)/class_names.txt", expected: classCount)
    return try MATImages.imageSet(
      of: parts, size: size, path: path, split: split, request: request, classNames: classNames,
      classCount: classCount, remarks: remarks)
  }

  /// The labels beside a file of images; nil if there are none.
  private static func labels(
    of file: DataFile, count: Int, _ remarks: inout [String]
  ) throws(ImageSetError) -> [Int]? {
    guard let suffix = file.path.range(of: "_X.bin", options: .backwards) else { return nil }
    let path = file.path.replacingCharacters(in: suffix, with: "_y.bin")
    guard DataFile.exists(path) else { return nil }
    let labelFile = try DataFile(opening: path)
    let bytes = try labelFile.bytes()
    guard bytes.count == count else {
      throw ImageSetError(
        path: path, problem: "there are \(bytes.count) labels for the \(count) images of \(file.name)")
    }
    if let wrong = bytes.firstIndex(where: { !(1...classCount).contains(Int($0)) }) {
      throw ImageSetError(
        path: path, problem: "image \(wrong) has the label \(bytes[wrong]); STL-10 has 1 to \(classCount)")
    }
    var checksum = OfficialFile(labelFile.name, size: bytes.count)
    checksum?.update(bytes[...])
    if let remark = checksum?.remark(path: path) { remarks.append(remark) }
    return bytes.map { Int($0) - 1 }
  }
}
