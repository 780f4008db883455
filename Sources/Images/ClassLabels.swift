// Which class each image has: the classes are the labels that occur, counted from 0, and keep their labels as names.
//
//     labels 0, 1, 1, 2          three classes, called by their numbers; nothing is renumbered
//     labels 3, 200, 65, 3       three classes 0, 2, 1, 0 with the names "3", "65", "200"
//     labels rose, aster, rose   two classes 1, 0, 1 with the names "aster", "rose"
//
// Tests    ImagesTests/ClassLabelsTests.swift

/// The classes of a set of images.
struct ClassLabels: Equatable {
  /// At most so many classes are read: scores need memory for each, and so many labels are rather numbers of images.
  static let largestCount = 10_000

  /// The class of each image, from 0.
  let labels: [Int]
  /// The number of classes, above every label.
  let count: Int
  /// What the classes are called, as many as there are; nil for their numbers.
  let names: [String]?
  /// What a user should be told.
  var remarks: [String] = []

  /// The classes of a data set that has a fixed number of them, whether or not each occurs.
  init(_ labels: [Int], count: Int, names: [String]? = nil) {
    (self.labels, self.count, self.names) = (labels, count, names)
  }

  /// The numbers that occur, in their order; `path` stands for their file in messages.
  init(numbers: [Int], path: String) throws(ImageSetError) {
    if let image = numbers.firstIndex(where: { $0 < 0 }) {
      throw ImageSetError(
        path: path,
        problem:
          "label \(image) is \(numbers[image]); a class cannot be negative, and often that means \"not known\": leave "
          + "those images out, or give them a class of its own")
    }
    let found = try Self.distinct(numbers, path: path).sorted()
    guard let last = found.last, last != found.count - 1 else {
      self.init(numbers, count: found.count)
      return
    }
    self.init(Self.positions(of: numbers, in: found), count: found.count, names: found.map(String.init))
    let list = found.count > 12 ? "from \(found[0]) to \(last)" : found.map(String.init).joined(separator: ", ")
    remarks = [
      "\(path): the labels \(list) are \(found.count == 1 ? "1 class" : "\(found.count) classes"), numbered from 0; their names are the labels"
    ]
  }

  /// The texts that occur, in natural order, or numbers if all are whole; `path` stands for their file in messages.
  init(texts: [String], path: String) throws(ImageSetError) {
    // "3.0" is how numbers are written by programs that keep missing ones among them; "007" is a name.
    let numbers = texts.compactMap { text in
      let whole = text.hasSuffix(".0") ? text.dropLast(2) : text[...]
      return Int(whole).flatMap { String($0) == whole ? $0 : nil }
    }
    if numbers.count == texts.count {
      try self.init(numbers: numbers, path: path)
      return
    }
    let found = NaturalOrder.sorted(Array(try Self.distinct(texts, path: path)))
    self.init(Self.positions(of: texts, in: found), count: found.count, names: found)
  }

  /// The classes of some of the images; which of them have no image among these is told.
  ///
  /// - Parameters:
  ///   - images: Numbers of images.
  ///   - description: What they are, for the sentence: "the first 20 of 60 images".
  ///   - path: Names the set in the sentence.
  ///   - whole: How many classes the whole set has; by default as many as occur in these labels.
  /// - Returns: Their classes, numbered and named as before.
  func of(
    _ images: some Collection<Int>, _ description: String, path: String, whole: Int? = nil
  ) -> ClassLabels {
    var part = ClassLabels(images.map { labels[$0] }, count: count, names: names)
    part.remarks = remarks
    let (present, all) = (Set(part.labels).count, whole ?? Set(labels).count)
    // Of a single image nobody expects more.
    if present < all && part.labels.count > 1 {
      part.remarks.append(
        present == 1
          ? "\(path): \(description) are all of the class \(name(of: part.labels[0])), the whole set has \(all) classes; scores of "
            + "one class say nothing"
          : "\(path): \(description) are of \(present) classes, the whole set has \(all)")
    }
    return part
  }

  private func name(of label: Int) -> String { names.map { $0[label] } ?? "\(label)" }

  private static func distinct<Label: Hashable>(
    _ labels: [Label], path: String
  ) throws(ImageSetError) -> Set<Label> {
    let found = Set(labels)
    guard found.count <= largestCount else {
      throw ImageSetError(
        path: path,
        problem:
          "there are \(found.count) different labels, but at most \(largestCount) classes are read; name a file with "
          + "the class of each image, not with its number")
    }
    return found
  }

  private static func positions<Label: Hashable>(of labels: [Label], in found: [Label]) -> [Int] {
    let positions = Dictionary(uniqueKeysWithValues: found.enumerated().map { ($1, $0) })
    return labels.map { positions[$0] ?? 0 }
  }
}
