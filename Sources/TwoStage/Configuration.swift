// Every constant of a run, by name; saved beside its results and settable from the command line.
//
// Sources of the defaults: Han et al., ECCV 2020, and its supplement ("paper"), the authors' released program where the
// paper is silent ("released"), and recipes found by experiment for the bundled images ("recipe"); constant by constant:
// Provenance.swift.
// Presets: ConfigurationPresets.swift. What is out of range: ConfigurationValidation.swift.
// Tests    ConfigurationTests.swift
import Images
import Networks

/// All that determines a run, together with the images.
public struct Configuration: Codable, Sendable, Equatable {
  /// The key of all random numbers: weights, bank, heads, order of the images and views.
  public var seed: UInt32
  /// How images are standardised; nil for the training images' own mean and standard deviation of each channel.
  public var standardisation: Standardisation?
  /// The encoder's sizes.
  public var encoder: EncoderConfiguration
  /// Stage 1: embeddings.
  public var stageOne: StageOneConfiguration
  /// Stage 2: classes.
  public var stageTwo: StageTwoConfiguration
  /// Whether both stages' losses train one encoder at once in the epochs of stage 1, after which there are no others:
  /// the paper's ablation.
  public var isJoint = false

  /// Gathers the parts.
  public init(
    seed: UInt32 = 0, standardisation: Standardisation? = nil, encoder: EncoderConfiguration,
    stageOne: StageOneConfiguration, stageTwo: StageTwoConfiguration
  ) {
    self.seed = seed
    self.standardisation = standardisation
    self.encoder = encoder
    self.stageOne = stageOne
    self.stageTwo = stageTwo
  }

  /// Lowers what a preset has for many images to what so few allow: batches of at most all images, neighbours among the others.
  public mutating func limit(toImages count: Int) {
    stageOne.batchSize = min(stageOne.batchSize, count)
    stageTwo.batchSize = min(stageTwo.batchSize, count)
    stageOne.neighbourCount = min(stageOne.neighbourCount, max(1, count - 1))
  }

  /// What images are standardised by when `images` are trained on.
  public func standardisation(for images: ImageSet) -> Standardisation { standardisation ?? images.standardisation }
}

/// The constants of stochastic gradient descent.
public struct OptimiserConfiguration: Codable, Sendable, Equatable {
  /// 0..<1; 0.9 (released).
  public var momentum = 0.9
  /// Whether the step looks ahead; true (released).
  public var nesterov = true
  /// ≥ 0, on every parameter of the encoder; 5e-4 (released).
  public var weightDecay = 5e-4

  /// The released program's constants.
  public init() {}
}

/// How the weight w of the unification entropy rises over the epochs of a round.
public enum EntropyWeightSchedule: Codable, Sendable, CaseIterable {
  /// w = step · ⌊t / 80⌋, t the epoch inside the round (released; the default of the paper's preset).
  case released
  /// w = step · ⌊t / 80⌋, t counted over all rounds: the paper's words taken literally.
  case allEpochs
  /// w = step · ⌊t / (0.4 E)⌋, E the epochs of a round (recipe).
  case fractions

  /// w in `epoch` (0..<epochs) of `round`.
  public func weight(round: Int, epoch: Int, of epochs: Int, step: Double) -> Double {
    switch self {
    case .released: step * Double(epoch / 80)
    case .allEpochs: step * Double((round * epochs + epoch) / 80)
    // In whole numbers: t / (0.4 E) = 10 t / 4 E.
    case .fractions: step * Double(10 * epoch / (4 * epochs))
    }
  }
}

extension EntropyWeightSchedule: RawRepresentable {
  /// The schedule of a name; "paper" is an older name of `released`.
  public init?(rawValue: String) {
    guard let schedule = Self.allCases.first(where: { $0.rawValue == (rawValue == "paper" ? "released" : rawValue) })
    else { return nil }
    self = schedule
  }

  /// The name of the case.
  public var rawValue: String { String(describing: self) }
}

/// The constants of stage 1.
public struct StageOneConfiguration: Codable, Sendable, Equatable {
  /// What stands for a view's own image in the unification entropy.
  public enum OwnImage: String, Codable, Sendable, CaseIterable {
    /// Nothing: it is left out (paper; the default).
    case excluded
    /// A logit of −10, kept in the softmax (released).
    case minusTen
  }

