// What the tests of data sets share: the sentence of a reader's error, and small files of the formats.
import Foundation

@testable import Images

/// What is wrong with a data set as the reader says it; nil if nothing is.
func loadingProblem(
  _ path: String, labels: String? = nil, count: Int? = nil, split: DataSplit? = nil, labelling: ClassLabelling? = nil,
  size: ImageSize? = nil
) -> String? {
  do {
    _ = try ImageSet.load(path, labels: labels, count: count, split: split, labelling: labelling, size: size)
    return nil
  } catch { return error.problem }
}

/// A file of CIFAR: for each image its labels, then 3072 bytes that begin with the image's number and go on by `slope`.
func cifarFile(_ labels: [[UInt8]], slope: Int = 1) -> [UInt8] {
  let ramp = (0..<3072 + 256).map { UInt8(truncatingIfNeeded: $0 * slope) }
  return labels.enumerated().flatMap { number, labels in labels + ramp[number % 256..<number % 256 + 3072] }
}

/// Makes a folder, with the folders above it.
func makeFolder(_ path: String) throws {
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
}
