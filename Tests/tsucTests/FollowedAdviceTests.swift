// What the program recommends when it refuses, done to the letter: then it must not refuse.
//
// Each entry is a mistake in a small folder, the part of the sentence that gives the advice, and the same command once the
// advice has been followed. Advice that is itself a command line or a line of Python is run in ForeignPicturesTests.swift,
// NpyConversionTests.swift and ResumingProcessTests.swift; what "did you mean" names, in MistakenOptionsTests.swift.
import Foundation
import TestSupport
import Testing

private let pixels = (0..<24 * 64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 64 &* 11) }

/// The folder in which commands are run.
private struct Workplace {
  let path: String

  func write(_ name: String, _ data: Data) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: url)
  }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  /// A grey picture of any size.
  func picture(_ name: String, side: Int = 8, index: Int = 0) throws {
    let values = (0..<side * side).map { pixels[(index * 64 + $0) % pixels.count] }
    try write(name, Data("P5 \(side) \(side) 255\n".utf8) + values)
  }

  func pictures(_ folder: String, count: Int = 24) throws {
    for index in 0..<count { try picture("\(folder)/img\(index).pgm", index: index) }
  }

  /// MNIST's names for one part; the test images are others than the training's.
  func idxPair(_ prefix: String, count: Int = 24) throws {
    let values = Array(prefix.hasSuffix("t10k") ? pixels.reversed() : pixels)
    try write("\(prefix)-images-idx3-ubyte", idx(sizes: [UInt32(count), 8, 8], Array(values[..<(count * 64)])))
    try write("\(prefix)-labels-idx1-ubyte", idx(sizes: [UInt32(count)], (0..<count).map { UInt8($0 % 2) }))
  }

  /// An array of bytes.
  func npy(_ name: String, shape: String, _ values: [UInt8]) throws {
    var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (\(shape)), }"
    header += String(repeating: " ", count: 64 - (header.utf8.count + 11) % 64) + "\n"
    let length = header.utf8.count
    try write(
      name,
      Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]) + Data(header.utf8) + values)
  }

  /// A finished run of twenty pictures.
  func run(_ name: String) throws {
    try pictures("ofRun", count: 20)
    let outcome = try runProgram(
      ["train", "--data", "ofRun", "--classes", "3", "--out", name] + tiny.dropFirst(2), in: path)
    #expect(outcome.code == 0, "\(outcome)")
  }

  func shell(_ command: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: path)
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(command)")
  }
}

struct Advice: Sendable, CustomTestStringConvertible {
  let testDescription: String
  fileprivate let prepare: @Sendable (Workplace) throws -> Void
  let refused: [String]
  /// What the sentence says; an option in quotation marks is appended to the refused command, unless `followed` is given.
  let says: String
  fileprivate var heed: (@Sendable (Workplace) throws -> Void)?
  var followed: [String]?
}

private let dry = ["train", "--dry-run"] + tiny.dropFirst(2)
private let sized = dry + ["--classes", "3", "--data"]

