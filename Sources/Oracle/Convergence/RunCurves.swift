// The numbers of a run that are compared with those of other runs: its history, epoch by epoch.
//
//     schedule    learningRate, entropyWeight, anchors: what the recipe says, without chance
//     terms       every other column; of columns such as "information 0", "information 1", … the mean, since heads of different
//                 runs do not correspond, and none of "head 0", … themselves, whose mean is L_assign; "consistency" only in a
//                 round's first epoch, because it is that of the whole round
// Tests    OracleTests/RunCurvesTests.swift
import Foundation
import TwoStage

/// One number of a run: a term in an epoch; ordered by time, then by term.
package struct CurvePoint: Hashable, Comparable, Sendable {
  /// 1 or 2.
  package var stage: Int
  /// The round of stage 1; 0 in stage 2.
  package var round: Int
  /// The epoch in its round or stage.
  package var epoch: Int
  /// The name of the column, without the number of a head.
  package var term: String

  package static func < (a: CurvePoint, b: CurvePoint) -> Bool {
    (a.stage, a.round, a.epoch, a.term) < (b.stage, b.round, b.epoch, b.term)
  }

  /// "stage 1, round 2" or "stage 2".
  package var part: String { stage == 1 ? "stage 1, round \(round)" : "stage \(stage)" }
}

/// All numbers of a run.
package struct RunCurves: Sendable, Equatable {
  /// The columns that follow from the recipe alone.
  static let scheduleNames: Set = ["learningRate", "entropyWeight", "anchors"]

  /// The file that it was read from, for messages.
  package let path: String
  /// The terms.
  package let terms: [CurvePoint: Double]
  /// The schedule.
  package let schedule: [CurvePoint: Double]

  /// The run of a folder with history.csv, or of such a file.
  package init(reading path: String) throws(OracleError) {
    let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
    let file = type == .typeDirectory ? "\(path)/history.csv" : path
    let text = String(decoding: try CorpusFiles.read(file), as: UTF8.self)
    do throws(HistoryError) {
      try self.init(History(csv: text, path: file), path: file)
    } catch {
      throw OracleError(error.description)
    }
  }

  /// The numbers of a history; all must be finite, and no epoch may come twice.
  init(_ history: History, path: String) throws(HistoryError) {
    guard !history.epochs.isEmpty else {
      throw HistoryError(description: "\(path) holds no epoch; a row for each epoch was expected below the header")
    }
    var (sums, schedule, seen) = ([CurvePoint: (sum: Double, count: Int)](), [CurvePoint: Double](), Set<CurvePoint>())
    for epoch in history.epochs {
      let place = CurvePoint(stage: epoch.stage, round: epoch.round, epoch: epoch.epoch, term: "")
      guard seen.insert(place).inserted else {
        throw HistoryError(
          description: "\(path) has \(place.part), epoch \(place.epoch) twice; one run has every epoch once")
      }
      for (name, value) in epoch.values {
        guard value.isFinite else {
          throw HistoryError(
            description:
              "\(path): \(Wording.shown(name, most: 40)) of \(place.part), epoch \(place.epoch) is \(value), and "
              + "only finite numbers can be compared; a run that diverges has no curve")
        }
        var point = place
        point.term = Self.term(name)
        if Self.scheduleNames.contains(name) {
          schedule[point] = value
        } else if !name.hasPrefix("head ") && (name != "consistency" || epoch.epoch == 0) {
          sums[point, default: (0, 0)].sum += value
          sums[point]?.count += 1
        }
      }
    }
    (self.path, self.schedule) = (path, schedule)
    terms = sums.mapValues { $0.sum / Double($0.count) }
  }

  /// A column's name without the number of its head.
  private static func term(_ name: String) -> String {
    let words = name.split(separator: " ")
    return words.count > 1 && words.last.flatMap { Int($0) } != nil ? words.dropLast().joined(separator: " ") : name
  }

  /// The epochs, without terms.
  var places: Set<CurvePoint> {
    Set(
      schedule.keys.map { CurvePoint(stage: $0.stage, round: $0.round, epoch: $0.epoch, term: "") }
        + terms.keys.map { CurvePoint(stage: $0.stage, round: $0.round, epoch: $0.epoch, term: "") })
  }
}
