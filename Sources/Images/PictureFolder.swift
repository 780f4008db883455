// A folder of pictures as a data set: the files in the natural order of their names, or one sub-folder for each class.
//
//     flowers/a.png, flowers/b.ppm, …             without labels
//     flowers/rose/a.png, flowers/tulip/b.png, …  the class of a picture is its sub-folder, counted in the order of names
//
// Tests    ImagesTests/PictureFolderTests.swift
import Foundation

/// A folder that holds pictures, itself or in its sub-folders.
struct PictureFolder {
  private let path: String
  /// What the set is called: the folder, or the single picture.
  private let name: String
  /// The pictures, in order, and the class of each.
  private var files: [(path: String, label: Int)] = []
  /// The sub-folders' names; nil where the pictures stand in the folder itself.
  private var classNames: [String]?
  /// Files that are no pictures, which are left out.
  private var others: [String] = []
  /// Pictures of kinds that are not read: any of them ends the reading.
  private var foreign: [(path: String, kind: String)] = []

  /// Looks for the pictures; nil if there are none.
  init?(_ path: String, names: [String]) throws(ImageSetError) {
    (self.path, name) = (path, path)
    let names = NaturalOrder.sorted(names)
    let folders = names.filter { DataFile.isFolder("\(path)/\($0)") }
    try add(names.filter { !folders.contains($0) }, of: path, label: 0)
    // A run that was started inside the folder has left its results there; beside pictures an empty folder is no class.
    let classes = folders.filter { name in
      let folder = "\(path)/\(name)"
      return !RunResults.areIn(folder) && (files.isEmpty || (try? DataFile.names(in: folder))?.isEmpty != true)
    }
    if files.isEmpty || classes.isEmpty { try refuseForeign() }
    guard !classes.isEmpty else {
      if files.isEmpty { return nil }
      return
    }
    if let first = files.first {
      throw ImageSetError(
        path: path,
        problem: "the folder holds pictures (\(DataFile.name(of: first.path))) and sub-folders (\(classes[0])); "
          + "pictures must stand either all in the folder or all in sub-folders, one for each class")
    }
    classNames = classes
    for (label, folder) in classes.enumerated() { try addClass(folder, label: label) }
    try refuseForeign()
    if files.isEmpty { return nil }
    if let empty = classes.indices.first(where: { label in !files.contains { $0.label == label } }) {
      throw ImageSetError(
        path: path, problem: "the sub-folder \(classes[empty]) holds no pictures; every sub-folder must be a class")
    }
  }

  /// A single picture, as if it stood alone in a folder.
  init(single file: DataFile) {
    path = URL(fileURLWithPath: file.path).deletingLastPathComponent().path
    name = file.path
    files = [("\(path)/\(file.name)", 0)]
  }

  private mutating func refuseForeign() throws(ImageSetError) {
    // A document beside pictures explains them.
    if !files.isEmpty {
      others += foreign.filter { ForeignPictures.isDocument($0.kind) }.map(\.path)
      foreign.removeAll { ForeignPictures.isDocument($0.kind) }
    }
    let names = files.map { (name: $0.path, kind: String?.none) } + foreign.map { (name: $0.path, kind: $0.kind) }
    if let problem = ForeignPictures.problem(folder: path, names: names) {
      throw ImageSetError(path: path, problem: problem)
    }
  }

  private mutating func addClass(_ name: String, label: Int) throws(ImageSetError) {
    let folder = "\(path)/\(name)"
    let names = NaturalOrder.sorted(try DataFile.names(in: folder))
    if let inner = names.first(where: { DataFile.isFolder("\(folder)/\($0)") }) {
      // Of a part for training and one for tests the former is meant.
      let folder =
        classNames?.first { ["train", "training"].contains($0.lowercased()) }.map { "\(path)/\($0)" } ?? folder
      throw ImageSetError(
        path: path,
        problem:
          "the sub-folder \(name) holds a folder itself, \(inner); sub-folders are classes and hold pictures only. "
          + "If it is a part such as training or test, name it: \(folder)")
    }
    try add(names, of: folder, label: label)
  }

  private mutating func add(_ names: [String], of folder: String, label: Int) throws(ImageSetError) {
    for name in names {
      let file = "\(folder)/\(name)"
      // What cannot be opened is told with all that cannot be read.
      switch Picture.sort(start: (try? DataFile.rawStart(file, count: 512)) ?? [], name: name) {
      case .readable: files.append((file, label))
      case .foreign(let kind): foreign.append((file, kind))
      case .other: others.append(file)
      }
    }
  }

  /// The path of a picture below the folder.
  private func name(of file: (path: String, label: Int)) -> String { String(file.path.dropFirst(path.count + 1)) }

  /// The pictures as one set.
  func read(_ request: ImageRequest) throws(ImageSetError) -> ImageSet {
    try request.refuseLabelling(path: path, format: "a folder of pictures")
    if let split = request.split {
      throw ImageSetError(
        path: path,
        problem:
          "a folder of pictures has no splits, so there is no split \(split.rawValue); name the folder of that part")
    }
    let own = classNames.map { ClassLabels(files.map(\.label), count: $0.count, names: $0) }
    let names = files.map(name(of:))
    let all = try LabelFile.classes(request, own: own, total: files.count, path: path, imageNames: names)
    let count = try request.count(of: files.count, path: path)
    let chosen = chosen(count)
    var pictures = PictureCollector(request, folder: path, count: count)
    for index in chosen { try pictures.add(files[index].path) }
    let (pixels, channels, size, kept, remarks) = try pictures.finish()
    let part =
      classNames == nil
      ? "the first \(count) of \(files.count) images" : "\(count), evenly spread over \(files.count) images,"
    let read = kept.map { chosen[$0] }
    return ImageSet(
      name: name, channels: channels, height: size.height, width: size.width, pixels: pixels,
      imageNames: read.map { names[$0] }, remarks: remarks + othersText, classes: all?.of(read, part, path: path))
  }

  /// The remarks on classes that are called like parts of a data set, and on files that are no pictures.
  private var othersText: [String] {
    let parts: Set = ["train", "training", "test", "testing", "val", "valid", "validation"]
    let remarks =
      classNames.map { $0.count > 1 && parts.isSuperset(of: $0.map { $0.lowercased() }) } == true
      ? [
        "\(path): the sub-folders \((classNames ?? []).joined(separator: ", ")) are taken for classes; if they are parts of "
          + "a data set, name one of them as the data"
      ] : []
    guard let first = others.first else { return remarks }
    return remarks + [
      others.count == 1
        ? "\(path): 1 file that is no picture was left out, \(first)"
        : "\(path): \(others.count) files that are no pictures were left out, the first is \(first)"
    ]
  }

  /// Which pictures so many are: of classes, which stand one after the other, some of each, evenly spread; else the first.
  private func chosen(_ count: Int) -> [Int] {
    (0..<count).map { classNames == nil ? $0 : $0 * files.count / count }
  }
}
