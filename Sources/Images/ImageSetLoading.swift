// Finds out what a name or path stands for, and hands it to the reader of that format.
//
// A folder is known by the names in it; a file by its first bytes, or by its size where a format has no header.
// Tests    ImagesTests/ImageSetTests.swift
import Foundation

extension ImageSet {
  /// Reads a data set.
  ///
  /// | What                                    | How it is known                                                         |
  /// | --------------------------------------- | ----------------------------------------------------------------------- |
  /// | "digits", "fashion"                     | the embedded sets                                                       |
  /// | IDX, as MNIST                           | 00 00 08 03; the folder: train-images-idx3-ubyte and the like           |
  /// | CIFAR-10, CIFAR-100, binary version     | whole records of 3073 or 3074 bytes; the folder: its names              |
  ///
  /// Every file may be gzipped.
  ///
  /// - Parameters:
  ///   - nameOrPath: The name of an embedded set, a file or a folder.
  ///   - labels: An IDX file of labels to use instead of the data set's own. Without any labels the set has none.
  ///   - count: Only the first so many images, at least 2; nil for all.
  ///   - split: The part of the data set; nil for the training images, failing these the test images.
  ///   - labelling: Of CIFAR-100 only: fine (also nil) or coarse.
  ///   - size: Brings every image to this size: resized, antialiased, until it covers it, then its centre.
  public static func load(
    _ nameOrPath: String, labels: String? = nil, count: Int? = nil, split: DataSplit? = nil,
    labelling: ClassLabelling? = nil, size: ImageSize? = nil
  ) throws(ImageSetError) -> ImageSet {
    let request = ImageRequest(labels: labels, count: count, split: split, labelling: labelling, size: size)
    if let embedded = EmbeddedImages.all.first(where: { $0.name == nameOrPath }) {
      return try IDXImages.read(embedded, request: request)
    }
    guard DataFile.exists(nameOrPath) else {
      let names = EmbeddedImages.all.map(\.name).joined(separator: " and ")
      throw ImageSetError(
        path: nameOrPath, problem: "there is no such file or folder; the embedded data sets are called \(names)")
    }
    return DataFile.isFolder(nameOrPath)
      ? try load(folder: nameOrPath, request) : try load(try DataFile(opening: nameOrPath), request)
  }

  private static func load(folder: String, _ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw ImageSetError(path: folder, problem: "the folder cannot be read: \(error.localizedDescription)")
    }
    if IDXImages.isFolder(names) { return try IDXImages.read(folder: folder, names: names, request: request) }
    for kind in CIFAR.all where (kind.trainingFiles + kind.testFiles).contains(where: names.contains) {
      return try kind.read(folder: folder, names: names, request: request)
    }
    // The folder that holds an unpacked archive's folder.
    if let inner = [CIFAR.ten.folder, CIFAR.hundred.folder].first(where: names.contains) {
      return try load(folder: "\(folder)/\(inner)", request)
    }
    if let problem = ForeignFiles.problem(ofFolder: folder, names: names) {
      throw ImageSetError(path: folder, problem: problem)
    }
    throw ImageSetError(
      path: folder,
      problem: "the folder holds no images; looked for the files of MNIST (train-images-idx3-ubyte), CIFAR-10 "
        + "(data_batch_1.bin) and CIFAR-100 (train.bin)")
  }

  private static func load(_ file: DataFile, _ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let start = try file.start(512)
    // Two zero bytes may also begin a record of CIFAR, so the header of IDX must be a possible one: bytes, and few axes.
    let isIDX = start.count >= 4 && start[0] == 0 && start[1] == 0 && start[2] == 8 && (1...4).contains(start[3])
    if !isIDX, let kind = try CIFAR.recognised(file) { return try kind.read(file, request: request) }
    if let problem = ForeignFiles.problem(of: start, name: file.name) {
      throw ImageSetError(path: file.path, problem: problem)
    }
    return try IDXImages.read(file.path, bytes: try file.bytes(), request: request)
  }
}
