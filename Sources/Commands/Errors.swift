// The ways in which a program ends without success.

/// The command line was not understood: exit status 2.
package struct UsageError: Error, Equatable {
  /// One sentence: what was found and what would be right.
  package let message: String
  package init(_ message: String) { self.message = message.onOneLine }
  /// Several sentences, each on a line of its own.
  package init(lines: String) { message = lines }
}

/// The work could not be done: exit code 1.
package struct RunError: Error, Equatable, CustomStringConvertible {
  /// One sentence: what was expected, what was found, where, what to do.
  package let description: String
  package init(_ description: String) { self.description = description }
}

/// A signal has ended the work: exit code 128 and its number, as shells do.
package struct Interruption: Error, Equatable {
  /// The number of the signal.
  package let signal: Int32
  /// One sentence: what is kept, and how to go on.
  package let message: String

  package init(signal: Int32, message: String) { (self.signal, self.message) = (signal, message) }
}
