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

  /// The only such folder one or two levels below another; nil if there is none.
  ///
  /// - Throws: ``ImageSetError`` that lists them if there are several.
  static func inside(_ folder: String, names: [String]) throws(ImageSetError) -> String? {
    var found: [String] = []
    for name in names {
      let inner = "\(folder)/\(name)"
      // Whatever cannot be looked into is no data set's folder.
      guard DataFile.isFolder(inner), let below = try? DataFile.names(in: inner) else { continue }
      if isOne(below) {
        found.append(inner)
        continue
      }
      for name in below {
        let deep = "\(inner)/\(name)"
        if DataFile.isFolder(deep), let names = try? DataFile.names(in: deep), isOne(names) { found.append(deep) }
      }
    }
    guard found.count > 1 else { return found.first }
    throw ImageSetError(
      path: folder, problem: "the folder holds several data sets; name one of them: \(found.joined(separator: ", "))")
  }
}
