// Images and labels in MNIST's files: an IDX file, or a folder with MNIST's file names.
//
// The labels of MNIST-like files stand beside the images under the same name with "images" and "idx3" replaced by
// "labels" and "idx1"; the files occur with "-" or "." before "idx3", raw or gzipped.
// Tests    ImagesTests/IDXImagesTests.swift
import Foundation

/// Data sets of IDX files.
enum IDXImages {
  /// The names under which a folder's images are looked for, best first.
  private static func fileNames(_ part: String) -> [String] {
    ["-", "."].flatMap { dot in ["", ".gz"].map { "\(part)-images\(dot)idx3-ubyte\($0)" } }
  }

  /// The parts of MNIST and what their files' names begin with.
  private static let parts: [(split: DataSplit, part: String)] = [(.training, "train"), (.test, "t10k")]

  /// The names of MNIST's files of images, by which a folder is known.
  static let folderNames = parts.flatMap { fileNames($0.part) }

  /// The set in a folder with MNIST's names.
  static func read(
    folder: String, names: [String], request: ImageRequest
  ) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: folder, format: "IDX")
    var found: [DataSplit: String] = [:]
    for (split, part) in parts {
      let candidates = fileNames(part).filter(names.contains)
      // Unpacked by some programs, each file stands in a folder of its own name.
      found[split] =
        candidates.first { !DataFile.isFolder("\(folder)/\($0)") }
        ?? candidates.map { "\($0)/\($0)" }.first { DataFile.exists("\(folder)/\($0)") }
    }
    let split = try request.chosenSplit(
      available: parts.map(\.split).filter { found[$0] != nil }, possible: [.training, .test, .all],
      format: "a folder with MNIST's file names", path: folder)
    var images: IDX?
    var labels: [UInt8]? = []
    for (part, name) in parts where split == part || split == .all {
      guard let file = found[part] else {
        throw ImageSetError(
          path: folder,
          problem: "the split \(split.rawValue) needs \(fileNames(name)[0]) (or with .gz, or a dot before idx3), "
            + "which is not there")
      }
      let (more, moreLabels) = try readPair("\(folder)/\(file)", withLabels: request.labels == nil)
      if let images, images.shape[1...] != more.shape[1...] {
        throw ImageSetError(
          path: folder,
          problem: "the training images have \(images.shape[1]) x \(images.shape[2]) pixels, the test images "
            + "\(more.shape[1]) x \(more.shape[2])")
      }
      images = IDX(
        shape: [(images?.shape[0] ?? 0) + more.shape[0]] + more.shape[1...],
        values: (images?.values ?? []) + more.values, remarks: (images?.remarks ?? []) + more.remarks)
      if let some = labels, let moreLabels { labels = some + moreLabels.values } else { labels = nil }
      images?.remarks += moreLabels?.remarks ?? []
    }
    guard let images else { throw ImageSetError(path: folder, problem: "the folder holds no images") }
    return try set(images, labels: labels, name: folder, split: split, request: request)
  }

  /// The set of one file of images, of which `bytes` are the contents.
  static func read(_ path: String, bytes: [UInt8], request: ImageRequest) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: path, format: "IDX")
    let name = DataFile.name(of: path)
    let split = parts.first { name.hasPrefix("\($0.part)-images") }?.split
    try request.refuseSplit(otherThan: split, path: path)
    var images = try IDX.parse(bytes, axes: 3, path: path)
    var labels: IDX?
    if request.labels == nil, let found = pathOfLabels(beside: path) { labels = try IDX.read(found, axes: 1) }
    images.remarks += labels?.remarks ?? []
    return try set(images, labels: labels?.values, name: path, split: split, request: request)
  }

  /// One of the sets that come with the package.
  static func read(_ bundled: BundledImages, request: ImageRequest) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: bundled.name, format: "a bundled set")
    if let split = request.split, split != .all {
      throw ImageSetError(
        path: bundled.name, problem: "the bundled sets have no split \(split.rawValue), they are used whole")
    }
    let (images, labels) = try bundled.read()
    return try set(
      images, labels: labels.values, name: bundled.name, split: nil, maximumValue: bundled.maximumValue,
      request: request)
  }

  private static func readPair(
    _ path: String, withLabels: Bool
  ) throws(ImageSetError) -> (images: IDX, labels: IDX?) {
    let images = try IDX.read(path, axes: 3)
    guard withLabels, let found = pathOfLabels(beside: path) else { return (images, nil) }
    let labels = try IDX.read(found, axes: 1)
    guard labels.shape[0] == images.shape[0] else {
      throw ImageSetError(path: path, problem: "there are \(labels.shape[0]) labels for \(images.shape[0]) images")
    }
    return (images, labels)
  }

  private static func set(
    _ images: IDX, labels: [UInt8]?, name: String, split: DataSplit?, maximumValue: Int = 255, request: ImageRequest
  ) throws(ImageSetError) -> ImageSet {
    let total = images.shape[0]
    let count = try request.count(of: total, path: name)
    let own = try labels.map { values throws(ImageSetError) in
      try ClassLabels(numbers: values.map(Int.init), path: name)
    }
    let classes = try LabelFile.classes(request, own: own, total: total, first: count, path: name)
    let given = ImageSize(height: images.shape[1], width: images.shape[2])
    var collector = try ImageCollector(
      channels: 1, given: given, request: request, count: count, path: name)
    let area = given.height * given.width
    for image in 0..<count { collector.append(images.values[image * area..<(image + 1) * area]) }
    return ImageSet(
      name: name, channels: 1, height: collector.size.height, width: collector.size.width, pixels: collector.pixels,
      maximumValue: maximumValue, split: split, remarks: images.remarks, classes: classes)
  }

  /// The labels that belong to a file of images, if they stand beside it, gzipped or not.
  private static func pathOfLabels(beside imagesPath: String) -> String? {
    let url = URL(fileURLWithPath: imagesPath)
    let name = url.lastPathComponent
    let labelsName = name.replacingOccurrences(of: "images", with: "labels")
      .replacingOccurrences(of: "idx3", with: "idx1")
    guard labelsName != name else { return nil }
    let other = labelsName.hasSuffix(".gz") ? String(labelsName.dropLast(3)) : labelsName + ".gz"
    let folder = url.deletingLastPathComponent()
    let nested = "../\(labelsName)/\(labelsName)"
    return [labelsName, other, nested].map { folder.appendingPathComponent($0).path }
      .first { DataFile.exists($0) && !DataFile.isFolder($0) }
  }
}
