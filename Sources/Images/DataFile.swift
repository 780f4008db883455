// One file of a data set: its beginning, all of it, or record after record; gzip is opened by its first bytes.
//
// A file that is not compressed stays on the disk until it is read, so that a part of a large file costs only that part.
// Tests    ImagesTests/DataFileTests.swift
import Files
import Foundation
import Kernels

/// A file that exists and can be read.
struct DataFile {
  let path: String
  /// The number of bytes, decompressed.
  let size: Int
  /// What a gzip file holds; nil for other files.
  private let decompressed: [UInt8]?
  /// What follows the gzip data, in words; nil if nothing does.
  let surplus: String?

  /// Opens a file, and decompresses it if it is gzip.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isPicture: Whether only a picture is wanted, so that gzip of anything else is not decompressed.
  /// - Throws: ``ImageSetError`` if it does not exist, is no file, cannot be read, or is damaged gzip.
  init(opening path: String, isPicture: Bool = false) throws(ImageSetError) {
    self.path = path
    let fileSize = try Self.size(of: path)
    let start = try Self.read(path, from: 0, count: 2)
    guard Gzip.isGzip(start) else {
      (size, decompressed, surplus) = (fileSize, nil, nil)
      return
    }
    do {
      let compressed = try Self.read(path, from: 0, count: fileSize)
      let start = try Gzip.prefix(of: compressed, count: 1 << 12)
      if isPicture, let problem = Picture.problem(of: start, path: path), !start.isEmpty {
        throw ImageSetError(path: path, problem: problem)
      }
      let contents = try Gzip.contents(compressed, limit: AnnouncedSize.limit(start))
      (size, decompressed) = (contents.output.count, contents.output)
      surplus = contents.surplus == 0 ? nil : surplusText(contents.surplus, "the gzip data")
    } catch let error as GzipError {
      throw ImageSetError(path: path, problem: "the gzip file is damaged: \(error)")
    } catch let error as ImageSetError {
      throw error
    } catch {
      throw ImageSetError(path: path, problem: "the file cannot be read: \(Self.reason(error))")
    }
  }

  /// A file that is in memory already, decompressed if it was gzip; `path` names it in errors.
  init(_ contents: [UInt8], path: String) {
    (self.path, size, decompressed, surplus) = (path, contents.count, contents, nil)
  }

  /// The bytes of a regular file.
  private static func size(of path: String) throws(ImageSetError) -> Int {
    if let undecodable = FilePath.openUndecodable(path) { return Int((try? undecodable.seekToEnd()) ?? 0) }
    guard exists(path) else { throw ImageSetError(path: path, problem: "there is no such file") }
    guard !isFolder(path) else {
      throw ImageSetError(path: path, problem: "this is a folder where a file was expected")
    }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let attributes = try? FileManager.default.attributesOfItem(atPath: target)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else {
      throw ImageSetError(path: path, problem: "this is neither a file nor a folder, so it cannot be read")
    }
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  /// Whether there is a file or a folder at `path`.
  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path) || FilePath.openUndecodable(path) != nil
  }

  /// Whether `path` is a folder, or leads to one.
  static func isFolder(_ path: String) -> Bool {
    let kind = try? URL(fileURLWithPath: path).resolvingSymlinksInPath().resourceValues(forKeys: [.isDirectoryKey])
    return kind?.isDirectory == true
  }

  /// What systems and programs leave in folders, in small letters; names with a dot before them are others of this kind.
  private static let leftovers: Set<String> = [
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "$recycle.bin",
    "system volume information",
  ]

  /// The names in a folder, sorted; hidden files and what systems leave behind do not count.
  ///
  /// Names that are not UTF-8 are told as ``FilePath`` writes them.
  static func names(in folder: String) throws(ImageSetError) -> [String] {
    do {
      var names = try FileManager.default.contentsOfDirectory(atPath: folder)
      // Foundation puts U+FFFD for what is not UTF-8, and then finds no such file.
      if names.contains(where: { $0.contains("\u{FFFD}") }) {
        let undecodable = undecodableNames(in: folder).map(FilePath.text)
        if !undecodable.isEmpty {
          names.removeAll { $0.contains("\u{FFFD}") && !FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
        }
        names += undecodable
      }
      return names.filter { !$0.hasPrefix(".") && !leftovers.contains($0.lowercased()) }.sorted()
    } catch {
      throw ImageSetError(path: folder, problem: "the folder cannot be read: \(Self.reason(error))")
    }
  }

  /// Why the system refused, in few words; its own are two sentences.
  static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoPermission: return "permission is denied"
    case .fileReadNoSuchFile, .fileNoSuchFile: return "there is no such file"
    default:
      let text = error.localizedDescription
      return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
  }

  /// The last part of the path.
  var name: String { Self.name(of: path) }

  /// The last part of a path.
  static func name(of path: String) -> String { URL(fileURLWithPath: path).lastPathComponent }

  /// The folder that a file is in.
  static func folder(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

  /// A path from the root on.
  static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  /// The first bytes of a file as they stand on the disk, none if it is no regular file.
  static func rawStart(_ path: String, count: Int) throws(ImageSetError) -> [UInt8] {
    if FilePath.openUndecodable(path) != nil { return try read(path, from: 0, count: count) }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    let kind = (try? FileManager.default.attributesOfItem(atPath: target))?[.type] as? FileAttributeType
    return kind == .typeRegular ? try read(path, from: 0, count: count) : []
  }

  /// The first `count` bytes, or as many as there are.
  func start(_ count: Int) throws(ImageSetError) -> [UInt8] {
    if let decompressed { return Array(decompressed.prefix(count)) }
    return try Self.read(path, from: 0, count: min(count, size))
  }

  /// All bytes.
  func bytes() throws(ImageSetError) -> [UInt8] {
    if let decompressed { return decompressed }
    let bytes = try Self.read(path, from: 0, count: size)
    guard bytes.count == size else {
      throw ImageSetError(path: path, problem: "the file became shorter while it was read")
    }
    return bytes
  }

  /// Hands over `count` records of `length` bytes each, in order, from byte `start` on; the file must hold them.
  func forEachRecord(
    from start: Int = 0, length: Int, count: Int, _ body: (ArraySlice<UInt8>) throws(ImageSetError) -> Void
  ) throws(ImageSetError) {
    let perBlock = max(1, (1 << 22) / length)
    var first = 0
    while first < count {
      let records = min(perBlock, count - first)
      let block: ArraySlice<UInt8>
      if let decompressed {
        block = decompressed[start + first * length..<start + (first + records) * length]
      } else {
        block = try Self.read(path, from: start + first * length, count: records * length)[...]
      }
      guard block.count == records * length else {
        throw ImageSetError(path: path, problem: "the file became shorter while it was read")
      }
      for start in stride(from: block.startIndex, to: block.endIndex, by: length) {
        try body(block[start..<start + length])
      }
      first += records
    }
  }

  private static func read(_ path: String, from offset: Int, count: Int) throws(ImageSetError) -> [UInt8] {
    do {
      let handle = try FilePath.openUndecodable(path) ?? FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      // In blocks, so that a large file is in memory once.
      var bytes: [UInt8] = []
      bytes.reserveCapacity(count)
      while bytes.count < count, let block = try handle.read(upToCount: min(count - bytes.count, 1 << 22)),
        !block.isEmpty
      {
        bytes += block
      }
      return bytes
    } catch {
      throw ImageSetError(path: path, problem: "the file cannot be read: \(Self.reason(error))")
    }
  }
}
