import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("Pictures of other formats")
struct ForeignPicturesTests {
  /// What files of some formats begin with.
  static let starts: [(kind: String, start: [UInt8])] = [
    ("JPEG", [0xFF, 0xD8, 0xFF, 0xE1]), ("GIF", Array("GIF89a".utf8)), ("TIFF", [0x4D, 0x4D, 0, 0x2A]),
    ("TIFF", [0x49, 0x49, 0x2A, 0]), ("WebP", Array("RIFF0000WEBPVP8 ".utf8)),
    ("BMP", Array("BM".utf8) + Array(repeating: 0, count: 12) + [40, 0, 0, 0]),
    ("HEIC", [0, 0, 0, 24] + Array("ftypheic0000mif1heic".utf8)),
    ("AVIF", [0, 0, 0, 28] + Array("ftypavif0000avifmif1miaf".utf8)),
    ("AVIF", [0, 0, 0, 24] + Array("ftypmif10000mif1avif".utf8)), ("JPEG XL", [0xFF, 0x0A, 0xF8]),
    ("JPEG XL", [0, 0, 0, 12] + Array("JXL ".utf8) + [13, 10, 0x87, 10]), ("SVG", Array("<svg xmlns=''/>".utf8)),
    ("SVG", Array("\u{FEFF}<?xml version=\"1.0\"?>\n<!-- x -->\n<SVG/>".utf8)), ("PDF", Array("%PDF-1.4".utf8)),
    ("PBM", Array("P1 2 2".utf8)), ("PBM", Array("P4\n2 2\n".utf8)), ("PAM", Array("P7\nWIDTH 2".utf8)),
    ("PFM", Array("PF\n2 2".utf8)), ("PFM", Array("Pf\n2 2".utf8)),
  ]

