// A sheet of few images has room for more, so that they are no larger than those of a full sheet.
import Commands
import Testing

@testable import tsuc

@Suite("Sheets of images")
struct ImageSheetTests {
  // Images of 24 × 12 pixels have gaps of 2: a column is 14 wide, and ten of them with the last gap 142; one with both gaps 16.
  @Test(arguments: [(1, "0 0 16 28"), (10, "0 0 142 28")]) func workedExample(leastColumns: Int, viewBox: String) {
    let cell = ImageSheet.Cell(pixels: [Float](repeating: 0.5, count: 24 * 12), title: "one")
    var sheet = ImageSheet(channels: 1, height: 24, width: 12, rows: [[cell]], description: "a single image")
    sheet.leastColumns = leastColumns
    #expect(sheet.svg.contains("viewBox=\"\(viewBox)\""))
    #expect(sheet.svg.contains("<image width=\"16\" height=\"28\" href="))
  }

  @Test func invariantWithoutImagesThereIsNoPicture() {
    #expect(ImageSheet(channels: 1, height: 2, width: 2, rows: [[]], description: "").svg.isEmpty)
  }
}
