// The classes of two sets of images are the same where their names are: the numbers of classes depend on which occur.
//
//     training: cat 0, dog 1, horse 2        test: cat 0, horse 1, which becomes cat 0, horse 2
//
// Tests    ImagesTests/ClassMatchingTests.swift

extension ImageSet {
  /// A set with the classes that a reader found; `labels`, `classNames` and `classCount` come from these.
  init(
    name: String, channels: Int, height: Int, width: Int, pixels: [UInt8], maximumValue: Int = 255,
    split: DataSplit? = nil, imageNames: [String]? = nil, remarks: [String] = [], classes: ClassLabels?
  ) {
    self.init(
      name: name, channels: channels, height: height, width: width, pixels: pixels, maximumValue: maximumValue,
      labels: classes?.labels, split: split, classNames: classes?.names, classCount: classes?.count,
      imageNames: imageNames, remarks: remarks + (classes?.remarks ?? []))
  }

  /// What the classes are called: their names or, where they have none, their numbers; nil without labels.
  public var namesOfClasses: [String]? { classCount.map { classNames ?? (0..<$0).map(String.init) } }

  /// The same images with their classes numbered as those of another set; classes that it lacks come after its own.
  ///
  /// Labels without names are matched by their numbers if the other set has names, and as many.
  ///
  /// - Parameter known: The names of the other set's classes, by number; ``namesOfClasses``.
  /// - Returns: The images in their order; themselves if they have no labels.
  public func numberingClasses(as known: [String]) -> ImageSet {
    guard let labels, let own = namesOfClasses else { return self }
    if own == known { return self }
    let found = Self.matches(of: own, among: known)
    var names = known
    let numbers = zip(own, found).enumerated().map { number, pair in
      if let match = pair.1 { return match }
      // A class that has no images, as a fixed number of classes may bring, does not follow.
      guard labels.contains(number) else { return 0 }
      names.append(pair.0)
      return names.count - 1
    }
    var images = self
    images.labels = labels.map { numbers[$0] }
    images.classNames = names == (0..<names.count).map(String.init) ? nil : names
    images.classCount = names.count
    return images
  }

  /// The names of those classes with images that another set's classes, called `known`, lack; in their order.
  public func classNames(missingIn known: [String]) -> [String] {
    guard let labels, let own = namesOfClasses else { return [] }
    let occurring = Set(labels)
    return zip(own, Self.matches(of: own, among: known)).enumerated()
      .filter { number, pair in pair.1 == nil && occurring.contains(number) }.map(\.element.0)
  }

  /// The number of each class among `known`.
  private static func matches(of own: [String], among known: [String]) -> [Int?] {
    let numbers = Dictionary(known.enumerated().map { ($1, $0) }) { first, _ in first }
    let found = own.map { numbers[$0] }
    let areCounted = [own, known].map { $0 == (0..<$0.count).map(String.init) }
    let areNamed = [own, known].map { $0.allSatisfy { Int($0) == nil } }
    let isNumbered = areCounted[0] && areNamed[1] || areNamed[0] && areCounted[1]
    return isNumbered && own.count == known.count ? Array(own.indices) : found
  }
}
