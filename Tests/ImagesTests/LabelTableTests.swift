import Testing

@testable import Images

@Suite("Tables of labels")
struct LabelTableTests {
  private let pictures = ["cat/1.png", "cat/2.png", "dog/1.png", "dog/v1.2.png"]

  private func read(
    _ text: String, total: Int = 4, names: [String]? = nil
  ) throws(ImageSetError) -> (labels: [String], remarks: [String]) {
    try LabelTable(try DelimitedText(Array(text.utf8), path: "y"), path: "y").labels(total: total, imageNames: names)
  }

  private func problem(_ text: String, total: Int = 4, names: [String]? = nil) -> String? {
    do {
      _ = try read(text, total: total, names: names)
      return nil
    } catch { return error.problem }
  }

  @Test(arguments: [
    "a\nb\na\nc\n", "label\na\nb\na\nc\n", "\"a\"\n\nb\na\nc", "0,a\n1,b\n2,a\n3,c\n", "3,c\n1,b\n0,a\n2,a\n",
    "number,what\n3,c\n1,b\n0,a\n2,a\n",
    "1,a\n2,b\n3,a\n4,c\n", "id,Category\n0,a\n1,b\n2,a\n3,c\n", "label;index\na;0\nb;1\na;2\nc;3\n",
    "image,cluster,label\n0,9,a\n1,9,b\n2,9,a\n3,9,c\n",
  ]) func workedExampleOfImagesWithoutNames(text: String) throws {
    #expect(try read(text).labels == ["a", "b", "a", "c"])
  }

  @Test func workedExampleOfHeadings() throws {
    #expect(try read("digit\n0\n1\n2\n3\n").labels == ["0", "1", "2", "3"])
    // As data frames are saved without names: a column of numbers, and the heading 0.
    #expect(try read(",0\n0,5\n1,6\n2,5\n3,7\n").labels == ["5", "6", "5", "7"])
    // Where every line is needed, the first is a label too.
    #expect(try read("label\nb\n", total: 2).labels == ["label", "b"])
    #expect(try read("a\nb\n").labels == ["a", "b"])
  }

  @Test(arguments: [
    "file,label\ndog/1.png,b\ncat/1.png,a\ndog/v1.2.png,d\ncat/2.png,c\n",
    "dog/1.png,b\ncat/1.png,a\ndog/v1.2.png,d\ncat/2.png,c\n",
    "./train/dog/1.png,b\n./train/cat/1.png,a\ntrain/dog/v1.2.png,d\ntrain/cat/2.png,c\n",
    "C:\\x\\dog\\1.png\tb\nC:\\x\\cat\\1.png\ta\nC:\\x\\dog\\v1.2.png\td\nC:\\x\\cat\\2.png\tc\n",
    "id;breed\ndog/1;b\ncat/1;a\nv1.2;d\n2;c\n",
    "label,file\nb,dog/1.png\na,cat/1.png\nd,v1.2.png\nc,2.jpg\n",
    "b,dog/1.png\na,cat/1.png\nd,v1.2.png\nc,2.png\n",
    "what,is it\ndog/1.png,b\ncat/1.png,a\ndog/v1.2.png,d\ncat/2.png,c\n",
    ",path,width,class\n0,dog/1.png,8,b\n1,cat/1.png,8,a\n2,dog/v1.2.png,8,d\n3,cat/2.png,8,c\n",
    "image,file,class\n0,dog/1.png,b\n1,cat/1.png,a\n2,dog/v1.2.png,d\n3,cat/2.png,c\n",
    "dog/1.png b\ncat/1.png a\ndog/v1.2.png  d\ncat/2.png c\n",
    "cat/1.png,a\ncat/1.png,a\ndog/1.png,b\ndog/v1.2.png,d\ncat/2.png,c\n",
  ]) func workedExampleOfFilesInAnyOrder(text: String) throws {
    let (labels, remarks) = try read(text, names: pictures)
    #expect(labels == ["a", "c", "b", "d"] && remarks.isEmpty)
  }

