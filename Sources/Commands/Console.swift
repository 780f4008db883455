// Where the program's text goes: results to standard output, progress and complaints to standard error.
// Tests    tsucTests/HelpTests.swift
import Foundation
import Synchronization

/// The two outputs of the program; tests put their own in place.
package struct Console: Sendable {
  /// Writes results; fails where the output is full or closed.
  package let write: @Sendable (String) throws -> Void
  /// Writes to standard error as it is; failures are nobody's business.
  package let note: @Sendable (String) -> Void
  /// Whether standard error is a terminal, where a line may be rewritten.
  package let isTerminal: Bool

  /// Other outputs, such as a test's.
  package init(
    write: @escaping @Sendable (String) throws -> Void, note: @escaping @Sendable (String) -> Void, isTerminal: Bool
  ) {
    (self.write, self.note, self.isTerminal) = (write, note, isTerminal)
  }

  /// The process's own outputs.
  package static let standard = Console(
    write: { text in
      do {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
      } catch {
        throw RunError("standard output cannot be written; the disk may be full or the reader gone")
      }
    },
    note: { text in try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) },
    isTerminal: isatty(FileHandle.standardError.fileDescriptor) == 1)

  /// One line on standard error.
  package func complain(_ line: String) { note(line + "\n") }
}

extension String {
  /// The text without line breaks, as one sentence is told; names of files may have them.
  var onOneLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}
