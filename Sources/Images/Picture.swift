// One picture as its file holds it, in 8 bits, grey or colour; and which files are pictures.
//
// Samples of other depths are scaled to 0...255 and rounded: (255 v + m/2) / m, m the largest value. Pixels that are
// transparent are laid over black, which is what is behind them where nothing is: (c a + 127) / 255.
// Tests    ImagesTests/PictureTests.swift

/// A picture with 1 (grey) or 3 channels.
struct Picture: Equatable {
  let channels: Int
  let size: ImageSize
  /// channels × height × width.
  let pixels: [UInt8]

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

  /// A byte over black, seen through an opacity of 0...255.
  static func overBlack(_ byte: UInt8, opacity: UInt8) -> UInt8 { UInt8((Int(byte) * Int(opacity) + 127) / 255) }

  /// The picture of a file's bytes.
  static func decode(_ bytes: [UInt8], path: String) throws(ImageSetError) -> Picture {
    if PNG.isPNG(bytes) { return try PNG.decode(bytes, path: path) }
    if Netpbm.isNetpbm(bytes) { return try Netpbm.decode(bytes, path: path) }
    if let problem = ForeignFiles.problem(of: bytes, name: DataFile.name(of: path)) {
      throw ImageSetError(path: path, problem: problem, isFinal: true)
    }
    throw ImageSetError(path: path, problem: "this is no picture: it begins neither as PNG nor as PPM or PGM")
  }

  /// The size and the channels that the beginning of a file announces; nil where it announces none.
  static func announced(_ start: [UInt8]) -> (size: ImageSize, channels: Int)? {
    guard PNG.isPNG(start), start.count >= 26 else { return Netpbm.announced(start) }
    func number(_ offset: Int) -> Int { start[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    return (ImageSize(height: number(20), width: number(16)), start[25] & 3 == 0 ? 1 : 3)
  }

  /// Whether a file should be a picture: it begins like one, or like one of a kind that is not read, or is called so.
  static func isPicture(start: [UInt8], name: String) -> Bool {
    let suffix = name.split(separator: ".").last?.lowercased() ?? ""
    return PNG.isPNG(start) || Netpbm.isNetpbm(start) || ForeignFiles.isPicture(start)
      || (name.contains(".") && ["png", "ppm", "pgm", "pnm", "jpg", "jpeg"].contains(suffix))
  }

  /// The picture brought to a size, which must be possible.
  func fitted(to size: ImageSize) -> Picture {
    if size == self.size { return self }
    let pixels = ImageCollector.fit(pixels[...], channels, self.size, to: size)
    return Picture(channels: channels, size: size, pixels: pixels)
  }
}
