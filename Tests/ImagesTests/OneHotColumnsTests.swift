import Testing

@testable import Images

@Suite("Labels in one-hot columns")
struct OneHotColumnsTests {
  private func read(_ text: String, total: Int = 3, names: [String]? = nil) throws(ImageSetError) -> [String] {
    let table = LabelTable(try DelimitedText(Array(text.utf8), path: "y"), path: "y")
    return try table.labels(total: total, imageNames: names).labels
  }

  private func problem(_ text: String, names: [String]? = nil) -> String? {
    do {
      _ = try read(text, names: names)
      return nil
    } catch { return error.problem }
  }

  @Test(arguments: [
    "b.png,1,0,0\na.png,0,1,0\nc.png,0,0,1\n", "b.png;1.0;0.0;0.0\na.png;0.0;1.0;0.0\nc.png;0.0;0.0;1.0\n",
    "file,0,1,2\nb.png,True,False,False\na.png,False,True,False\nc.png,False,False,True\n",
    ",file,0,1,2\n0,b.png,1,0,0\n1,a.png,0,1,0\n2,c.png,0,0,1\n", "0,1,0\n1,0,0\n0,0,1\n",
    "0,1,2\n0,1,0\n1,0,0\n0,0,1\n",
  ]) func workedExampleOfNumbers(text: String) throws {
    #expect(try read(text, names: ["a.png", "b.png", "c.png"]) == ["1", "0", "2"])
  }

  @Test func workedExampleOfNames() throws {
    let text = "file,rose,Aster\nb.png,1,0\na.png,0,1\nc.png,0,1\n"
    #expect(try read(text, names: ["a.png", "b.png", "c.png"]) == ["Aster", "rose", "Aster"])
    #expect(try read("rose,Aster,oak\n0,1,0\n1,0,0\n0,0,1\n") == ["Aster", "rose", "oak"])
    // The number of an image is no column.
    #expect(try read("2,1,0\n0,0,1\n1,1,0\n") == ["1", "0", "0"])
    #expect(try read("0,1,0\n1,0,1\n", total: 2) == ["0", "1"])
    let (_, remarks) = try LabelTable(DelimitedText(Array(text.utf8), path: "y"), path: "y")
      .labels(total: 3, imageNames: ["a.png", "b.png", "c.png"])
    #expect(remarks == ["y: the labels are one-hot columns; the class of an image is the column that has 1"])
  }

  @Test func goldenSentences() throws {
    for (text, line, ones) in [
      ("a,1,0,0\nb,0,1,0\nc,0,1,1\n", 3, 2), ("file,p,q,r\na,0,0,0\nb,1,0,0\nc,0,0,1\n", 2, 0),
    ] {
      #expect(
        problem(text, names: ["a", "b", "c"])
          == "the last 3 columns hold only 0 and 1, as one-hot labels do, but line \(line) has \(ones) of them 1 and not "
          + "one; begin the file with a line of headings where the column with the class is called \"label\"")
    }
    // The advice followed, and tables of other kinds.
    #expect(try read("file,x,label,z\na,0,1,1\nb,0,0,1\nc,0,1,1\n", names: ["a", "b", "c"]) == ["1", "0", "1"])
    #expect(try read("0,1\n1,0\n", total: 2) == ["1", "0"])
    for text in ["a,1,2,0\nb,0,1,0\n", "a,1,0,2\nb,0,1,2\n"] {
      #expect(problem(text, names: ["a", "b"])?.hasPrefix("a line has 4 fields, and no heading says") == true)
    }
  }
}
