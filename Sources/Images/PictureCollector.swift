// Pictures that are read one after the other into one array of pixels, with all that is wrong with any of them.
//
// What is wrong is told of all pictures at once: whoever has a thousand of them does not want to run into one after another.
// Tests    ImagesTests/PictureCollectorTests.swift
import Foundation

/// The pictures of a set as they come.
struct PictureCollector {
  private let request: ImageRequest
  private let folder: String
  private let count: Int
  /// How many files were looked at.
  private var seen = 0
  /// Which of these are in the set.
  private var kept: [Int] = []
  private var pixels: [UInt8] = []
  /// 1 until a picture has colour.
  private var channels = 1
  /// The size of every image in the set, and of the files by how many have it.
  private var size: ImageSize?
  private var sizes: [(size: ImageSize, files: Int, first: String)] = []
  /// Files with irregularities that change no pixel.
  private var irregular: [(path: String, irregularities: [String])] = []
  /// Files that cannot be read, and why.
  private var damaged: [ImageSetError] = []

  /// A collector of so many pictures of a folder.
  init(_ request: ImageRequest, folder: String, count: Int) {
    (self.request, self.folder, self.count) = (request, folder, count)
  }

  /// Reads the next picture.
  mutating func add(_ file: String) throws(ImageSetError) {
    defer { seen += 1 }
    let picture: Picture
    do throws(ImageSetError) {
      picture = try read(file)
    } catch {
      // Another kind of picture is not damaged: it needs to be converted, not skipped.
      if error.isFinal { throw error }
      return damaged.append(error)
    }
    if !picture.irregularities.isEmpty { irregular.append((file, picture.irregularities)) }
    if let index = sizes.firstIndex(where: { $0.size == picture.size }) {
      sizes[index].files += 1
    } else {
      sizes.append((picture.size, 1, file))
    }
    let size = request.size ?? self.size ?? picture.size
    self.size = size
    // Told at the end, when all sizes are known.
    if request.size == nil && picture.size != size { return }
    if request.size != nil,
      let problem = ColourImage.fittingProblem(size, height: picture.size.height, width: picture.size.width)
    {
      throw ImageSetError(path: file, problem: problem)
    }
    kept.append(seen)
    append(picture.fitted(to: size))
  }

  /// The picture in a file, unless its header announces too much.
  private func read(_ file: String) throws(ImageSetError) -> Picture {
    let contents = try DataFile(opening: file, isPicture: true)
    let announced = Picture.announced(try contents.start(4096))
    if let size = announced?.size, let problem = Picture.problem(height: size.height, width: size.width) {
      throw ImageSetError(path: file, problem: problem)
    }
    if let given = announced, let limit = request.byteLimit,
      given.channels * given.size.height * given.size.width > limit / 2
    {
      let needed = 2 * given.channels * given.size.height * given.size.width / 1_000_000
      throw ImageSetError(
        path: file,
        problem: "the picture of \(given.size) pixels takes \(needed) MB to read, and \(limit / 1_000_000) MB are free")
    }
    if let given = announced,
      let problem = request.problem(of: given.size, count: count, channels: max(channels, given.channels))
    {
      throw ImageSetError(path: file, problem: problem, isFinal: true)
    }
    return try Picture.read(contents)
  }

  /// A grey picture among coloured ones has three equal channels.
  private mutating func append(_ picture: Picture) {
    if picture.channels > channels {
      let area = picture.pixels.count / picture.channels
      let grey = pixels
      (channels, pixels) = (picture.channels, [])
      pixels.reserveCapacity(channels * area * count)
      for first in stride(from: 0, to: grey.count, by: area) {
        for _ in 0..<channels { pixels += grey[first..<first + area] }
      }
    }
    for _ in 0..<channels / picture.channels { pixels += picture.pixels }
  }

  /// All pictures, or the sentence with all that is wrong.
  ///
  /// - Returns: The pixels, images × channels × height × width; which of the files they are; and what was left out.
  /// - Throws: ``ImageSetError`` for damaged files, unless these are to be skipped, and for files of several sizes.
  func finish() throws(ImageSetError) -> (
    pixels: [UInt8], channels: Int, size: ImageSize, kept: [Int], remarks: [String]
  ) {
    var remarks: [String] = []
    if let first = damaged.first {
      guard request.skipsDamaged else {
        throw damaged.count == 1
          ? ImageSetError(path: first.path, problem: first.problem + "; \"--skip-damaged\" goes on without it")
          : ImageSetError(path: folder, problem: damagedText + "; \"--skip-damaged\" goes on without them")
      }
      remarks = ["\(folder): \(damagedText); \(damaged.count == 1 ? "it was" : "they were") left out"]
    }
    guard let size, !sizes.isEmpty else {
      throw ImageSetError(path: folder, problem: "none of the \(count) pictures can be read; the first: \(damaged[0])")
    }
    guard request.size != nil || sizes.count == 1 else { throw ImageSetError(path: folder, problem: sizesText) }
    return (pixels, channels, size, kept, remarks + irregularText)
  }

  /// One remark on all files with irregularities.
  private var irregularText: [String] {
    guard let first = irregular.first else { return [] }
    let sentence = "\(DataFile.name(of: first.path)): " + first.irregularities.joined(separator: "; ")
    return [
      irregular.count == 1
        ? "\(folder): 1 file is irregular and was read nevertheless, \(sentence)"
        : "\(folder): \(irregular.count) files are irregular and were read nevertheless, the first is \(sentence)"
    ]
  }

  /// "2 of 300 pictures cannot be read: a.png (the PNG file is damaged: …); b.png (…)".
  private var damagedText: String {
    let shown = damaged.prefix(10).map { "\(DataFile.name(of: $0.path)) (\($0.problem))" }.joined(separator: "; ")
    return "\(damaged.count) of \(seen) pictures cannot be read: \(shown)"
      + (damaged.count > 10 ? "; and \(damaged.count - 10) more" : "")
  }

  private var sizesText: String {
    let sorted = sizes.sorted { $0.files > $1.files }
    let shown = sorted.prefix(4).map { size, files, first in
      "\(size) (\(files == 1 ? DataFile.name(of: first) : "\(files), such as \(DataFile.name(of: first))"))"
    }
    return "the pictures have \(sizes.count) sizes (height x width): \(shown.joined(separator: ", "))"
      + (sizes.count > 4 ? ", …" : "") + "; \"--size \(request.advice(for: sorted[0].size))\" brings all to one size"
  }
}