  @Test func workedExamplesByContent() {
    for (kind, start) in Self.starts {
      #expect(ForeignPictures.kind(of: start) == kind)
      let problem = pictureProblem(start, "/a/x.png")
      #expect(
        problem?.hasPrefix("this is a \(kind) picture, which is not read; pictures must be PNG, PPM or PGM. With ")
          == true, "\(problem ?? "nothing")")
    }
    for text in [
      "P1 of the meeting", "P4", "P7 x", "PF", "BMW", "<html><svg", "P5 1 1 255 ", "P1x", "ftypheic", "a <svg", "",
    ] {
      #expect(text == "<html><svg" || ForeignPictures.kind(of: Array(text.utf8)) == nil, "\(text)")
    }
    #expect(ForeignPictures.kind(of: [0, 0, 0, 20] + Array("ftypisom0000mp41".utf8)) == nil)
  }

  @Test func workedExamplesByName() {
    for (name, kind) in [
      ("IMG_1.JPG", "JPEG"), ("a b.jPeG", "JPEG"), ("x.Heic", "HEIC"), ("x.tga", "TGA"), ("x.svgz", "SVG"),
    ] { #expect(ForeignPictures.kind(ofName: name) == kind) }
    for name in ["jpg", "a.txt", "a.png", "a.", ""] { #expect(ForeignPictures.kind(ofName: name) == nil) }
  }

  @Test func goldenSentences() throws {
    try withTemporaryFolder { folder in
      let photos = "\(folder)/my photos"
      try makeFolder(photos)
      for name in ["1.JPG", "b c.jpeg", "3.JPG"] { try write([0xFF, 0xD8, 0xFF, 0xE0], to: "\(photos)/\(name)") }
      try write(PNG.encode([1], width: 1, height: 1), to: "\(photos)/d.png")
      try write(Array("P5 1 1 255 a".utf8), to: "\(photos)/e.pgm")
      try write([0, 0, 0, 24] + Array("ftypheic0000mif1heic".utf8), to: "\(photos)/e.HEIC")
      try write(Array("notes".utf8), to: "\(photos)/notes.txt")
      let command =
        "mkdir '\(photos)-png' && (cd '\(photos)' && find . -type f ! -path '*/.*' \\( -iname '*.png' -o -iname '*.pgm' "
        + "-o -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.heic' \\) -exec sh -c 'mkdir -p \"$0/${1%/*}\"; "
        + "convert \"$1[0]\" -auto-orient -strip -resize \"256x256^>\" \"$0/$1.png\"' '\(photos)-png' {} \\;)"
      #expect(
        loadingProblem(photos)
          == "the folder holds 3 JPEG, 1 HEIC, 1 PNG and 1 PPM or PGM pictures; of these, JPEG and HEIC are not read; pictures "
          + "must be PNG, PPM or PGM. With ImageMagick, this makes a new folder of PNG pictures: \(command) Then name "
          + "\(photos)-png")
      try makeFolder("\(photos)-png")
      #expect(loadingProblem(photos)?.hasSuffix("Then name \(photos)-png-2") == true)
      try makeFolder("\(folder)/sorted/a")
      try write(Array("%PDF-1.4".utf8), to: "\(folder)/sorted/a/x")
      #expect(
        loadingProblem("\(folder)/sorted")
          == "the folder holds 1 PDF picture; PDF is not read; pictures must be PNG, PPM or PGM. With pdftoppm (poppler), "
          + "this makes a new folder of PNG pictures: mkdir \(folder)/sorted-png && (cd \(folder)/sorted && find . -type f "
          + "! -path '*/.*' ! -name '*.*' -exec sh -c 'mkdir -p \"$0/${1%/*}\"; pdftoppm -png -singlefile -scale-to 512 "
          + "\"$1\" \"$0/$1\"' \(folder)/sorted-png {} \\;) Then name \(folder)/sorted-png")
    }
    let jxl = ForeignPictures.command(folder: "/a/it's", kinds: ["JPEG XL"], suffixes: ["jxl", "jxl"])
    let mixed = ForeignPictures.command(folder: "/a", kinds: ["JPEG XL"], suffixes: ["jxl", "png"]).command
    #expect(
      mixed.contains(
        "; case \"$1\" in *.[jJ][xX][lL]) djxl \"$1\" \"$0/$1.png\";; *) convert \"$1[0]\" -auto-orient -strip -resize "
          + "\"256x256^>\" \"$0/$1.png\";; esac'"))
    #expect(jxl.command.contains("djxl \"$1\" \"$0/$1.png\"'") && jxl.command.hasPrefix("mkdir '/a/it'\\''s-png' && "))
  }

  @Test func workedExampleOfADocumentBesidePictures() throws {
    try withTemporaryFolder { folder in
      for name in ["a.png", "b.png"] { try write(PNG.encode([1], width: 1, height: 1), to: "\(folder)/\(name)") }
      try write(Array("%PDF-1.4".utf8), to: "\(folder)/about.pdf")
      let set = try ImageSet.load(folder)
      #expect(
        set.count == 2
          && set.remarks == [
            "\(folder): 1 file that is no picture was left out, \(folder)/about.pdf"
          ])
    }
  }

  /// A program's output and whether it ended well.
  private func shell(_ command: String) throws -> (output: String, isGood: Bool) {
    let process = Process()
    // A shell in which people type; /bin/sh may lack $'…'.
    let hasBash = FileManager.default.isExecutableFile(atPath: "/bin/bash")
    process.executableURL = URL(fileURLWithPath: hasBash ? "/bin/bash" : "/bin/sh")
    process.arguments = ["-c", command]
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, FileHandle.nullDevice)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus == 0)
  }

  // The advice followed literally, where ImageMagick is installed: names in any case, spaces, sub-folders, a file of
  // another name, pictures that lie on their side, and nothing of what stood there before changed.
  @Test(arguments: ["my photos", "it's\na\ttab\\n"]) func invariantTheCommandWorks(name: String) throws {
    guard try shell("convert -version").output.contains("ImageMagick") else { return }
    try withTemporaryFolder { folder in
      let photos = "\(folder)/\(name)"
      let word = FilePath.shellWord(photos)
      for name in ["a", "b"] { try makeFolder("\(photos)/\(name)") }
      try write(PNG.encode([UInt8](repeating: 200, count: 600 * 300), width: 600, height: 300), to: "\(folder)/x.png")
      for name in ["a/IMG_1.JPG", "a/2 3.jpeg", "b/4.bmp", "b/%d.Gif"] {
        _ = try shell("cd \(word) && convert ../x.png '\(name.split(separator: "%").joined())'")
      }
      // A JPEG file as a camera writes it that was held on its side: EXIF data behind the first two bytes.
      let exif = Array("Exif\0\0".utf8) + OrientationTests.exif(6, isLittle: false)
      let jpeg = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(photos)/a/IMG_1.JPG")))
      try write(
        Array(jpeg[..<2]) + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + jpeg[2...], to: "\(photos)/b/5.jpg")
      try write(Array("notes".utf8), to: "\(photos)/a/notes.txt")
      let before = try shell("cd \(word) && find . -type f -exec cksum {} + | sort").output
      let problem = try #require(loadingProblem(photos))
      #expect(problem.hasPrefix("the folder holds 3 JPEG, ") && !problem.contains { $0.isNewline })
      let command = try #require(problem.range(of: "mkdir "))
      let end = try #require(problem.range(of: " Then name "))
      #expect(try shell("cd / && " + problem[command.lowerBound..<end.lowerBound]).isGood)
      #expect(try shell("cd \(word) && find . -type f -exec cksum {} + | sort").output == before)
      #expect(problem[end.upperBound...] == FilePath.shown("\(photos)-png"))
      let set = try ImageSet.load("\(photos)-png", size: ImageSize(height: 8, width: 8))
      #expect(set.count == 5 && set.classNames == ["a", "b"] && set.remarks == [])
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(photos)-png/a").sorted()
      #expect(names == ["2 3.jpeg.png", "IMG_1.JPG.png"])
      #expect(
        try Picture.read(DataFile(opening: "\(photos)-png/a/IMG_1.JPG.png")).size == ImageSize(height: 256, width: 512))
      #expect(
        try Picture.read(DataFile(opening: "\(photos)-png/b/5.jpg.png")).size == ImageSize(height: 512, width: 256))
    }
  }
}
