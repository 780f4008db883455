// The built program tsuc as a user runs it.
import Commands
import Foundation
import Testing

/// What a finished process left.
package struct Outcome: CustomStringConvertible {
  package let code: Int32
  package let wasStopped: Bool
  package let output: String
  package let errors: String

  package init(code: Int32, wasStopped: Bool, output: String, errors: String) {
    (self.code, self.wasStopped, self.output, self.errors) = (code, wasStopped, output, errors)
  }

  package var description: String {
    "exit \(code)\(wasStopped ? " by a signal" : ""): \(output.prefix(400))\(errors.prefix(1000))"
  }
}

/// Runs the program beside the test bundle, or a copy of it; `output` is where standard output goes, if not into the outcome.
package func runProgram(
  _ arguments: [String], copy: String? = nil, output: String? = nil, in folder: String? = nil
) throws -> Outcome {
  let process = Process()
  process.executableURL = try copy.map { URL(fileURLWithPath: $0) } ?? programURL()
  process.arguments = arguments
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  let errors = Pipe()
  process.standardError = errors
  // Output goes through a file: a pipe that nobody reads meanwhile would fill.
  let path = output ?? FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
  if output == nil { try Data().write(to: URL(fileURLWithPath: path)) }
  defer { if output == nil { try? FileManager.default.removeItem(atPath: path) } }
  guard let handle = FileHandle(forWritingAtPath: path) else { throw RunError("\(path) cannot be written") }
  process.standardOutput = handle
  try process.run()
  let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  let outputText =
    output == nil ? String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self) : ""
  return Outcome(
    code: process.terminationStatus, wasStopped: process.terminationReason == .uncaughtSignal, output: outputText,
    errors: errorText)
}

/// The program that was built together with these tests.
package func programURL() throws -> URL {
  var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  for _ in 0..<6 {
    let candidate = folder.appendingPathComponent("tsuc")
    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    folder.deleteLastPathComponent()
  }
  throw RunError("the program tsuc was not found beside \(CommandLine.arguments[0])")
}

/// Expects one sentence on standard error and nothing on standard output.
package func expectComplaint(
  _ outcome: Outcome, code: Int32, containing parts: String..., sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(!outcome.wasStopped, "\(outcome)", sourceLocation: sourceLocation)
  #expect(outcome.code == code, "\(outcome)", sourceLocation: sourceLocation)
  #expect(outcome.output == "", sourceLocation: sourceLocation)
  let lines = outcome.errors.split(separator: "\n")
  #expect(lines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
  #expect(lines.first?.hasPrefix("tsuc: ") == true, "\(outcome)", sourceLocation: sourceLocation)
  for part in parts { #expect(outcome.errors.contains(part), "\(outcome)", sourceLocation: sourceLocation) }
}
