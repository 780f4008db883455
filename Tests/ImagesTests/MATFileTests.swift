import Files
import Kernels
import TestSupport
import Testing

@testable import Images

/// MAT files of some elements.
enum MATFixtures {
  /// An element, padded to 8 bytes, or a small one.
  static func element(_ type: Int, _ data: [UInt8], small: Bool = false) -> [UInt8] {
    if small {
      return littleEndian(data.count << 16 | type, bytes: 4) + data + Array(repeating: 0, count: 4 - data.count)
    }
    return littleEndian(type, bytes: 4) + littleEndian(data.count, bytes: 4) + data
      + Array(repeating: 0, count: (8 - data.count % 8) % 8)
  }

  static func matrix(_ name: String, _ dimensions: [Int], type: Int = 2, _ data: [UInt8], kind: UInt8 = 9) -> [UInt8] {
    let flags = element(6, [kind, 0, 0, 0, 0, 0, 0, 0])
    let lengths = element(5, dimensions.flatMap { littleEndian($0, bytes: 4) })
    return element(14, flags + lengths + element(1, Array(name.utf8), small: true) + element(type, data))
  }

  static func file(_ elements: [UInt8], version: UInt8 = 1, order: String = "IM") -> [UInt8] {
    var text: [UInt8] = Array("MATLAB 5.0 MAT-file".utf8)
    text += Array(repeating: 32, count: 124 - text.count)
    return text + [0, version] + Array(order.utf8) + elements
  }

  /// The same element in a zlib stream.
  static func compressed(_ element: [UInt8]) -> [UInt8] {
    let sum = Adler32.checksum(of: element)
    let bytes =
      [0x78, 0x01] + Deflate.compress(element) + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) }
    return littleEndian(15, bytes: 4) + littleEndian(bytes.count, bytes: 4) + bytes
  }
}

@Suite("MAT files")
struct MATFileTests {
  @Test func workedExampleTypesOfLabels() throws {
    let values: [(type: Int, bytes: [UInt8], integers: [Int]?)] = [
      (1, [255, 3], [-1, 3]), (2, [255, 3], [255, 3]), (3, [254, 255, 1, 0], [-2, 1]), (4, [254, 255], [65534]),
      (5, [255, 255, 255, 255], [-1]), (7, [0, 0, 0x20, 0x41], [10]), (7, [0, 0, 0x21, 0x41], nil),
      (9, [0, 0, 0, 0, 0, 0, 0xF0, 0x3F], [1]), (9, [0, 0, 0, 0, 0, 0, 0xF8, 0x7F], nil),
      (13, Array(repeating: 255, count: 8), nil), (12, Array(repeating: 255, count: 8), [-1]),
    ]
    for (type, bytes, integers) in values {
      let count = integers?.count ?? 1
      let mat = try MATFile(MATFixtures.file(MATFixtures.matrix("y", [count, 1], type: type, bytes)), names: ["y"])
      #expect(mat.arrays["y"]?.integers == integers, "type \(type)")
    }
    // A text and a structure are left out.
    let mat = try MATFile(
      MATFixtures.file(
        MATFixtures.matrix("t", [1, 1], [65], kind: 4) + MATFixtures.matrix("s", [1, 1], [65], kind: 2)),
      names: ["t", "s"])
    #expect(mat.arrays.isEmpty)
  }

  private func arrays(_ elements: [UInt8], _ names: [String] = ["X", "y"]) throws(MATProblem) -> MATFile {
    try MATFile(MATFixtures.file(elements), names: names)
  }

  private let x = MATFixtures.matrix("X", [2, 1], [7, 8])
  private let y = MATFixtures.matrix("y", [1, 1], [3])

