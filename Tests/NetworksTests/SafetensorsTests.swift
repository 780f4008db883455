import Files
import Foundation
import Networks
import TestSupport
import Testing

/// A folder of its own for one test, removed afterwards.
func withFolder(_ body: (_ path: (String) -> String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tensors-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body { folder.appendingPathComponent($0).path }
}

@Suite("Safetensors")
struct SafetensorsTests {
  /// A file's bytes from a header and data written by hand.
  static func bytes(_ header: String, data: [UInt8] = [], announced: UInt64? = nil) -> [UInt8] {
    let length = announced ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + Array(header.utf8) + data
  }

  // 1 is 3F800000 and −2 is C0000000; lowest byte first.
  @Test func workedExampleBytes() throws {
    var file = SafetensorsFile()
    file.append(Tensor<Float>(shape: [2], values: [1, -2]), named: "a")
    let header = #"{"a":{"data_offsets":[0,8],"dtype":"F32","shape":[2]}}"#
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    #expect(file.encoded() == Self.bytes(padded, data: [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]))
  }

  // Eight names of growing length pass through every remainder of the header's length.
  @Test(arguments: 1...8) func invariantDataStartsAtAMultipleOfEight(letters: Int) throws {
    var file = SafetensorsFile()
    file.append(Tensor<Double>(shape: [1], values: [1]), named: String(repeating: "a", count: letters))
    let bytes = file.encoded()
    #expect(bytes[0] % 8 == 0)
    #expect(bytes.count == 8 + Int(bytes[0]) + 8)
  }

  @Test func workedExampleReading() throws {
    let file = try SafetensorsFile(
      bytes: Self.bytes(
        #"{"__metadata__":{"epoch":"7"},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}"#,
        data: [0xFE] + [UInt8](repeating: 0xFF, count: 7)), name: "hand-made")
    #expect(file.metadata == ["epoch": "7"])
    let (shape, values) = try file.integers(named: "n")
    #expect(shape == [] && values == [-2])
  }

  @Test func invariantRoundTrip() throws {
    try withFolder { path in
      var file = SafetensorsFile(metadata: ["seed": "1", "name": "quotes \" and ü"])
      let narrow = Tensor<Float>.random([3, 5], seed: 1)
      let wide = Tensor<Double>.random([2, 1, 4], seed: 2)
      let special = Tensor<Float>(shape: [4], values: [.infinity, -0.0, .leastNonzeroMagnitude, .nan])
      file.append(narrow, named: "encoder.layer1.0.weight")
      file.append(wide, named: "wide")
      file.append(special, named: "special")
      file.append(Tensor<Float>(shape: [0, 3]), named: "empty")
      file.append(integers: [1, -1, Int.max, Int.min], shape: [2, 2], named: "integers")
      try file.write(to: path("a"))
      let read = try Safetensors.read(path("a"))
      #expect(read.metadata == file.metadata)
      #expect(read.names.sorted() == file.names.sorted())
      #expect(try read.tensor(named: "encoder.layer1.0.weight") == narrow)
      #expect(try read.tensor(named: "wide") == wide)
      #expect(try read.tensor(named: "empty") == Tensor<Float>(shape: [0, 3]))
      let bits = try read.tensor(named: "special", as: Float.self).values.map(\.bitPattern)
      #expect(bits == special.values.map(\.bitPattern))
      #expect(try read.integers(named: "integers").values == [1, -1, Int.max, Int.min])
      #expect(try read.encoded() == SafetensorsFile(bytes: read.encoded(), name: "again").encoded())
      try Safetensors.write([("x", narrow)], to: path("a"))
      #expect(try Safetensors.read(path("a")).names == ["x"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: path("")).count == 1)
    }
  }

  static let malformed: [(String, [UInt8], String)] = [
    ("empty", [], "has 0 bytes"),
    ("absurd length", bytes("{}", announced: .max), "announces a header"),
    ("cut header", bytes("{}", announced: 100), "cut off"),
    ("no JSON", bytes("not JSON"), "not the JSON"),
    ("list", bytes("[]"), "not the JSON"),
    ("no dtype", bytes(#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, data: [0, 0, 0, 0]), "dtype"),
    ("text shape", bytes(#"{"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}}"#), "wrong kind"),
    ("metadata", bytes(#"{"__metadata__":{"a":1}}"#), "wrong kind"),
    (
      "type", bytes(#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, data: [0, 0, 0, 0]), "unknown type F31"
    ),
    ("three offsets", bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#), "offsets"),
    ("backwards", bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, data: [0, 0, 0, 0]), "later end"),
    ("negative", bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#), "later end"),
    (
      "beyond", bytes(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, data: [0, 0, 0]), "which has 3 bytes"
    ),
    ("shape", bytes(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, data: [0, 0, 0, 0]), "cannot have 4"),
    (
      "negative shape", bytes(#"{"a":{"dtype":"U8","shape":[-1,-1],"data_offsets":[0,1]}}"#, data: [0]), "cannot have 1"
    ),
    (
      "huge shape", bytes(#"{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"#),
      "cannot have 0"
    ),
    (
      "overlap",
      bytes(
        #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
        data: [0, 0, 0]), "overlaps"
    ),
    ("gap", bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, data: [0, 0]), "gap"),
    (
      "twice",
      bytes(
        #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#,
        data: [0]), "\"a\" is given twice"
    ),
    (
      "dtype twice", bytes(#"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: [0]),
      "\"dtype\" is given twice"
    ),
    (
      "unknown member", bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"b":1}}"#, data: [0]),
      "does not know"
    ),
    (
      "bad UTF-8", bytes("{}", announced: 4).dropLast(2) + [0x22, 0xFF, 0x22, 0x20], "not UTF-8"
    ),
    ("fraction", bytes(#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, data: [0]), "wrong kind"),
    ("rest", bytes(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: [0, 0]), "end at byte 1"),
  ]

  @Test(arguments: malformed) func invariantMalformedFilesAreToldApart(
    name: String, bytes: [UInt8], part: String
  ) throws {
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: bytes, name: "bad.safetensors") }
    let sentence = try #require(error).description
    #expect(sentence.contains(part) && sentence.contains("bad.safetensors"), "\(name): \(sentence)")
  }

  // Whatever is done to a good file's bytes, reading it never stops the program.
  @Test func invariantDamagedFilesNeverCrash() throws {
    var file = SafetensorsFile(metadata: ["a": "b"])
    file.append(Tensor<Float>.random([3, 5], seed: 1), named: "x")
    file.append(Tensor<Double>.random([2], seed: 1), named: "y")
    let good = file.encoded()
    for end in 0..<good.count {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: Array(good[..<end]), name: "cut") }
    }
    for i in 0..<good.count {
      for flip in [1, 2, 16, 128] as [UInt8] {
        var bad = good
        bad[i] ^= flip
        _ = try? SafetensorsFile(bytes: bad, name: "damaged").tensor(named: "x", as: Float.self)
      }
    }
  }

  @Test func invariantWrongNamesAndTypes() throws {
    var file = SafetensorsFile()
    file.append(Tensor<Float>(shape: [1]), named: "x")
    let missing = #expect(throws: SafetensorsError.self) { try file.tensor(named: "z", as: Float.self) }
    #expect(try #require(missing).description.contains("no tensor named z; it holds 1: x"))
    let type = #expect(throws: SafetensorsError.self) { try file.tensor(named: "x", as: Double.self) }
    #expect(try #require(type).description.contains("of type F32, not F64"))
    #expect(throws: SafetensorsError.self) { try file.integers(named: "x") }
  }

  @Test func invariantUnwritablePlaces() throws {
    try withFolder { path in
      let error = #expect(throws: SafetensorsError.self) {
        try Safetensors.write([("x", Tensor<Float>(shape: [1]))], to: path("missing/a"))
      }
      #expect(try #require(error).description.contains("missing/a"))
      #expect(throws: SafetensorsError.self) { try Safetensors.read(path("nothing")) }
      try FileManager.default.createDirectory(atPath: path("folder/inner"), withIntermediateDirectories: true)
      #expect(throws: SafetensorsError.self) {
        try Safetensors.write([("x", Tensor<Float>(shape: [1]))], to: path("folder"))
      }
      #expect(FileManager.default.fileExists(atPath: path("folder/inner")))
    }
  }

  @Test func stopsOnTakenNames() async {
    await #expect(processExitsWith: .failure) {
      var file = SafetensorsFile()
      file.append(Tensor<Float>(shape: [1]), named: "x")
      file.append(Tensor<Float>(shape: [1]), named: "x")
    }
    await #expect(processExitsWith: .failure) {
      var file = SafetensorsFile()
      file.append(integers: [1, 2, 3], shape: [2], named: "x")
    }
  }
}
