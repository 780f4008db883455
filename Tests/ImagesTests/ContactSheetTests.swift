import Testing

@testable import Images

@Suite("Contact sheets")
struct ContactSheetTests {
  // Three images of 1 × 1 pixel in two columns, gap 1, enlarged twice, background 9:
  // 2 cells of 3 and a gap of 1 make a sheet of 7 × 7.
  @Test func workedExampleGrid() throws {
    let sheet = ContactSheet(columns: 2, gap: 1, enlargement: 2, background: 9)
    let file = sheet.png(of: [[0], [1], [0.5]], height: 1, width: 1)
    #expect(try PNGTests.chunks(file)[0].data.prefix(8) == [0, 0, 0, 7, 0, 0, 0, 7])
    let blank: [UInt8] = [9, 9, 9, 9, 9, 9, 9]
    let first: [UInt8] = [9, 0, 0, 9, 255, 255, 9]
    let second: [UInt8] = [9, 128, 128, 9, 9, 9, 9]
    #expect(
      try PNGTests.pixels(file, rowBytes: 7, channels: 1)
        == blank + first + first + blank + second + second + blank)
  }

  // Planes of red, green and blue become pixels of three bytes.
  @Test func workedExampleColour() throws {
    let file = ContactSheet(columns: 4, gap: 0).png(of: [[1, 0, 0, 1, 1, 0]], channels: 3, height: 1, width: 2)
    #expect(try PNGTests.pixels(file, rowBytes: 6, channels: 3) == [255, 0, 255, 0, 255, 0])
  }

  @Test func workedExampleClamping() {
    #expect([-1, 0, 0.5, 1, 1.4, .nan, .infinity].map(ContactSheet.byte) == [0, 0, 128, 255, 255, 0, 255])
  }

  @Test func stopsOnAnImageOfAnotherSize() async {
    await #expect(processExitsWith: .failure) { _ = ContactSheet(columns: 1).png(of: [[1, 2]], height: 1, width: 1) }
  }
}
