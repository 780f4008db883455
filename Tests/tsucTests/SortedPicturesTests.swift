import Commands
import Foundation
import Images
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Pictures in a folder for each cluster")
struct SortedPicturesTests {
  private func files(_ folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.contains("/") }.sorted()
  }

  /// The 40 digits of an untrained run as files, some under the same name in different sub-folders.
  private func withPictures(_ body: (String, ImageSet, RunEvaluation) throws -> Void) throws {
    let run = try UntrainedRun()
    try withTemporaryFolder { folder in
      for index in 0..<40 {
        let sub = "\(folder)/in/\(index % 2 == 0 ? "a" : "b")"
        try FileManager.default.createDirectory(atPath: sub, withIntermediateDirectories: true)
        let pixels = run.images.pixels[index * 64..<(index + 1) * 64].map { $0 * 15 }
        try PNG.write(pixels, width: 8, height: 8, to: "\(sub)/\(index / 2).png")
      }
      let images = try ImageSet.load("\(folder)/in")
      let evaluation = RunEvaluation(
        of: images, standardisation: Standardisation(of: images), stageOne: nil, stageTwo: run.encoder,
        heads: run.heads, answer: HeadAnswer(head: 1), seed: 0, scoring: false)
      try body(folder, images, evaluation)
    }
  }

  @Test func everyPictureIsCopiedOnceTheMostConfidentFirst() throws {
    try withPictures { folder, images, evaluation in
      let recorder = ConsoleRecorder()
      let pictures = SortedPictures(images, of: "\(folder)/in/", asLinks: false)
      try pictures.checkSpace(for: "\(folder)/out/deeper")
      try pictures.write(evaluation, to: "\(folder)/out", on: recorder.console())
      let names = try #require(images.imageNames)
      var expected: [String] = []
      for cluster in 0..<10 {
        let members = evaluation.images(in: cluster)
        for (rank, image) in members.enumerated() {
          let number = "\(rank + 1)"
          let digits = String(repeating: "0", count: "\(members.count)".count - number.count) + number
          let file = "cluster-\(cluster)/\(digits)-\(names[image].split(separator: "/")[1])"
          expected.append(file)
          #expect(
            FileManager.default.contents(atPath: "\(folder)/out/\(file)")
              == FileManager.default.contents(atPath: "\(folder)/in/\(names[image])"))
        }
      }
      #expect(try files("\(folder)/out") == expected.sorted() && expected.count == 40)
      #expect(recorder.written.hasPrefix("40 pictures copied into \(folder)/out: cluster-0 ("))
      #expect(try files("\(folder)/in").count == 40)
    }
  }

  @Test func linksLeadToTheOriginals() throws {
    try withPictures { folder, images, evaluation in
      try SortedPictures(images, of: "\(folder)/in", asLinks: true)
        .write(evaluation, to: "\(folder)/out", on: ConsoleRecorder().console())
      let links = try files("\(folder)/out")
      #expect(links.count == 40)
      for link in links {
        let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/out/\(link)")
        #expect(target.hasPrefix("/") && target.contains("/in/") && FileManager.default.fileExists(atPath: target))
      }
    }
  }

  @Test func nothingIsOverwrittenAndWhatWasWrittenStays() throws {
    try withPictures { folder, images, evaluation in
      let pictures = SortedPictures(images, of: "\(folder)/in", asLinks: false)
      try pictures.write(evaluation, to: "\(folder)/out", on: ConsoleRecorder().console())
      let victim = try #require(try files("\(folder)/out").first)
      try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(folder)/out/\(victim)"))
      #expect(throws: RunError.self) {
        try pictures.write(evaluation, to: "\(folder)/out", on: ConsoleRecorder().console())
      }
      #expect(FileManager.default.contents(atPath: "\(folder)/out/\(victim)") == Data("mine".utf8))
      // An original that has gone is told, and no half file stays.
      let names = try #require(images.imageNames)
      let gone = names[evaluation.images(in: evaluation.clusters[1][7])[0]]
      try FileManager.default.removeItem(atPath: "\(folder)/in/\(gone)")
      do {
        try pictures.write(evaluation, to: "\(folder)/other", on: ConsoleRecorder().console())
        Issue.record("\(gone) cannot be copied")
      } catch {
        #expect("\(error)".hasPrefix("not sorted, because no longer in "))
        #expect("\(error)".hasSuffix("/in: 1 of 40 pictures, \(gone)"))
      }
      // All others are there.
      #expect(try files("\(folder)/other").count { !$0.hasSuffix(".partial") } == 39)
    }
  }

  // The copies are as large as the originals; what is advised where they do not fit works.
  @Test func copiesNeedRoom() throws {
    try withPictures { folder, images, _ in
      let names = try #require(images.imageNames)
      let needed = names.reduce(0) { $0 + (FileManager.default.contents(atPath: "\(folder)/in/\($1)")?.count ?? 0) }
      let copies = SortedPictures(images, of: "\(folder)/in", asLinks: false)
      try copies.checkSpace(for: "\(folder)/out", free: needed)
      let error = #expect(throws: RunError.self) { try copies.checkSpace(for: "\(folder)/out", free: needed - 1) }
      #expect(error?.description.hasPrefix("the copies of 40 pictures take 0.0 MB, and the disk of ") == true)
      #expect(error?.description.contains("\"--link\"") == true)
      try SortedPictures(images, of: "\(folder)/in", asLinks: true).checkSpace(for: "\(folder)/out", free: 0)
    }
  }

  @Test func aSignalStopsBetweenTwoPictures() throws {
    try withPictures { folder, images, evaluation in
      var asked = 0
      let error = #expect(throws: Interruption.self) {
        try SortedPictures(images, of: "\(folder)/in", asLinks: false)
          .write(evaluation, to: "\(folder)/out", on: ConsoleRecorder().console()) {
            asked += 1
            return asked > 3 ? SIGINT : nil
          }
      }
      #expect(error?.signal == SIGINT)
      #expect(error?.message.hasPrefix("stopped after 3 of 40 pictures; what is in \(folder)/out stays") == true)
      let written = try files("\(folder)/out")
      #expect(written.count == 3 && written.allSatisfy { !$0.hasSuffix(".partial") })
    }
  }

  @Test func linksNeedFiles() throws {
    let run = try UntrainedRun()
    #expect(
      throws: RunError("<few> has no file for each image to link to; without --link they are written as PNG")
    ) { try SortedPictures(run.images, of: "digits", asLinks: true).checkSpace(for: "/none") }
    // A place that holds no files is not full.
    try SortedPictures(run.images, of: "digits", asLinks: false).checkSpace(for: "/proc/none")
  }

  @Test func imagesWithoutFilesAreWritten() throws {
    let run = try UntrainedRun()
    try withTemporaryFolder { folder in
      try SortedPictures(run.images, of: "digits", asLinks: false)
        .write(run.evaluation, to: "\(folder)/out", on: ConsoleRecorder().console())
      let written = try files("\(folder)/out")
      #expect(written.count == 40)
      for path in written {
        let number = try #require(path.split(separator: "image-").last?.split(separator: ".").first.flatMap { Int($0) })
        let read = try ImageSet.load("\(folder)/out/\(path)")
        #expect(read.pixels == run.images.image(number).map { UInt8((255 * $0).rounded()) })
      }
    }
  }

  @Test func namesFitIntoAFileSystem() {
    #expect(SortedPictures.fileName(rank: "07", name: "a.png") == "07-a.png")
    #expect(SortedPictures.fileName(rank: "1", name: "noSuffix") == "1-noSuffix")
    let long = SortedPictures.fileName(rank: "0001", name: String(repeating: "é", count: 125) + ".jpeg")
    #expect(long.utf8.count <= 247 && long.utf8.count >= 245 && long.hasPrefix("0001-éé") && long.hasSuffix("é.jpeg"))
  }
}
