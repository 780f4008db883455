// A word before stage 2 where the images seem to be of unequal classes and the recipe asks for equal ones.
//
// λ_m above 1 keeps clusters equally large, which splits large classes. Without labels nobody knows how large classes are, but
// the sizes of Ward's clusters of stage 1's embeddings are a sign of it. Measured: Fixtures/measurements/accuracy.md.
// Tests    tsucTests/UnequalClassesTests.swift
import Commands
import Evaluation
import Networks
import TwoStage

/// What stage 1 says about the sizes of the classes.
struct UnequalClasses {
  /// Evenness of Ward's clusters: at least this of equal classes, and less of most sets whose largest class is ten times
  /// the smallest.
  static let leastEvenness = 0.97
  /// At most so many images are looked at; Ward's clustering costs the square.
  static let largestCount = 2000
  /// Fewer images a class say nothing.
  static let leastImagesOfClass = 20

  /// The evenness of Ward's clusters.
  let evenness: Double

  /// Looks at embeddings, images × features; nil where there are too few, or no weight above 1 asks for equal classes.
  init?(embeddings: Tensor<Float>, _ stage: StageTwoConfiguration) {
    guard stage.marginalEntropyWeight > 1, embeddings.rows >= Self.leastImagesOfClass * stage.classCount else {
      return nil
    }
    let clusters = WardClustering(clusterCount: stage.classCount).cluster(embeddings)
    evenness = ClusterSizes(of: clusters, clusterCount: stage.classCount).evenness
  }

  /// A sentence; nil where the sizes do not differ much.
  var advice: String? {
    guard evenness < Self.leastEvenness else { return nil }
    return "tsuc: the classes may be unequal (evenness \(decimals(evenness, 3)) of Ward's clusters after stage 1; "
      + "equal classes have \(decimals(Self.leastEvenness, 2)) to 1): if they are, "
      + "--stage-two.marginal-entropy-weight 1 puts more images right, but may join the smallest classes"
  }
}
