// The names that a mistyped one most resembles.
// Tests    FilesTests/NearestNamesTests.swift

/// The number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
package func editDistance(_ first: String, _ second: String) -> Int {
  let (a, b) = (Array(first), Array(second))
  // Row i holds the distances of a's first i letters to all beginnings of b; two earlier rows are kept for swaps.
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { best = min(best, beforeLast[j - 1] + 1) }
      row.append(best)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}

/// The known names nearest to `name`, at most three, in their given order.
///
/// A dotted name such as "stage-one.learning-rate" is also near to what resembles its last part.
package func nearestNames(to name: String, among known: [String]) -> [String] {
  let distances = known.map { candidate -> Int in
    let last = candidate.split(separator: ".").last.map(String.init) ?? candidate
    return min(editDistance(name, candidate), editDistance(name, last))
  }
  guard let least = distances.min() else { return [] }
  return Array(zip(known, distances).filter { $0.1 == least }.map(\.0).prefix(3))
}
