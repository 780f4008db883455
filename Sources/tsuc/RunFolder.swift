// The folder of a run, which is made new and never overwrites anything.
//
// A file is written under a temporary name, then renamed: whoever sees its name sees all of it.
// Tests    tsucTests/RunFolderTests.swift
import Commands
import Foundation

/// A folder that belongs to one run.
struct RunFolder: Sendable {
  /// Where it is.
  let path: String
  /// Whether a run goes on here that was stopped: what it had written it writes again.
  private let isResumed: Bool

  /// Makes the folder; a name that is taken is refused.
  init(creating path: String) throws(RunError) {
    let url = URL(fileURLWithPath: path)
    if FileManager.default.fileExists(atPath: path) {
      throw RunError("\(path) exists already and is not overwritten; choose another --out")
    }
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      // Fails if someone else has made it meanwhile: of two runs with one name only one goes on.
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    } catch {
      throw RunError("the folder \(path) cannot be made: \(failureReason(of: error))")
    }
    self.path = path
    isResumed = false
  }

  /// The folder of a run that was stopped and goes on; what was being written when it stopped is removed.
  init(resuming path: String) {
    self.path = path
    isResumed = true
    for folder in [path, "\(path)/clusters"] { Self.removeFiles(in: folder, ending: ".partial") }
  }

  /// Removes the files of a folder whose names end so.
  static func removeFiles(in folder: String, ending: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasSuffix(ending) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// The first of NAME, NAME-2, NAME-3, … that is not taken.
  static func freeName(_ name: String) -> String {
    var candidate = name
    var number = 2
    while FileManager.default.fileExists(atPath: candidate) {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return candidate
  }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file of the folder; folders in its name are made.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws(RunError) {
    if name.contains("/") {
      let parent = URL(fileURLWithPath: file(name)).deletingLastPathComponent()
      do {
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      } catch {
        throw RunError("the folder \(parent.path) cannot be made: \(failureReason(of: error))")
      }
    }
    if isResumed { try? FileManager.default.removeItem(atPath: file(name)) }
    try writeNewFile(Data(bytes), to: file(name))
  }

  /// Writes a text file of the folder.
  func write(_ text: String, to name: String) throws(RunError) { try write(text.utf8, to: name) }

  /// Removes the folder if it is still empty, so that a run that could not start leaves nothing.
  func removeIfEmpty() {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: path), names.isEmpty else { return }
    try? FileManager.default.removeItem(atPath: path)
  }
}
