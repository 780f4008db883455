// Reads CIFAR-10 and CIFAR-100 in their binary version: records without any header.
//
//     CIFAR-10    label (0 to 9), then 3 × 32 × 32 pixels: the red plane, the green one, the blue one; row by row
//     CIFAR-100   coarse label (0 to 19), fine label (0 to 99), then the same
//
// Source   "The CIFAR-10 and CIFAR-100 datasets", Krizhevsky, section "Binary version"
// Tests    ImagesTests/CIFARTests.swift    Fixture  Fixtures/images/formats
import Foundation

/// One of the two data sets.
struct CIFAR: Sendable {
  /// "CIFAR-10" or "CIFAR-100".
  let name: String
  /// The folder that the archive unpacks to.
  let folder: String
  /// The archive of the binary version.
  let archive: String
  let trainingFiles: [String]
  let testFiles: [String]
  /// What each record begins with: the labelling, the number of classes and the file of their names.
  let labels: [(labelling: ClassLabelling, classes: Int, names: String)]
  /// The archive of the Python version unpacks to this folder, with these files.
  let pythonFolder: String
  let pythonFiles: [String]

  static let ten = CIFAR(
    name: "CIFAR-10", folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
    trainingFiles: (1...5).map { "data_batch_\($0).bin" }, testFiles: ["test_batch.bin"],
    labels: [(.fine, 10, "batches.meta.txt")], pythonFolder: "cifar-10-batches-py",
    pythonFiles: (1...5).map { "data_batch_\($0)" } + ["test_batch", "batches.meta"])
  static let hundred = CIFAR(
    name: "CIFAR-100", folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz", trainingFiles: ["train.bin"],
    testFiles: ["test.bin"],
    labels: [(.coarse, 20, "coarse_label_names.txt"), (.fine, 100, "fine_label_names.txt")],
    pythonFolder: "cifar-100-python", pythonFiles: ["train", "test", "meta"])
  static let all = [ten, hundred]

  /// Every image.
  static let size = ImageSize(height: 32, width: 32)

  /// Bytes of a record: 3073 or 3074.
  var recordLength: Int { labels.count + 3 * Self.size.height * Self.size.width }

  /// How to get the version that is read.
  var advice: String {
    "the binary version is needed: fetch \(archive) from the page of \(name), unpack it with \"tar xzf \(archive)\" and "
      + "name the folder \(folder)"
  }

  /// The place of the labels that are asked for in a record.
  private func position(of labelling: ClassLabelling?, path: String) throws(ImageSetError) -> Int {
    guard let labelling else { return labels.count - 1 }
    guard labels.count == 2 else {
      throw ImageSetError(
        path: path,
        problem: "the \(labelling.rawValue) labels were asked for, which only CIFAR-100 has; this is \(name)")
    }
    return labels.firstIndex { $0.labelling == labelling } ?? 0
  }

  /// The set in a folder with the names of the binary version.
  func read(folder: String, names: [String], request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let available = [(DataSplit.training, trainingFiles), (.test, testFiles)].filter {
      $0.1.contains(where: names.contains)
    }
    let split = try request.chosenSplit(
      available: available.map(\.0), possible: [.training, .test, .all], format: name, path: folder)
    let wanted = (split == .test ? [] : trainingFiles) + (split == .training ? [] : testFiles)
    let files = try request.open(wanted, of: split, in: folder, names: names, format: name)
    return try read(files, of: folder, namesIn: folder, split: split, request: request)
  }

  /// The set of one file.
  func read(_ file: DataFile, request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let name = file.name.hasSuffix(".gz") ? String(file.name.dropLast(3)) : file.name
    let split: DataSplit? = trainingFiles.contains(name) ? .training : testFiles.contains(name) ? .test : nil
    try request.refuseSplit(otherThan: split, path: file.path)
    let folder = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    return try read([file], of: file.path, namesIn: folder, split: split, request: request)
  }

