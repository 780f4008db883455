// What the paper's tables of ablations vary: each variant changes constants of a configuration and has a line of its own.
//
// Paper    Han et al., ECCV 2020, section 4: what stage 2 starts from, its losses, its heads, and both stages at once.
// Tests    tsucTests/AblationTests.swift
import Commands
import Evaluation
import Images
import Kernels
import Networks
import TwoStage

/// One line of the table.
struct AblationVariant: Sendable {
  /// What the command line calls it.
  let name: String
  /// What the table says.
  let summary: String
  /// What it changes.
  let change: @Sendable (Configuration) -> Configuration

  /// All of them, in the order of the table.
  static let all: [AblationVariant] = [
    AblationVariant(name: "two-stage", summary: "both stages") { $0 },
    AblationVariant(name: "from-random", summary: "stage 2 from random weights") {
      $0.with(\.stageOne.rounds, 0)
    },
    AblationVariant(name: "from-npid", summary: "stage 2 from NPID") { Method.npid.applied(to: $0) },
    AblationVariant(name: "from-and", summary: "stage 2 from AND") { Method.and.applied(to: $0) },
    AblationVariant(name: "from-isif", summary: "stage 2 from ISIF") { Method.isif.applied(to: $0) },
    AblationVariant(name: "no-consistency", summary: "without L_cp") { $0.with(\.stageTwo.consistencyWeight, 0) },
    AblationVariant(name: "no-normalisation", summary: "heads not normalised") { $0.with(\.stageTwo.headAxis, .none) },
    AblationVariant(name: "temperature-1", summary: "heads' temperature 1") { $0.with(\.stageTwo.headTemperature, 1) },
    AblationVariant(name: "plain-information", summary: "marginal entropies not weighed more (λ_m = 1)") {
      $0.with(\.stageTwo.marginalEntropyWeight, 1)
    },
    AblationVariant(name: "joint", summary: "both stages' losses at once") { Method.joint.applied(to: $0) },
    AblationVariant(name: "iic", summary: "IIC's manner: stage 2 alone, heads trained") { Method.iic.applied(to: $0) },
  ]
}

extension Configuration {
  /// The same with one value changed.
  func with<Value>(_ path: WritableKeyPath<Configuration, Value>, _ value: Value) -> Configuration {
    var changed = self
    changed[keyPath: path] = value
    return changed
  }
}

/// What one seed of one line came to, as a line of results.csv.
struct AblationResult: Sendable, Equatable {
  /// The variant, or a clustering of the embeddings of stage 1.
  let variant: String
  let seed: UInt32
  let accuracy: Double
  let normalisedMutualInformation: Double
  let adjustedRandIndex: Double
  /// Of training, stage 1 included also where several variants share it.
  let seconds: Double
  /// Each cluster to its most frequent class; only where there are more clusters than classes.
  let manyToOneAccuracy: Double?

  private static let columns = "variant,seed,accuracy,nmi,ari,seconds"
  private static let manyToOneColumn = ",many_to_one"

  /// The line of headings of a table with more clusters than classes, or of any other.
  static func header(isOverClustered: Bool) -> String { columns + (isOverClustered ? manyToOneColumn : "") }

  /// The line below such headings; files of older programs never have the last column.
  func csv(below header: Substring) -> String {
    "\(variant),\(seed),\(accuracy),\(normalisedMutualInformation),\(adjustedRandIndex),\(decimals(seconds, 1))"
      + (header.hasSuffix(Self.manyToOneColumn) ? "," + (manyToOneAccuracy.map { "\($0)" } ?? "") : "")
  }

  init(_ variant: String, seed: UInt32, _ scores: ClusteringScores, seconds: Double) {
    (self.variant, self.seed, self.seconds) = (variant, seed, seconds)
    (accuracy, normalisedMutualInformation) = (scores.accuracy, scores.normalisedMutualInformation)
    (adjustedRandIndex, manyToOneAccuracy) = (scores.adjustedRandIndex, scores.manyToOneAccuracy)
  }

  /// A line that was read; nil if it is none.
  init?(csv line: Substring) {
    let cells = line.split(separator: ",", omittingEmptySubsequences: false)
    guard (6...7).contains(cells.count), let seed = UInt32(cells[1]), let accuracy = Double(cells[2]),
      let nmi = Double(cells[3]), let ari = Double(cells[4]), let seconds = Double(cells[5]),
      cells.count == 6 || cells[6].isEmpty || Double(cells[6]) != nil
    else { return nil }
    manyToOneAccuracy = cells.count == 7 ? Double(cells[6]) : nil
    (variant, self.seed, self.accuracy) = (String(cells[0]), seed, accuracy)
    (normalisedMutualInformation, adjustedRandIndex, self.seconds) = (nmi, ari, seconds)
  }
}
