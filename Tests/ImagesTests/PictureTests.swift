import Testing

@testable import Images

@Suite("Pictures")
struct PictureTests {
  @Test func workedExampleScalesAndOpacities() {
    #expect((0...3).map { Picture.byte($0, outOf: 3) } == [0, 85, 170, 255])
    #expect([0, 128, 129, 65535].map { Picture.byte($0, outOf: 65535) } == [0, 0, 1, 255])
    #expect(Picture.overBlack(200, opacity: 255) == 200 && Picture.overBlack(200, opacity: 0) == 0)
    // 200 · 128 / 255 = 100.4; 200 · 1 / 255 = 0.8.
    #expect(Picture.overBlack(200, opacity: 128) == 100 && Picture.overBlack(200, opacity: 1) == 1)
  }

  @Test func goldenWhatIsAPicture() {
    #expect(Picture.isPicture(start: Array("P5 1".utf8), name: "a") && Picture.isPicture(start: [], name: "a.PNG"))
    #expect(Picture.isPicture(start: [0xFF, 0xD8, 0xFF, 0xE0], name: "a.txt"))
    for (start, name) in [("Photo", "a"), ("P5x", "notes.txt"), ("a,b", "labels.csv"), ("", "png")] {
      #expect(!Picture.isPicture(start: Array(start.utf8), name: name), "\(name)")
    }
  }

  @Test func goldenSentences() {
    #expect(pictureProblem(Array("hello".utf8)) == "this is no picture: it begins neither as PNG nor as PPM or PGM")
    #expect(pictureProblem([], "x.png") == "this is no picture: it begins neither as PNG nor as PPM or PGM")
    #expect(
      pictureProblem([0xFF, 0xD8, 0xFF, 1], "x.png")?.hasPrefix("this is a JPEG picture, which is not read") == true)
  }
}
