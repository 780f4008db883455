import Testing

@testable import Images

@Suite("Pictures")
struct PictureTests {
  @Test func workedExampleScalesAndOpacities() {
    #expect((0...3).map { Picture.byte($0, outOf: 3) } == [0, 85, 170, 255])
    #expect([0, 128, 129, 65535].map { Picture.byte($0, outOf: 65535) } == [0, 0, 1, 255])
    func overBlack(_ opacity: Int) -> UInt8 { Picture.overBlack(200, opacity: opacity, outOf: 255) }
    #expect(overBlack(255) == 200 && overBlack(0) == 0)
    // 200 · 128 / 255 = 100.4; 200 · 1 / 255 = 0.8.
    #expect(overBlack(128) == 100 && overBlack(1) == 1)
    // 255 · 65407 · 22016 / 65535² = 85.498; of the bytes 255 and 86 it would be 86.
    #expect(Picture.overBlack(65407, opacity: 22016, outOf: 65535) == 85)
    #expect(Picture.overBlack(65535, opacity: 65535, outOf: 65535) == 255)
  }

  @Test func goldenWhatIsAPicture() {
    for (start, name) in [
      (Array("P5 1".utf8), "a"), ([], "a.PNG"), ([0x1F, 0x8B, 8], "a.png"), ([0x1F, 0x8B, 8], "a.pgm.gz"),
    ] { #expect(Picture.sort(start: start, name: name) == .readable, "\(name)") }
    #expect(Picture.sort(start: [0xFF, 0xD8, 0xFF, 0xE0], name: "a.txt") == .foreign("JPEG"))
    #expect(Picture.sort(start: [0xFF, 0xD8, 0xFF, 0xE0], name: "a.png") == .foreign("JPEG"))
    #expect(Picture.sort(start: [], name: "a.JPeG") == .foreign("JPEG"))
    for (start, name) in [
      ("Photo", "a"), ("P5x", "notes.txt"), ("a,b", "labels.csv"), ("", "png"), ("\u{1F}", "a.gz"), ("", "jpg"),
    ] { #expect(Picture.sort(start: Array(start.utf8), name: name) == .other, "\(name)") }
  }

  @Test func goldenSentences() {
    #expect(pictureProblem(Array("hello".utf8)) == "this is no picture: it begins neither as PNG nor as PPM or PGM")
    #expect(pictureProblem([], "x.png") == "the file is empty")
    #expect(
      pictureProblem([0xFF, 0xD8, 0xFF, 1], "x.png")?.hasPrefix("this is a JPEG picture, which is not read") == true)
  }
}
