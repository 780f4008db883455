// The options that name images to judge a run on besides those it is trained on.
// Tests    tsucTests/TestChoiceTests.swift
import Commands
import Images
import TwoStage

/// "the class bird", "the classes bird, fish and 3 others".
func classList(_ names: [String]) -> String {
  "the class\(names.count == 1 ? "" : "es") \(enumeration(of: names))"
}

extension Option {
  static let test = Option(
    "test", "NAME|PATH",
    "labelled images to evaluate the run on as well; default those of --test-split, or of a resumed run its own; "
      + "none resumes a run without them")
  static let testSplit = Option(
    "test-split", "NAME", "the part of --test, or of --data, that the run is judged on as well: test")
  static let testLabels = Option(
    "test-labels", "PATH", "the labels of --test where it has none of its own: a file as of --labels")
}

/// Which images a finished run is judged on besides its own.
struct TestChoice {
  /// Where they are.
  let data: DataChoice

  /// What the command line asks for; nil if it asks for nothing.
  ///
  /// The test images share size and labelling of `data`, the training images.
  init?(_ arguments: Arguments, training data: DataChoice) throws(UsageError) {
    let split: DataSplit? = try arguments.choice("test-split")
    let labels = arguments["test-labels"]
    guard arguments["test"] != nil || split != nil else {
      guard labels == nil else {
        throw UsageError("--test-labels needs --test, the images that they are of, or --test-split")
      }
      return nil
    }
    var choice = data
    (choice.name, choice.labels, choice.count) = (arguments["test"] ?? data.name, labels, nil)
    choice.split = split
    self.data = choice.fromAnywhere
  }

  /// Given images.
  init(data: DataChoice) { self.data = data }

  /// Reads them, and refuses images that cannot be judged or that are those of the training.
  func load(besides training: ImageSet, on console: Console) throws -> TestSet {
    let read = try data.load(on: console, advising: training.size)
    let images = training.channels == 3 ? read.inColour : read
    func text(_ set: ImageSet) -> String { "\(set.channels) x \(set.height) x \(set.width)" }
    guard text(images) == text(training), images.maximumValue == training.maximumValue else {
      throw RunError(
        "the test images of \(images.name) are \(text(images)) with values to \(images.maximumValue), but those of the "
          + "training \(text(training)) with values to \(training.maximumValue); name test images like these")
    }
    guard let labels = images.labels else {
      throw RunError(
        "the test images of \(images.name) have no labels, so nothing can be told of them; name them with --test-labels, or leave "
          + "out --test")
    }
    let known = training.namesOfClasses ?? []
    let unknown = images.classNames(missingIn: known)
    guard unknown.isEmpty || known.isEmpty else {
      throw RunError(
        "the test images of \(images.name) have \(classList(unknown)), but the classes of the training images are "
          + "\(known.prefix(20).joined(separator: ", "))\(known.count > 20 ? ", …" : ""); none of these can be the right answer: leave "
          + "those test images out, or give the class its training name")
    }
    if let names = training.classNames, images.classNames == nil, names != images.namesOfClasses {
      console.complain(
        "tsuc: the classes of the test images are numbers and are matched to the training's in their order: 0 is "
          + "\(names[0])")
    }
    if images.checksum == training.checksum && labels == training.labels {
      throw RunError(
        "the test images are those of the training; name others with --test, or --test-split test for a folder that has "
          + "both")
    }
    return TestSet(images: images, data: data)
  }
}
