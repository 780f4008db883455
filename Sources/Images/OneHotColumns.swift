// Labels in one-hot columns, as encoders write them: a column for each class, 1 in that of the image, 0 in the others.
//
//     file,cat,dog        becomes  file,label      a.png,0,1,0   becomes  a.png,1
//     a.png,0,1                    a.png,dog
//
// Tests    ImagesTests/OneHotColumnsTests.swift

/// Lines of one-hot columns as lines of labels.
struct OneHotColumns {
  /// What stands before the columns, then the class: the column's heading or, without headings, its number from 0.
  private(set) var lines: [DelimitedText.Line] = []
  private let path: String

  /// What a user should be told.
  var remark: String { "\(path): the labels are one-hot columns; the class of an image is the column that has 1" }

  /// Recognises the columns by their values; nil if there are none, or if a heading says which column is the label.
  ///
  /// - Parameters:
  ///   - lines: All lines, with the same number of fields.
  ///   - headings: What columns of labels are called.
  ///   - path: Names the file in sentences.
  /// - Throws: A sentence, if a line has more or fewer than one 1.
  init?(_ lines: [DelimitedText.Line], headings: Set<String>, path: String) throws(ImageSetError) {
    self.path = path
    guard let first = lines.first, first.fields.count > 2 else { return nil }
    guard !first.fields.contains(where: { headings.contains($0.lowercased()) }) else { return nil }
    var problem: ImageSetError?
    // Before the columns stands nothing, the file, or a number and the file.
    for start in 0...2 where first.fields.count - start >= 2 {
      let bits = lines.map { line in line.fields[start...].map(Self.bit) }
      let hasHeadings = bits[0].contains(nil)
      guard lines.count > (hasHeadings ? 1 : 0), !bits.dropFirst().joined().contains(nil) else { continue }
      let rows = hasHeadings ? 1..<lines.count : 0..<lines.count
      if let wrong = rows.first(where: { row in bits[row].count { $0 == true } != 1 }) {
        problem =
          problem
          ?? ImageSetError(
            path: path,
            problem: "the last \(first.fields.count - start) columns hold only 0 and 1, as one-hot labels do, but line "
              + "\(lines[wrong].number) has \(bits[wrong].count { $0 == true }) of them 1 and not one; begin the file with a line of "
              + "headings where the column with the class is called \"label\"")
        continue
      }
      let numbers = bits[0].indices.map(String.init)
      let names = hasHeadings ? Array(first.fields[start...]) : numbers
      // A line of other numbers is none of headings.
      guard
        names == numbers || bits[0].allSatisfy({ $0 == nil }) || names == numbers.indices.map({ "\($0 + 1)" })
      else { continue }
      if hasHeadings && start > 0 {
        self.lines = [DelimitedText.Line(number: first.number, fields: first.fields[..<start] + ["label"])]
      }
      self.lines += rows.map { row in
        DelimitedText.Line(
          number: lines[row].number,
          fields: lines[row].fields[..<start] + [names[bits[row].firstIndex(of: true) ?? 0]])
      }
      return
    }
    if let problem { throw problem }
    return nil
  }

  private static func bit(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "0", "0.0", "false": false
    case "1", "1.0", "true": true
    default: nil
    }
  }
}
