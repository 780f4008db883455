// A new folder of many files, which appears complete or not at all, and is on the disk once it has been written.
//
//     FOLDER.PROCESS.partial     takes one file after another; a stopped process may leave it, and nothing reads it
//     synchronise                one wait for names and bytes of all files, not one for each
//     rename                     FOLDER is there, complete
//     synchronise                the folder around it: now its name outlasts a loss of power too
//
// Tests    OracleTests/NewFolderTests.swift
import Foundation
import Kernels

/// A folder that is being written.
struct NewFolder {
  /// Where it will be.
  let path: String
  private let partial: String
  private var folders: Set<String> = []

  /// Writes a new folder, whose files `body` hands over.
  ///
  /// Nothing is there if it throws; an existing folder is refused.
  static func write(
    to path: String, _ body: (inout NewFolder) throws(OracleError) -> Void
  ) throws(OracleError) {
    guard !CorpusFiles.exists(path) else { throw OracleError("\(path) exists already and is not overwritten") }
    var folder = try NewFolder(path)
    do throws(OracleError) {
      try body(&folder)
      try folder.complete()
    } catch {
      try? FileManager.default.removeItem(atPath: folder.partial)
      throw error
    }
  }

  private init(_ path: String) throws(OracleError) {
    (self.path, partial) = (path, "\(path).\(ProcessInfo.processInfo.processIdentifier).partial")
    // What an earlier process of the same number left.
    try? FileManager.default.removeItem(atPath: partial)
    try make(partial)
  }

  /// Adds a file by its path inside the folder.
  mutating func add(_ bytes: [UInt8], as name: String) throws(OracleError) {
    let file = "\(partial)/\(name)"
    try make(URL(fileURLWithPath: file).deletingLastPathComponent().path)
    try check(createUnsynchronisedFile(file, bytes))
  }

  private func complete() throws(OracleError) {
    try check(synchroniseFileSystem(of: partial))
    do {
      try FileManager.default.moveItem(atPath: partial, toPath: path)
    } catch {
      throw failure(error)
    }
    try check(synchroniseNames(in: URL(fileURLWithPath: path).deletingLastPathComponent().path))
  }

  private mutating func make(_ folder: String) throws(OracleError) {
    guard folders.insert(folder).inserted else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw failure(error)
    }
  }

  private func check(_ number: Int32) throws(OracleError) {
    if number != 0 { throw failure(NSError(domain: NSPOSIXErrorDomain, code: Int(number))) }
  }

  private func failure(_ error: any Error) -> OracleError {
    OracleError("the folder \(path) cannot be written: \(error.localizedDescription)")
  }
}
