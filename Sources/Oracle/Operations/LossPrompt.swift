// Losses, banks and heads read out of prompts: matrices and indices checked beforehand, so that no loss is ever asked amiss.
// Tests    OracleTests/LossPromptTests.swift
import Kernels
import Networks
import TwoStage

extension NetworkPrompt {
  /// A matrix without a missing axis and of finite numbers, with a given number of columns if there is one to fit.
  func matrix<Scalar: RealScalar>(
    _ name: String, columns: Int? = nil, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try prompt.tensor(name)
    guard tensor.shape.count == 2, tensor.shape.allSatisfy({ $0 > 0 }), columns == nil || tensor.shape[1] == columns
    else {
      let wanted = columns.map { "rows × \($0)" } ?? "rows × columns, neither of them 0"
      throw fault("\"\(name)\" must be \(wanted), not (\(tensor.shape.inWords))")
    }
    try requireFinite(tensor, name)
    return tensor
  }

  /// A matrix of two views of each image, the first views above the second.
  func views<Scalar: RealScalar>(
    _ name: String, columns: Int? = nil, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    let rows: Tensor<Scalar> = try matrix(name, columns: columns)
    guard rows.rows % 2 == 0 else {
      throw fault("\"\(name)\" needs two views of every image, not an odd number of rows: \(rows.rows)")
    }
    try requireRoom("the products of all pairs of rows", [rows.rows, rows.rows])
    return rows
  }

  /// A tensor of a given shape and of finite numbers.
  func finite<Scalar: RealScalar>(
    _ name: String, _ shape: [Int], as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    let tensor: Tensor<Scalar> = try tensor(name, shape)
    try requireFinite(tensor, name)
    return tensor
  }

  /// Names the first number that is not finite.
  func requireFinite<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, _ name: String) throws(OracleError) {
    guard let index = tensor.values.firstIndex(where: { !$0.isFinite }) else { return }
    throw fault("\"\(name)\" must hold finite numbers, but its element \(index) is \(tensor.values[index])")
  }

  /// Names the first number below 0.
  func requireNotNegative<Scalar: RealScalar>(_ tensor: Tensor<Scalar>, _ name: String) throws(OracleError) {
    guard let index = tensor.values.firstIndex(where: { $0 < 0 }) else { return }
    throw fault("\"\(name)\" must hold no negative numbers, but its element \(index) is \(tensor.values[index])")
  }

  /// The whole-number input of a name, a list of `count` numbers below `bound`.
  func indices(_ name: String, count: Int? = nil, below bound: Int) throws(OracleError) -> [Int] {
    let (indices, shape) = (try prompt.integers(name), prompt.inputs[name]?.shape ?? [])
    guard shape == [count ?? indices.count], !indices.isEmpty else {
      let amount = count.map { "\($0) numbers" } ?? "a list of at least one number"
      throw fault("\"\(name)\" must be \(amount), but its shape is (\(shape.inWords))")
    }
    try requireIndices(indices, name, below: bound)
    return indices
  }

  /// Names the first of some whole numbers that is not 0 to `bound` − 1.
  func requireIndices(_ indices: [Int], _ name: String, below bound: Int) throws(OracleError) {
    guard let index = indices.firstIndex(where: { !(0..<bound).contains($0) }) else { return }
    throw fault("\"\(name)\" must hold numbers from 0 to \(bound - 1), but its element \(index) is \(indices[index])")
  }

  /// The unification entropy of {ownLogit, reduction}.
  func unificationEntropy<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> UnificationEntropyLoss<Scalar> {
    UnificationEntropyLoss(ownLogit: try prompt.numberIfGiven(.ownLogit), reduction: try prompt.choice(.reduction))
  }

  /// The assignment loss of {marginalEntropyWeight, symmetrised}.
  func mutualInformation<Scalar: RealScalar>(as _: Scalar.Type) throws(OracleError) -> MutualInformationLoss<Scalar> {
    MutualInformationLoss(
      marginalEntropyWeight: try prompt.number(.marginalEntropyWeight), symmetrised: try prompt.bool(.symmetrised))
  }

  /// Class probabilities: rows that sum to 1, as the assignment loss asks for them.
  func distributions<Scalar: RealScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(OracleError) -> Tensor<Scalar> {
    let rows: Tensor<Scalar> = try matrix(name)
    try requireNotNegative(rows, name)
    try requireRoom("the joint distribution", [rows.columns, rows.columns])
    for a in 0..<rows.rows {
      let sum = rows.row(a).reduce(0.0) { $0 + Double($1) }
      guard abs(sum - 1) <= 1e-4 else {
        throw fault("every row of \"\(name)\" must sum to 1 within 0.0001, but row \(a) sums to \(sum)")
      }
    }
    return rows
  }

  /// The bank of the input "bank", of finite rows.
  func finiteBank<Scalar: RealScalar>(features: Int? = nil, as _: Scalar.Type) throws(OracleError) -> MemoryBank<Scalar>
  {
    let rows: Tensor<Scalar> = try matrix("bank", columns: features)
    return try bank(features: rows.columns, as: Scalar.self)
  }

  /// The heads of the input "heads", of finite weights.
  func finiteHeads<Scalar: RealScalar>(features: Int, as _: Scalar.Type) throws(OracleError) -> ClusterHeads<Scalar> {
    let weights: Tensor<Scalar> = try prompt.tensor("heads")
    try requireFinite(weights, "heads")
    let heads: ClusterHeads<Scalar> = try heads(features: features, as: Scalar.self)
    let trainable = try prompt.bool(.trainable)
    return ClusterHeads(
      weights: heads.weights.map(\.value), temperature: heads.temperature, axis: heads.axis, isTrainable: trainable)
  }
}

extension Prompt {
  /// The shape of an input; empty where there is none.
  func shape(of name: String) -> [Int] { inputs[name]?.shape ?? [] }
}
