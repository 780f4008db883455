import Files
import Kernels
import Testing

@testable import Images

@Suite("PGM and PPM files")
struct NetpbmTests {
  @Test func workedExample() throws {
    let text = try Picture.decode(Array("P3#c\n2 1 # two\n 4\n0 1 2  4 4 0".utf8), path: "x")
    #expect(text.channels == 3 && text.size == ImageSize(height: 1, width: 2))
    // 255 v / 4, rounded: 0, 64, 128, 255; red plane, green plane, blue plane.
    #expect(text.pixels == [0, 255, 64, 255, 128, 0])
    #expect(try Picture.decode(Array("P5 1 2 255\n".utf8) + [9, 8], path: "x").pixels == [9, 8])
    #expect(try Picture.decode(Array("P5 2 1 65535\n".utf8) + [255, 255, 1, 0], path: "x").pixels == [255, 1])
  }

  @Test(arguments: FormatsFile.pictures { name in ["P2", "P3", "P5", "P6"].contains { name.contains($0) } })
  func goldenEveryKind(picture: FormatsFile.PictureCase) throws {
    let found = try Picture.decode(picture.bytes, path: "x")
    #expect(found.channels == picture.channels)
    #expect(found.size == ImageSize(height: picture.height, width: picture.width))
    #expect(SHA256.hexDigest(of: found.pixels) == picture.digest)
  }

  // Netpbm's files may hold several pictures, one after the other; the first one counts.
  @Test func workedExampleOfWhatFollows() throws {
    for text in ["P5 2 1 255\nab", "P2 2 1 255\n97 98"] {
      let picture = try Picture.decode(Array("\(text)P5 1 1 255\nc".utf8), path: "x")
      #expect(
        picture.pixels == [97, 98] && picture.irregularities == ["12 bytes follow the picture and were passed over"])
      #expect(try Picture.decode(Array("\(text)\n \n".utf8), path: "x").irregularities == [])
    }
  }

  @Test func goldenSentences() {
    for (text, problem) in [
      ("P5 ", "the file is truncated: it ends where the width was expected"),
      ("P5 x", "the width was expected at byte 3, not the byte 120"),
      ("P5 2 0 255\n", "the header announces 0 x 2 pixels, a picture without any"),
      (
        "P5 99999 1 255\n",
        "the header announces 1 x 99999 pixels; at most 16384 x 16384 and 67108864 in all are read"
      ),
      ("P5 2 1 0\n", "the largest value is 0, not 1 to 65535"),
      ("P5 2 1 65536\n", "the largest value is 65536, not 1 to 65535"),
      ("P5 1 1 255", "white space was expected after the largest value, at byte 10"),
      (
        "P6 2 1 255\nabcde",
        "the file is truncated: 1 x 2 pixels need at least 6 bytes after the header, and 5 follow"
      ),
      ("P5 2 1 80\nab", "a sample is 97, above the largest value, 80"),
      ("P2 2 1 9\n1 10", "a sample is 10, above the largest value, 9"),
      ("P2 2 1 9\n1     ", "the file is truncated: it ends where a sample was expected"),
      ("P2 2 1 9\n1 -1", "a sample was expected at byte 11, not the byte 45"),
    ] { #expect(pictureProblem(Array(text.utf8)) == problem, "\(text)") }
  }

  // Lines that end with CR LF, as on Windows: the LF belongs to the header if that leaves just the pixels.
  @Test func workedExampleOfLinesOfTwoBytes() throws {
    let header = Array("P5\r\n2 1\r\n255\r\n".utf8)
    let picture = try Picture.decode(header + [5, 6], path: "x")
    #expect(picture.pixels == [5, 6] && picture.irregularities.isEmpty)
    // A carriage return alone, and a first pixel that is 10.
    #expect(try Picture.decode(header.dropLast() + [10, 6], path: "x").pixels == [10, 6])
  }

  // Netpbm's own programs take the end of the comment's line for the white space before the samples.
  @Test func workedExampleOfACommentBehindTheLargestValue() throws {
    let samples: [UInt8] = [35, 10]
    for header in [
      "P5 2 1 255# by hand\n", "P5 2 1 255#\r", "P5 2 1 255# by hand\r\n", "P5 2 1 255# by hand\n\n",
      "P5 2 1 255# by hand\n ", "P5 # a\n2 1# b\n255#c#\n",
      // Behind the white space the samples begin, also one that is a "#".
      "P5 2 1 255 ", "P5 2 1 255\n", "P5 2 1 255\r\n",
    ] {
      let picture = try Picture.decode(Array(header.utf8) + samples, path: "x")
      #expect(picture.pixels == samples && picture.irregularities == [], "\(header)")
    }
    #expect(try Picture.decode(Array("P2 2 1 255# c\n35# d\n10".utf8), path: "x").pixels == samples)
    #expect(try Picture.decode(Array("P5 2 1 65535#\n#a#b".utf8), path: "x").pixels == [35, 35])
    #expect(
      pictureProblem(Array("P5 2 1 255#ab".utf8)) == "white space was expected after the largest value, at byte 13")
  }
}
