// The two losses against the memory bank at once: the logits of a row become their gradient where they lie.
//
// Paper    Han et al., ECCV 2020, stage 1:  L_AND + w L_UE  of z = V Mᵀ / τ, and its gradient of V.
//
//     for some rows of V at a time:   V ──▶ z ──▶ per row: t, T, d̄, then both losses, then z ← ∂L/∂z ──▶ ∂L/∂V
//
// The logits are the largest matrix of the method, rows × images. Here only some of their rows exist at a time, and no
// other matrix of that shape; the unfused form, which stores every matrix, is BankDistribution with one loss after the other.
// Tests    Losses/BankLossesTests.swift (bit for bit against the unfused form)
import Kernels
import Networks

/// L_AND + w L_UE, with the gradient of the embeddings.
struct BankLosses<Scalar: RealScalar>: Sendable {
  /// L_AND.
  let neighbourhood: InstanceNeighbourhoodLoss<Scalar>
  /// L_UE.
  let entropy: UnificationEntropyLoss<Scalar>
  /// w; at 0 L_UE is not computed.
  let entropyWeight: Scalar
  /// How many bytes of logits may exist at a time; no bit depends on it.
  var logitsLimit = RowChunks.byteLimit

  /// Both losses and the gradient of their weighted sum.
  struct Evaluation {
    /// L_AND.
    let neighbourhood: Scalar
    /// L_UE; nil while w is 0.
    let entropy: Scalar?
    /// ∂(L_AND + w L_UE)/∂V: rows × features.
    let embeddingsGradient: Tensor<Scalar>
  }

  /// The losses of embeddings V, rows × features, where row a is a view of `images[a]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func evaluate(
    embeddings: Tensor<Scalar>, images: [Int], bank: MemoryBank<Scalar>, neighbourhoods: Neighbourhoods
  ) -> Evaluation {
    let (rows, columns) = (embeddings.rows, bank.rows.rows)
    require(images.count == rows, "\(rows) rows of embeddings need as many image indices, not \(images.count)")
    require(
      neighbourhoods.imageCount == columns,
      "neighbourhoods of \(neighbourhoods.imageCount) images do not fit a bank of \(columns) images")
    var losses: [RowLosses] = []
    var gradient: [Scalar] = []
    for range in RowChunks.ranges(rows: rows, columns: columns, of: Scalar.self, byteLimit: logitsLimit) {
      var logits = bank.logits(of: embeddings.rows(range))
      let isLarge = logits.count >= Parallel.leastTerms
      losses += Parallel.mapBlocks(of: &logits.values, blockSize: columns, inParallel: isLarge) { a, row in
        replaceByGradient(&row, image: images[range.lowerBound + a], neighbourhoods: neighbourhoods, rows: rows)
      }
      gradient += bank.embeddingsGradient(ofLogits: logits).values
    }
    return Evaluation(
      neighbourhood: neighbourhood.reduction.scale(rows: rows) * sum(losses.map(\.neighbourhood)),
      entropy: entropyWeight > 0 ? entropy.reduction.scale(rows: rows) * sum(losses.map(\.entropy)) : nil,
      embeddingsGradient: Tensor(shape: embeddings.shape, values: gradient))
  }

  /// l_a and H_a of one row.
  private struct RowLosses {
    let neighbourhood: Scalar
    let entropy: Scalar
  }

  /// Turns a row of logits into their gradient, and returns its losses.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func replaceByGradient(
    _ row: inout MutableSpan<Scalar>, image: Int, neighbourhoods: Neighbourhoods, rows: Int
  ) -> RowLosses {
    let others = SoftmaxOfOthers(of: &row, own: image)
    let andTerm = neighbourhood.row(
      row.span, others: others, members: neighbourhoods.members(of: image),
      scale: neighbourhood.reduction.scale(rows: rows))
    var ueTerm: UnificationEntropyLoss<Scalar>.Row?
    // An image that is alone in its bank has no distribution over others.
    if entropyWeight > 0 && row.count > 1 {
      ueTerm = entropy.row(others, scale: entropy.reduction.scale(rows: rows))
    }
    var insideGradient = andTerm.insideGradient
    if let ueTerm {
      for (index, (column, _)) in insideGradient.enumerated() {
        let probability = others.probability(column, logit: row[column])
        insideGradient[index].value +=
          entropyWeight * ueTerm.gradient.value(probability: probability, shiftedLogit: row[column] - others.shift)
      }
    }
    others.replaceByGradient(&row, scaledBy: andTerm.factor, entropy: ueTerm?.gradient, weight: entropyWeight)
    for (column, value) in insideGradient { row[column] = value }
    return RowLosses(neighbourhood: andTerm.loss, entropy: ueTerm?.loss ?? 0)
  }
}
