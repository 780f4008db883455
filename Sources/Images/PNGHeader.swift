// The header of a PNG file: sides, colour type, depth, interlacing.
//
// Standard  PNG (ISO/IEC 15948), section 11.2.1 (IHDR), section 8 (Adam7)
// Tests     ImagesTests/PNGReadingTests.swift

/// The header of a PNG file.
struct PNGHeader {
  /// The colour types, by their number: grey, RGB, palette, grey with alpha, RGB with alpha.
  enum Colour: UInt8 {
    case grey = 0
    case red = 2
    case palette = 3
    case greyAlpha = 4
    case redAlpha = 6
  }

  let width: Int
  let height: Int
  /// Bits of a sample: 1, 2, 4, 8 or 16.
  let depth: Int
  let colour: Colour
  let isInterlaced: Bool

  /// Samples of a pixel.
  var samples: Int {
    switch colour {
    case .grey, .palette: 1
    case .greyAlpha: 2
    case .red: 3
    case .redAlpha: 4
    }
  }

  /// Bytes of a row of `width` pixels, without its filter's number.
  func rowBytes(_ width: Int) -> Int { (width * samples * depth + 7) / 8 }

  /// The passes as first column and row, steps in x and y: one for a picture that is not interlaced, else Adam7's seven.
  var passes: [(x: Int, y: Int, dx: Int, dy: Int)] {
    isInterlaced
      ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
      : [(0, 0, 1, 1)]
  }

  /// The sizes of the passes that have pixels.
  var passSizes: [(x: Int, y: Int, dx: Int, dy: Int, width: Int, height: Int)] {
    passes.compactMap { pass in
      let columns = (width - pass.x + pass.dx - 1) / pass.dx
      let rows = (height - pass.y + pass.dy - 1) / pass.dy
      return columns > 0 && rows > 0 ? (pass.x, pass.y, pass.dx, pass.dy, columns, rows) : nil
    }
  }

  /// Bytes of a pixel, or 1 where a byte holds several: what a filter calls the byte to the left is so far away.
  var filterDistance: Int { max(1, samples * depth / 8) }

  /// How many bytes the compressed rows of all passes hold.
  var dataSize: Int { passSizes.reduce(0) { $0 + $1.height * (1 + rowBytes($1.width)) } }

  /// The header in the 13 bytes of IHDR.
  init(_ data: ArraySlice<UInt8>) throws(PNGProblem) {
    let bytes = Array(data)
    guard bytes.count == 13 else { throw PNGProblem("the header has \(bytes.count) bytes instead of 13") }
    width = bytes[0..<4].reduce(0) { $0 << 8 | Int($1) }
    height = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
    if let problem = Picture.problem(height: height, width: width) { throw PNGProblem(problem) }
    depth = Int(bytes[8])
    guard let colour = Colour(rawValue: bytes[9]) else {
      throw PNGProblem("the colour type is \(bytes[9]); there are 0, 2, 3, 4 and 6")
    }
    self.colour = colour
    let depths =
      switch colour {
      case .grey: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .red, .greyAlpha, .redAlpha: [8, 16]
      }
    guard depths.contains(depth) else {
      throw PNGProblem("samples of \(depth) bits were announced; colour type \(bytes[9]) has \(depths)")
    }
    guard bytes[10] == 0, bytes[11] == 0, bytes[12] <= 1 else {
      throw PNGProblem("compression \(bytes[10]), filter \(bytes[11]) or interlacing \(bytes[12]) is unknown")
    }
    isInterlaced = bytes[12] == 1
  }
}

/// What is wrong with a PNG file.
struct PNGProblem: Error {
  let sentence: String
  init(_ sentence: String) { self.sentence = sentence }
}
