// Kinds of pictures that are not read: how they are recognised, and the command that makes PNG pictures of a folder of them.
//
// The command is one line for a shell: it makes a new folder, keeps sub-folders and names (behind which it writes ".png"),
// turns pictures upright, brings the shorter side to at most 256 pixels and leaves metadata out. What it is given stays.
// Tests    ImagesTests/ForeignPicturesTests.swift

/// Pictures of other formats.
enum ForeignPictures {
  /// A format: its name, the suffixes of its files, and whether some bytes begin as it.
  private struct Kind: Sendable {
    let name: String
    let suffixes: [String]
    let begins: @Sendable ([UInt8]) -> Bool
  }

  private static func starts(_ texts: String..., at place: Int = 0) -> @Sendable ([UInt8]) -> Bool {
    let texts = texts.map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
    return { bytes in texts.contains { bytes.count > place && bytes[place...].starts(with: $0) } }
  }

  /// A file of the ISO base media format of certain brands.
  private static func isMedia(_ brands: String...) -> @Sendable ([UInt8]) -> Bool {
    { bytes in
      guard bytes.count >= 12, Array(bytes[4..<8]) == Array("ftyp".utf8) else { return false }
      // The main brand, a version, the brands that it is compatible with.
      let end = min(bytes.count, bytes[0..<4].reduce(0) { $0 << 8 | Int($1) })
      let places = [8] + Array(stride(from: 16, to: max(16, end - 3), by: 4))
      return places.contains { brands.contains(String(decoding: bytes[$0..<$0 + 4], as: UTF8.self)) }
    }
  }

  /// The beginnings "P1" and the like of Netpbm's other formats, then white space, then a number or a comment.
  private static func isNetpbm(_ kinds: String) -> @Sendable ([UInt8]) -> Bool {
    { bytes in
      func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
      guard bytes.count >= 3, bytes[0] == UInt8(ascii: "P"), kinds.utf8.contains(bytes[1]) else { return false }
      let next = bytes[2...].first { !isSpace($0) } ?? 0
      return next == UInt8(ascii: "#") || (isSpace(bytes[2]) && (48...57).contains(next))
    }
  }

  private static let kinds: [Kind] = [
    Kind(name: "JPEG", suffixes: ["jpg", "jpeg", "jpe", "jfif"], begins: starts("\u{FF}\u{D8}\u{FF}")),
    Kind(name: "GIF", suffixes: ["gif"], begins: starts("GIF87a", "GIF89a")),
    Kind(
      name: "BMP", suffixes: ["bmp", "dib"],
      begins: { bytes in
        // The size of the second header stands at byte 14.
        bytes.count >= 18 && bytes.starts(with: Array("BM".utf8))
          && [12, 16, 40, 52, 56, 64, 108, 124].contains(bytes[14])
      }),
    Kind(
      name: "TIFF", suffixes: ["tif", "tiff", "dng", "nef", "cr2", "arw"],
      begins: starts("II*\0", "MM\0*", "II+\0", "MM\0+")),
    Kind(
      name: "WebP", suffixes: ["webp"],
      begins: { starts("RIFF")($0) && starts("WEBP", at: 8)($0) }),
    Kind(name: "AVIF", suffixes: ["avif", "avifs"], begins: isMedia("avif", "avis")),
    Kind(
      name: "HEIC", suffixes: ["heic", "heif", "hif"],
      begins: isMedia("heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1")),
    Kind(name: "JPEG XL", suffixes: ["jxl"], begins: starts("\u{FF}\n", "\0\0\0\u{0C}JXL \r\n\u{87}\n")),
    Kind(
      name: "JPEG 2000", suffixes: ["jp2", "j2k", "jpx"],
      begins: starts("\0\0\0\u{0C}jP  \r\n\u{87}\n", "\u{FF}O\u{FF}Q")),
    Kind(name: "SVG", suffixes: ["svg", "svgz"], begins: isSVG),
    Kind(name: "PDF", suffixes: ["pdf"], begins: starts("%PDF-")),
    Kind(name: "PostScript", suffixes: ["eps", "ps"], begins: starts("%!PS")),
    Kind(name: "PBM", suffixes: ["pbm"], begins: isNetpbm("14")),
    Kind(name: "PAM", suffixes: ["pam"], begins: starts("P7\n")),
    Kind(name: "PFM", suffixes: ["pfm"], begins: isNetpbm("Ff")),
    Kind(name: "Photoshop", suffixes: ["psd"], begins: starts("8BPS")),
    Kind(name: "OpenEXR", suffixes: ["exr"], begins: starts("v/1\u{1}")),
    Kind(name: "QOI", suffixes: ["qoi"], begins: starts("qoif")),
    Kind(name: "TGA", suffixes: ["tga"], begins: { _ in false }),
    Kind(name: "ICO", suffixes: ["ico"], begins: { _ in false }),
  ]

