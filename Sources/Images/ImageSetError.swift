// The one error of this module's readers: which file, and in one sentence what was expected and what was found.
// Tests    ImagesTests/IDXTests.swift, ImagesTests/ImageSetTests.swift

/// Why a data set could not be read.
public struct ImageSetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, folder or data set that it is about.
  public let path: String
  /// What was expected, what was found, and what to do.
  public let problem: String

  /// The path and the problem in one sentence.
  public var description: String { "\(path): \(problem)" }
}
