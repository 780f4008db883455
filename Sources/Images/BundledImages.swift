// The two data sets that come with the package, "digits" and "fashion"; provenance and licences: Fixtures/data/README.md.
//
// The files are looked for beside the running program (the package manager copies them there) and, failing that, in
// the source tree, so that they are found from any working directory. Their SHA-256 is checked at every load: a result
// that names one of these sets was computed on these very bytes.
// Tests    ImagesTests/ImageSetTests.swift
import Files
import Foundation
import Kernels

/// One of the data sets that come with the package.
struct BundledImages {
  let name: String
  let imagesFile: String
  let labelsFile: String
  let imagesDigest: String
  let labelsDigest: String
  let maximumValue: Int

  /// All bundled data sets.
  static let all = [
    BundledImages(
      name: "digits", imagesFile: "digits1797-images-idx3-ubyte", labelsFile: "digits1797-labels-idx1-ubyte",
      imagesDigest: "359cd13f0f514122884198b78a131df597421cbf5e93a76678fa96fc548f0d96",
      labelsDigest: "ce71631c1f31ce56fa54f31d1d498fafacff59b001e6c30c4a5e29508aa277ad", maximumValue: 16),
    BundledImages(
      name: "fashion", imagesFile: "fashion2000-images-idx3-ubyte", labelsFile: "fashion2000-labels-idx1-ubyte",
      imagesDigest: "15a92dd1e9b16ea361928086e77df4dfa890c255c00b5a8c8162c1040ce8eef1",
      labelsDigest: "234596aeb6eb48133ec99a62541f90bc0728c9559a681f1e0638037462458f2c", maximumValue: 255),
  ]

  /// Where the files may stand, best first.
  static var folders: [String] {
    // Three levels up from Sources/Images/BundledImages.swift is the package.
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let program = Bundle.main.bundleURL
    return [
      program.appendingPathComponent("tsuc_Images.resources/data").path,
      program.appendingPathComponent("tsuc_Images.bundle/data").path,
      package.appendingPathComponent("Fixtures/data").path,
    ]
  }

  /// The set's images and labels from the first of `folders` that holds its images.
  func read(from folders: [String] = folders) throws(ImageSetError) -> (images: IDX, labels: IDX) {
    guard
      let folder = folders.first(where: { FileManager.default.fileExists(atPath: "\($0)/\(imagesFile)") })
    else {
      throw ImageSetError(
        path: name,
        problem: "the embedded file \(imagesFile) is in none of \(folders.joined(separator: ", ")); "
          + "build the package again or keep tsuc_Images.resources beside the program")
    }
    return (
      try read("\(folder)/\(imagesFile)", digest: imagesDigest, axes: 3),
      try read("\(folder)/\(labelsFile)", digest: labelsDigest, axes: 1)
    )
  }

  private func read(_ path: String, digest: String, axes: Int) throws(ImageSetError) -> IDX {
    let bytes = try IDX.contents(of: path)
    let found = SHA256.hexDigest(of: bytes)
    guard found == digest else {
      throw ImageSetError(
        path: path,
        problem: "the embedded file was changed: its SHA-256 is \(found) instead of \(digest); restore the original")
    }
    return try IDX.parse(bytes, axes: axes, path: path)
  }
}

extension ImageSet {
  /// The names of the data sets that come with the package.
  package static var bundledNames: [String] { BundledImages.all.map(\.name) }
}