  // Pictures with names can be labelled in their order too, and names may hold spaces.
  @Test func workedExampleOfSingleLabelsOfFiles() throws {
    #expect(try read("small cat\nb\nc\nd\n", names: pictures).labels == ["small cat", "b", "c", "d"])
    #expect(try read("a b.png x\nc d.png y z\n", total: 2, names: ["a b.png", "c d.png"]).labels.count == 2)
    #expect(try read("a b.png x\nc d.png y\n", total: 2, names: ["a b.png", "c d.png"]).labels == ["x", "y"])
  }

  @Test func goldenSentences() throws {
    let all = "cat/1.png,a\ncat/2.png,c\ndog/1.png,b\n"
    #expect(
      problem(all, names: pictures)
        == "1 of the 4 images have no label, the first is \"dog/v1.2.png\"; add a line for each, or move these images "
        + "elsewhere")
    let more = try read(all + "dog/v1.2.png,d\nbird/1.png,e\nbird/2.png,e\n", names: pictures)
    #expect(more.labels.count == 4)
    #expect(more.remarks == ["y: 2 lines name no image and were left out, the first is \"bird/1.png\""])
    #expect(
      try read(all + "dog/v1.2.png,d\nx.png,e\n", names: pictures).remarks
        == ["y: 1 line names no image and was left out, the first is \"x.png\""])
    // A picture of another folder is another picture, and where two are called 1.png the folder must be named.
    #expect(problem(all.replacing("dog/1.png", with: "1.png"), names: pictures)?.contains("\"dog/1.png\"") == true)
    #expect(
      problem("x,a\ny,b\n", names: pictures)
        == "no line names one of the images: the first line names \"x\", and the first image is \"cat/1.png\"; write paths "
        + "below the folder of the images")
    #expect(
      problem(all + "dog/v1.2.png,d\ncat/1.png,b\n", names: pictures)
        == "lines 1 and 5 are of one image, \"cat/1.png\", and give it the labels \"a\" and \"b\"")
    #expect(problem("1,2,3\n4,5,6\n")?.hasPrefix("a line has 3 fields, and no heading says which is the label") == true)
    #expect(problem("x,a\ny,b\n", total: 2)?.hasPrefix("lines have two fields, and these images have no names") == true)
    #expect(
      problem("0,a\n7,b\n", total: 2) == "the lines number images 0 to 7, but there are 2: 0 to 1, or 1 to 2")
    #expect(problem("0,a\n0,a\n", total: 2) == "1 of the 2 images have no label, the first is number 1")
    #expect(problem("\n") == "the file holds no labels")
  }

  // What pandas, NumPy and databases write for a label that is missing is no class of that name.
  @Test func goldenSentencesOnMissingLabels() {
    let leave = "; write the class of its image there, or leave the image out"
    #expect(problem("cat/1.png,\ncat/2.png,c\ndog/1,b\nv1.2,d", names: pictures) == "line 1 has no label\(leave)")
    for text in ["nan", "NaN", "-nan", "NULL", "null", "<NA>", "N/A", "#N/A", "NaT", "\"nan\""] {
      let shown = "line 3 has no label but \"\(text.filter { $0 != "\"" })\"\(leave)"
      #expect(problem("a\nb\n\(text)\nc\n") == shown, "\(text)")
      #expect(problem("0,1.0\n1,0.0\n2,\(text)\n3,2.0\n") == shown, "\(text)")
      #expect(
        problem("file,label\ncat/1.png,a\ncat/2.png,\(text)\ndog/1,b\nv1.2,d\n", names: pictures) == shown, "\(text)")
    }
    #expect(problem("\"\"\nb\na\nc\n") == "line 1 has no label\(leave)")
    #expect(
      problem("label\n\"\"\nb\nnan\nc\n")
        == "2 lines have no label: 2, 4; write the classes of their images there, or leave these images out")
    #expect(
      problem(String(repeating: "nan\n", count: 9), total: 9)?.hasPrefix(
        "9 lines have no label but \"nan\": 1, 2, 3, 4, 5, 6, 7, 8, …; ") == true)
    // Of images that are not there nothing is needed, and these may be names.
    #expect(problem("cat/1.png,a\ncat/2.png,c\ndog/1,b\nv1.2,d\nbird,nan\n", names: pictures) == nil)
    #expect(problem("NA\nnone\nnans\nNone\n") == nil)
  }
}
