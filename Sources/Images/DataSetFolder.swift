// Where a data set's own folder stands below the one that was named: torchvision keeps MNIST/raw, archives have their folder.
//
// Tests    ImagesTests/DataSetFolderTests.swift

/// Folders with the files of known data sets.
enum DataSetFolder {
  /// Whether a folder with such names is one of these.
  static func isOne(_ names: [String]) -> Bool {
    IDXImages.isFolder(names) || STL10.isFolder(names) || SVHN.isFolder(names)
      || CIFAR.all.contains { ($0.trainingFiles + $0.testFiles).contains(where: names.contains) }
  }

  /// How many levels below the named folder are looked at: of data/MNIST/raw somebody may name the folder that data is in.
  private static let depth = 3

  /// The only such folder some levels below another; nil if there is none.
  ///
  /// - Throws: ``ImageSetError`` that lists them if there are several.
  static func inside(_ folder: String, names: [String]) throws(ImageSetError) -> String? {
    let found = all(in: folder, names: names, depth: depth)
    guard found.count > 1 else { return found.first }
    throw ImageSetError(
      path: folder, problem: "the folder holds several data sets; name one of them: \(found.joined(separator: ", "))")
  }

  private static func all(in folder: String, names: [String], depth: Int) -> [String] {
    names.flatMap { name -> [String] in
      let inner = "\(folder)/\(name)"
      // Whatever cannot be looked into is no data set's folder.
      guard DataFile.isFolder(inner), let below = try? DataFile.names(in: inner) else { return [] }
      if isOne(below) { return [inner] }
      return depth > 1 ? all(in: inner, names: below, depth: depth - 1) : []
    }
  }
}
