// Labels: those that a user names (an IDX or npy file), else those that the data set has; and the names of classes.
// Tests    ImagesTests/LabelFileTests.swift
import Files
import Kernels

/// Files of labels and of class names.
enum LabelFile {
  /// The largest label that is read: classes need memory.
  static let largest = 9999

  /// The labels that are asked for, else the data set's own, as many as there are images.
  static func labels(
    _ request: ImageRequest, own: [Int]?, total: Int, path: String
  ) throws(ImageSetError) -> [Int]? {
    var labels = own
    if let named = request.labels {
      let file = try DataFile(opening: named)
      let isNpy = try file.start(6) == NpyHeader.magic
      labels =
        isNpy
        ? try NpyImages.labels(file) : try IDX.parse(file.bytes(), axes: 1, path: named).values.map(Int.init)
    }
    if let labels, labels.count != total {
      throw ImageSetError(path: path, problem: "there are \(labels.count) labels for \(total) images")
    }
    return labels
  }

  /// The names of classes, one in each line of a file, if the file exists; empty lines are skipped.
  static func classNames(_ path: String, expected count: Int) throws(ImageSetError) -> [String]? {
    guard DataFile.exists(path) else { return nil }
    let text = String(decoding: try DataFile(opening: path).bytes(), as: UTF8.self)
    let names = text.split(whereSeparator: \.isNewline)
      .map { String($0.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }
      .filter { !$0.isEmpty }
    guard names.count == count else {
      throw ImageSetError(
        path: path, problem: "the file names \(names.count) classes, one in a line; \(count) were expected")
    }
    return names
  }
}
