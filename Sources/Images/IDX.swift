// Reads IDX, the format of MNIST: two zero bytes, a type (8: unsigned bytes), the number of axes, each axis' length
// as a 32-bit number (highest byte first), then the values in row-major order. Raw or inside gzip.
// Source   The description of the format on the MNIST page of LeCun, Cortes and Burges.
// Tests    ImagesTests/IDXTests.swift
import Files
import Foundation

/// The contents of an IDX file of unsigned bytes.
struct IDX: Equatable {
  /// The length of each axis; the first counts the items.
  let shape: [Int]
  /// As many values as the product of the shape.
  let values: [UInt8]
  /// What a user should be told about the file.
  var remarks: [String] = []

  /// Reads a file, opening gzip by its first bytes.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - axes: The number of axes that is expected: 3 for images, 1 for labels.
  /// - Returns: The file's lengths and values, as many as the lengths say.
  /// - Throws: ``ImageSetError`` if there is no such file, it cannot be read, or it is damaged or of another kind.
  static func read(_ path: String, axes: Int) throws(ImageSetError) -> IDX {
    let file = try DataFile(opening: path)
    var found = try parseRaw(try file.bytes(), axes: axes, path: path)
    if let surplus = file.surplus { found.remarks.append("\(path): \(surplus)") }
    return found
  }

  /// All bytes of a file.
  static func contents(of path: String) throws(ImageSetError) -> [UInt8] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw ImageSetError(path: path, problem: "there is no such file")
    }
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw ImageSetError(path: path, problem: "the file cannot be read: \(error.localizedDescription)")
    }
  }

  /// The IDX file that `bytes` hold, raw or inside gzip; `path` names it in errors.
  static func parse(_ bytes: [UInt8], axes: Int, path: String) throws(ImageSetError) -> IDX {
    guard Gzip.isGzip(bytes) else { return try parseRaw(bytes, axes: axes, path: path) }
    do {
      let contents = try Gzip.contents(bytes)
      var found = try parseRaw(contents.output, axes: axes, path: path)
      if contents.surplus > 0 { found.remarks.append("\(path): " + surplusText(contents.surplus, "the gzip data")) }
      return found
    } catch let error as GzipError {
      throw ImageSetError(path: path, problem: "the gzip file is damaged: \(error)")
    } catch let error as ImageSetError {
      throw error
    } catch {
      throw ImageSetError(path: path, problem: "the file cannot be read: \(error)")
    }
  }

  private static func parseRaw(_ bytes: [UInt8], axes: Int, path: String) throws(ImageSetError) -> IDX {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: path, problem: problem) }
    let kind = axes == 1 ? "labels" : "images"
    guard !bytes.isEmpty else { throw fail("the file is empty; an IDX file of \(kind) was expected") }
    guard bytes.count >= 4 else {
      throw fail("the file ends inside its header: \(bytes.count) bytes; an IDX file of \(kind) was expected")
    }
    guard bytes[0] == 0 && bytes[1] == 0 else {
      throw fail(
        "this is no IDX file: it begins with \(hex(bytes[..<4])); an IDX file of \(kind) begins with 00 00 08 0\(axes)")
    }
    guard bytes[2] == 8 else {
      throw fail("the IDX type is \(hex(bytes[2...2])); only 08, unsigned bytes, is supported")
    }
    guard bytes[3] == axes else {
      throw fail("the IDX file has \(bytes[3]) axes; a file of \(kind) has \(axes)")
    }
    return try parseValues(bytes, axes: axes, kind: kind, fail: fail)
  }

  /// What follows type and number of axes: the lengths, and as many values as they say.
  private static func parseValues(
    _ bytes: [UInt8], axes: Int, kind: String, fail: (String) -> ImageSetError
  ) throws(ImageSetError) -> IDX {
    let headerSize = 4 + 4 * axes
    guard bytes.count >= headerSize else {
      throw fail("the file ends inside its header: \(bytes.count) bytes instead of \(headerSize)")
    }
    let shape = (0..<axes).map { axis in
      (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * axis + $1]) }
    }
    guard shape[0] > 0 else { throw fail("the file holds no \(kind)") }
    let extent = shape.map(String.init).joined(separator: " x ")
    guard !shape.contains(0) else { throw fail("the header announces \(extent) values, images without pixels") }
    // Three lengths of 32 bits may overflow: then no file is as long as its header says.
    let expected = shape.reduce((product: 1, overflow: false)) { partial, length in
      let (product, overflow) = partial.product.multipliedReportingOverflow(by: length)
      return (product, partial.overflow || overflow)
    }
    let found = bytes.count - headerSize
    guard !expected.overflow && found >= expected.product else {
      let announced = expected.overflow ? "more than any file can hold" : "\(expected.product) bytes"
      throw fail("the file is truncated: its header announces \(extent) values, \(announced), but \(found) follow")
    }
    var idx = IDX(shape: shape, values: Array(bytes[headerSize..<headerSize + expected.product]))
    if found > expected.product {
      let problem = surplusText(found - expected.product, "the \(extent) values that the header announces")
      idx.remarks.append("\(fail(problem))")
    }
    return idx
  }

  static func hex(_ bytes: ArraySlice<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
  }
}
