// The second program, tsuc-oracle: it holds the golden corpus, its judge and the known mistakes, and is built on its own.
// Tests    tsuc-oracleTests/OracleProcessTests.swift
import Commands
import Foundation

/// The program tsuc-oracle beside the one that is running.
enum OracleProgram {
  /// Where it lies; nil if it has not been built there.
  static var url: URL? {
    guard let own = Bundle.main.executableURL else { return nil }
    let url = own.deletingLastPathComponent().appendingPathComponent("tsuc-oracle")
    return FileManager.default.isExecutableFile(atPath: url.path) ? url : nil
  }

  /// How to get it.
  static var advice: String {
    #if DEBUG
      "swift build --product tsuc-oracle"
    #else
      "swift build -c release --product tsuc-oracle"
    #endif
  }

  /// Runs it with this process's streams and returns its exit code; a signal that ended it counts as in a shell.
  static func run(_ words: [String]) throws -> Int32 {
    guard let url else {
      throw RunError(
        "the corpus and its judge are a program of their own, tsuc-oracle, which is not beside this one; build it with: "
          + advice)
    }
    let process = Process()
    (process.executableURL, process.arguments) = (url, words)
    try process.run()
    // Foundation starts a process in a group of its own, which the terminal's signals do not reach: they are passed on.
    let passedOn = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { kill(process.processIdentifier, number) }
      source.resume()
      return source
    }
    process.waitUntilExit()
    for source in passedOn { source.cancel() }
    return process.terminationReason == .uncaughtSignal
      ? 128 + process.terminationStatus : process.terminationStatus
  }

  /// What it writes to standard output; nil if it is not there, an error if it fails, as an older one may.
  static func output(_ words: [String]) throws -> String? {
    guard let url else { return nil }
    let (process, pipe) = (Process(), Pipe())
    (process.executableURL, process.arguments, process.standardOutput) = (url, words, pipe)
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 && process.terminationReason == .exit else {
      throw RunError(
        "\(url.path) does not answer \"\(words.joined(separator: " "))\", so it is of another version than this program; "
          + "build it again with: \(advice)")
    }
    return text
  }
}
