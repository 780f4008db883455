// Folders that are known by the names of their files: which data set one holds, and where it stands below the one that was named
// (torchvision keeps MNIST/raw, archives have their folder).
//
// Beside pictures a name alone does not decide, as other programs write a train.bin too: there a file must have the format.
// Tests    ImagesTests/DataSetFolderTests.swift
import Files

/// A data set that is known by the names of its files.
struct DataSetFolder: Sendable {
  /// What it is called in sentences.
  let format: String
  /// The names of its files of images.
  let files: [String]
  /// What such a file is, in words.
  private let expected: String
  /// Whether a file that begins like this and has so many bytes can be one of them.
  private let fits: @Sendable (_ start: [UInt8], _ size: Int) -> Bool
  /// Reads a folder with such names.
  let read: @Sendable (_ folder: String, _ names: [String], ImageRequest) throws(ImageSetError) -> ImageSet

  private static func records(of length: Int) -> @Sendable ([UInt8], Int) -> Bool { { $1 > 0 && $1 % length == 0 } }

  /// All of them, in the order in which they are looked for.
  static let all: [DataSetFolder] =
    [
      DataSetFolder(
        format: "MNIST", files: IDXImages.folderNames, expected: "IDX of three axes",
        fits: { start, _ in start.starts(with: [0, 0, 8, 3]) },
        read: { folder, names, request throws(ImageSetError) in
          try IDXImages.read(folder: folder, names: names, request: request)
        })
    ]
    + CIFAR.all.map { kind in
      DataSetFolder(
        format: kind.name, files: kind.trainingFiles + kind.testFiles,
        expected: "whole records of \(kind.recordLength) bytes", fits: records(of: kind.recordLength),
        read: { folder, names, request throws(ImageSetError) in
          try kind.read(folder: folder, names: names, request: request)
        })
    } + [
      DataSetFolder(
        format: "STL-10", files: STL10.folderNames, expected: "whole images of \(STL10.recordLength) bytes",
        fits: records(of: STL10.recordLength),
        read: { folder, names, request throws(ImageSetError) in
          try STL10.read(folder: folder, names: names, request: request)
        }),
      DataSetFolder(
        format: "SVHN", files: SVHN.folderNames, expected: "MAT of version 5",
        fits: { start, _ in MATFile.isMAT(start) },
        read: { folder, names, request throws(ImageSetError) in
          try SVHN.read(folder: folder, names: names, request: request)
        }),
    ]

  /// Whether one of the files in a folder can be one of this data set.
  private func fits(_ folder: String, _ names: [String]) -> Bool {
    files.filter(names.contains).contains { name in
      // Unpacked by some programs, a file of MNIST's stands in a folder of its own name.
      let path = DataFile.isFolder("\(folder)/\(name)") ? "\(folder)/\(name)/\(name)" : "\(folder)/\(name)"
      guard let file = try? DataFile(opening: path), let start = try? file.start(512) else { return false }
      return fits(start, file.size)
    }
  }

  /// The data set in a folder; nil if its names are of none, or if pictures are there and no file has the format.
  static func kind(of folder: String, names: [String], picture: String?) -> DataSetFolder? {
    let named = all.filter { $0.files.contains(where: names.contains) }
    guard picture != nil || named.count > 1 else { return named.first }
    return named.first { $0.fits(folder, names) } ?? (picture == nil ? named.first : nil)
  }

  /// The first picture in a folder or its sub-folders, also one of a kind that is not read; nil if there is none.
  static func firstPicture(in folder: String, names: [String], alsoBelow: Bool = true) -> String? {
    for name in names {
      let path = "\(folder)/\(name)"
      if DataFile.isFolder(path) {
        guard alsoBelow, !RunResults.areIn(path), let below = try? DataFile.names(in: path) else { continue }
        if let found = firstPicture(in: path, names: below, alsoBelow: false) { return found }
        continue
      }
      switch Picture.sort(start: (try? DataFile.rawStart(path, count: 512)) ?? [], name: name) {
      case .readable: return path
      case .foreign(let kind) where !ForeignPictures.isDocument(kind): return path
      case .foreign, .other: continue
      }
    }
    return nil
  }

  /// What a user should be told where pictures lie beside the data set that is read.
  static func remark(picture: String, besideDataSetIn folder: String) -> String {
    "\(folder): the data set there is read and not the pictures, such as \(picture); to have these read, move them to a "
      + "folder of their own"
  }

  /// What a user should be told of files that have a data set's name beside pictures that are read.
  static func remarks(onNames names: [String], in folder: String) -> [String] {
    all.compactMap { kind in
      kind.files.first(where: names.contains).map {
        "\(folder): \($0) is called like a file of \(kind.format) but is not \(kind.expected), so the "
          + "pictures are read"
      }
    }
  }

  /// How many levels below the named folder are looked at: of data/MNIST/raw somebody may name the folder that data is in.
  private static let depth = 3

  /// The only such folder some levels below another; nil if there is none.
  ///
  /// - Parameters:
  ///   - folder: The folder that was named.
  ///   - names: What it holds.
  ///   - picture: A picture in it, if there is one.
  /// - Returns: The path of the folder with the data set's files.
  /// - Throws: ``ImageSetError`` that lists them if there are several.
  static func inside(_ folder: String, names: [String], picture: String?) throws(ImageSetError) -> String? {
    let found = all(in: folder, names: names, picture: picture, depth: depth)
    guard found.count > 1 else { return found.first }
    throw ImageSetError(
      path: folder, problem: "the folder holds several data sets; name one of them: \(found.joined(separator: ", "))")
  }

  private static func all(in folder: String, names: [String], picture: String?, depth: Int) -> [String] {
    names.flatMap { name -> [String] in
      let inner = "\(folder)/\(name)"
      // Whatever cannot be looked into is no data set's folder.
      guard DataFile.isFolder(inner), let below = try? DataFile.names(in: inner) else { return [] }
      if kind(of: inner, names: below, picture: picture) != nil { return [inner] }
      return depth > 1 ? all(in: inner, names: below, picture: picture, depth: depth - 1) : []
    }
  }
}
