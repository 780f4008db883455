// The two ways in which the program ends without success.

/// The command line was not understood: exit code 2.
struct UsageError: Error, Equatable {
  /// One sentence: what was found and what would be right.
  let message: String
  init(_ message: String) { self.message = message }
}

/// The work could not be done: exit code 1.
struct RunError: Error, Equatable, CustomStringConvertible {
  /// One sentence: what was expected, what was found, where, what to do.
  let description: String
  init(_ description: String) { self.description = description }
}
