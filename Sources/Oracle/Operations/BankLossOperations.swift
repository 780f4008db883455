// The two losses against the bank as functions of the embeddings: V → z = V Mᵀ / τ → loss, and back to V.
//
// For numbers of one's own they are one question instead of two, logits in between. The third loss of stage 1 as a function of V is
// the operation relation-loss.
// Tests    OracleTests/BankLossOperationsTests.swift, OracleTests/LossCasesTests.swift
import Files
import Kernels
import Networks
import TwoStage

/// The losses of logits that are asked as losses of embeddings.
let bankLossOperations: [any OracleOperation] = [
  BankLossOperation(term: .neighbourhood), BankLossOperation(term: .entropy),
]

/// L_AND or L_UE of embeddings against a bank, which is a constant: no gradient goes into it.
///
/// Outputs: loss, embeddings.gradient.
struct BankLossOperation: OracleOperation {
  /// The loss of the logits.
  enum Term {
    /// L_AND.
    case neighbourhood
    /// L_UE.
    case entropy
  }

  let term: Term
  let area = "loss"

  var name: String {
    switch term {
    case .neighbourhood: "instance-neighbourhood-of-embeddings"
    case .entropy: "unification-entropy-of-embeddings"
    }
  }

  var parameters: [ParameterDeclaration] {
    [.bankTemperature] + (term == .entropy ? [.ownLogit] : []) + [.reduction]
  }

  var inputs: [InputDeclaration] {
    [.real("embeddings", "rows × features", "V, taken as they are"), .bank, .rowImages]
      + (term == .neighbourhood ? [.neighbours] : [])
  }

  var formula: String {
    "L = L_\(term == .neighbourhood ? "AND" : "UE")(z),  z = V Mᵀ / τ;  ∂L/∂V = ∂z M / τ, M a constant"
  }

  func answer<Scalar: RealScalar>(
    _ prompt: Prompt, as _: Scalar.Type
  ) throws(OracleError) -> [String: TensorValue] {
    let given = try Inputs<Scalar>(NetworkPrompt(prompt: prompt))
    let logits = given.bank.logits(of: given.embeddings)
    let (loss, gradient): (Scalar, Tensor<Scalar>)
    switch term {
    case .neighbourhood:
      let found = given.neighbourhood.evaluate(
        logits: logits, images: given.images, neighbourhoods: given.neighbourhoods)
      (loss, gradient) = (found.loss, found.logitsGradient)
    case .entropy:
      let found = given.entropy.evaluate(logits: logits, images: given.images)
      (loss, gradient) = (found.loss, found.logitsGradient)
    }
    return [
      "loss": .number(loss), "embeddings.gradient": .real(given.bank.embeddingsGradient(ofLogits: gradient)),
    ]
  }

  func scales(_ prompt: Prompt) throws(OracleError) -> [String: RoundingScale] {
    let reader = NetworkPrompt(prompt: prompt)
    let given = try Inputs<Double>(reader)
    try reader.requireTrackable("the logits", [given.embeddings.rows, given.bank.rows.rows])
    try reader.requireTrackable("the bank", given.bank.rows.shape)
    let (memory, temperature) = (
      TrackedMatrix(exact: given.bank.rows), TrackedNumber(rounded: given.bank.temperature)
    )
    let logits = TrackedMatrix(exact: given.embeddings).multiplied(byTransposed: memory).map { $0 / temperature }
    let found = tracked(logits, given)
    let terms = max(logits.rows, logits.columns, given.embeddings.columns)
    return [
      "loss": found.loss.scale(longestSum: terms),
      "embeddings.gradient": found.gradient.multiplied(by: memory).map { $0 / temperature }.scale(longestSum: terms),
    ]
  }

  /// The loss of the logits with its errors, and its gradient by them.
  private func tracked(_ logits: TrackedMatrix, _ given: Inputs<Double>) -> TrackedLoss {
    switch term {
    case .neighbourhood:
      given.neighbourhood.tracked(logits, images: given.images, neighbourhoods: given.neighbourhoods)
    case .entropy: given.entropy.tracked(logits, images: given.images)
    }
  }

  /// The gradient by the logits, from logits with their errors.
  func logitsGradient(_ logits: TrackedMatrix, _ prompt: Prompt) throws(OracleError) -> TrackedMatrix {
    tracked(logits, try Inputs<Double>(NetworkPrompt(prompt: prompt))).gradient
  }

  private struct Inputs<Scalar: RealScalar> {
    let embeddings: Tensor<Scalar>
    let bank: MemoryBank<Scalar>
    let images: [Int]
    let neighbourhoods: Neighbourhoods
    let neighbourhood: InstanceNeighbourhoodLoss<Scalar>
    let entropy: UnificationEntropyLoss<Scalar>

    init(_ reader: NetworkPrompt) throws(OracleError) {
      embeddings = try reader.matrix("embeddings")
      bank = try reader.finiteBank(features: embeddings.columns, as: Scalar.self)
      try reader.requireRoom("the logits", [embeddings.rows, bank.rows.rows])
      images = try reader.indices("images", count: embeddings.rows, below: bank.rows.rows)
      neighbourhoods = try reader.neighbourhoods(images: bank.rows.rows)
      neighbourhood = InstanceNeighbourhoodLoss(reduction: try reader.prompt.choice(.reduction))
      entropy = try reader.unificationEntropy(as: Scalar.self)
    }
  }
}
