// RUN/states: the newest states of a training, and the lock that keeps a second process out of the run.
//
//     state-000000420.safetensors    after 420 steps; written under a temporary name, synchronised with the disk, renamed
//     lock                           held with flock as long as the process lives, however it ends; holds its number
//
// Tests    tsucTests/StateFolderTests.swift
import Commands
import Foundation

/// The folder of a run's states, which one process at a time may have.
struct StateFolder {
  /// Where it is.
  let path: String
  private let lock: FileHandle

  /// Makes the folder where there is none and takes the lock.
  init(of run: String) throws(RunError) {
    path = Self.path(of: run)
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let lockPath = "\(path)/lock"
      if !FileManager.default.fileExists(atPath: lockPath) {
        // Of two processes one makes it; the other opens the same file.
        try? Data().write(to: URL(fileURLWithPath: lockPath), options: .withoutOverwriting)
      }
      lock = try FileHandle(forUpdating: URL(fileURLWithPath: lockPath))
    } catch {
      throw RunError("the folder \(path) cannot be used: \(failureReason(of: error))")
    }
    guard flock(lock.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
      let owner = (try? lock.readToEnd()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
      throw RunError(
        "\(run) is in use by another process\(owner.isEmpty ? "" : ", \(owner)"); wait until it has ended or stop it")
    }
    try? lock.truncate(atOffset: 0)
    try? lock.write(contentsOf: Data("\(ProcessInfo.processInfo.processIdentifier)".utf8))
  }

  /// The folder's path, whether it exists or not.
  static func path(of run: String) -> String { "\(run)/states" }

  /// The paths of a run's states, the newest first.
  static func states(of run: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path(of: run))) ?? []
    return names.compactMap { name in steps(in: name).map { (steps: $0, name: name) } }
      .sorted { ($0.steps, $0.name) > ($1.steps, $1.name) }.map { "\(path(of: run))/\($0.name)" }
  }

  /// Writes the state after so many steps, and keeps only the newest `count`.
  ///
  /// A failure leaves the states before it.
  func write(_ bytes: [UInt8], steps: Int, keeping count: Int) throws(RunError) {
    let digits = "\(steps)"
    let name = "state-" + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + ".safetensors"
    try writeDurably(Data(bytes), to: "\(path)/\(name)")
    prune(keeping: count)
  }

  /// Renames a damaged state, so that it does not count as one of the newest.
  func setAside(_ state: String) { try? FileManager.default.moveItem(atPath: state, toPath: state + ".damaged") }

  /// Removes all but the newest states, and what processes left that were stopped while they wrote.
  func prune(keeping count: Int) {
    for state in Self.states(of: run).dropFirst(count) { try? FileManager.default.removeItem(atPath: state) }
    RunFolder.removeFiles(in: path, ending: ".partial")
  }

  /// The run has ended: only its last state is kept.
  func finish() {
    prune(keeping: 1)
    RunFolder.removeFiles(in: path, ending: ".damaged")
  }

  /// Removes the folder, for a run that did not begin.
  func remove() { try? FileManager.default.removeItem(atPath: path) }

  private var run: String { String(path.dropLast("/states".count)) }

  private static func steps(in name: String) -> Int? {
    guard name.hasPrefix("state-"), name.hasSuffix(".safetensors") else { return nil }
    return Int(name.dropFirst("state-".count).dropLast(".safetensors".count))
  }
}

/// Writes a file so that after a loss of power either nothing or all of it is there: written under a temporary name and
/// synchronised with the disk before it is renamed, as is the folder after.
func writeDurably(_ data: Data, to path: String) throws(RunError) {
  let temporary = "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
  do {
    try? FileManager.default.removeItem(atPath: temporary)
    try Data().write(to: URL(fileURLWithPath: temporary), options: .withoutOverwriting)
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
    defer { try? handle.close() }
    try handle.write(contentsOf: data)
    try handle.synchronize()
    // Only a file with the same contents can stand there: the name tells the step.
    try? FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: temporary, toPath: path)
    let folder = FileHandle(forReadingAtPath: URL(fileURLWithPath: path).deletingLastPathComponent().path)
    try folder?.synchronize()
    try folder?.close()
  } catch {
    try? FileManager.default.removeItem(atPath: temporary)
    throw RunError("\(path) cannot be written: \(failureReason(of: error))")
  }
}
