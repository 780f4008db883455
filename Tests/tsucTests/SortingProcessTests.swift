// The program as someone uses it who has a folder of pictures and no labels.
import Files
import Foundation
import Images
import Networks
import TestSupport
import Testing

@testable import tsuc

@Suite("The program as a process: sorting pictures")
struct SortingProcessTests {
  /// A folder of the first digits as pictures, img0.png and so on.
  private func makePictures(_ folder: String, count: Int = 20) throws {
    let digits = try ImageSet.load("digits", count: count)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for index in 0..<count {
      try PNG.write(
        digits.pixels[index * 64..<(index + 1) * 64].map { $0 * 15 }, width: 8, height: 8,
        to: "\(folder)/img\(index).png")
    }
  }

  /// The options of a tiny run but the number of images.
  private let small = Array(tiny.dropFirst(2))

  private func pictures(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.contains("cluster-") && $0.contains("-img")
    }
    .sorted()
  }

  @Test func workedExampleFromAFolderToFolders() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      let before = try FileManager.default.contentsOfDirectory(atPath: parent + "/pictures").sorted()
      let sorted = try runProgram(["sort", "pictures", "--into", "out", "--classes", "3"] + small, in: parent)
      #expect(sorted.code == 0, "\(sorted)")
      #expect(sorted.output.contains("20 pictures copied into out: cluster-0 ("))
      let copies = try pictures(parent + "/out")
      #expect(copies.count == 20)
      #expect(FileManager.default.fileExists(atPath: parent + "/out/report.html"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent + "/pictures").sorted() == before)
      // The table names the files in natural order, and the folders are its clusters.
      let csv = try String(contentsOfFile: parent + "/out/predictions.csv", encoding: .utf8).split(separator: "\n")
      #expect(csv[0] == "image,cluster,confidence,file")
      for (image, line) in csv.dropFirst().enumerated() {
        let cells = line.split(separator: ",")
        #expect(cells[0] == "\(image)" && cells[3] == "img\(image).png")
        #expect(copies.count { $0.hasPrefix("cluster-\(cells[1])/") && $0.hasSuffix("-img\(image).png") } == 1)
      }
      // In each folder the most confident picture stands first.
      let confidences = Dictionary(
        uniqueKeysWithValues: csv.dropFirst().map { $0.split(separator: ",") }.map { ($0[3], Double($0[2]) ?? -1) })
      for folder in Set(copies.map { $0.split(separator: "/")[0] }) {
        let inOrder = copies.filter { $0.hasPrefix("\(folder)/") }.map {
          confidences[$0.split(separator: "-")[2]] ?? -1
        }
        #expect(inOrder == inOrder.sorted(by: >) && inOrder.allSatisfy { $0 > 0 })
      }
      let neighbours = try String(contentsOfFile: parent + "/out/neighbours.csv", encoding: .utf8)
      #expect(neighbours.hasPrefix("anchor,neighbour,anchor_file,neighbour_file\n"))
      #expect(try String(contentsOfFile: parent + "/out/report.html", encoding: .utf8).contains("(img12.png)"))

      // The same again from the finished run; its own table again; links.
      let copied = try runProgram(["predict", "out", "--copy-to", "again"], in: parent)
      #expect(copied.code == 0, "\(copied)")
      #expect(try pictures(parent + "/again") == copies)
      #expect(
        FileManager.default.contents(atPath: parent + "/again/predictions.csv")
          == FileManager.default.contents(atPath: parent + "/out/predictions.csv"))
      let linked = try runProgram(["predict", "out", "--copy-to", "links", "--link"], in: parent)
      #expect(linked.code == 0 && linked.output.contains("20 pictures linked"), "\(linked)")
      expectComplaint(
        try runProgram(["sort", "pictures", "--into", "out", "--classes", "3"] + small, in: parent), code: 1,
        containing: "out exists already and is not overwritten")
      expectComplaint(
        try runProgram(["predict", "out", "--copy-to", "again"], in: parent), code: 1,
        containing: "again exists already")
      expectComplaint(try runProgram(["predict", "out", "--link"], in: parent), code: 2, containing: "--copy-to")

      // One picture, and names beside embeddings.
      let one = try runProgram(["predict", "out", "--data", "pictures/img7.png"], in: parent)
      #expect(one.code == 0 && one.output.split(separator: "\n").count == 2, "\(one)")
      #expect(
        one.output.split(separator: "\n")[1].split(separator: ",").dropFirst()
          == csv[8].split(separator: ",").dropFirst())
      let embedded = try runProgram(["embed", "out", "--out", "e.npy", "--data", "pictures/img7.png"], in: parent)
      #expect(embedded.code == 0, "\(embedded)")
      #expect(try String(contentsOfFile: parent + "/e.csv", encoding: .utf8) == "row,file\n0,img7.png\n")
      expectComplaint(
        try runProgram(["embed", "out", "--out", "e2.npy", "--data", "digits", "--count", "0"], in: parent), code: 2,
        containing: "--count")
    }
  }

  @Test func theNumberOfClustersMustBeKnown() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      for command in [["sort", "pictures", "--into", "out"], ["train", "--data", "pictures"]] {
        expectComplaint(
          try runProgram(command + small, in: parent), code: 2,
          containing: "pictures has no labels, so the number of clusters must be given: --classes K")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: parent) == ["pictures"])
      expectComplaint(
        try runProgram(["sort", "pictures", "--classes", "3"], in: parent), code: 2, containing: "--into OUT")
    }
  }

  /// The run stands in the folder of pictures, and every command on it goes on working.
  @Test func theProgramMayBeStartedAmongThePictures() throws {
    try withTemporaryFolder { parent in
      let folder = parent + "/holiday"
      try makePictures(folder)
      let trained = try runProgram(["train", "--data", ".", "--classes", "3"] + small, in: folder)
      #expect(trained.code == 0, "\(trained)")
      let run = "runs/holiday-seed0"
      for command in [
        ["report", run], ["predict", run], ["evaluate", run], ["embed", run, "--out", parent + "/e.npy"],
      ] {
        let outcome = try runProgram(command, in: folder)
        #expect(outcome.code == 0 && !outcome.errors.contains("may differ"), "\(command): \(outcome)")
      }
      let sorted = try runProgram(["sort", ".", "--into", "sorted", "--classes", "3"] + small, in: folder)
      #expect(sorted.code == 0, "\(sorted)")
      #expect(try pictures(folder + "/sorted").count == 20)
      let again = try runProgram(["predict", "sorted", "--data", "."], in: folder)
      #expect(again.code == 0 && again.output.split(separator: "\n").count == 21, "\(again)")
    }
  }

  @Test func fewPicturesMakeSmallerBatches() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures", count: 7)
      let sizes = ["--stage-one.batch-size", "10", "--stage-two.batch-size", "10"]
      let words = small.indices.filter { !sizes.contains(small[$0]) }.map { small[$0] }
      let outcome = try runProgram(["sort", "pictures", "--into", "out", "--classes", "2"] + words, in: parent)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(
        outcome.errors.contains(
          "tsuc: there are only 7 images: --stage-one.batch-size is 7 instead of 128, --stage-two.batch-size is 7 instead "
            + "of 256"))
    }
  }

  @Test func damagedPicturesAreLeftOutOnlyWhenAsked() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      for name in ["img3.png", "img10.png"] {
        let bytes = try #require(FileManager.default.contents(atPath: parent + "/pictures/" + name))
        try bytes.prefix(60).write(to: URL(fileURLWithPath: parent + "/pictures/" + name))
      }
      let words = ["sort", "pictures", "--into", "out", "--classes", "3"] + small
      expectComplaint(
        try runProgram(words, in: parent), code: 1,
        containing: "2 of 20 pictures cannot be read: img3.png (", "img10.png (", "\"--skip-damaged\" goes on")
      let outcome = try runProgram(words + ["--skip-damaged"], in: parent)
      #expect(outcome.code == 0 && outcome.errors.contains("they were left out"), "\(outcome)")
      #expect(try pictures(parent + "/out").count == 18)
      // The run remembers it.
      let report = try runProgram(["report", "out"], in: parent)
      #expect(report.code == 0, "\(report)")
    }
  }

  @Test func otherSizesAreToldWithTheOneThatWorks() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      #expect(
        try runProgram(["train", "--data", "pictures", "--out", "run", "--classes", "3"] + small, in: parent).code == 0)
      try FileManager.default.createDirectory(atPath: parent + "/other", withIntermediateDirectories: true)
      try PNG.write([UInt8](repeating: 7, count: 96), width: 12, height: 8, to: parent + "/other/a.png")
      expectComplaint(
        try runProgram(["predict", "run", "--data", "other"], in: parent), code: 1, containing: "\"--size 8x8\" brings")
      try PNG.write([UInt8](repeating: 7, count: 90_000), width: 300, height: 300, to: parent + "/other/b.png")
      expectComplaint(
        try runProgram(["predict", "run", "--data", "other"], in: parent), code: 1, containing: "\"--size 8x8\"")
      let outcome = try runProgram(["predict", "run", "--data", "other", "--size", "8x8"], in: parent)
      #expect(outcome.code == 0, "\(outcome)")
    }
  }

  // The run finds its pictures from every folder, and takes those that are there now.
  @Test func picturesThatCameAndWent() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      #expect(
        try runProgram(["train", "--data", "pictures", "--out", "run", "--classes", "3"] + small, in: parent).code == 0)
      try FileManager.default.createDirectory(atPath: parent + "/elsewhere/pictures", withIntermediateDirectories: true)
      let moved = try runProgram(["predict", "../run"], in: parent + "/elsewhere")
      #expect(moved.code == 0 && moved.errors == "", "\(moved)")
      #expect(moved.output.split(separator: "\n").count == 21)
      try FileManager.default.copyItem(atPath: parent + "/pictures/img3.png", toPath: parent + "/pictures/img3b.png")
      let more = try runProgram(["predict", "run"], in: parent)
      #expect(more.code == 0 && more.output.split(separator: "\n").count == 22, "\(more)")
      #expect(more.errors.contains("are not those of the training"))
      // The same data by another path, and one sentence where they must be the very same.
      let relative = try runProgram(["predict", "run", "--data", "elsewhere/../pictures"], in: parent)
      #expect(relative.errors == more.errors && relative.output == more.output, "\(relative)")
      expectComplaint(
        try runProgram(["report", "run"], in: parent), code: 1, containing: "does not hold the images of the run")
      for name in ["img3.png", "img3b.png"] { try FileManager.default.removeItem(atPath: "\(parent)/pictures/\(name)") }
      let fewer = try runProgram(["predict", "run"], in: parent)
      #expect(fewer.code == 0 && fewer.output.split(separator: "\n").count == 20, "\(fewer)")
      try FileManager.default.moveItem(atPath: parent + "/pictures", toPath: parent + "/gone")
      expectComplaint(
        try runProgram(["predict", "run"], in: parent), code: 1,
        containing: "if the data of the run has moved, name its place")
      #expect(try runProgram(["predict", "run", "--data", "gone"], in: parent).code == 0)
    }
  }

  @Test func greyPicturesForANetworkOfColour() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/pictures")
      try PNG.write(
        (0..<192).map { UInt8($0) }, width: 8, height: 8, channels: 3, to: parent + "/pictures/colour.png")
      #expect(
        try runProgram(["train", "--data", "pictures", "--out", "run", "--classes", "3"] + small, in: parent).code == 0)
      let all = try runProgram(["predict", "run"], in: parent)
      let one = try runProgram(["predict", "run", "--data", "pictures/img4.png"], in: parent)
      #expect(one.code == 0, "\(one)")
      let line = try #require(all.output.split(separator: "\n").first { $0.hasSuffix(",img4.png") })
      #expect(
        one.output.split(separator: "\n")[1].split(separator: ",").dropFirst() == line.split(separator: ",").dropFirst()
      )
    }
  }

  // A folder that is called as a bundled set is, is not silently passed over.
  @Test func aFolderCalledDigits() throws {
    try withTemporaryFolder { parent in
      try makePictures(parent + "/digits")
      let bundled = try runProgram(["train", "--dry-run"] + tiny, in: parent)
      #expect(
        bundled.errors
          == "tsuc: digits is the data set that comes with the program; what is called so here is ./digits\n")
      let own = try runProgram(["train", "--data", "./digits", "--classes", "3", "--dry-run"] + small, in: parent)
      #expect(own.code == 0 && own.errors == "" && own.output.contains("without labels"), "\(own)")
    }
  }
}
