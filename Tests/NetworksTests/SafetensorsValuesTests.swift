import Files
import Networks
import TestSupport
import Testing

@Suite("Safetensors of whole numbers, bytes and half precision")
struct SafetensorsValuesTests {
  // −2 as I32, 258 as I64, lowest byte first; 1.5 as F16 is 3E00, as BF16 3FC0.
  @Test func workedExampleReading() throws {
    let header =
      #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"I32","shape":[1],"data_offsets":[8,12]},"#
      + #""c":{"dtype":"F16","shape":[1],"data_offsets":[12,14]},"d":{"dtype":"BF16","shape":[1],"data_offsets":[14,16]},"#
      + #""e":{"dtype":"U8","shape":[2,1],"data_offsets":[16,18]}}"#
    let data: [UInt8] = [2, 1, 0, 0, 0, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0, 0x3E, 0xC0, 0x3F, 7, 255]
    let file = try SafetensorsFile(bytes: SafetensorsTests.bytes(header, data: data), name: "hand-made")
    #expect(try file.integers(named: "a").values == [258])
    #expect(try file.integers(named: "b").values == [-2])
    #expect(try file.reals(named: "c").values == [1.5])
    #expect(try file.reals(named: "d").values == [1.5])
    #expect(try file.bytes(named: "e").values == [7, 255])
    #expect(try file.bytes(named: "e").shape == [2, 1])
    for (name, part) in [("a", "of type I64, not U8"), ("c", "of type F16, not U8")] {
      let error = #expect(throws: SafetensorsError.self) { try file.bytes(named: name) }
      #expect(try #require(error).description.contains(part))
    }
    #expect(throws: SafetensorsError.self) { try file.reals(named: "a") }
    #expect(throws: SafetensorsError.self) { try file.integers(named: "e") }
  }

  @Test func invariantRoundTripOfEveryType() throws {
    var file = SafetensorsFile()
    let values = Tensor<Double>.random([3, 4], seed: 5)
    file.append(bytes: [0, 1, 255], shape: [3], named: "bytes")
    file.append(values, as: .half, named: "half")
    file.append(values, as: .bfloat16, named: "brain")
    file.append(values.converted(to: Float.self), named: "single")
    file.append(values, named: "double")
    file.append(integers: [.min, .max], shape: [2], named: "integers")
    let read = try SafetensorsFile(bytes: file.encoded(), name: "memory")
    #expect(read.encoded() == file.encoded())
    #expect(try read.bytes(named: "bytes").values == [0, 1, 255])
    #expect(try read.reals(named: "half").values == values.values.map(ReducedPrecision.half.rounded))
    #expect(try read.reals(named: "brain").values == values.values.map(ReducedPrecision.bfloat16.rounded))
    #expect(try read.reals(named: "single").values == values.values.map { Double(Float($0)) })
    #expect(try read.reals(named: "double") == values)
    #expect(try read.integers(named: "integers").values == [.min, .max])
    // Wide types first, so that each tensor begins at a multiple of its size.
    #expect(read.names == ["double", "integers", "single", "half", "brain", "bytes"])
  }

  @Test func stopsOnWrongShapes() async {
    await #expect(processExitsWith: .failure) {
      var file = SafetensorsFile()
      file.append(bytes: [1], shape: [2], named: "x")
    }
    await #expect(processExitsWith: .failure) {
      var file = SafetensorsFile()
      file.append(bytes: [1], shape: [1], named: "__metadata__")
    }
  }
}
