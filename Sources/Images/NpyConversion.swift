// What is said of an npy array that is not read as images: the line of Python that makes a file of it that is.
//
//     float in 0…1     numpy.clip(numpy.load("x.npy") * 255 + 0.5, 0, 255).astype("uint8")
//     rows of numbers  numpy.load("x.npy").reshape(-1, 28, 28)
//     planes first     numpy.moveaxis(numpy.load("x.npy"), 1, 3)
//
// The line fits the very file: its name, its shape, the range of its values.
// Tests    ImagesTests/NpyConversionTests.swift
import Files

/// Arrays of other types and shapes.
struct NpyConversion {
  private let file: DataFile
  private let header: NpyHeader
  private let shape: [Int]

  /// Why an array is not read as images, with the line that converts it; nil if it is one of bytes with a shape of images.
  static func problem(of file: DataFile, header: NpyHeader, shape: [Int]) -> String? {
    if header.type == "|u1", isOfImages(shape), !isOnePicture(shape) { return nil }
    return NpyConversion(file: file, header: header, shape: shape).problem
  }

  private static func isOfImages(_ shape: [Int]) -> Bool {
    shape.count == 3 || shape.count == 4 && (shape[3] == 1 || shape[3] == 3)
  }

  /// Whether a shape is rather height × width × 3 of a single picture: nobody has images three pixels wide.
  private static func isOnePicture(_ shape: [Int]) -> Bool {
    shape.count == 3 && shape[2] == 3 && shape[0] >= 16 && shape[1] >= 16
  }

  private static let wanted = "images x height x width or images x height x width x 1 or 3 channels"

  private var problem: String {
    let name = DataFile.absolute(file.path)
    let quoted = FilePath.pythonText(name)
    let isZipped = name.lowercased().hasSuffix(".gz")
    let loaded = isZipped ? "numpy.load(__import__(\"gzip\").open(\(quoted)))" : "numpy.load(\(quoted))"
    switch header.type {
    case "|O":
      // An array of arrays is stacked; an array of numbers only needs their type.
      let objects = "numpy.load(\(quoted), allow_pickle=True)"
      return said(
        "the array holds Python objects, not uint8",
        (shape.count > 1 ? objects : "numpy.stack(\(objects))") + ".astype(\"uint8\")")
    case _ where header.type.hasPrefix("["):
      return said(
        "the array has a structured type, not uint8", "\(loaded)[\(FilePath.pythonText(field))].astype(\"uint8\")")
    default: break
    }
    guard let kind = header.type.dropFirst().first, NpyImages.bytesPerValue(header.type) != nil else {
      return "the array holds values of type \(header.type), which are no numbers; images are \(Self.wanted) of uint8"
    }
    guard let reshaped = reshaped(loaded) else {
      return "the array is \(shape.isEmpty ? "a single number" : shapeText(shape)), not \(Self.wanted)"
        + (shape.count == 1 ? "; labels are named with --labels" : "")
    }
    let what =
      header.type == "|u1" && Self.isOnePicture(shape)
      ? "the array is \(shapeText(shape)), which looks like one picture and not like \(shape[0]) of \(shape[1]) x 3 pixels"
      : header.type == "|u1"
        ? "the array is \(shapeText(shape)), not \(Self.wanted)"
        : "the array holds values of type \(header.type), not uint8"
          + (Self.isOfImages(shape) ? "" : ", and is \(shapeText(shape)), not \(Self.wanted)")
    let values = range(of: kind)
    return said(what + (values.map { "; they are \($0.text)" } ?? ""), scaled(reshaped, kind, values))
  }

  /// A sentence with the line that saves a value under another name.
  private func said(_ what: String, _ value: String) -> String {
    var (result, number) = (DataFile.absolute(file.path), 2)
    for suffix in [".gz", ".npy"] where result.hasSuffix(suffix) { result.removeLast(suffix.count) }
    let stem = result + "-uint8"
    result = "\(stem).npy"
    while DataFile.exists(result) {
      result = "\(stem)-\(number).npy"
      number += 1
    }
    return "\(what); convert it with one line of Python: "
      + "import numpy; numpy.save(\(FilePath.pythonText(result)), \(value)) and name \(FilePath.shown(result))"
  }

  /// The field of a structured type that most likely has the pixels: the first one with a shape, else the first one.
  private var field: String {
    var (first, last) = (String?.none, String?.none)
    for part in header.type.split(separator: "(") {
      if part.first?.isWholeNumber == true, let last { return last }
      guard let open = part.first(where: { "'\"".contains($0) }) else { continue }
      last = part.split(separator: open, omittingEmptySubsequences: false).dropFirst().first.map(String.init)
      first = first ?? last
    }
    return first ?? ""
  }

