import Testing

@testable import Files

@Suite("Headers of npy files")
struct NpyHeaderTests {
  private func header(_ text: String, version: UInt8 = 1) throws(NpyError) -> NpyHeader {
    let size = text.utf8.count
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
    return try NpyHeader(NpyHeader.magic + [version, 0] + length + Array(text.utf8), name: "f")
  }

  private func typed(_ type: String) throws -> String {
    try header("{'descr': \(type), 'fortran_order': False, 'shape': (2,), }").type
  }

  // Each of these is what numpy.dtype makes of the text.
  @Test func workedExamplesOfTypes() throws {
    for (text, type) in [
      ("|u1", "|u1"), ("<u1", "|u1"), (">u1", "|u1"), ("=u1", "|u1"), ("u1", "|u1"), ("B", "|u1"), ("uint8", "|u1"),
      (">i1", "|i1"), ("b", "|i1"), ("?", "|b1"), ("<b1", "|b1"), ("bool", "|b1"), ("=u2", "<u2"), (">u2", ">u2"),
      (">H", ">u2"), ("i8", "<i8"), ("int64", "<i8"), ("float32", "<f4"), ("<f4", "<f4"), (">d", ">f8"), ("|O", "|O"),
      ("O8", "|O"), ("<f16", "<f16"), ("|S5", "<S5"), ("<U3", "<U3"), ("<M8[ns]", "<M8[ns]"), ("x", "x"), ("", ""),
    ] {
      #expect(try typed("'\(text)'") == type, "\(text)")
      #expect(try typed("\"\(text)\"") == type, "\(text)")
    }
    #expect(try typed("[('a', '<i4'), (\"b\", '|u1', (2, 3))]") == "[('a', '<i4'), (\"b\", '|u1', (2, 3))]")
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func workedExamplesOfVersions(version: UInt8) throws {
    for text in [
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
      "{\"shape\": (2L, 3L), \"descr\":\"|u1\" ,\"fortran_order\":False}\n",
      " { 'fortran_order' : False , 'shape' : ( 2 , 3, ) , 'descr' : \"u1\" }  \n",
    ] {
      let header = try header(text, version: version)
      #expect(try header.shape(ofTypes: ["|u1"], name: "f") == [2, 3] && !header.isFortran)
      #expect(header.end == (version == 1 ? 10 : 12) + text.utf8.count)
    }
    let named = try header("{'descr': [('é', '<i4')], 'fortran_order': True, 'shape': (), }", version: version)
    #expect(try named.shape(name: "f") == [] && named.isFortran && named.type == "[('é', '<i4')]")
  }

  @Test func workedExamplesOfOrders() throws {
    func shape(_ shape: String) throws(NpyError) -> [Int] {
      try header("{'descr': '|u1', 'fortran_order': True, 'shape': \(shape), }").shape(ofTypes: ["|u1"], name: "f")
    }
    #expect(try shape("(5,)") == [5] && shape("(5, 1)") == [5, 1] && shape("(1, 1)") == [1, 1])
    let error = #expect(throws: NpyError.self) { try shape("(5, 2)") }
    #expect(
      error?.description
        == "f is in Fortran order; save it in C order: numpy.save(\"c.npy\", numpy.ascontiguousarray(numpy.load(\"f\")))"
    )
  }

  @Test func stopsAtLengthsThatAreNone() {
    for (bytes, part) in [
      ([2, 0, 255, 255, 255, 255], "announces a header of 4294967295 bytes"), ([2, 0, 9, 0], "cut off"),
      ([4, 0, 1, 0], "version 4.0, not 1.0, 2.0 or 3.0"), ([1, 1, 1, 0], "version 1.1"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: NpyError.self) {
        try NpyHeader(NpyHeader.magic + bytes + Array("  ".utf8.prefix(max(0, 4 - bytes.count))), name: "f")
      }
      #expect(error?.description.contains(part) == true, "\(part): \(error?.description ?? "nothing")")
    }
  }
}
