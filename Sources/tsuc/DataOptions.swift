// The options that several commands share: which images, and how many threads.
// Tests    tsucTests/ProcessTests.swift
import Images
import Kernels

extension Option {
  static let data = Option(
    "data", "NAME|PATH", "digits, fashion, an IDX file (.gz too) or a folder with MNIST's file names")
  static let labels = Option("labels", "PATH", "an IDX file of labels; used for scores only")
  static let count = Option("count", "N", "only the first N images")
  static let threads = Option("threads", "N", "1 to 4096; default all processors; changes no bit of any result")
}

/// The images that a command line asks for.
struct DataChoice: Equatable {
  let name: String
  let labels: String?
  let count: Int?

  /// What the options say, else the given values; labels and number of other data are not those of the given.
  init(_ arguments: Arguments, name: String, labels: String? = nil, count: Int? = nil) throws(UsageError) {
    let isGiven = arguments["data"] == nil || arguments["data"] == name
    self.name = arguments["data"] ?? name
    self.labels = arguments["labels"] ?? (isGiven ? labels : nil)
    self.count = try arguments.integer("count", in: 2...Int(Int32.max)) ?? (isGiven ? count : nil)
  }

  /// Reads them.
  func load() throws -> ImageSet { try ImageSet.load(name, labels: labels, count: count) }
}

extension Arguments {
  /// Sets the number of threads if the command line says so.
  func useThreads() throws(UsageError) {
    if let threads = try integer("threads", in: 1...4096) { Parallel.threadCount = threads }
  }
}