  /// Python for the array in a shape that is read; nil if that cannot be guessed.
  private func reshaped(_ loaded: String) -> String? {
    if Self.isOnePicture(shape) { return "\(loaded)[None]" }
    if Self.isOfImages(shape) { return loaded }
    switch shape.count {
    case 2:
      let length = shape[1]
      let side = Int(Double(length).squareRoot().rounded())
      if side * side == length { return "\(loaded).reshape(-1, \(side), \(side))" }
      let colour = Int((Double(length) / 3).squareRoot().rounded())
      // CIFAR's way: the red plane, the green one, the blue one.
      if 3 * colour * colour == length {
        return "numpy.moveaxis(\(loaded).reshape(-1, 3, \(colour), \(colour)), 1, 3)"
      }
      // Rows of images would have as many numbers as a square has pixels: this is rather one picture.
      return "\(loaded)[None]"
    case 4 where [1, 3].contains(shape[1]): return "numpy.moveaxis(\(loaded), 1, 3)"
    // MATLAB's way: height, width, channels, images.
    case 4 where [1, 3].contains(shape[2]) && shape[3] > 4: return "numpy.moveaxis(\(loaded), 3, 0)"
    case 4 where shape[3] == 4: return "\(loaded)[..., :3]"
    case 4 where shape[3] == 2: return "\(loaded)[..., :1]"
    case 4 where shape[1] == 4: return "numpy.moveaxis(\(loaded)[:, :3], 1, 3)"
    case 4 where shape[1] == 2: return "numpy.moveaxis(\(loaded)[:, :1], 1, 3)"
    case 4: return "\(loaded)[..., :1]"
    default: return nil
    }
  }

  /// Python for the array in 0…255: what lies in 0…1 is multiplied, what lies in 0…255 kept, anything else stretched.
  private func scaled(_ array: String, _ kind: Character, _ values: Range?) -> String {
    if header.type == "|u1" { return array }
    let real = kind == "c" ? "abs(\(array))" : array
    if kind == "b" { return "\(array).astype(\"uint8\") * 255" }
    guard let values, values.isFinite else {
      return "(lambda a: numpy.interp(a, (a.min(), a.max()), (0, 255)))"
        + "(numpy.nan_to_num(\(real).astype(float), posinf=0, neginf=0))"
        + ".round().astype(\"uint8\")"
    }
    if values.isOfUnit {
      return "numpy.clip(\(array) * 255.0 + 0.5, 0, 255).astype(\"uint8\")"
    }
    if values.isOfBytes {
      return kind == "f"
        ? "numpy.clip(\(array) + 0.5, 0, 255).astype(\"uint8\")" : "\(array).astype(\"uint8\")"
    }
    return "numpy.interp(\(array), (\(values.least), \(values.most)), (0, 255)).round().astype(\"uint8\")"
  }

  /// The range of the values of an array.
  private struct Range {
    var least = Double.infinity
    var most = -Double.infinity
    var isFinite = true
    /// In 0…1, but for what resizing and rounding may add.
    var isOfUnit: Bool { least >= -0.01 && most <= 1.01 }
    /// In 0…255, and not all so small that the pictures would be black.
    var isOfBytes: Bool { least >= 0 && most <= 255 && most >= 64 }
    var text: String {
      if !isFinite { return "not all finite" }
      if isOfUnit { return least >= 0 && most <= 1 ? "in 0...1" : "in 0...1 but for roundings" }
      return isOfBytes ? "in 0...255" : "\(least) to \(most)"
    }
  }

  /// The range of real values of a usual size; nil for others.
  private func range(of kind: Character) -> Range? {
    let count = shape.reduce(1, *)
    guard let size = NpyImages.bytesPerValue(header.type), header.type != "|u1", size <= 8, kind != "c", kind != "b"
    else { return nil }
    let isBig = header.type.hasPrefix(">")
    var range = Range()
    try? file.forEachRecord(from: header.end, length: size, count: count) { bytes in
      let word = (isBig ? Array(bytes) : bytes.reversed()).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let value: Double
      switch (kind, size) {
      case ("f", 2): value = ReducedPrecision.half.value(of: UInt32(truncatingIfNeeded: word))
      case ("f", 4): value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: word)))
      case ("f", _): value = Double(bitPattern: word)
      case ("i", _): value = Double((Int64(bitPattern: word) << (64 - 8 * size)) >> (64 - 8 * size))
      default: value = Double(word)
      }
      if value.isFinite {
        range.least = min(range.least, value)
        range.most = max(range.most, value)
      } else {
        range.isFinite = false
      }
    }
    return range
  }
}
