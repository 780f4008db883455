// Reads numeric arrays from MAT files of version 5 (MATLAB's save -v6 and -v7), compressed or not, little-endian.
//
//     128 bytes of header: text, version 0x0100, "IM"; then elements: type (4 bytes), size (4 bytes), data, padded to 8
//     small element: size (2 bytes, upper half) and type (lower half) in one word, at most 4 bytes of data in the next
//     miCOMPRESSED: a zlib stream that holds one element     miMATRIX: flags, dimensions, name, values
//
// Only the arrays that are asked for are decompressed and checked; whatever else a file holds may be of any kind.
//
// Source   "MAT-File Format", The MathWorks, chapter 1, "MAT-File Level 5 format"
// Tests    ImagesTests/SVHNTests.swift    Fixture  Fixtures/images/formats/formats.json
import Files

/// Some numeric arrays of a MAT file.
struct MATFile {
  /// One array; its values stand column by column.
  struct Values {
    let dimensions: [Int]
    /// MATLAB's number for the type that the values are stored in: 2 for unsigned bytes.
    let type: Int
    let bytes: ArraySlice<UInt8>

    /// The values, if they are whole numbers that fit; nil for others.
    var integers: [Int]? {
      let size = MATFile.sizes[type] ?? 1
      guard bytes.count % size == 0 else { return nil }
      let values = stride(from: bytes.startIndex, to: bytes.endIndex, by: size).map { offset -> Int? in
        let word = bytes[offset..<offset + size].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        switch type {
        case 7: return Int(exactly: Float(bitPattern: UInt32(truncatingIfNeeded: word)))
        case 9: return Int(exactly: Double(bitPattern: word))
        case 1, 3, 5, 12:
          let unused = 64 - 8 * size
          return Int((Int64(bitPattern: word) << unused) >> unused)
        default: return Int(exactly: word)
        }
      }
      let integers = values.compactMap { $0 }
      return integers.count == values.count ? integers : nil
    }
  }

  /// Bytes of a value of each numeric type: int8, uint8, int16, uint16, int32, uint32, single, double, int64, uint64.
  private static let sizes = [1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8]
  /// More than this is not decompressed: SVHN's largest array, "extra", has 1.6 GB.
  private static let limit = 1 << 31

  /// The arrays by their names, as far as they are asked for; what is not a real numeric array is left out.
  private(set) var arrays: [String: Values] = [:]
  /// What is wrong with the rest of the file, in words that end a sentence; nil if nothing is.
  private(set) var irregularity: String?
  private let wanted: Set<String>

  /// Whether a file begins as a MAT file of version 5 or later.
  static func isMAT(_ start: [UInt8]) -> Bool {
    start.starts(with: Array("MATLAB".utf8)) && start.count >= 128
      && [[0x49, 0x4D], [0x4D, 0x49]].contains(start[126...127])
  }

  /// The arrays of some names in a file's bytes, which begin as a MAT file.
  ///
  /// - Parameters:
  ///   - bytes: The file.
  ///   - names: The arrays that are looked for; some may be missing.
  /// - Throws: ``MATProblem`` if the file is of another version, or one of these arrays is damaged or may be: a damage elsewhere
  ///   ends the reading only where one of them was not found.
  init(_ bytes: [UInt8], names: [String]) throws(MATProblem) {
    wanted = Set(names)
    guard bytes[126] == 0x49 else {
      throw MATProblem("the MAT file is big-endian, which is not read; save it again on a usual machine")
    }
    guard bytes[125] == 1 else {
      throw MATProblem(
        bytes[125] == 2
          ? "this is a MAT file of version 7.3 (HDF5), which is not read; save it with \"-v7\" in MATLAB"
          : "the MAT file has version \(bytes[125]).\(bytes[124]), not 1.0")
    }
    var (offset, damage) = (128, MATProblem?.none)
    while offset < bytes.count {
      do throws(MATProblem) {
        let element = try MATElement(bytes, at: offset, isTop: true)
        offset = element.next
        do throws(MATProblem) {
          try take(element, of: bytes)
        } catch {
          // Of a wanted array, the damage counts; of one whose name is not known, only if a wanted one is not found.
          guard error.array == nil else { throw error }
          damage = damage ?? error
        }
      } catch {
        guard error.array == nil else { throw error }
        damage = damage ?? error
        break
      }
    }
    guard let damage else { return }
    guard arrays.count == wanted.count else { throw damage }
    irregularity = "a part that is not used is damaged (\(damage.sentence))"
  }

  /// Takes a matrix, compressed or not, if it is wanted.
  private mutating func take(_ element: MATElement, of bytes: [UInt8]) throws(MATProblem) {
    guard element.type == 15 else {
      if element.type == 14 { try add(element, of: bytes[..<element.data.endIndex]) }
      return
    }
    do {
      // Flags, dimensions and name stand in the first bytes.
      let start = try Zlib.prefix(of: bytes, in: element.data.indices, count: 1024)
      guard start.count >= 8 else {
        throw MATProblem("a compressed array is damaged: it does not begin with an element")
      }
      let announced = try MATElement(start[...], at: 0, isCut: true)
      guard announced.type == 14, let name = try MATHeader(announced, of: start[...])?.name else { return }
      guard wanted.contains(name) else { return }
      do {
        // DEFLATE shrinks to no less than one part in 1032.
        let contents = try Zlib.decompress(
          bytes, in: element.data.indices, limit: min(Self.limit, 1032 * element.data.count, announced.next))
        try add(try MATElement(contents, at: 0, isTop: true), of: contents[...])
      } catch let error as ZlibError {
        throw MATProblem("a compressed array is damaged: \(error)", array: name)
      }
    } catch let error as ZlibError {
      throw MATProblem("a compressed array is damaged: \(error)")
    } catch let error as MATProblem {
      throw error
    } catch {
      throw MATProblem("\(error)")
    }
  }

  /// Takes an array that is wanted and numeric.
  private mutating func add(_ element: MATElement, of data: ArraySlice<UInt8>) throws(MATProblem) {
    guard let header = try MATHeader(element, of: data), wanted.contains(header.name) else { return }
    let name = header.name
    guard header.isNumeric else { return }
    func fail(_ sentence: String) -> MATProblem { MATProblem(sentence, array: name) }
    guard let lengths = header.lengths else { throw fail("the array \(name) has dimensions that are no whole numbers") }
    let values: MATElement
    do {
      values = try MATElement(data, at: header.end)
    } catch {
      throw fail(error.sentence)
    }
    guard let size = Self.sizes[values.type], values.data.count % size == 0 else {
      throw fail("the array \(name) has values of the type \(values.type), which are no numbers")
    }
    // Divided away one by one, the lengths must leave nothing of the values' number.
    var rest = values.data.count / size
    for length in lengths where length != 1 {
      guard length > 0, rest > 0, rest % length == 0 else {
        rest = -1
        break
      }
      rest /= length
    }
    guard rest == 1 || (values.data.isEmpty && lengths.contains(0)) else {
      throw fail("the array \(name) has \(values.data.count / size) values for the dimensions \(shapeText(lengths))")
    }
    arrays[name] = Values(dimensions: lengths, type: values.type, bytes: values.data)
  }
}

/// Dimensions as "32 x 32 x 3".
func shapeText(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: " x ") }

/// What is wrong with a MAT file.
struct MATProblem: Error {
  let sentence: String
  /// The array that it is about, one of those that were asked for; nil for another place of the file.
  let array: String?
  init(_ sentence: String, array: String? = nil) { (self.sentence, self.array) = (sentence, array) }
}
