// One picture as its file holds it, in 8 bits, grey or colour; and which files are pictures.
//
// Samples of other depths are scaled to 0...255 and rounded: (255 v + m/2) / m, m the largest value. Pixels that are
// transparent are laid over black, which is what is behind them where nothing is; this is done in the depth of the
// file, and rounded once: (255 c a + m²/2) / m².
// Tests    ImagesTests/PictureTests.swift
import Files

/// A picture with 1 (grey) or 3 channels.
struct Picture: Equatable {
  let channels: Int
  let size: ImageSize
  /// channels × height × width.
  let pixels: [UInt8]
  /// What is irregular in the file without a bearing on the pixels.
  var irregularities: [String] = []

  /// The most pixels that a file may announce, so that a wrong header costs no memory.
  static let largestArea = 1 << 26

  /// Why no picture of such sides is read; nil if it is.
  static func problem(height: Int, width: Int) -> String? {
    if height < 1 || width < 1 { return "the header announces \(height) x \(width) pixels, a picture without any" }
    let (side, area) = (ColourImage.largestSide, largestArea)
    if height > side || width > side || height * width > area {
      return "the header announces \(height) x \(width) pixels; at most \(side) x \(side) and \(area) in all are read"
    }
    return nil
  }

  /// A sample of 0...largest as a byte.
  static func byte(_ sample: Int, outOf largest: Int) -> UInt8 {
    largest == 255 ? UInt8(sample) : UInt8((255 * sample + largest / 2) / largest)
  }

  /// A sample over black, seen through an opacity, as a byte; both are 0...largest, and only the byte is rounded.
  static func overBlack(_ sample: Int, opacity: Int, outOf largest: Int) -> UInt8 {
    byte(sample * opacity, outOf: largest * largest)
  }

  /// The picture in a file, which was opened as a picture, gzipped or not.
  static func read(_ file: DataFile) throws(ImageSetError) -> Picture {
    var picture = try decode(try file.bytes(), path: file.path)
    if let surplus = file.surplus { picture.irregularities.append(surplus) }
    return picture
  }

  /// The picture of a file's bytes.
  static func decode(_ bytes: [UInt8], path: String) throws(ImageSetError) -> Picture {
    if PNG.isPNG(bytes) { return try PNG.decode(bytes, path: path) }
    if Netpbm.isNetpbm(bytes) { return try Netpbm.decode(bytes, path: path) }
    throw ImageSetError(path: path, problem: problem(of: bytes, path: path) ?? "")
  }

  /// Why a file that begins like this cannot be decoded; nil if it may be.
  static func problem(of start: [UInt8], path: String) -> String? {
    if PNG.isPNG(start) || Netpbm.isNetpbm(start) { return nil }
    if start.isEmpty { return "the file is empty" }
    return ForeignFiles.problem(of: start, path: path)
      ?? "this is no picture: it begins neither as PNG nor as PPM or PGM"
  }

  /// The size and the channels that the beginning of a file announces; nil where it announces none.
  static func announced(_ start: [UInt8]) -> (size: ImageSize, channels: Int)? {
    guard PNG.isPNG(start) else { return Netpbm.announced(start) }
    // Another chunk may stand first, though it should not: then the picture itself will tell.
    guard start.count >= 26, Array(start[12..<16]) == Array("IHDR".utf8) else { return nil }
    func number(_ offset: Int) -> Int { start[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (ImageSize(height: number(20), width: number(16)), start[25] & 3 == 0 ? 1 : 3)
  }

  /// What a file in a folder is: a picture, one of a kind that is not read, or something else.
  enum Sort: Equatable {
    case readable
    case foreign(String)
    case other
  }

  /// What a file is by its first bytes, as they stand on the disk, or failing these by its name.
  static func sort(start: [UInt8], name: String) -> Sort {
    if PNG.isPNG(start) || Netpbm.isNetpbm(start) { return .readable }
    if let kind = ForeignPictures.kind(of: start) { return .foreign(kind) }
    let lower = name.lowercased()
    let inner = Gzip.isGzip(start) && lower.hasSuffix(".gz") ? String(lower.dropLast(3)) : lower
    if ["png", "ppm", "pgm", "pnm"].contains(ForeignPictures.suffix(of: inner)) { return .readable }
    return ForeignPictures.kind(ofName: name).map { .foreign($0) } ?? .other
  }

  /// The picture brought to a size, which must be possible.
  func fitted(to size: ImageSize) -> Picture {
    if size == self.size { return self }
    let pixels = ImageCollector.fit(pixels[...], channels, self.size, to: size)
    return Picture(channels: channels, size: size, pixels: pixels, irregularities: irregularities)
  }
}
