// How a picture is to be turned before it is looked at, as cameras write it into EXIF data.
//
// Source   Exif 2.32 (CIPA DC-008), section 4.6: a TIFF header ("II" or "MM", 42, the place of the first directory), a
//          directory (a count, then entries of 12 bytes: tag, type, count, value), the tag 0x0112
// Tests    ImagesTests/OrientationTests.swift

/// One of the eight ways in which a picture can lie.
enum Orientation: Int, CaseIterable {
  case upright = 1
  case mirrored = 2
  case upsideDown = 3
  case mirroredUpsideDown = 4
  case transposed = 5
  case needsRightTurn = 6
  case transposedUpsideDown = 7
  case needsLeftTurn = 8

  /// Whether the sides change places.
  var swapsSides: Bool { rawValue > 4 }

  /// The orientation that EXIF data tell, upright where they tell none; nil if they are malformed.
  init?(exif: [UInt8]) {
    // In a JPEG file, and after some programs in PNG too, the data have a title.
    let title = Array("Exif\0\0".utf8)
    let bytes = exif.starts(with: title) ? Array(exif[title.count...]) : exif
    let isLittle = bytes.starts(with: [0x49, 0x49])
    guard isLittle || bytes.starts(with: [0x4D, 0x4D]) else { return nil }
    func number(_ offset: Int, _ count: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      let word = bytes[offset..<offset + count]
      return isLittle ? word.reversed().reduce(0) { $0 << 8 | Int($1) } : word.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2) else { return nil }
    self = .upright
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, 2), let type = number(place + 2, 2), number(place + 8, 4) != nil else { return nil }
      guard tag == 0x0112 else { continue }
      // Types 3 and 4: numbers of two and of four bytes.
      guard type == 3 || type == 4, number(place + 4, 4) == 1,
        let value = number(place + 8, type == 3 ? 2 : 4), let orientation = Orientation(rawValue: value)
      else { return nil }
      self = orientation
      return
    }
  }

  /// The place in a lying picture of what belongs at row `y` and column `x` of the upright one.
  func source(y: Int, x: Int, height: Int, width: Int) -> (y: Int, x: Int) {
    switch self {
    case .upright: (y, x)
    case .mirrored: (y, width - 1 - x)
    case .upsideDown: (height - 1 - y, width - 1 - x)
    case .mirroredUpsideDown: (height - 1 - y, x)
    case .transposed: (x, y)
    case .needsRightTurn: (height - 1 - x, y)
    case .transposedUpsideDown: (height - 1 - x, width - 1 - y)
    case .needsLeftTurn: (x, width - 1 - y)
    }
  }
}

extension Picture {
  /// The picture turned upright.
  func turned(from orientation: Orientation) -> Picture {
    if orientation == .upright { return self }
    let (height, width) = (size.height, size.width)
    let upright = orientation.swapsSides ? ImageSize(height: width, width: height) : size
    let source = pixels.span
    let turned = [UInt8](capacity: pixels.count) { result in
      for first in stride(from: 0, to: source.count, by: height * width) {
        for y in 0..<upright.height {
          for x in 0..<upright.width {
            let place = orientation.source(y: y, x: x, height: height, width: width)
            result.append(source[first + place.y * width + place.x])
          }
        }
      }
    }
    return Picture(channels: channels, size: upright, pixels: turned, irregularities: irregularities)
  }
}
