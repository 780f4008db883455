// Finds out what a name or path stands for, and hands it to the reader of that format.
//
// A folder is known by the names in it (DataSetFolder.swift); a file by its first bytes, or by its size where a format has no
// header.
// Tests    ImagesTests/ImageSetTests.swift
import Files
import Foundation
import Kernels

extension ImageSet {
  /// Reads a data set.
  ///
  /// | What                                    | How it is known                                                         |
  /// | --------------------------------------- | ----------------------------------------------------------------------- |
  /// | "digits", "fashion"                     | the bundled sets                                                       |
  /// | IDX, as MNIST                           | 00 00 08 03; the folder: train-images-idx3-ubyte and the like           |
  /// | STL-10, binary version                  | train_X.bin, test_X.bin, unlabeled_X.bin; whole records of 27648 bytes  |
  /// | SVHN, cropped                           | a MAT file of version 5; the folder: train_32x32.mat, test_32x32.mat    |
  /// | npy, uint8                              | 93 "NUMPY"; images × height × width (× 1 or 3 channels)                 |
  /// | a folder of PNG, PPM or PGM pictures    | their first bytes; sub-folders are classes; a single one is also read   |
  /// | CIFAR-10, CIFAR-100, binary version     | whole records of 3073 or 3074 bytes; the folder: its names              |
  ///
  /// Single files may be gzipped, of at most 1 GiB when unpacked; of the binary folders (CIFAR, STL-10, SVHN) the files must have
  /// their official names.
  ///
  /// - Parameters:
  ///   - nameOrPath: The name of a bundled set, a file or a folder.
  ///   - labels: A file of labels to use instead of the data set's own: IDX, npy or text. Without any labels the set has none.
  ///   - count: Only so many images, at least 1: the first ones, but of a folder of classes some of each; nil for all.
  ///   - split: The part of the data set; nil for the training images, failing these the test images.
  ///   - labelling: Of CIFAR-100 only: fine (also nil) or coarse.
  ///   - size: Brings every image to this size: resized, antialiased, until it covers it, then its centre.
  /// - Returns: The images in the order of their files, with labels where they are known.
  /// - Throws: ``ImageSetError``, one sentence on what was expected and what was found, and for files of known other kinds what to
  ///   convert them to.
  public static func load(
    _ nameOrPath: String, labels: String? = nil, count: Int? = nil, split: DataSplit? = nil,
    labelling: ClassLabelling? = nil, size: ImageSize? = nil
  ) throws(ImageSetError) -> ImageSet {
    try load(
      nameOrPath, ImageRequest(labels: labels, count: count, split: split, labelling: labelling, size: size))
  }

  /// Reads a data set as far as, and as, it is asked for.
  package static func load(_ nameOrPath: String, _ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    if let bundled = BundledImages.all.first(where: { $0.name == nameOrPath }) {
      return try IDXImages.read(bundled, request: request)
    }
    guard DataFile.exists(nameOrPath) else {
      let names = BundledImages.all.map(\.name).joined(separator: " and ")
      throw ImageSetError(
        path: nameOrPath, problem: "there is no such file or folder; the bundled data sets are called \(names)")
    }
    if DataFile.isFolder(nameOrPath) { return try load(folder: nameOrPath, request) }
    let file = try DataFile(opening: nameOrPath)
    var set = try load(file, request)
    if let surplus = file.surplus { set.remarks.append("\(nameOrPath): \(surplus)") }
    return set
  }

  private static func load(folder: String, _ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let names = try DataFile.names(in: folder)
    let picture = DataSetFolder.firstPicture(in: folder, names: names)
    func withRemark(_ dataSet: ImageSet, in folder: String) -> ImageSet {
      guard let picture else { return dataSet }
      var set = dataSet
      let remark = DataSetFolder.remark(picture: picture, besideDataSetIn: folder)
      if !set.remarks.contains(remark) { set.remarks.append(remark) }
      return set
    }
    if let kind = DataSetFolder.kind(of: folder, names: names, picture: picture) {
      return withRemark(try kind.read(folder, names, request), in: folder)
    }
    if let inner = try DataSetFolder.inside(folder, names: names, picture: picture) {
      return withRemark(try load(folder: inner, request), in: inner)
    }
    if let pictures = try PictureFolder(folder, names: names) {
      var set = try pictures.read(request)
      set.remarks += DataSetFolder.remarks(onNames: names, in: folder)
      return set
    }
    if let problem = ForeignFiles.problem(ofFolder: folder, names: names) {
      throw ImageSetError(path: folder, problem: problem)
    }
    let files = names.filter { name in
      let start = (try? DataFile.rawStart("\(folder)/\(name)", count: 128)) ?? []
      return start.starts(with: NpyHeader.magic) || start.starts(with: [0, 0, 8, 3]) || MATFile.isMAT(start)
    }
    if let first = files.first {
      throw ImageSetError(
        path: folder,
        problem: "the folder is no data set of a known kind, but single files in it can be named: "
          + files.prefix(4).map { "\(folder)/\($0)" }.joined(separator: ", ")
          + (files.count > 4 ? ", …" : "") + (first.hasSuffix(".npy") ? "; labels are named with --labels" : ""))
    }
    throw ImageSetError(
      path: folder,
      problem: "the folder holds no images; looked for the files of MNIST (train-images-idx3-ubyte), CIFAR-10 "
        + "(data_batch_1.bin), CIFAR-100 (train.bin), STL-10 (train_X.bin) and SVHN (train_32x32.mat), and for PNG, PPM and "
        + "PGM pictures")
  }

  /// Reads a data set of one file.
  static func load(_ file: DataFile, _ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    let start = try file.start(512)
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: file.path, problem: problem) }
    guard !start.isEmpty else { throw fail("the file is empty") }
    // Its first bytes are pixels, which may look like anything.
    if STL10.isOfficial(file.name) { return try STL10.read(file, request: request) }
    // No record of CIFAR begins like one of these: its first byte is a label, below 20.
    if let problem = ForeignFiles.problem(of: start, path: file.path) { throw fail(problem) }
    if PNG.isPNG(start) || Netpbm.isNetpbm(start) { return try PictureFolder(single: file).read(request) }
    if start.starts(with: NpyHeader.magic) { return try NpyImages.read(file, request: request) }
    if MATFile.isMAT(start) { return try SVHN.read(file, request: request) }
    // Two zero bytes may also begin a record of CIFAR, so the header of IDX must be a possible one: bytes, and few axes.
    let isIDX = start.starts(with: [0, 0, 8]) && start.count >= 4 && (1...4).contains(start[3])
    if !isIDX, let kind = try CIFAR.recognised(file) { return try kind.read(file, request: request) }
    if !isIDX, file.size > 0, file.size % STL10.recordLength == 0 { return try STL10.read(file, request: request) }
    if isIDX || start.starts(with: [0, 0]) || start.count < 4 {
      return try IDXImages.read(file.path, bytes: try file.bytes(), request: request)
    }
    throw fail(
      "the file is of no known format: it begins with \(IDX.hex(start[..<4])), and its \(file.size) bytes are no "
        + "whole records of CIFAR-10 (3073 bytes), CIFAR-100 (3074) or STL-10 (27648); IDX begins with 00 00 08, npy with "
        + "93 4e 55 4d, SVHN's MAT files with the word MATLAB")
  }
}
