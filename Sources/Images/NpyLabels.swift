// Labels in an npy file: whole numbers of any type, of shape N, N × 1 or 1 × N.
//
// Floats must be whole: frameworks save labels so, and 3.0 is class 3. Booleans are classes 0 and 1.
// Tests    ImagesTests/NpyLabelsTests.swift
import Files

/// The whole numbers of an npy file.
enum NpyLabels {
  /// Types as NumPy names them: the kind and the bytes of a value, behind a sign of the order of the bytes.
  private static let types = ["b1", "u1", "i1", "u2", "u4", "u8", "i2", "i4", "i8", "f2", "f4", "f8"]

  /// One number for each image, and a remark if bytes follow them.
  static func read(_ file: DataFile) throws(ImageSetError) -> (labels: [Int], remarks: [String]) {
    func fail(_ problem: String) -> ImageSetError { ImageSetError(path: file.path, problem: problem) }
    let start = try file.start(NpyHeader.largestEnd)
    let (header, shape): (NpyHeader, [Int])
    do {
      header = try NpyHeader(start, name: "the file")
      shape = try header.shape(name: "the file")
    } catch {
      throw fail(error.description)
    }
    guard types.contains(String(header.type.dropFirst())) else {
      let isText = header.type.contains("U") || header.type.contains("S")
      throw fail(
        "the labels are of the type \(header.type), not whole numbers; in NumPy "
          + (isText || header.type.contains("O")
            ? "numpy.savetxt(\"labels.txt\", \(header.type.contains("S") ? "numpy.char.decode(labels)" : "labels"), fmt=\"%s\") writes "
              + "a text file of names, which is read"
            : "labels.astype(int) makes them so"))
    }
    let count = shape.max() ?? 0
    guard count > 0 else { throw fail("the array of shape (\(shapeText(shape))) holds no labels") }
    guard shape.count(where: { $0 != 1 }) <= 1 else {
      throw fail(
        "the array of labels is \(shapeText(shape)), not one number for each image; of scores or one-hot rows "
          + "labels.argmax(axis=1) makes labels in NumPy")
    }
    let size = header.type.last?.wholeNumberValue ?? 1
    let bytes = try file.bytes()
    let found = bytes.count - header.end
    guard found / size >= count else {
      throw fail(
        "\(count) labels of \(size) bytes each were announced, but \(found) bytes follow the header; the file is truncated"
      )
    }
    let remarks =
      found == count * size
      ? [] : ["\(file.path): " + surplusText(found - count * size, "the labels")]
    var labels: [Int] = []
    labels.reserveCapacity(count)
    for index in stride(from: header.end, to: header.end + count * size, by: size) {
      let word = bytes[index..<index + size]
      let ordered = header.type.hasPrefix(">") ? Array(word) : word.reversed()
      guard let label = value(ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }, header.type.dropFirst()) else {
        throw fail(
          "label \(labels.count) is \(text(ordered, header.type.dropFirst())), which is no whole number that can be a class"
        )
      }
      labels.append(label)
    }
    return (labels, remarks)
  }

  /// The value of a word whose highest byte is its first; nil if it is not whole or too large.
  private static func value(_ word: UInt64, _ type: Substring) -> Int? {
    switch type {
    case "i1": Int(Int8(truncatingIfNeeded: word))
    case "i2": Int(Int16(truncatingIfNeeded: word))
    case "i4": Int(Int32(truncatingIfNeeded: word))
    case "i8": Int(Int64(truncatingIfNeeded: word))
    case "f2", "f4", "f8": Int(exactly: real(word, type))
    default: Int(exactly: word)
    }
  }

  private static func text(_ ordered: [UInt8], _ type: Substring) -> String {
    let word = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return type.hasPrefix("f") ? "\(real(word, type))" : "\(word)"
  }

  private static func real(_ word: UInt64, _ type: Substring) -> Double {
    switch type {
    case "f2": ReducedPrecision.half.value(of: UInt32(truncatingIfNeeded: word))
    case "f4": Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
    default: Double(bitPattern: word)
    }
  }
}
