// Labels: those that a user names (IDX, npy or text), else those that the data set has; and the names of classes.
// Tests    ImagesTests/LabelFileTests.swift
import Files
import Kernels

/// Files of labels and of class names.
enum LabelFile {
  /// The classes that are asked for, else the data set's own; nil without either.
  ///
  /// - Parameters:
  ///   - request: Names a file of labels, if any.
  ///   - own: The classes that the data set has itself.
  ///   - total: The number of images, which is that of the labels.
  ///   - path: Names the set in messages.
  ///   - imageNames: The path of each image below the set's folder, if images have names.
  /// - Returns: A class for each image.
  /// - Throws: A sentence, if the file cannot be read or has another number of labels.
  static func classes(
    _ request: ImageRequest, own: ClassLabels?, total: Int, path: String, imageNames: [String]? = nil
  ) throws(ImageSetError) -> ClassLabels? {
    let classes = try request.labels.map { named throws(ImageSetError) in
      try read(named, total: total, imageNames: imageNames)
    }
    guard let classes = classes ?? own else { return nil }
    guard classes.labels.count == total else {
      throw ImageSetError(path: path, problem: "there are \(classes.labels.count) labels for \(total) images")
    }
    return classes
  }

  /// The same of the first so many images; if classes are missing among them, a remark says so.
  static func classes(
    _ request: ImageRequest, own: ClassLabels?, total: Int, first count: Int, path: String
  ) throws(ImageSetError) -> ClassLabels? {
    try classes(request, own: own, total: total, path: path)?
      .of(0..<count, "the first \(count) of \(total) images", path: path)
  }

  private static func read(
    _ path: String, total: Int, imageNames: [String]?
  ) throws(ImageSetError) -> ClassLabels {
    let file = try DataFile(opening: path)
    let start = try file.start(6)
    guard !start.isEmpty else { throw ImageSetError(path: path, problem: "the file is empty; labels were expected") }
    let surplus = file.surplus.map { ["\(path): \($0)"] } ?? []
    if start == NpyHeader.magic {
      let (numbers, remarks) = try NpyLabels.read(file)
      var classes = try ClassLabels(numbers: numbers, path: path)
      classes.remarks += remarks + surplus
      return classes
    }
    if start.starts(with: [0, 0]) {
      let idx = try IDX.parse(file.bytes(), axes: 1, path: path)
      var classes = try ClassLabels(numbers: idx.values.map(Int.init), path: path)
      classes.remarks += idx.remarks + surplus
      return classes
    }
    try refuseOthers(file, total: total)
    let table = LabelTable(try DelimitedText(try file.bytes(), path: path), path: path)
    let (texts, remarks) = try table.labels(total: total, imageNames: imageNames)
    guard texts.count == total else {
      let heading = texts.count == total + 1 ? "; if its first line, \"\(texts[0])\", is a heading, remove it" : ""
      throw ImageSetError(path: path, problem: "there are \(texts.count) labels for \(total) images\(heading)")
    }
    var classes = try ClassLabels(texts: texts, path: path)
    classes.remarks += remarks + surplus
    return classes
  }

  /// A text of more bytes is no list of labels, unless there are very many images.
  static let largestText = 1 << 26

  /// Refuses what is no text of labels, or much more than that.
  private static func refuseOthers(_ file: DataFile, total: Int) throws(ImageSetError) {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: file.path, problem: problem) }
    let start = try file.start(512)
    if let problem = ForeignFiles.problem(of: start, path: file.path) { throw fail(problem) }
    if MATFile.isMAT(start) {
      throw fail(
        "this is a MAT file, of which labels alone are not read; in Python "
          + "numpy.save(\"y.npy\", scipy.io.loadmat(\(FilePath.pythonText(file.path)))[\"y\"]) writes those called y as an npy file, which is"
      )
    }
    guard file.size <= max(largestText, 4096 * total) else {
      throw fail(
        "a text of \(file.size) bytes is no list of the labels of \(total) images; at most \(largestText) bytes are read"
      )
    }
  }

  /// The names of classes, one in each line of a file, if the file exists; empty lines are skipped.
  static func classNames(_ path: String, expected count: Int) throws(ImageSetError) -> [String]? {
    guard DataFile.exists(path) else { return nil }
    let text = String(decoding: try DataFile(opening: path).bytes(), as: UTF8.self)
    let names = text.split(whereSeparator: \.isNewline)
      .map(\.withoutSpaceAround)
      .filter { !$0.isEmpty }
    guard names.count == count else {
      throw ImageSetError(
        path: path, problem: "the file names \(names.count) classes, one in a line; \(count) were expected")
    }
    return names
  }
}
