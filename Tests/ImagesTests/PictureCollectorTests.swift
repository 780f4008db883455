import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Pictures gathered into a set")
struct PictureCollectorTests {
  private func grey(_ values: [UInt8], width: Int) -> [UInt8] {
    PNG.encode(values, width: width, height: values.count / width)
  }

  private func problem(_ folder: String, _ request: ImageRequest = ImageRequest()) -> String? {
    do throws(ImageSetError) {
      _ = try ImageSet.load(folder, request)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func allDamagedPicturesAreToldAtOnce() throws {
    try withTemporaryFolder { folder in
      for index in 0..<14 { try write(grey([UInt8(index), 2], width: 2), to: "\(folder)/\(index).png") }
      try write(Array(grey([1, 2], width: 2).dropLast(20)), to: "\(folder)/3.png")
      let sentence = "the PNG file is damaged: the file is truncated: the chunk at byte 33 does not end in its "
      #expect(problem(folder)?.hasPrefix("\(folder)/3.png: \(sentence)") == true)
      #expect(problem(folder)?.hasSuffix("; \"--skip-damaged\" goes on without it") == true)
      try write(Array(grey([1, 2], width: 2).dropLast(20)), to: "\(folder)/11.png")
      #expect(problem(folder)?.hasPrefix("\(folder): 2 of 14 pictures cannot be read: 3.png (the PNG") == true)
      #expect(problem(folder)?.contains("; 11.png (the PNG") == true)
      #expect(problem(folder)?.hasSuffix("; \"--skip-damaged\" goes on without them") == true)

      var request = ImageRequest()
      request.skipsDamaged = true
      let set = try ImageSet.load(folder, request)
      #expect(set.imageNames == (0..<14).filter { $0 != 3 && $0 != 11 }.map { "\($0).png" })
      #expect(set.count == 12 && set.pixels.count == 24 && set.remarks.count == 1)
      #expect(set.remarks[0].hasPrefix("\(folder): 2 of 14 pictures cannot be read: 3.png"))
      #expect(set.remarks[0].hasSuffix("; they were left out"))

      for index in 0..<14 { try write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], to: "\(folder)/\(index).png") }
      #expect(
        problem(folder, request)?.hasPrefix("\(folder): none of the 14 pictures can be read; the first: ") == true)
      #expect(problem(folder)?.hasSuffix("; and 4 more; \"--skip-damaged\" goes on without them") == true)
    }
  }

  /// Labels stay with their pictures when others are left out.
  @Test func labelsAreThoseOfThePicturesThatStay() throws {
    try withTemporaryFolder { folder in
      for name in ["a", "b"] {
        try makeFolder("\(folder)/\(name)")
        for index in 0..<3 { try write(grey([UInt8(index), 2], width: 2), to: "\(folder)/\(name)/\(index).png") }
      }
      try write(Array(grey([1, 2], width: 2).dropLast(20)), to: "\(folder)/a/1.png")
      var request = ImageRequest()
      request.skipsDamaged = true
      let set = try ImageSet.load(folder, request)
      #expect(set.labels == [0, 0, 1, 1, 1] && set.classNames == ["a", "b"])
      #expect(set.imageNames == ["a/0.png", "a/2.png", "b/0.png", "b/1.png", "b/2.png"])
    }
  }

  /// A picture of another kind needs to be converted; leaving it out would be wrong for a folder of photographs.
  @Test func otherKindsOfPicturesAreNotSkipped() throws {
    try withTemporaryFolder { folder in
      try write(grey([1, 2], width: 2), to: "\(folder)/a.png")
      try write([0xFF, 0xD8, 0xFF, 0xE0], to: "\(folder)/b.jpg")
      var request = ImageRequest()
      request.skipsDamaged = true
      #expect(problem(folder, request)?.contains("JPEG") == true)
    }
  }

  @Test func severalSizesAreToldWithTheOneThatMostHave() throws {
    try withTemporaryFolder { folder in
      for index in 0..<5 { try write(grey([1, 2, 3, 4], width: 2), to: "\(folder)/\(index).png") }
      try write(grey([1, 2, 3], width: 3), to: "\(folder)/0.png")
      #expect(
        problem(folder)
          == "\(folder): the pictures have 2 sizes (height x width): 2x2 (4, such as 1.png), 1x3 (0.png); "
          + "\"--size 2x2\" brings all to one size")
      var request = ImageRequest()
      request.advisedSize = ImageSize(height: 8, width: 8)
      #expect(problem(folder, request)?.contains("\"--size 8x8\"") == true)
      // The advice, followed.
      #expect(try ImageSet.load(folder, size: ImageSize("2x2")).count == 5)
    }
  }

  /// Colour that comes late turns the grey pictures before it into colour.
  @Test func colourAfterGrey() throws {
    try withTemporaryFolder { folder in
      try write(grey([1, 2], width: 2), to: "\(folder)/1.png")
      try write(grey([3, 4], width: 2), to: "\(folder)/2.png")
      try write(PNG.encode([5, 6, 7, 8, 9, 10], width: 2, height: 1, channels: 3), to: "\(folder)/3.png")
      try write(grey([11, 12], width: 2), to: "\(folder)/4.png")
      let set = try ImageSet.load(folder)
      #expect(set.channels == 3)
      #expect(
        set.pixels == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 5, 8, 6, 9, 7, 10, 11, 12, 11, 12, 11, 12])
    }
  }

  /// 16384 x 4096 pixels are announced, and a few bytes follow: nothing of that size is ever taken.
  @Test(arguments: ["png", "pgm", "ppm"]) func largePicturesAreRefusedByTheirHeader(kind: String) throws {
    try withTemporaryFolder { folder in
      let png = PNG.encode([UInt8](repeating: 0, count: 300), width: 300, height: 1)
      let bytes: [UInt8] =
        switch kind {
        case "png": png
        case "pgm": Array("P5 # a comment\n300 1 255\n".utf8)
        default: Array("P6 300 1 255\n".utf8)
        }
      try write(bytes, to: "\(folder)/a.\(kind)")
      #expect(
        problem(folder)
          == "\(folder)/a.\(kind): the images have 1x300 pixels (height x width), too many to learn from in reasonable time and "
          + "memory; bring them to a size that you choose, for instance with \"--size 8x64\"")
      var request = ImageRequest()
      request.advisedSize = ImageSize(height: 28, width: 28)
      #expect(problem(folder, request)?.hasSuffix("\"--size 28x28\"") == true)
      guard kind == "png" else { return }
      // The advice, followed.
      let size = try #require(ImageSize("8x64"))
      #expect(try ImageSet.load(folder, size: size).size == size)
    }
  }

  @Test func setsThatDoNotFitAreRefused() throws {
    try withTemporaryFolder { folder in
      for index in 0..<10 {
        try write(grey([UInt8](repeating: 9, count: 10000), width: 100), to: "\(folder)/\(index).png")
      }
      var request = ImageRequest()
      request.byteLimit = 99_999
      #expect(
        problem(folder, request)
          == "\(folder)/0.png: 10 images of 1 x 100 x 100 take 0 MB, and 0 MB are free; \"--size 99x99\" would fit, or use "
          + "fewer images with --count")
      request.size = ImageSize("99x99")
      #expect(try ImageSet.load(folder, request).count == 10)
      request.size = nil
      request.byteLimit = 100_000
      #expect(try ImageSet.load(folder, request).count == 10)
      // Colour takes three times as much, and the header tells it.
      try write(
        PNG.encode([UInt8](repeating: 9, count: 30000), width: 100, height: 100, channels: 3), to: "\(folder)/0.png")
      #expect(problem(folder, request)?.contains("10 images of 3 x 100 x 100 take") == true)
    }
  }

  // 16,385 columns, and a row of digits that no number holds: the header is refused as it is, and --size is not recommended.
  @Test func whatIsNeverReadIsNotAskedToBeMadeSmaller() throws {
    try withTemporaryFolder { folder in
      try write(PNG.encode([UInt8](repeating: 0, count: 16385), width: 16385, height: 1), to: "\(folder)/a.png")
      let sentence = "the header announces 1 x 16385 pixels; at most 16384 x 16384 and 67108864 in all are read"
      let skip = "; \"--skip-damaged\" goes on without it"
      for size in [nil, ImageSize("8x8")] {
        var request = ImageRequest(size: size)
        #expect(problem(folder, request) == "\(folder)/a.png: \(sentence)\(skip)")
        request.byteLimit = 1
        #expect(problem(folder, request) == "\(folder)/a.png: \(sentence)\(skip)")
      }
      try write(Array("P5 99999999999999999999 8 255 ".utf8), to: "\(folder)/a.png")
      #expect(problem(folder)?.contains("the header announces 8 x 9999999999 pixels; at most") == true)
    }
  }

  // Decoding holds the picture twice at most, whatever size it is brought to.
  @Test func picturesThatCannotBeDecodedInTheMemoryThereIs() throws {
    try withTemporaryFolder { folder in
      try write(grey([UInt8](repeating: 9, count: 10000), width: 100), to: "\(folder)/a.png")
      var request = ImageRequest(size: ImageSize("8x8"))
      request.byteLimit = 19_999
      #expect(
        problem(folder, request)?.contains("the picture of 100x100 pixels takes 0 MB to read, and 0 MB are free")
          == true)
      request.byteLimit = 20_000
      #expect(try ImageSet.load(folder, request).count == 1)
    }
  }

  // The advised size keeps the shape, and what is advised fits.
  @Test(arguments: [(30, 60), (64, 64), (200, 9)]) func theAdvisedSizeFits(height: Int, width: Int) throws {
    let given = ImageSize(height: height, width: width)
    var request = ImageRequest()
    request.byteLimit = 3 * 100 * height * width / 4
    let problem = try #require(request.problem(of: given, count: 100, channels: 3))
    guard let advised = problem.components(separatedBy: "--size ").dropFirst().first?.prefix(while: { $0 != "\"" })
    else {
      #expect(min(height, width) < 16 && problem.hasSuffix("use fewer images with --count"))
      return
    }
    request.size = ImageSize(String(advised))
    #expect(request.size == ImageSize(height: height / 2, width: width / 2))
    #expect(request.problem(of: given, count: 100, channels: 3) == nil)
  }
}
