import Foundation
import TestSupport
import Testing

@testable import Images

@Suite("npy arrays that are not read")
struct NpyConversionTests {
  private func float(_ values: [Float]) -> [UInt8] {
    values.flatMap { littleEndian(Int($0.bitPattern), bytes: 4) }
  }

  /// Files that are refused, with what is said of each and the value of the line that converts it.
  private var cases: [(file: [UInt8], what: String, value: String)] {
    let load = "numpy.load(\"FOLDER/x.npy\")"
    let zeros = [UInt8](repeating: 0, count: 4096)
    return [
      (
        npyFile("<f4", "2, 1, 1", float([0, 1])), "the array holds values of type <f4, not uint8; they are in 0...1",
        "numpy.clip(\(load) * 255.0 + 0.5, 0, 255).astype(\"uint8\")"
      ),
      (
        npyFile("<f4", "2, 1, 1", float([0, 254.5])),
        "the array holds values of type <f4, not uint8; they are in 0...255",
        "numpy.clip(\(load) + 0.5, 0, 255).astype(\"uint8\")"
      ),
      (
        npyFile("<f4", "2, 1, 1", float([-1, 2])),
        "the array holds values of type <f4, not uint8; they are -1.0 to 2.0",
        "numpy.interp(\(load), (-1.0, 2.0), (0, 255)).round().astype(\"uint8\")"
      ),
      (
        npyFile("<f4", "2, 1, 1", float([.nan, 2])),
        "the array holds values of type <f4, not uint8; they are not all finite",
        "(lambda a: numpy.interp(a, (a.min(), a.max()), (0, 255)))"
          + "(numpy.nan_to_num(\(load).astype(float), posinf=0, neginf=0))"
          + ".round().astype(\"uint8\")"
      ),
      (
        npyFile(">i2", "2, 1, 1", [0, 3, 0, 200]),
        "the array holds values of type >i2, not uint8; they are in 0...255", "\(load).astype(\"uint8\")"
      ),
      (
        npyFile("<u2", "2, 1, 1", [3, 0, 0, 4]),
        "the array holds values of type <u2, not uint8; they are 3.0 to 1024.0",
        "numpy.interp(\(load), (3.0, 1024.0), (0, 255)).round().astype(\"uint8\")"
      ),
      (
        npyFile("|b1", "2, 1, 1", [0, 1]), "the array holds values of type |b1, not uint8",
        "\(load).astype(\"uint8\") * 255"
      ),
      (
        npyFile("|u1", "2, 9", zeros),
        "the array is 2 x 9, not images x height x width or images x height x width x 1 or 3 channels",
        "\(load).reshape(-1, 3, 3)"
      ),
      (
        npyFile("|u1", "2, 12", zeros),
        "the array is 2 x 12, not images x height x width or images x height x width x 1 or 3 channels",
        "numpy.moveaxis(\(load).reshape(-1, 3, 2, 2), 1, 3)"
      ),
      (
        npyFile("|u1", "2, 6", zeros),
        "the array is 2 x 6, not images x height x width or images x height x width x 1 or 3 channels",
        "\(load)[None]"
      ),
      (
        npyFile("|u1", "2, 3, 4, 4", zeros),
        "the array is 2 x 3 x 4 x 4, not images x height x width or images x height x width x 1 or 3 channels",
        "numpy.moveaxis(\(load), 1, 3)"
      ),
      (
        npyFile("<f4", "2, 4, 4, 4", zeros),
        "the array holds values of type <f4, not uint8, and is 2 x 4 x 4 x 4, not images x height x width or images x height "
          + "x width x 1 or 3 channels; they are in 0...1",
        "numpy.clip(\(load)[..., :3] * 255.0 + 0.5, 0, 255).astype(\"uint8\")"
      ),
      (
        npyFile("|O", "2,", zeros), "the array holds Python objects, not uint8",
        "numpy.stack(numpy.load(\"FOLDER/x.npy\", allow_pickle=True)).astype(\"uint8\")"
      ),
      (
        npyFile("|O", "2, 2, 2", zeros), "the array holds Python objects, not uint8",
        "numpy.load(\"FOLDER/x.npy\", allow_pickle=True).astype(\"uint8\")"
      ),
      // What resizing leaves above 1 is no sign of 0...255.
      (
        npyFile("<f4", "2, 1, 1", float([0, 1.0000001])),
        "the array holds values of type <f4, not uint8; they are in 0...1 but for roundings",
        "numpy.clip(\(load) * 255.0 + 0.5, 0, 255).astype(\"uint8\")"
      ),
      (
        npyFile("<f4", "2, 1, 1", float([0, 10])),
        "the array holds values of type <f4, not uint8; they are 0.0 to 10.0",
        "numpy.interp(\(load), (0.0, 10.0), (0, 255)).round().astype(\"uint8\")"
      ),
      (
        npyFile("<u2", "2, 1, 1", [0, 0, 15, 0]),
        "the array holds values of type <u2, not uint8; they are 0.0 to 15.0",
        "numpy.interp(\(load), (0.0, 15.0), (0, 255)).round().astype(\"uint8\")"
      ),
      // MATLAB's order, and a single picture.
      (
        npyFile("|u1", "4, 4, 3, 6", zeros),
        "the array is 4 x 4 x 3 x 6, not images x height x width or images x height x width x 1 or 3 channels",
        "numpy.moveaxis(\(load), 3, 0)"
      ),
      (
        npyFile("|u1", "16, 17, 3", zeros),
        "the array is 16 x 17 x 3, which looks like one picture and not like 16 of 17 x 3 pixels", "\(load)[None]"
      ),
    ]
  }

