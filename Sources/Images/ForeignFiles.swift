// What people have instead of a data set that can be read, and what to do about it in one sentence each.
// Tests    ImagesTests/ForeignFilesTests.swift

/// Files and folders that are recognised only to say what is needed instead.
enum ForeignFiles {
  /// What a file begins with, and what is to be said of it.
  private static let beginnings: [(start: [UInt8], problem: String)] = [
    (
      Array("version https://git-lfs".utf8),
      "this is a pointer of Git LFS and not the file itself, which \"git lfs pull\" fetches"
    ),
    (Array("PK\u{3}\u{4}".utf8), "this is a zip archive (an npz file is one too); unpack it and name what was in it"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "this is compressed by xz; unpack it with \"xz -d\" or \"tar xJf\""),
    (Array("BZh".utf8), "this is compressed by bzip2; unpack it with \"bunzip2\" or \"tar xjf\""),
    ([0x28, 0xB5, 0x2F, 0xFD], "this is compressed by zstd; unpack it with \"zstd -d\""),
    ([0x89, 0x48, 0x44, 0x46], "this is an HDF5 file, which is not read; save the images as an npy file of uint8"),
    (Array("PAR1".utf8), "this is a Parquet file, which is not read; save the images as an npy file of uint8"),
  ]

  /// What is to be said of a file, from at least its first 512 bytes, decompressed; nil if it is not one of these.
  static func problem(of start: [UInt8], path: String) -> String? {
    let name = DataFile.name(of: path)
    if start.count >= 262, Array(start[257..<262]) == Array("ustar".utf8) || name.hasSuffix(".tar.gz") {
      return archiveProblem(name)
    }
    if let kind = ForeignPictures.kind(of: start) { return ForeignPictures.problem(kind: kind, path: path) }
    // Pickles of protocols 2 to 5 begin with 80 and their number; an empty dictionary follows in CIFAR's.
    if start.count >= 3, start[0] == 0x80, (2...5).contains(start[1]) {
      let kind = CIFAR.all.first { $0.pythonFiles.contains(name) }
      return "this is a Python pickle, which is not read; "
        + (kind?.advice ?? "of CIFAR the binary version is needed; save other images as an npy file of uint8")
    }
    let text = String(decoding: start.prefix(64), as: UTF8.self).drop { $0.isWhitespace }.lowercased()
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return "this is a web page (HTML), perhaps one that was saved instead of the file; fetch the file again"
    }
    return beginnings.first { start.starts(with: $0.start) }?.problem
  }

  /// What is to be said of an archive that was not unpacked.
  private static func archiveProblem(_ name: String) -> String {
    for kind in CIFAR.all {
      if name == kind.archive {
        return "this is an archive; unpack it with \"tar xzf \(name)\" and name the folder \(kind.folder)"
      }
      if name.hasPrefix("\(kind.name.lowercased())-") {
        return "this is an archive of another version of \(kind.name); \(kind.advice)"
      }
    }
    return "this is an archive; unpack it with \"tar xf \(FilePath.shellWord(name))\" and name the folder"
  }

  /// What is to be said of a folder with such names; nil if there is nothing to say.
  static func problem(ofFolder folder: String, names: [String]) -> String? {
    for kind in CIFAR.all {
      // "train" and "test" are also what folders of pictures are called.
      let pickles = kind.pythonFiles.filter { names.contains($0) && !DataFile.isFolder("\(folder)/\($0)") }
      if pickles.count >= 2 || pickles.first?.contains("batch") == true {
        return "this is the Python version of \(kind.name) (pickles); \(kind.advice)"
      }
      if names.contains(kind.pythonFolder) {
        return "the folder holds the Python version of \(kind.name), \(kind.pythonFolder); \(kind.advice)"
      }
      if let archive = names.first(where: { $0.hasPrefix("\(kind.name.lowercased())-") && $0.hasSuffix(".tar.gz") }) {
        return archive == kind.archive
          ? "the folder holds \(archive), not unpacked; unpack it with \"tar xzf \(archive)\" and name the folder "
            + kind.folder
          : "the folder holds \(archive), the archive of another version of \(kind.name); \(kind.advice)"
      }
    }
    return nil
  }
}
