import TestSupport
import Testing

@testable import Images

@Suite("Labels in npy files")
struct NpyLabelsTests {
  private func read(_ type: String, _ shape: String, _ bytes: [UInt8]) throws(ImageSetError) -> [Int] {
    var labels: Result<[Int], ImageSetError> = .success([])
    do {
      try withTemporaryFolder { folder in
        try write(npyFile(type, shape, bytes), to: "\(folder)/y.npy")
        let file = try DataFile(opening: "\(folder)/y.npy")
        labels = Result { () throws(ImageSetError) in try NpyLabels.read(file).labels }
      }
    } catch { Issue.record(error) }
    return try labels.get()
  }

  private func problem(_ type: String, _ shape: String, _ bytes: [UInt8]) -> String? {
    do {
      _ = try read(type, shape, bytes)
      return nil
    } catch { return error.problem }
  }

  // 3 and 200 (1 for the booleans) as NumPy writes them.
  @Test(
    arguments: [
      ("|u1", [3, 200], [3, 200]), ("<u1", [3, 200], [3, 200]), ("<u2", [3, 0, 200, 0], [3, 200]),
      (">u2", [0, 3, 0, 200], [3, 200]),
      ("<i4", [3, 0, 0, 0, 200, 0, 0, 0], [3, 200]), (">i4", [0, 0, 0, 3, 0, 0, 0, 200], [3, 200]),
      ("<i8", littleEndian(3, bytes: 8) + littleEndian(200, bytes: 8), [3, 200]), ("|b1", [1, 0], [1, 0]),
      ("|i1", [3, 200], [3, -56]), ("<f2", [0x00, 0x42, 0x40, 0x5A], [3, 200]),
      ("<f4", [0, 0, 0x40, 0x40, 0, 0, 0x48, 0x43], [3, 200]),
      (">f8", [0x40, 0x08, 0, 0, 0, 0, 0, 0, 0x40, 0x69, 0, 0, 0, 0, 0, 0], [3, 200]),
    ] as [(String, [UInt8], [Int])]) func goldenTypes(type: String, bytes: [UInt8], expected: [Int]) throws
  {
    for shape in ["2,", "2, 1", "1, 2", "1, 2, 1"] { #expect(try read(type, shape, bytes) == expected) }
  }

  // A newline that an editor has added is no label.
  @Test func workedExampleOfBytesBehindTheArray() throws {
    try withTemporaryFolder { folder in
      try write(npyFile("<u2", "2,", [1, 0, 0, 0, 10]), to: "\(folder)/y.npy")
      let (labels, remarks) = try NpyLabels.read(try DataFile(opening: "\(folder)/y.npy"))
      #expect(labels == [1, 0] && remarks == ["\(folder)/y.npy: 1 byte follows the labels and was passed over"])
      let request = ImageRequest(labels: "\(folder)/y.npy")
      #expect(try LabelFile.classes(request, own: nil, total: 2, path: "p")?.remarks == remarks)
    }
  }

  @Test func goldenSentences() {
    #expect(
      problem("|u1", "2, 2", [1, 2, 3, 4])
        == "the array of labels is 2 x 2, not one number for each image; of scores or one-hot rows labels.argmax(axis=1) "
        + "makes labels in NumPy")
    #expect(problem("|u1", "0,", []) == "the array of shape (0) holds no labels")
    #expect(
      problem("|u1", "3,", [1, 2])
        == "3 labels of 1 bytes each were announced, but 2 bytes follow the header; the file is truncated")
    #expect(problem("<u8", "4611686018427387904,", [1])?.hasPrefix("4611686018427387904 labels of 8 bytes") == true)
    #expect(
      problem("<f4", "2,", [0, 0, 0x40, 0x40, 0, 0, 0x20, 0x40])
        == "label 1 is 2.5, which is no whole number that can be a class")
    #expect(
      problem("<f4", "1,", [0, 0, 0xC0, 0x7F]) == "label 0 is nan, which is no whole number that can be a class")
    #expect(
      problem("<u8", "1,", Array(repeating: 255, count: 8))
        == "label 0 is 18446744073709551615, which is no whole number that can be a class")
    #expect(
      problem("<U3", "1,", Array(repeating: 0, count: 12))
        == "the labels are of the type <U3, not whole numbers; in NumPy numpy.savetxt(\"labels.txt\", labels, fmt=\"%s\") "
        + "writes a text file of names, which is read")
    #expect(
      problem("|O", "1,", Array(repeating: 0, count: 8))
        == "the labels are of the type |O, not whole numbers; in NumPy numpy.savetxt(\"labels.txt\", labels, fmt=\"%s\") writes a text file of names, which is read"
    )
  }
}
