import Testing

@testable import Images

@Suite("Official files")
struct OfficialFileTests {
  @Test func goldenAnOfficialFileThatIsAnother() {
    #expect(OfficialFile("train_y.bin", size: 4999) == nil && OfficialFile("other.bin", size: 5000) == nil)
    var file = OfficialFile("train_y.bin", size: 5000)
    file?.update(Array(repeating: 0, count: 5000)[...])
    // MD5 of 5,000 zeros, from md5sum.
    #expect(
      file?.remark(path: "p")
        == "p has the name and the size of an official file, but its MD5 is 6bf95a48f366bdf8af3a198c7b723c77 instead of "
        + "5a34089d4802c674881badbb80307741")
  }
}
