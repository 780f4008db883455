// Labels in a text: one in each line, in the order of the images, or a line "file,label" for each image, in any order.
//
//     cat                file,label           id,class
//     dog                dog/2.png,dog        0,7
//     cat                cat/1.png,cat        1,2
//
// Or one-hot: a column for each class, with 1 in that of the image and 0 in the others (OneHotColumns.swift).
//
// A line with headings is known by its words, or by not being what all others are. A file is named by its path below the
// folder, with more folders before it or, where no other image ends so, with fewer; the extension may be missing.
// Tests    ImagesTests/LabelTableTests.swift

/// The labels of a text, as texts.
struct LabelTable {
  private static let labelHeadings: Set = [
    "label", "labels", "class", "classes", "class_name", "classname", "category", "target", "species", "breed", "y",
  ]
  private static let fileHeadings: Set = [
    "file", "files", "filename", "file_name", "path", "filepath", "file_path", "image", "images", "image_id",
    "image_name",
    "img", "id", "name", "index", "number",
  ]

  private let path: String
  private var lines: [DelimitedText.Line]

  /// Takes the lines of a text; `path` stands for its file in messages.
  init(_ text: DelimitedText, path: String) { (self.path, lines) = (path, text.lines) }

  private func fail(_ problem: String) -> ImageSetError { ImageSetError(path: path, problem: problem) }

  /// The label of each image.
  ///
  /// - Parameters:
  ///   - total: The number of images.
  ///   - imageNames: The path of each image below its folder; nil where images have only numbers.
  /// - Returns: As many labels as there are images or, in a text of single labels, as there are lines; and what a user should
  ///   be told.
  /// - Throws: A sentence, if an image has no label or two, or if it is not clear which field is what.
  func labels(total: Int, imageNames: [String]?) throws(ImageSetError) -> (labels: [String], remarks: [String]) {
    guard let first = lines.first else { throw fail("the file holds no labels") }
    if let columns = try OneHotColumns(lines, headings: Self.labelHeadings, path: path) {
      var table = self
      table.lines = columns.lines
      let (labels, remarks) = try table.labels(total: total, imageNames: imageNames)
      return (labels, remarks + [columns.remark])
    }
    let names = imageNames.map(NamesOfImages.init)
    guard first.fields.count > 1 else {
      if let names, let split = splitAtSpaces(names) { return try split.labelsByName(names) }
      return (try singleLabels(total: total), [])
    }
    if let names { return try labelsByName(names) }
    return try labelsByNumber(total: total)
  }

  private func singleLabels(total: Int) throws(ImageSetError) -> [String] {
    let labels = lines.map { $0.fields[0] }
    let isHeading =
      labels.count == total + 1
      && (Self.labelHeadings.contains(labels[0].lowercased())
        || Double(labels[0]) == nil && labels.dropFirst().allSatisfy { Double($0) != nil })
    try refuseMissing(lines.dropFirst(isHeading ? 1 : 0), label: 0)
    return isHeading ? Array(labels.dropFirst()) : labels
  }

  /// What programs write where a value is missing: pandas, NumPy, spreadsheets and databases.
  ///
  /// "NA" and "none" are not among them: classes may be called so.
  private static let missing: Set = ["", "nan", "-nan", "<na>", "nat", "n/a", "#n/a", "null"]

  /// Refuses lines without a label; the first ones are told.
  private func refuseMissing(_ lines: some Sequence<DelimitedText.Line>, label: Int) throws(ImageSetError) {
    let found = lines.filter { Self.missing.contains($0.fields[label].lowercased()) }.sorted { $0.number < $1.number }
    guard let first = found.first else { return }
    let text = first.fields[label].isEmpty ? "no label" : "no label but \"\(first.fields[label])\""
    let numbers = found.prefix(8).map { "\($0.number)" }.joined(separator: ", ")
    throw fail(
      found.count == 1
        ? "line \(numbers) has \(text); write the class of its image there, or leave the image out"
        : "\(found.count) lines have \(text): \(numbers)\(found.count > 8 ? ", …" : ""); write the classes of their images "
          + "there, or leave these images out")
  }

  /// Lines such as "a/1.png 3", if every one but a first with headings names an image before its last space.
  private func splitAtSpaces(_ names: NamesOfImages) -> LabelTable? {
    var table = self
    for index in lines.indices {
      let text = lines[index].fields[0]
      guard let space = text.lastIndex(where: \.isWhitespace) else { return nil }
      table.lines[index].fields = [
        String(text[..<space]).withoutSpaceAround, String(text[text.index(after: space)...]),
      ]
    }
    let areNames = table.lines.map { names.image($0.fields[0]) != nil }
    return areNames.dropFirst().allSatisfy { $0 } && areNames.last == true ? table : nil
  }

  /// How many lines have the name of an image in a column.
  private func hits(_ column: Int, _ isFile: (String) -> Bool) -> Int { lines.count { isFile($0.fields[column]) } }

