// Finds and reads a data set by name or path.
//
// The labels of MNIST-like files stand beside the images under the same name with "images" and "idx3" replaced by
// "labels" and "idx1"; the files occur with "-" or "." before "idx3", raw or gzipped.
// Tests    ImagesTests/ImageSetTests.swift
import Foundation

extension ImageSet {
  /// Reads a data set.
  ///
  /// - Parameters:
  ///   - nameOrPath: "digits" or "fashion" (the embedded sets), an IDX file of grey images (raw or gzipped), or a
  ///     folder that holds files with MNIST's names, where the training files are preferred.
  ///   - labelsPath: An IDX file of labels. Without it the labels are looked for beside the images; if there are none, the
  ///     set has no labels.
  ///   - count: Only the first so many images, at least 2; nil for all.
  public static func load(
    _ nameOrPath: String, labels labelsPath: String? = nil, count: Int? = nil
  ) throws(ImageSetError) -> ImageSet {
    let images: IDX
    var labels: IDX?
    var maximumValue = 255
    if let embedded = EmbeddedImages.all.first(where: { $0.name == nameOrPath }) {
      (images, labels) = try embedded.read()
      maximumValue = embedded.maximumValue
    } else {
      let imagesPath = try pathOfImages(nameOrPath)
      images = try IDX.read(imagesPath, axes: 3)
      if labelsPath == nil, let found = pathOfLabels(beside: imagesPath) { labels = try IDX.read(found, axes: 1) }
    }
    if let labelsPath { labels = try IDX.read(labelsPath, axes: 1) }

    let total = images.shape[0]
    if let labels, labels.shape[0] != total {
      throw ImageSetError(path: nameOrPath, problem: "there are \(labels.shape[0]) labels for \(total) images")
    }
    guard total >= 2 else {
      throw ImageSetError(path: nameOrPath, problem: "there must be at least 2 images, and there is 1")
    }
    let count = count ?? total
    guard (2...total).contains(count) else {
      throw ImageSetError(
        path: nameOrPath, problem: "\(count) images were asked for; it must be 2 to \(total), as many as there are")
    }
    return ImageSet(
      name: nameOrPath, channels: 1, height: images.shape[1], width: images.shape[2],
      pixels: Array(images.values[..<(count * images.shape[1] * images.shape[2])]), maximumValue: maximumValue,
      labels: labels?.values[..<count].map(Int.init))
  }

  /// The names under which a folder's images are looked for, best first.
  private static let fileNames = ["train", "t10k"].flatMap { part in
    ["-", "."].flatMap { dot in ["", ".gz"].map { "\(part)-images\(dot)idx3-ubyte\($0)" } }
  }

  private static func pathOfImages(_ path: String) throws(ImageSetError) -> String {
    guard FileManager.default.fileExists(atPath: path) else {
      let names = EmbeddedImages.all.map(\.name).joined(separator: " and ")
      throw ImageSetError(
        path: path, problem: "there is no such file or folder; the embedded data sets are called \(names)")
    }
    let kind = try? URL(fileURLWithPath: path).resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey])
    guard kind?.isDirectory == true else { return path }
    guard let name = fileNames.first(where: { FileManager.default.fileExists(atPath: "\(path)/\($0)") }) else {
      throw ImageSetError(
        path: path, problem: "the folder holds no images; looked for \(fileNames.joined(separator: ", "))")
    }
    return "\(path)/\(name)"
  }

  /// The labels that belong to a file of images, if they stand beside it, gzipped or not.
  private static func pathOfLabels(beside imagesPath: String) -> String? {
    let url = URL(fileURLWithPath: imagesPath)
    let name = url.lastPathComponent
    let labelsName = name.replacingOccurrences(of: "images", with: "labels")
      .replacingOccurrences(of: "idx3", with: "idx1")
    guard labelsName != name else { return nil }
    let other = labelsName.hasSuffix(".gz") ? String(labelsName.dropLast(3)) : labelsName + ".gz"
    return [labelsName, other].map { url.deletingLastPathComponent().appendingPathComponent($0).path }
      .first { FileManager.default.fileExists(atPath: $0) }
  }
}