  /// Text whose first element is svg, perhaps behind a declaration, comments and white space.
  private static func isSVG(_ bytes: [UInt8]) -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let first = bytes.dropFirst(bytes.starts(with: mark) ? 3 : 0).first { $0 != 32 && !(9...13).contains($0) }
    guard first == UInt8(ascii: "<") else { return false }
    let text = String(decoding: bytes.prefix(512), as: UTF8.self).lowercased()
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    return start.hasPrefix("<svg") || (start.hasPrefix("<?xml") || start.hasPrefix("<!")) && start.contains("<svg")
  }

  /// Whether files of a kind are mostly documents, which may lie beside pictures.
  static func isDocument(_ kind: String) -> Bool { kind == "PDF" || kind == "PostScript" }

  /// What kind of picture a file's first bytes (some hundred, or all) are, nil if of none that is known here.
  static func kind(of start: [UInt8]) -> String? { kinds.first { $0.begins(start) }?.name }

  /// What kind of picture a file of this name should be.
  static func kind(ofName name: String) -> String? {
    let suffix = suffix(of: name)
    return kinds.first { $0.suffixes.contains(suffix) }?.name
  }

  /// What stands behind the last dot of a name, in small letters; empty without a dot.
  static func suffix(of name: String) -> String {
    name.contains(".") ? name.split(separator: ".").last?.lowercased() ?? "" : ""
  }

  /// What is to be said of a single file of a kind.
  static func problem(kind: String, path: String) -> String {
    let folder = DataFile.folder(of: path)
    return "this is a \(kind) picture, which is not read; "
      + advice(folder: folder, kinds: [kind], suffixes: [suffix(of: DataFile.name(of: path))])
  }

  /// What is to be said of a folder with pictures that are not read.
  ///
  /// - Parameters:
  ///   - folder: Its path.
  ///   - names: The names of all pictures in it, those of a kind that is not read with their kind.
  /// - Returns: How many there are of each kind, and the command; nil if all are read.
  static func problem(folder: String, names: [(name: String, kind: String?)]) -> String? {
    guard names.contains(where: { $0.kind != nil }) else { return nil }
    var counts: [String: Int] = [:]
    for (name, kind) in names { counts[kind ?? (suffix(of: name) == "png" ? "PNG" : "PPM or PGM"), default: 0] += 1 }
    let foreign = Set(names.compactMap(\.kind))
    // JPEG first, then by number.
    let ordered = counts.sorted {
      ($0.key == "JPEG" ? 1 : 0, $0.value, $1.key) > ($1.key == "JPEG" ? 1 : 0, $1.value, $0.key)
    }
    let parts = ordered.map { "\($0.value) \($0.key)" }
    let total = names.count == 1 ? "picture" : "pictures"
    let refused = ordered.map(\.key).filter(foreign.contains)
    return "the folder holds \(list(parts)) \(total); " + (counts.count > 1 ? "of these, " : "")
      + Self.list(refused) + (refused.count == 1 ? " is" : " are") + " not read; "
      + advice(folder: folder, kinds: foreign.sorted(), suffixes: names.map { suffix(of: $0.name) })
  }

  /// "a, b and c".
  private static func list(_ parts: [String]) -> String {
    parts.count < 2 ? parts.joined() : parts.dropLast().joined(separator: ", ") + " and \(parts[parts.count - 1])"
  }

  private static func advice(folder: String, kinds: [String], suffixes: [String]) -> String {
    let (command, result) = command(folder: folder, kinds: kinds, suffixes: suffixes)
    let (_, program) = conversion(kinds: kinds, suffixes: suffixes)
    return "pictures must be PNG, PPM or PGM. With \(program), this makes a new folder of PNG pictures: \(command) "
      + "Then name \(FilePath.shown(result))"
  }

  /// What ImageMagick lacks, or is often not allowed: the kind, names of its files for a shell, the command, its program.
  private static let others = [
    ("JPEG XL", "*.[jJ][xX][lL]", "djxl \"$1\" \"$0/$1.png\"", "djxl (libjxl)"),
    ("PDF", "*.[pP][dD][fF]", "pdftoppm -png -singlefile -scale-to 512 \"$1\" \"$0/$1\"", "pdftoppm (poppler)"),
  ]

  /// The command that makes "$0/$1.png" of "$1", and the programs that it needs.
  private static func conversion(kinds: [String], suffixes: [String]) -> (command: String, programs: String) {
    let convert = "convert \"$1[0]\" -auto-orient -strip -resize \"256x256^>\" \"$0/$1.png\""
    let present = others.filter { kinds.contains($0.0) }
    guard let first = present.first else { return (convert, "ImageMagick") }
    if kinds.count == 1, suffixes.allSatisfy({ $0.isEmpty || kind(ofName: "x.\($0)") == first.0 }) {
      return (first.2, first.3)
    }
    let cases = present.map { "\($0.1)) \($0.2);; " }.joined()
    return ("case \"$1\" in \(cases)*) \(convert);; esac", list(["ImageMagick"] + present.map(\.3)))
  }

  /// The command for a shell, and the folder that it makes.
  static func command(folder: String, kinds: [String], suffixes: [String]) -> (command: String, result: String) {
    let folder = DataFile.absolute(folder)
    var result = "\(folder)-png"
    var number = 2
    while DataFile.exists(result) {
      result = "\(folder)-png-\(number)"
      number += 1
    }
    var patterns: [String] = []
    for suffix in suffixes {
      let isPlain = !suffix.isEmpty && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      let pattern = isPlain ? "-iname '*.\(suffix)'" : suffix.isEmpty ? "! -name '*.*'" : "-name '*'"
      if !patterns.contains(pattern) { patterns.append(pattern) }
    }
    let names = patterns.count == 1 ? patterns[0] : "\\( " + patterns.joined(separator: " -o ") + " \\)"
    let (conversion, _) = conversion(kinds: kinds, suffixes: suffixes)
    let quoted = FilePath.shellWord(result)
    return (
      "mkdir \(quoted) && (cd \(FilePath.shellWord(folder)) && find . -type f ! -path '*/.*' \(names) -exec sh -c "
        + "'mkdir -p \"$0/${1%/*}\"; \(conversion)' \(quoted) {} \\;)", result
    )
  }
}
