// history.csv: one row for each epoch, one column for each number that any epoch has.
// Tests    tsucTests/HistoryTests.swift

/// Why a text is no history, in one sentence.
package struct HistoryError: Error, CustomStringConvertible, Equatable, Sendable {
  package let description: String
  package init(description: String) { self.description = description }
}

/// What one epoch of training was like.
package struct EpochRecord: Sendable, Equatable {
  /// 1 or 2.
  package let stage: Int
  /// The round of stage 1; 0 in stage 2.
  package let round: Int
  /// The epoch in its round.
  package let epoch: Int
  /// Names and values of all else: learning rate, weights and terms of the loss.
  package let values: [(name: String, value: Double)]

  /// Gathers the parts.
  package init(stage: Int, round: Int, epoch: Int, values: [(name: String, value: Double)]) {
    (self.stage, self.round, self.epoch, self.values) = (stage, round, epoch, values)
  }

  package static func == (a: EpochRecord, b: EpochRecord) -> Bool {
    (a.stage, a.round, a.epoch) == (b.stage, b.round, b.epoch)
      && a.values.elementsEqual(b.values) { $0.name == $1.name && $0.value == $1.value }
  }
}

/// The epochs of a run in order.
package struct History: Sendable, Equatable {
  /// The epochs.
  package var epochs: [EpochRecord]

  /// The given epochs.
  package init(epochs: [EpochRecord] = []) { self.epochs = epochs }

  /// The names of all values, in the order in which they first occur.
  package var names: [String] {
    var names: [String] = []
    for value in epochs.flatMap(\.values) where !names.contains(value.name) { names.append(value.name) }
    return names
  }

  /// The text of the file; a value that an epoch does not have is empty.
  package var csv: String {
    let names = names
    var text = (["stage", "round", "epoch"] + names).joined(separator: ",") + "\n"
    for epoch in epochs {
      let cells = names.map { name in epoch.values.first { $0.name == name }.map { "\($0.value)" } ?? "" }
      text += (["\(epoch.stage)", "\(epoch.round)", "\(epoch.epoch)"] + cells).joined(separator: ",") + "\n"
    }
    return text
  }

  /// The epochs in the text of the file; `path` stands for it in messages.
  package init(csv: String, path: String) throws(HistoryError) {
    epochs = []
    // Python's csv module ends lines with both characters of a line break, which are one Character here.
    let lines = csv.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let header = lines.first?.map(String.init) ?? []
    guard header.prefix(3) == ["stage", "round", "epoch"] else {
      throw HistoryError(
        description: "\(path) must begin with the columns stage,round,epoch, not with "
          + "\"\(header.joined(separator: ",").prefix(60))\"")
    }
    for (number, cells) in lines.enumerated().dropFirst() {
      let numbers = cells.map { Double($0) }
      guard cells.count == header.count, let stage = Int(cells[0]), let round = Int(cells[1]),
        let epoch = Int(cells[2]),
        (3..<cells.count).allSatisfy({ cells[$0].isEmpty || numbers[$0] != nil })
      else {
        throw HistoryError(
          description: "\(path), line \(number + 1): expected \(header.count) numbers, and found "
            + "\"\(cells.joined(separator: ",").prefix(120))\"")
      }
      let values = (3..<cells.count).compactMap { column in numbers[column].map { (header[column], $0) } }
      epochs.append(EpochRecord(stage: stage, round: round, epoch: epoch, values: values))
    }
  }

  /// The values of one name in one stage by the epoch's place in that stage; finite ones only.
  package func series(_ name: String, stage: Int) -> [(epoch: Int, value: Double)] {
    epochs.filter { $0.stage == stage }.enumerated().compactMap { index, epoch in
      epoch.values.first { $0.name == name && $0.value.isFinite }.map { (index, $0.value) }
    }
  }
}