  /// Variables that are not used, and whether the file is whole with them.
  private static let others: [(name: String, element: [UInt8], isWhole: Bool)] = {
    let values = MATFixtures.matrix("e", [3, 1], [1, 2])
    var noFlags = MATFixtures.matrix("f", [1, 1], [1])
    noFlags[8] = 9
    var damaged = MATFixtures.compressed(MATFixtures.matrix("z", [2, 1], [1, 2]))
    damaged[damaged.count - 1] ^= 1
    return [
      ("empty", MATFixtures.matrix("e", [0, 0], []), true), ("too few values", values, true),
      ("a cell", MATFixtures.matrix("c", [1, 1], [1], kind: 1), true),
      ("an empty matrix element", MATFixtures.element(14, []), true),
      ("an unknown element", MATFixtures.element(99, [1, 2, 3]), true), ("no flags", noFlags, false),
      ("a wrong checksum", damaged, true),
      ("no zlib stream", littleEndian(15, bytes: 4) + littleEndian(8, bytes: 4) + [1, 2, 3, 4, 5, 6, 7, 8], false),
      ("cut off", Array(values.dropLast(5)), false), ("three bytes", [1, 2, 3], false),
    ]
  }()

  @Test func invariantOtherVariablesDoNotMatter() throws {
    for (name, element, isWhole) in Self.others {
      let behind = try arrays(x + y + element)
      #expect(behind.arrays.count == 2 && (behind.irregularity == nil) == isWhole, "\(name)")
      guard name != "cut off" && name != "three bytes" else { continue }
      let before = try arrays(element + MATFixtures.compressed(x) + MATFixtures.compressed(y))
      #expect(
        before.arrays["X"]?.bytes.elementsEqual([7, 8]) == true && before.arrays["y"]?.integers == [3], "\(name)")
    }
    // Where an array is missing, the damaged part may be it.
    #expect(throws: MATProblem.self) { try arrays(x + Array(y.dropLast(5))) }
    #expect(try arrays(x + Array(y.dropLast(5)), ["X"]).irregularity?.contains("is truncated") == true)
    #expect(throws: MATProblem.self) { try arrays(MATFixtures.matrix("X", [3, 1], [7, 8]) + y) }
    var wrong = MATFixtures.compressed(x)
    wrong[wrong.count - 1] ^= 1
    #expect(throws: MATProblem.self) { try arrays(wrong + y) }
  }

  // The same array with its name as text of other types, and its dimensions as whole numbers of others.
  @Test func invariantTypesOfNamesAndDimensions() throws {
    let flags = MATFixtures.element(6, [9, 0, 0, 0, 0, 0, 0, 0])
    let values = MATFixtures.element(2, [7, 8])
    let names: [[UInt8]] = [
      MATFixtures.element(1, [0x79], small: true), MATFixtures.element(2, [0x79]), MATFixtures.element(16, [0x79]),
      MATFixtures.element(17, [0x79, 0]), MATFixtures.element(18, [0x79, 0, 0, 0]), MATFixtures.element(4, [0x79, 0]),
    ]
    let dimensions: [[UInt8]] = [
      MATFixtures.element(1, [2, 1]), MATFixtures.element(2, [2, 1]), MATFixtures.element(3, [2, 0, 1, 0]),
      MATFixtures.element(6, [2, 0, 0, 0, 1, 0, 0, 0]),
      MATFixtures.element(12, littleEndian(2, bytes: 8) + littleEndian(1, bytes: 8)),
    ]
    for name in names {
      for lengths in dimensions {
        let mat = try arrays(MATFixtures.element(14, flags + lengths + name + values), ["y"])
        #expect(mat.arrays["y"]?.dimensions == [2, 1] && mat.arrays["y"]?.integers == [7, 8])
      }
    }
    // A logical array is one of bytes with a flag.
    let logical = MATFixtures.element(6, [9, 2, 0, 0, 0, 0, 0, 0])
    let mat = try arrays(MATFixtures.element(14, logical + dimensions[0] + names[0] + values), ["y"])
    #expect(mat.arrays["y"]?.integers == [7, 8])
    #expect(throws: MATProblem.self) {
      try arrays(MATFixtures.element(14, flags + MATFixtures.element(9, [1, 2, 3]) + names[0] + values), ["y"])
    }
  }

  @Test func workedExampleOfAnEmptyArray() throws {
    #expect(try arrays(MATFixtures.matrix("X", [0, 4], []), ["X"]).arrays["X"]?.dimensions == [0, 4])
    #expect(throws: MATProblem.self) { try arrays(MATFixtures.matrix("X", [0, 4], [1]), ["X"]) }
  }
}