  @Test func goldenLines() throws {
    let zeros = [UInt8](repeating: 0, count: 4096)
    try withTemporaryFolder { folder in
      for (file, what, value) in cases {
        try write(file, to: "\(folder)/x.npy")
        #expect(
          loadingProblem("\(folder)/x.npy")
            == "\(what); convert it with one line of Python: import numpy; numpy.save(\"\(folder)/x-uint8.npy\", "
            + value.split(separator: "FOLDER").joined(separator: folder) + ") and name \(folder)/x-uint8.npy")
      }
      // Nothing is overwritten by the advice.
      try write([], to: "\(folder)/x-uint8.npy")
      #expect(loadingProblem("\(folder)/x.npy")?.hasSuffix("and name \(folder)/x-uint8-2.npy") == true)
      try write(npyFile("<f4", "", float([0])), to: "\(folder)/x.npy")
      #expect(loadingProblem("\(folder)/x.npy")?.hasPrefix("the array is a single number, not images x") == true)
      let structured =
        "{'descr': [('label', '<i4'), ('image', '|u1', (2, 2))], 'fortran_order': False, 'shape': (2,), }"
      try write(
        Array(npyFile("", "", [])[..<8]) + [UInt8(structured.utf8.count), 0] + Array(structured.utf8) + zeros,
        to: "\(folder)/x.npy")
      #expect(
        loadingProblem("\(folder)/x.npy")?.contains("numpy.load(\"\(folder)/x.npy\")[\"image\"].astype(\"uint8\")")
          == true)
      try write(npyFile("|u1", "2,", [1, 2]), to: "\(folder)/x.npy")
      #expect(loadingProblem("\(folder)/x.npy")?.contains("labels are named with --labels") == true)
      try write(npyFile("<U3", "2,", zeros), to: "\(folder)/x.npy")
      #expect(loadingProblem("\(folder)/x.npy")?.contains("which are no numbers") == true)
    }
  }

  // The advice, followed: where NumPy is there, each line is run as it stands, and what it writes is read.
  @Test func adviceOfOneLineWorks() throws {
    try withTemporaryFolder { folder in
      var (lines, results, counts): ([String], [String], [Int]) = ([], [], [])
      // An array of objects is a pickle, which only Python writes.
      for (number, item) in cases.enumerated() where !item.what.contains("Python objects") {
        try makeFolder("\(folder)/\(number)")
        try write(item.file, to: "\(folder)/\(number)/x.npy")
        let problem = try #require(loadingProblem("\(folder)/\(number)/x.npy"))
        let advice = try #require(problem.components(separatedBy: "one line of Python: ").last)
        let parts = advice.components(separatedBy: " and name ")
        #expect(parts.count == 2)
        lines.append(parts[0])
        results.append(parts[1])
        counts.append(item.value.hasSuffix("[None]") ? 1 : item.value.hasSuffix("3, 0)") ? 6 : 2)
      }
      let python = Process()
      python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      python.arguments = [
        "python3", "-c",
        "import sys\ntry: import numpy\nexcept ImportError: sys.exit(77)\n" + lines.joined(separator: "\n"),
      ]
      python.standardError = FileHandle.nullDevice
      try python.run()
      python.waitUntilExit()
      // 127 from env: there is no Python.
      if [77, 127].contains(python.terminationStatus) { return }
      #expect(python.terminationStatus == 0)
      for (path, count) in zip(results, counts) { #expect(try ImageSet.load(path).count == count, "\(path)") }
    }
  }
}