private let catalogue: [Advice] = [
  Advice(
    testDescription: "pictures of two sizes",
    prepare: {
      try $0.pictures("p"); try $0.picture("p/large.pgm", side: 9)
    },
    refused: sized + ["p"], says: "brings all to one size"),
  Advice(
    testDescription: "a damaged picture",
    prepare: {
      try $0.pictures("p"); try $0.write("p/cut.pgm", "P5 8 8 255\n\u{1}")
    },
    refused: sized + ["p"], says: "goes on without it"),
  Advice(
    testDescription: "pictures that are too large",
    prepare: { place in for index in 0..<20 { try place.picture("p/img\(index).pgm", side: 300, index: index) } },
    refused: sized + ["p"], says: "to a size that you choose"),
  Advice(
    testDescription: "no labels and no number of clusters", prepare: { try $0.pictures("p") },
    refused: dry + ["--data", "p"], says: "for instance --classes 10",
    followed: dry + ["--data", "p", "--classes", "10"]),
  Advice(
    testDescription: "labels where images belong",
    prepare: {
      try $0.npy("x.npy", shape: "24, 8, 8", pixels)
      try $0.npy("y.npy", shape: "24,", (0..<24).map { UInt8($0 % 3) })
    },
    refused: dry + ["--data", "y.npy"], says: "labels are named with --labels",
    followed: dry + ["--data", "x.npy", "--labels", "y.npy"]),
  Advice(
    testDescription: "a part of a single file",
    prepare: {
      try $0.idxPair("d/train"); try $0.idxPair("d/t10k")
    },
    refused: dry + ["--data", "d/train-images-idx3-ubyte", "--split", "test"], says: "name its folder",
    followed: dry + ["--data", "d", "--split", "test"]),
  Advice(
    testDescription: "a part of a folder of pictures",
    prepare: {
      try $0.pictures("p/test"); try $0.pictures("p/train")
    },
    refused: sized + ["p", "--split", "test"], says: "name the folder of that part", followed: sized + ["p/test"]),
  Advice(
    testDescription: "several data sets",
    prepare: {
      try $0.idxPair("d/one/train"); try $0.idxPair("d/two/train")
    },
    refused: dry + ["--data", "d"], says: "name one of them: ", followed: dry + ["--data", "d/two"]),
  Advice(
    testDescription: "an archive",
    prepare: {
      try $0.pictures("p"); try $0.shell("tar cf 'my pictures.tar' p && rm -r p")
    },
    refused: sized + ["my pictures.tar"], says: "unpack it with \"tar xf 'my pictures.tar'\" and name the folder",
    heed: { place in try place.shell("tar xf 'my pictures.tar'") }, followed: sized + ["p"]),
  Advice(
    testDescription: "a picture without a label in a table",
    prepare: { place in
      try place.pictures("p")
      try place.write("l.csv", "file,label\n" + (0..<23).map { "img\($0).pgm,c\($0 % 2)\n" }.joined())
    },
    refused: dry + ["--data", "p", "--labels", "l.csv"], says: "add a line for",
    heed: { place in
      try place.write("l.csv", "file,label\n" + (0..<24).map { "img\($0).pgm,c\($0 % 2)\n" }.joined())
    },
    followed: dry + ["--data", "p", "--labels", "l.csv"]),
  Advice(
    testDescription: "a label that is missing",
    prepare: { place in
      try place.pictures("p")
      try place.write("l.csv", "file,label\n" + (0..<24).map { "img\($0).pgm,\($0 == 5 ? "" : "a")\n" }.joined())
    },
    refused: dry + ["--data", "p", "--labels", "l.csv", "--classes", "3"], says: "write the class of its image there",
    heed: { place in
      try place.write("l.csv", "file,label\n" + (0..<24).map { "img\($0).pgm,\($0 == 5 ? "b" : "a")\n" }.joined())
    },
    followed: dry + ["--data", "p", "--labels", "l.csv", "--classes", "3"]),
  Advice(
    testDescription: "names of images that have none",
    prepare: { place in
      try place.npy("x.npy", shape: "24, 8, 8", pixels)
      try place.write("l.csv", (0..<24).map { "img\($0).pgm,c\($0 % 2)\n" }.joined())
    },
    refused: dry + ["--data", "x.npy", "--labels", "l.csv"], says: "write one label in each line",
    heed: { place in try place.write("l.csv", (0..<24).map { "c\($0 % 2)\n" }.joined()) },
    followed: dry + ["--data", "x.npy", "--labels", "l.csv"]),
  Advice(
    testDescription: "a folder that exists",
    prepare: {
      try $0.pictures("p"); try $0.write("again/x", "x")
    },
    refused: ["train", "--out", "again", "--data", "p", "--classes", "3"] + tiny.dropFirst(2),
    says: "choose another name",
    followed: ["train", "--out", "other", "--data", "p", "--classes", "3"] + tiny.dropFirst(2)),
  Advice(
    testDescription: "the number of clusters twice", prepare: { try $0.pictures("p") },
    refused: sized + ["p", "--stage-two.class-count", "4"], says: "give one of them", followed: sized + ["p"]),
  Advice(
    testDescription: "labels of no test images",
    prepare: {
      try $0.idxPair("d/train"); try $0.idxPair("t/t10k")
    },
    refused: dry + ["--data", "d", "--test-labels", "t/t10k-labels-idx1-ubyte"], says: "--test-labels needs --test",
    followed: dry + ["--data", "d", "--test-labels", "t/t10k-labels-idx1-ubyte", "--test", "t/t10k-images-idx3-ubyte"]),
  Advice(
    testDescription: "test images without labels",
    prepare: {
      try $0.idxPair("d/train"); try $0.pictures("p")
    },
    refused: dry + ["--data", "d", "--test", "p"], says: "or leave out --test", followed: dry + ["--data", "d"]),
  Advice(
    testDescription: "links to images without files",
    prepare: {
      try $0.run("r"); try $0.npy("x.npy", shape: "24, 8, 8", pixels)
    },
    refused: ["predict", "r", "--data", "x.npy", "--copy-to", "n", "--link"],
    says: "without --link they are written as PNG",
    followed: ["predict", "r", "--data", "x.npy", "--copy-to", "n"]),
  Advice(
    testDescription: "links to nowhere", prepare: { try $0.run("r") }, refused: ["predict", "r", "--link"],
    says: "--link needs --copy-to DIR", followed: ["predict", "r", "--link", "--copy-to", "n"]),
  Advice(
    testDescription: "another size than the run's",
    prepare: {
      try $0.run("r"); try $0.picture("one.pgm", side: 12)
    },
    refused: ["predict", "r", "--data", "one.pgm"], says: "brings them to that size"),
  Advice(
    testDescription: "data that has moved",
    prepare: {
      try $0.run("r"); try $0.shell("mv ofRun moved")
    },
    refused: ["evaluate", "r"], says: "name its place with --data", followed: ["evaluate", "r", "--data", "moved"]),
  Advice(
    testDescription: "the report of other images",
    prepare: {
      try $0.run("r"); try $0.pictures("p")
    },
    refused: ["report", "r", "--data", "p"], says: "name the run's images with --data",
    followed: ["report", "r", "--data", "ofRun"]),
  Advice(
    testDescription: "resuming a finished run", prepare: { try $0.run("r") }, refused: ["train", "--resume", "r"],
    says: "\"tsuc evaluate\" prints its scores", followed: ["evaluate", "r"]),
  Advice(
    testDescription: "a table that exists",
    prepare: {
      try $0.run("r"); try $0.write("t.csv", "x")
    },
    refused: ["predict", "r", "--out", "t.csv"], says: "choose another name",
    followed: ["predict", "r", "--out", "u.csv"]),
  Advice(
    testDescription: "embeddings to nowhere", prepare: { try $0.run("r") }, refused: ["embed", "r"],
    says: "needs --out FILE.npy", followed: ["embed", "r", "--out", "FILE.npy"]),
  Advice(
    testDescription: "sorting to nowhere", prepare: { try $0.pictures("p") },
    refused: ["sort", "p", "--classes", "3"] + tiny.dropFirst(2), says: "needs --into OUT",
    followed: ["sort", "p", "--classes", "3", "--into", "OUT"] + tiny.dropFirst(2)),
]

@Suite("Advice that is followed")
struct FollowedAdviceTests {
  @Test(arguments: catalogue) func whatIsRecommendedWorks(_ advice: Advice) throws {
    try withTemporaryFolder { path in
      let place = Workplace(path: path)
      try advice.prepare(place)
      let refused = try runProgram(advice.refused, in: path)
      #expect(refused.code == 1 || refused.code == 2, "\(refused)")
      #expect(refused.errors.contains(advice.says), "\(refused)")
      try advice.heed?(place)
      let words = advice.followed ?? advice.refused + quotedOption(of: refused.errors)
      #expect(words != advice.refused || advice.heed != nil, "\(refused)")
      let followed = try runProgram(words, in: path)
      #expect(followed.code == 0, "\(followed)")
    }
  }

  /// The words of the first option that stands in quotation marks.
  private func quotedOption(of sentence: String) -> [String] {
    sentence.split(separator: "\"").first { $0.hasPrefix("--") }?.split(separator: " ").map(String.init) ?? []
  }
}