  /// The places of file and label in a line, and the lines without headings.
  private func columns(
    isFile: (String) -> Bool
  ) throws(ImageSetError) -> (file: Int, label: Int, lines: ArraySlice<DelimitedText.Line>) {
    let first = lines[0].fields
    let words = first.map { $0.lowercased() }
    let label = words.firstIndex(where: Self.labelHeadings.contains)
    let named = words.indices.filter { $0 != label && Self.fileHeadings.contains(words[$0]) }
    // Of "image,cluster,file" the second names the files.
    let file =
      named.max { one, other in hits(one, isFile) < hits(other, isFile) } ?? (words[0].isEmpty && label != 0 ? 0 : nil)
    if let label, !first.contains(where: isFile) {
      return (file ?? (label == 0 ? 1 : 0), label, lines.dropFirst())
    }
    guard first.count == 2 else {
      throw fail(
        "a line has \(first.count) fields, and no heading says which is the label; begin the file with the line "
          + "\"file,label\", or leave only these two columns")
    }
    let heading = file.flatMap { isFile(first[$0]) ? nil : $0 }
    let key = heading ?? (hits(1, isFile) > hits(0, isFile) ? 1 : 0)
    let isHeading =
      !isFile(first[key])
      && (heading != nil || lines.count > 1 && lines.dropFirst().allSatisfy { isFile($0.fields[key]) })
    return (key, 1 - key, isHeading ? lines.dropFirst() : lines[...])
  }

  /// Lines that name files.
  private func labelsByName(_ names: NamesOfImages) throws(ImageSetError) -> (labels: [String], remarks: [String]) {
    let (file, label, lines) = try columns { names.image($0) != nil }
    var found = [DelimitedText.Line?](repeating: nil, count: names.names.count)
    var others: [String] = []
    for line in lines {
      guard let image = names.image(line.fields[file]) else {
        others.append(line.fields[file])
        continue
      }
      try set(&found, image, to: line, label: label, called: line.fields[file])
    }
    if others.count == lines.count {
      throw fail(
        "no line names one of the images: the first line names \"\(others.first ?? "none")\", and the first image is "
          + "\"\(names.names[0])\"; write paths below the folder of the images")
    }
    let missing = found.indices.filter { found[$0] == nil }
    if let first = missing.first {
      throw fail(
        "\(missing.count) of the \(found.count) images have no label, the first is \"\(names.names[first])\"; add a line for "
          + "each, or move these images elsewhere")
    }
    try refuseMissing(found.compactMap { $0 }, label: label)
    let verbs = others.count == 1 ? ("line names", "was") : ("lines name", "were")
    let remark = others.first.map {
      "\(path): \(others.count) \(verbs.0) no image and \(verbs.1) left out, the first is \"\($0)\""
    }
    return (found.map { $0?.fields[label] ?? "" }, remark.map { [$0] } ?? [])
  }

  /// Lines that number the images from 0 or from 1.
  private func labelsByNumber(total: Int) throws(ImageSetError) -> (labels: [String], remarks: [String]) {
    let (file, label, lines) = try columns { Int($0) != nil }
    let numbers = lines.compactMap { Int($0.fields[file]) }
    guard numbers.count == lines.count, let least = numbers.min(), let largest = numbers.max() else {
      throw fail(
        "lines have two fields, and these images have no names; write one label in each line, or \"number,label\" with the "
          + "numbers 0 to \(total - 1)")
    }
    let first = least == 1 && largest == total ? 1 : 0
    guard numbers.allSatisfy({ (first..<first + total).contains($0) }) else {
      throw fail(
        "the lines number images \(least) to \(largest), but there are \(total): 0 to \(total - 1), or 1 to \(total)")
    }
    var found = [DelimitedText.Line?](repeating: nil, count: total)
    for (line, number) in zip(lines, numbers) {
      try set(&found, number - first, to: line, label: label, called: line.fields[file])
    }
    let missing = found.indices.filter { found[$0] == nil }
    if let image = missing.first {
      throw fail("\(missing.count) of the \(total) images have no label, the first is number \(image + first)")
    }
    try refuseMissing(found.compactMap { $0 }, label: label)
    return (found.map { $0?.fields[label] ?? "" }, [])
  }

  private func set(
    _ found: inout [DelimitedText.Line?], _ image: Int, to line: DelimitedText.Line, label: Int, called name: String
  ) throws(ImageSetError) {
    if let other = found[image], other.fields[label] != line.fields[label] {
      throw fail(
        "lines \(other.number) and \(line.number) are of one image, \"\(name)\", and give it the labels "
          + "\"\(other.fields[label])\" and \"\(line.fields[label])\"")
    }
    found[image] = line
  }
}

/// Finds an image by what a line calls it: its path ends as the image's own, or the image's own path ends so.
private struct NamesOfImages {
  let names: [String]
  /// The image of a whole path, with and without its extension; nil where several have it.
  private var whole: [String: Int?] = [:]
  /// The same of each ending of a path.
  private var endings: [String: Int?] = [:]

  init(_ names: [String]) {
    self.names = names
    for (image, name) in names.enumerated() {
      for text in Set([name, Self.withoutExtension(name)]) { Self.note(text, image, in: &whole) }
      for ending in Self.endings(of: name) {
        for text in Set([ending, Self.withoutExtension(ending)]) { Self.note(text, image, in: &endings) }
      }
    }
  }

  private static func note(_ text: String, _ image: Int, in images: inout [String: Int?]) {
    images.updateValue(images.keys.contains(text) ? nil : image, forKey: text)
  }

  /// The image that a path means; nil for none or several.
  func image(_ path: String) -> Int? {
    let name = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).drop { $0 == "." }.joined(separator: "/")
    for ending in Self.endings(of: name) {
      if let image = whole[ending] ?? nil { return image }
      if let image = whole[Self.withoutExtension(ending)] ?? nil { return image }
    }
    return (endings[name] ?? nil) ?? (endings[Self.withoutExtension(name)] ?? nil)
  }

  /// "a/b/c.png", "b/c.png", "c.png".
  private static func endings(of path: String) -> [String] {
    let parts = path.split(separator: "/")
    return parts.indices.map { parts[$0...].joined(separator: "/") }
  }

  private static func withoutExtension(_ path: String) -> String {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/"), dot != path.startIndex else { return path }
    return String(path[..<dot])
  }
}