  /// Rounds, each with its own neighbourhoods; 5 (paper); with 0 stage 2 begins with random weights.
  public var rounds = 5
  /// Epochs of a round; ≥ 1; 200 (paper).
  public var epochsPerRound = 200
  /// B, images of a step, two views each; ≥ 2; 128 (released).
  public var batchSize = 128
  /// Whether images that fill no batch are left out of an epoch; true (released), AND keeps them.
  public var dropsRemainder = true
  /// The optimiser of all rounds.
  public var optimiser = OptimiserConfiguration()
  /// The rate that every round starts with; > 0; 0.03 (released).
  public var learningRate = 0.03
  /// How the rate falls inside a round; `released`.
  public var learningRateSchedule = LearningRateSchedule.released
  /// τ of the memory bank; > 0; 0.1 (paper).
  public var bankTemperature = 0.1
  /// ρ, the weight of the old row; 0...1; 0.5 (released).
  public var bankMomentum = 0.5
  /// Which view is remembered; `second` (released).
  public var bankViewPolicy = MemoryViewPolicy.second
  /// Whether the bank starts with unit rows; false (released).
  public var bankStartsNormalised = false
  /// s, the share of the images that become anchors with each round; > 0; 0.25 (released).
  public var anchorRate = 0.25
  /// k, neighbours of an anchor; 1...N−1; 1 (released).
  public var neighbourCount = 1
  /// The weight of L_AND; ≥ 0; 1 (paper); 0 leaves out L_AND and L_UE, as ISIF does.
  public var neighbourhoodWeight = 1.0
  /// What stands for the own image in L_UE; `excluded` (paper).
  public var ownImage = OwnImage.excluded
  /// By how much w rises; ≥ 0, and 0 leaves L_UE out; 0.2 (paper).
  public var entropyWeightStep = 0.2
  /// When w rises; `released`.
  public var entropyWeightSchedule = EntropyWeightSchedule.released
  /// The weight of L_AUG; ≥ 0; 1 (paper); 0 leaves it out, as NPID and AND do.
  public var augmentationWeight = 1.0
  /// What L_AUG compares; `relation` (released).
  public var augmentationSpace = AugmentationLossSpace.relation
  /// L_AUG's batch loss.
  public var augmentationLoss = BatchLossConfiguration()
  /// How rows of L_AND and L_UE are reduced; `mean` (released).
  public var reduction = Reduction.mean
  /// Views of an image in a step, 1 or 2; 2 (released); NPID and AND make one, with which there is no L_AUG.
  public var viewCount = 2
  /// Whether the first view is the image itself instead of a random view; false (released).
  public var firstViewIsClean = false
  /// The random views.
  public var views: RandomViews

  /// The paper's constants with the given views.
  public init(views: RandomViews) { self.views = views }
}

/// The constants of stage 2.
public struct StageTwoConfiguration: Codable, Sendable, Equatable {
  /// Epochs; ≥ 1; 300 (paper); not used in joint training, like the next four constants and the views.
  public var epochs = 300
  /// B, images of a step, two views each; ≥ 2 and ≥ K; 128 (released).
  public var batchSize = 128
  /// The optimiser of the stage, a fresh one, also for heads that are trained.
  public var optimiser = OptimiserConfiguration()
  /// The rate that the stage starts with; > 0; 0.01 (paper).
  public var learningRate = 0.01
  /// How the rate falls; `released`.
  public var learningRateSchedule = LearningRateSchedule.released
  /// K, classes of a head; ≥ 2; the data set's number of classes.
  public var classCount = 10
  /// H; ≥ 1; 5 (paper).
  public var headCount = 5
  /// τ_c; > 0; 0.1 (paper); the recipe's 0.05 makes up for few epochs.
  public var headTemperature = 0.1
  /// Along which axis the heads' weights are normalised; `classes` (paper).
  public var headAxis = ClusterHeadAxis.classes
  /// Whether the heads are trained; false (supplement).
  public var headsAreTrainable = false
  /// λ_m, IIC's weight of the marginal entropies, not λ; ≥ 0; 1 (paper); the recipe's 2 keeps classes equally large.
  public var marginalEntropyWeight = 1.0
  /// Whether P is made symmetric; true (released).
  public var symmetrised = true
  /// λ, the weight of L_cp; ≥ 0; 1 (released).
  public var consistencyWeight = 1.0
  /// L_cp.
  public var consistencyLoss = BatchLossConfiguration()
  /// Whether the first view is the image itself instead of a random view; false (released).
  public var firstViewIsClean = false
  /// How the heads' classes become the cluster of an image; `lowestLoss` (paper).
  public var finalAnswer = FinalAnswer.lowestLoss
  /// The random views.
  public var views: RandomViews

  /// The paper's constants with the given views.
  public init(views: RandomViews) { self.views = views }
}

/// The constants of a batch loss.
public struct BatchLossConfiguration: Codable, Sendable, Equatable {
  /// τ_b; > 0; 0.1 (paper).
  public var temperature = 0.1
  /// ω, the weight of negatives; ≥ 1; 1 (released).
  public var negativeWeight = 1.0
  /// Whether the second factor of every product is a constant; true (released).
  public var stopsGradient = true
  /// Which rows compete; `released`.
  public var denominator = BatchLossDenominator.released
  /// How rows are reduced; `mean` (released).
  public var reduction = Reduction.mean

  /// The released program's constants.
  public init() {}
}
