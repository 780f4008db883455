// What is asked of a data set besides its name: which part, which labels, how many images, of what size.
// Tests    ImagesTests/ImageRequestTests.swift
import Foundation

/// A part of a data set.
public enum DataSplit: String, Codable, Sendable, CaseIterable {
  /// The images that their authors meant for training.
  case training
  /// The images that their authors meant for tests.
  case test
  /// STL-10 only: the unlabelled images, then the training images without their labels.
  case unlabelled
  /// The training images, then the test images.
  case all
}

/// Which of its two sets of labels CIFAR-100 has.
public enum ClassLabelling: String, Codable, Sendable, CaseIterable {
  /// 100 classes.
  case fine
  /// 20 superclasses of five classes each.
  case coarse
}

/// Rows and columns of pixels.
public struct ImageSize: Codable, Sendable, Equatable, CustomStringConvertible {
  /// The sides that images can be fitted to.
  public static let sides = 1...1024
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int

  /// A size of given sides, which may be any; readers refuse those outside ``sides``.
  public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  /// The size written as "32x48" (height, then width) or, for a square, "32"; nil for anything else or sides outside ``sides``.
  public init?(_ text: String) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard (1...2).contains(parts.count), numbers.count == parts.count, numbers.allSatisfy(Self.sides.contains) else {
      return nil
    }
    self.init(height: numbers[0], width: numbers[numbers.count - 1])
  }

  /// "32x48", height first.
  public var description: String { "\(height)x\(width)" }
}

/// All that is asked of a data set besides its name; nil is the data set's own choice.
package struct ImageRequest: Sendable {
  /// A file of labels that replaces the data set's own.
  package var labels: String?
  /// Only the first so many images.
  package var count: Int?
  package var split: DataSplit?
  package var labelling: ClassLabelling?
  /// Images are fitted to this size.
  package var size: ImageSize?
  /// Whether pictures that cannot be read are left out; else they are an error.
  package var skipsDamaged = false
  /// The size that is recommended where one is needed; nil for one that suits the images.
  package var advisedSize: ImageSize?
  /// The bytes that the set may take; nil for any number.
  package var byteLimit: Int?

  /// Everything as the data set has it.
  package init(
    labels: String? = nil, count: Int? = nil, split: DataSplit? = nil, labelling: ClassLabelling? = nil,
    size: ImageSize? = nil
  ) {
    (self.labels, self.count, self.split) = (labels, count, split)
    (self.labelling, self.size) = (labelling, size)
  }

  /// Larger images are only read where a size is named: a network keeps hundreds of times their bytes for each of a batch.
  static let largestSideUnasked = 256

  /// The size to recommend for images of a given size: that of a network, or one of the same shape that trains in minutes.
  func advice(for given: ImageSize) -> ImageSize {
    if let advisedSize { return advisedSize }
    let largest = max(given.height, given.width)
    guard largest > 64 else { return given }
    func shrunk(_ side: Int) -> Int { max(8, (side * 64 / largest + 4) / 8 * 8) }
    return ImageSize(height: shrunk(given.height), width: shrunk(given.width))
  }

  /// Why images of a given size are not read as they are; nil if they are.
  func problem(of given: ImageSize, count: Int, channels: Int) -> String? {
    if size == nil && max(given.height, given.width) > Self.largestSideUnasked {
      return
        "the images have \(given) pixels (height x width), too many to learn from in reasonable time and memory; bring "
        + "them to a size that you choose, for instance with \"--size \(advice(for: given))\""
    }
    let kept = size ?? given
    let bytes = Double(count) * Double(channels) * Double(kept.height) * Double(kept.width)
    if let byteLimit, bytes > Double(byteLimit) {
      // The same shape, whose area has the share of the bytes that are free.
      let share = (Double(byteLimit) / bytes).squareRoot()
      let fitting = ImageSize(height: Int(share * Double(kept.height)), width: Int(share * Double(kept.width)))
      let advice = min(fitting.height, fitting.width) < 8 ? "" : "\"--size \(fitting)\" would fit, or "
      return "\(count) images of \(channels) x \(kept.height) x \(kept.width) take \(Int(bytes / 1e6)) MB, and "
        + "\(byteLimit / 1_000_000) MB are free; \(advice)use fewer images with --count"
    }
    return nil
  }

  /// How many of `total` images are wanted.
  func count(of total: Int, path: String) throws(ImageSetError) -> Int {
    guard total >= 1 else { throw ImageSetError(path: path, problem: "there are no images") }
    let count = count ?? total
    guard (1...total).contains(count) else {
      throw ImageSetError(
        path: path, problem: "\(count) images were asked for; it must be 1 to \(total), as many as there are")
    }
    return count
  }

  /// Refuses a labelling where there is only one.
  func refuseLabelling(path: String, format: String) throws(ImageSetError) {
    guard let labelling else { return }
    throw ImageSetError(
      path: path,
      problem: "the \(labelling.rawValue) labels were asked for, which only CIFAR-100 has; this is \(format)")
  }

  /// Refuses another part than the one that a single file holds.
  func refuseSplit(otherThan own: DataSplit?, path: String) throws(ImageSetError) {
    guard let split, split != own else { return }
    let held = own.map { "it holds the split \($0.rawValue)" } ?? "what it holds is not known"
    throw ImageSetError(
      path: path,
      problem: "the split \(split.rawValue) was asked for, but this is a single file and \(held); name its folder")
  }

  /// The part that is asked for, if a data set has it; by default the training images, failing these the test images.
  ///
  /// - Parameters:
  ///   - available: The parts of which files are there, in the order training, test, unlabelled.
  ///   - possible: All that the data set can have.
  ///   - format: The data set's name in errors.
  ///   - path: Names the folder in errors.
  /// - Returns: One of the possible parts, whether or not its files are there.
  /// - Throws: ``ImageSetError`` if the data set never has the part that is asked for.
  func chosenSplit(
    available: [DataSplit], possible: [DataSplit], format: String, path: String
  ) throws(ImageSetError) -> DataSplit {
    guard let split else { return available.first ?? .training }
    guard possible.contains(split) else {
      let names = possible.map(\.rawValue).joined(separator: ", ")
      throw ImageSetError(
        path: path, problem: "\(format) has no split \(split.rawValue); there are \(names)")
    }
    return split
  }

  /// Opens the files that a part consists of; the first that is missing is told.
  ///
  /// - Parameters:
  ///   - wanted: Their names.
  ///   - split: The part.
  ///   - folder: Where they are.
  ///   - names: All that the folder holds.
  ///   - format: What they are files of, for the sentence.
  /// - Returns: The open files, in the order of their names.
  /// - Throws: A sentence with the first that is missing or cannot be opened.
  func open(
    _ wanted: [String], of split: DataSplit, in folder: String, names: [String], format: String
  ) throws(ImageSetError) -> [DataFile] {
    if let missing = wanted.first(where: { !names.contains($0) }) {
      throw ImageSetError(
        path: folder,
        problem:
          "\(missing) is missing: the split \(split.rawValue) of \(format) is \(wanted.joined(separator: ", ")); "
          + "a single file can be named instead of the folder")
    }
    return try wanted.map { name throws(ImageSetError) in try DataFile(opening: "\(folder)/\(name)") }
  }
}
