// The options that several commands share: which images, and how many threads.
// Tests    tsucTests/DataOptionsTests.swift, tsucTests/ProcessTests.swift
import Files
import Foundation
import Images
import Kernels

extension Option {
  package static let data = Option(
    "data", "NAME|PATH",
    "digits, fashion, or a file or folder: MNIST (IDX), CIFAR-10, CIFAR-100, STL-10, SVHN, npy, PNG, PPM, PGM")
  package static let labels = Option(
    "labels", "PATH",
    "labels: IDX, npy, or text with a label or \"file,label\" in each line; used for scores only")
  package static let count = Option(
    "count", "N", "only N images: the first, but of a folder with sub-folders for classes some of each")
  package static let split = Option(
    "split", "NAME",
    "of a data set's folder: \(DataSplit.allCases.map(\.rawValue).joined(separator: ", ")); default training")
  package static let labelling = Option(
    "labelling", "NAME", "of CIFAR-100: fine (100 classes, the default) or coarse (20 classes)")
  package static let size = Option(
    "size", "HxW", "bring images to this size, as 32x32: resize them until they cover it, then take the centre")
  package static let skipDamaged = Option(
    "skip-damaged", nil, "leave out pictures that cannot be read, and say which; otherwise they are an error")
  package static let classes = Option(
    "classes", "K", "the number of clusters, 2 or more; default the number of labelled classes; needed without labels",
    alsoKnownAs: ["clusters", "k", "n-clusters", "n_clusters", "num-classes", "num_classes", "n-classes"])
  /// What every command understands that reads images.
  package static let images: [Option] = [.data, .count, .split, .labelling, .size, .skipDamaged]
  package static let threads = Option("threads", "N", "1 to 4096; default all processors; changes no bit of any result")
}

/// The images that a command line asks for.
package struct DataChoice: Codable, Equatable {
  package var name: String
  package var labels: String?
  package var count: Int?
  package var split: DataSplit?
  package var labelling: ClassLabelling?
  package var size: ImageSize?
  /// true, or nil for false: older files do not have it.
  package var skipsDamaged: Bool?

  /// A choice of given values.
  package init(name: String, labels: String? = nil, count: Int? = nil) {
    (self.name, self.labels, self.count) = (name, labels, count)
  }

  /// What the options say, else what `given` says; of other data only the size of `given` is kept.
  package init(_ arguments: Arguments, given: DataChoice) throws(UsageError) {
    let isGiven = arguments["data"].map { Self.absolute($0) == Self.absolute(given.name) } ?? true
    // The same data are called the same.
    name = isGiven ? given.name : arguments["data"] ?? given.name
    split = try arguments.choice("split") ?? (isGiven ? given.split : nil)
    labelling = try arguments.choice("labelling") ?? (isGiven ? given.labelling : nil)
    // Labels and number belong to one split.
    let isOwn = isGiven && split == given.split
    labels = arguments["labels"] ?? (isOwn && labelling == given.labelling ? given.labels : nil)
    count = try arguments.integer("count", in: 1...Int(Int32.max)) ?? (isOwn ? given.count : nil)
    size = try arguments.imageSize("size") ?? given.size
    skipsDamaged = arguments["skip-damaged"] != nil || (isOwn && given.skipsDamaged == true) ? true : nil
  }

  /// The choice with paths that lead to the same place from every folder, as a run remembers it.
  package var fromAnywhere: DataChoice {
    var choice = self
    (choice.name, choice.labels) = (Self.absolute(name), labels.map(Self.absolute))
    return choice
  }

  /// A path from the root on; the name of a bundled set stays.
  private static func absolute(_ name: String) -> String {
    ImageSet.bundledNames.contains(name) ? name : URL(fileURLWithPath: name).standardizedFileURL.path
  }

  /// The last part of the data's real path, at most 60 characters of it: what results are called after.
  package var shortName: String {
    if ImageSet.bundledNames.contains(name) { return name }
    let last = URL(fileURLWithPath: name).standardizedFileURL.resolvingSymlinksInPath().lastPathComponent
    return last.isEmpty || last == "/" ? "images" : String(last.prefix(60))
  }

  /// Reads them, and tells what a user should know about the files.
  ///
  /// - Parameters:
  ///   - console: Where that is told.
  ///   - advisedSize: The size to recommend where the images have another.
  /// - Returns: The images.
  /// - Throws: A sentence if they cannot be read, or if this machine has not the memory for them.
  package func load(on console: Console, advising advisedSize: ImageSize? = nil) throws -> ImageSet {
    var request = ImageRequest(labels: labels, count: count, split: split, labelling: labelling, size: size)
    (request.skipsDamaged, request.advisedSize) = (skipsDamaged == true, advisedSize)
    request.byteLimit = AvailableMemory.bytes
    let images = try ImageSet.load(name, request)
    if ImageSet.bundledNames.contains(name) && FileManager.default.fileExists(atPath: name) {
      console.complain("tsuc: \(name) is the data set that comes with the program; what is called so here is ./\(name)")
    }
    for remark in images.remarks { console.complain("tsuc: \(remark.onOneLine)") }
    return images
  }
}

extension Arguments {
  /// Sets the number of threads if the command line says so.
  package func useThreads() throws(UsageError) {
    if let threads = try integer("threads", in: 1...4096) { Parallel.threadCount = threads }
  }

  /// The value of an option that is one of a list of names.
  package func name(_ option: String, among names: [String]) throws(UsageError) -> String? {
    guard let text = self[option] else { return nil }
    if names.contains(text) { return text }
    let nearest = nearestNames(to: text, among: names).joined(separator: " or ")
    throw UsageError(
      "unknown \(option) \"\(text)\"; did you mean \(nearest)? There are \(names.joined(separator: ", "))")
  }

  /// The value of an option that names one of a few cases.
  package func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String
  ) throws(UsageError) -> Choice? where Choice.RawValue == String {
    guard let text = self[name] else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw UsageError("option --\(name) takes \(names.joined(separator: ", ")), not \"\(text)\"")
  }

  /// The value of an option that is a size of images.
  package func imageSize(_ name: String) throws(UsageError) -> ImageSize? {
    guard let text = self[name] else { return nil }
    if let size = ImageSize(text) { return size }
    throw UsageError(
      "option --\(name) takes a height and a width from \(ImageSize.sides.lowerBound) to \(ImageSize.sides.upperBound), "
        + "as 32x32, not \"\(text)\"")
  }
}
