// Where the paper's presets have each of their constants from.
//
// One line for each constant, by its path in the configuration. What the constants mean: Configuration.swift.
// Tests    ProvenanceTests.swift (none is missing, none is too many)

/// Where a constant comes from.
public struct Provenance: Sendable, Equatable {
  /// A kind of source.
  public enum Source: String, Sendable, CaseIterable {
    /// The camera-ready paper.
    case paper
    /// Its supplement.
    case supplement
    /// The authors' released program, where the paper is silent or the published numbers were made otherwise.
    case released = "released program"
    /// The literature on the data set.
    case dataSet = "data set"
    /// A choice of this project that the sources leave open.
    case choice = "this project"
  }

  /// Where the value stands.
  public let source: Source
  /// What else should be known; empty for nothing.
  public let note: String

  init(_ source: Source, _ note: String = "") { (self.source, self.note) = (source, note) }

  /// The source with its note.
  public var text: String { note.isEmpty ? source.rawValue : "\(source.rawValue): \(note)" }

  /// The provenance of a constant of one of the paper's presets, by its path, such as "stageOne.learningRate".
  public static func of(_ path: String, preset: String = "paper-cifar10") -> Provenance? {
    exceptions[preset]?[path] ?? table[path]
  }

  /// Of CIFAR-10's run.
  static let table: [String: Provenance] = {
    var table: [String: Provenance] = [
      "seed": Provenance(.choice, "the released program has 1567010775 for another generator"),
      "isJoint": Provenance(.paper, "the two stages are the point"),
      "standardisation.mean": Provenance(.released),
      "standardisation.standardDeviation": Provenance(.released),
    ]
    for (stage, constants) in [("encoder", encoder), ("stageOne", stageOne), ("stageTwo", stageTwo)] {
      for (name, provenance) in constants { table["\(stage).\(name)"] = provenance }
    }
    for stage in ["stageOne", "stageTwo"] {
      for (name, provenance) in views { table["\(stage).views.\(name)"] = provenance }
      for (name, provenance) in optimiser { table["\(stage).optimiser.\(name)"] = provenance }
    }
    for loss in ["stageOne.augmentationLoss", "stageTwo.consistencyLoss"] {
      for (name, provenance) in batchLoss { table["\(loss).\(name)"] = provenance }
    }
    return table
  }()

  /// Of other data sets' runs, where they differ.
  private static let exceptions: [String: [String: Provenance]] = {
    let cifar100 = [
      "standardisation.standardDeviation": Provenance(.released, "not CIFAR-100's own, near .267 .256 .276"),
      "stageTwo.classCount": Provenance(.dataSet),
    ]
    let ruc = Provenance(.choice, "that of RUC, by the same group; the paper and its program tell none")
    let stl10 = [
      "standardisation.mean": ruc, "standardisation.standardDeviation": ruc, "stageOne.batchSize": ruc,
      "stageTwo.batchSize": ruc,
    ]
    return ["paper-cifar20": cifar100, "paper-cifar100": cifar100, "paper-stl10": stl10]
  }()

  private static let encoder: [String: Provenance] = [
    "inputChannels": Provenance(.dataSet), "streams": Provenance(.paper, "figure 2"),
    "widths": Provenance(.paper, "ResNet-18"), "blocks": Provenance(.paper, "ResNet-18"),
    "strides": Provenance(.released), "stemStride": Provenance(.released, "no pooling after the first convolution"),
    "embeddingSize": Provenance(.paper),
  ]

  private static let stageOne: [String: Provenance] = [
    "rounds": Provenance(.paper), "epochsPerRound": Provenance(.paper), "batchSize": Provenance(.released),
    "dropsRemainder": Provenance(.released),
    "learningRate": Provenance(.released, "the supplement tells stage 2's alone"),
    "learningRateSchedule": Provenance(.released, "first drop at epoch 120; the supplement's words mean 80"),
    "bankTemperature": Provenance(.paper), "bankMomentum": Provenance(.released),
    "bankViewPolicy": Provenance(.released, "its last write on a processor; on a GPU the order is open"),
    "bankStartsNormalised": Provenance(.released), "anchorRate": Provenance(.released),
    "neighbourCount": Provenance(.released), "neighbourhoodWeight": Provenance(.paper),
    "ownImage": Provenance(.paper, "the released program keeps it with the logit -10"),
    "entropyWeightStep": Provenance(.supplement),
    "entropyWeightSchedule": Provenance(.released, "restarts with each round; the supplement's words leave it open"),
    "augmentationWeight": Provenance(.paper),
    "augmentationSpace": Provenance(.released, "the paper speaks of the embedding space"),
    "reduction": Provenance(.released, "the paper writes sums"),
    "viewCount": Provenance(.released, "the paper writes L_AND and L_UE of one view"),
    "firstViewIsClean": Provenance(.released, "the paper speaks of an original and an augmented image"),
  ]

  private static let stageTwo: [String: Provenance] = [
    "epochs": Provenance(.paper), "batchSize": Provenance(.released), "learningRate": Provenance(.supplement),
    "learningRateSchedule": Provenance(.released, "first drop at epoch 120; the supplement's words mean 80"),
    "classCount": Provenance(.dataSet), "headCount": Provenance(.paper), "headTemperature": Provenance(.paper),
    "headAxis": Provenance(.paper, "the released program normalises along the features"),
    "headsAreTrainable": Provenance(.supplement), "marginalEntropyWeight": Provenance(.paper),
    "symmetrised": Provenance(.released, "as IIC; the paper's formula is not"),
    "consistencyWeight": Provenance(.released, "the paper's best of its supplement's figure 1"),
    "firstViewIsClean": Provenance(.released, "the paper speaks of an original and an augmented image"),
    "finalAnswer": Provenance(.paper, "the released program leaves the choice to its user"),
  ]

  private static let optimiser: [String: Provenance] = [
    "momentum": Provenance(.released), "nesterov": Provenance(.released), "weightDecay": Provenance(.released),
  ]

  private static let batchLoss: [String: Provenance] = [
    "temperature": Provenance(.paper), "negativeWeight": Provenance(.released),
    "stopsGradient": Provenance(.released, "the paper does not say"),
    "denominator": Provenance(.released, "equations 10 and 11 keep the query itself"),
    "reduction": Provenance(.released, "the paper writes sums"),
  ]

  private static let views: [String: Provenance] = [
    "kind": Provenance(.released), "crop.area": Provenance(.released), "crop.ratio": Provenance(.released),
    "jitterProbability": Provenance(.released), "brightness": Provenance(.released),
    "contrast": Provenance(.released), "saturation": Provenance(.released), "hue": Provenance(.released),
    "greyscaleProbability": Provenance(.released), "flipProbability": Provenance(.released),
  ]
}
