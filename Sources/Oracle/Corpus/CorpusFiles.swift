// Files and folders of the corpus: whole reads with a sentence for every failure, and folders that appear complete or not at all.
// Tests    OracleTests/PromptFolderTests.swift
import Files
import Foundation
import Kernels
import Networks

/// The corpus's dealings with the disk.
package enum CorpusFiles {
  /// All bytes of a file.
  static func read(_ path: String) throws(OracleError) -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      guard let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType else {
        throw OracleError("\(path) does not exist")
      }
      throw OracleError(
        type == .typeRegular || type == .typeSymbolicLink
          ? "\(path) cannot be read: it is not permitted, or larger than memory"
          : "\(path) cannot be read: it is no file")
    }
  }

  /// A JSON file's members.
  static func members(_ path: String) throws(OracleError) -> [String: JSON] {
    let bytes = try read(path)
    do throws(JSONError) {
      return try JSON(bytes: bytes[...]).members(of: "the top level")
    } catch {
      throw OracleError("\(path): \(error.description)")
    }
  }

  /// Whether there is a file or folder.
  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// The names in a folder, in the order of their bytes; without those that begin with a point.
  static func names(in path: String) throws(OracleError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
        .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    } catch {
      throw OracleError(
        exists(path) ? "\(path) is no folder that can be read" : "there is no folder \(path)")
    }
  }

  /// The paths of all files below a folder, relative to it and with "/", in the order of their bytes.
  static func paths(below folder: String) throws(OracleError) -> [String] {
    guard let all = FileManager.default.enumerator(atPath: folder) else {
      throw OracleError("there is no folder \(folder)")
    }
    var paths: [String] = []
    while let path = all.nextObject() as? String {
      if all.fileAttributes?[.type] as? FileAttributeType != .typeDirectory { paths.append(path) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Writes a new folder of files by relative path, as ``NewFolder`` does.
  static func write(_ files: [String: [UInt8]], to folder: String) throws(OracleError) {
    try NewFolder.write(to: folder) { new throws(OracleError) in
      for (path, bytes) in files { try new.add(bytes, as: path) }
    }
  }
}