  private func read(
    _ files: [DataFile], of path: String, namesIn folder: String, split: DataSplit?, request: ImageRequest
  ) throws(ImageSetError) -> ImageSet {
    let position = try position(of: request.labelling, path: path)
    var total = 0
    for file in files { total += try recordCount(file) }
    let count = try request.count(of: total, path: path)
    var collector = try ImageCollector(
      channels: 3, given: Self.size, request: request, count: count, path: path)
    var own: [Int] = []
    for file in files {
      let first = own.count
      try file.forEachRecord(length: recordLength, count: min(count - first, file.size / recordLength)) {
        record throws(ImageSetError) in
        for (offset, label) in labels.enumerated() where record[record.startIndex + offset] >= label.classes {
          throw ImageSetError(
            path: file.path,
            problem: "image \(own.count - first) has the \(labels.count == 2 ? "\(label.labelling.rawValue) " : "")"
              + "label \(record[record.startIndex + offset]); \(name) has 0 to \(label.classes - 1)")
        }
        own.append(Int(record[record.startIndex + position]))
        collector.append(record.dropFirst(labels.count))
      }
    }
    let (classCount, namesFile) = (labels[position].classes, labels[position].names)
    let classes: ClassLabels?
    if request.labels == nil {
      let names = try LabelFile.classNames("\(folder)/\(namesFile)", expected: classCount)
      classes = ClassLabels(own, count: classCount, names: names).of(
        own.indices, "the first \(count) of \(total) images", path: path, whole: count < total ? classCount : nil)
    } else {
      classes = try LabelFile.classes(request, own: nil, total: total, first: count, path: path)
    }
    return ImageSet(
      name: path, channels: 3, height: collector.size.height, width: collector.size.width, pixels: collector.pixels,
      split: split, classes: classes)
  }

  /// The number of whole records of a file, which must hold nothing else.
  private func recordCount(_ file: DataFile) throws(ImageSetError) -> Int {
    let (count, rest) = file.size.quotientAndRemainder(dividingBy: recordLength)
    guard count > 0 && rest == 0 else {
      throw ImageSetError(
        path: file.path,
        problem:
          "\(file.size) bytes are \(count) records of \(name) (\(recordLength) bytes each) and \(rest) bytes more; "
          + "the file is truncated or no file of \(name)")
    }
    return count
  }

  /// Which of the two a file is, nil if its size is a multiple of neither record.
  ///
  /// The size decides. Where it fits both, which takes 3,074 records of CIFAR-10 or a multiple of these, the file's
  /// official name decides, and failing that the labels: only one reading has all of them in range.
  static func recognised(_ file: DataFile) throws(ImageSetError) -> CIFAR? {
    let fitting = all.filter { file.size > 0 && file.size % $0.recordLength == 0 }
    guard fitting.count == 2 else { return fitting.first ?? all.first { $0.isOfficial(file.name) } }
    if let official = all.first(where: { $0.isOfficial(file.name) }) { return official }
    var possible: [CIFAR] = []
    for kind in fitting {
      var isInRange = true
      try file.forEachRecord(length: kind.recordLength, count: file.size / kind.recordLength) { record in
        for (offset, label) in kind.labels.enumerated() where record[record.startIndex + offset] >= label.classes {
          isInRange = false
        }
      }
      if isInRange { possible.append(kind) }
    }
    guard possible.count == 1 else {
      throw ImageSetError(
        path: file.path,
        problem: "\(file.size) bytes are whole records of CIFAR-10 and of CIFAR-100, and the labels fit "
          + "\(possible.isEmpty ? "neither" : "both"); name the file data_batch_1.bin (CIFAR-10) or train.bin (CIFAR-100)"
      )
    }
    return possible[0]
  }

  /// Whether a file of the binary version has this name, also with ".gz".
  private func isOfficial(_ name: String) -> Bool {
    (trainingFiles + testFiles).contains { $0 == name || $0 + ".gz" == name }
  }
}
