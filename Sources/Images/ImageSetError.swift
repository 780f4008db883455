// The one error of this module's readers: which file, and in one sentence what was expected and what was found.
// Tests    ImagesTests/IDXTests.swift, ImagesTests/ImageSetTests.swift

/// Why a data set could not be read.
public struct ImageSetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file, folder or data set that it is about.
  public let path: String
  /// What was expected, what was found, and what to do.
  public let problem: String
  /// Whether it concerns all files of its kind, so that leaving out this one would not help.
  let isFinal: Bool

  init(path: String, problem: String, isFinal: Bool = false) {
    (self.path, self.problem, self.isFinal) = (path, problem, isFinal)
  }

  /// The path and the problem in one sentence.
  public var description: String { "\(path): \(problem)" }
}

/// What a remark says of bytes behind what a file announces.
func surplusText(_ count: Int, _ what: String) -> String {
  count == 1 ? "1 byte follows \(what) and was passed over" : "\(count) bytes follow \(what) and were passed over"
}
