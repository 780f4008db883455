import Files
import Foundation
import Kernels
import Networks
import TestSupport
import Testing

@Suite("Npy")
struct NpyTests {
  // What numpy.save writes for array([[1, -2, 0]], dtype=float32): 10 + 118 bytes, then 3 × 4 bytes.
  @Test func workedExampleBytes() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }"
    let expected =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8)
      + [UInt8](repeating: 0x20, count: 117 - header.utf8.count) + [0x0A, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0]
    #expect(Npy.encoded(Tensor<Float>(rows: [[1, -2, 0]])) == expected)
  }

  @Test(arguments: [[], [1], [0], [5], [3, 4], [2, 0, 3], [2, 1, 3, 4]] as [[Int]])
  func invariantRoundTrip(shape: [Int]) throws {
    try withFolder { path in
      let narrow = Tensor<Float>.random(shape, seed: 1)
      try Npy.write(narrow, to: path("a.npy"))
      #expect(try Npy.read(path("a.npy")) == narrow)
      let wide = Tensor<Double>.random(shape, seed: 2)
      try Npy.write(wide, to: path("a.npy"))
      #expect(try Npy.read(path("a.npy"), as: Double.self) == wide)
      #expect(Npy.encoded(wide).count % 64 == shape.reduce(8, *) % 64)
    }
  }

  // numpy.save of array([[1], [-1]]) as int64, and of array([255, 0]) as uint8.
  @Test func workedExampleOfIntegersAndBytes() {
    let integers = Npy.encoded(integers: [1, -1], shape: [2, 1])
    #expect(integers.count == 128 + 16 && integers[..<128].last == 0x0A)
    #expect(
      String(decoding: integers[10..<70], as: UTF8.self).hasPrefix(
        "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 1), }"))
    #expect(Array(integers[128...]) == [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
    let bytes = Npy.encoded(bytes: [255, 0], shape: [2])
    #expect(
      String(decoding: bytes[10..<70], as: UTF8.self).hasPrefix(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }"))
    #expect(Array(bytes[128...]) == [255, 0])
  }

  static func bytes(_ header: String, data: Int, version: UInt8 = 1) -> [UInt8] {
    [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  @Test(arguments: [
    ([], "no npy file"),
    (Array("PK and more than ten bytes".utf8), "no npy file"),
    (bytes("{}", data: 0, version: 4), "version 4.0, not 1.0, 2.0 or 3.0"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: 7), "cannot have 7 bytes"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", data: 8), "cannot have 8 bytes"),
    (bytes("{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", data: 8), "type <f8, not <f4"),
    (bytes("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", data: 16), "Fortran order"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (a,), }", data: 8), "not a tuple"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", data: 8), "not a tuple"),
    (bytes("{'descr': '<f4', 'fortran_order': False, }", data: 8), "lacks"),
    (Array(bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: 8)[..<30]), "cut off"),
    (bytes("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", data: 8), "descr twice"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1, }", data: 8), "known key"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } 1", data: 8), "nothing more"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2", data: 8), "end of the value of shape"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2,,), }", data: 8), "not a tuple"),
    (bytes("{'descr': '<f4', 'fortran_order': None, 'shape': (2,), }", data: 8), "not True or False"),
    (bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", data: 0), "cannot have 0"),
    (bytes("{'descr': '<f\u{e9}', 'fortran_order': False, 'shape': (2,), }", data: 8), "type <f\u{e9}, not <f4"),
  ])
  func invariantMalformedFilesAreToldApart(bytes: [UInt8], part: String) throws {
    let error = #expect(throws: NpyError.self) { try Npy.decode(bytes, name: "bad.npy", as: Float.self) }
    let sentence = try #require(error).description
    #expect(sentence.contains(part) && sentence.contains("bad.npy"), "\(sentence)")
  }

  @Test func invariantDamagedFilesNeverCrash() {
    let good = Npy.encoded(Tensor<Float>.random([3, 5], seed: 1))
    for i in 0..<good.count {
      #expect(throws: NpyError.self) { try Npy.decode(Array(good[..<i]), name: "cut", as: Float.self) }
      for flip in [1, 2, 16, 128] as [UInt8] {
        var bad = good
        bad[i] ^= flip
        _ = try? Npy.decode(bad, name: "damaged", as: Float.self)
      }
    }
  }

  @Test func invariantUnwritablePlaces() throws {
    try withFolder { path in
      #expect(throws: NpyError.self) { try Npy.write(Tensor<Float>(shape: [1]), to: path("missing/a.npy")) }
      #expect(throws: NpyError.self) { try Npy.read(path("nothing.npy"), as: Float.self) }
    }
  }
}
