// Whether an answer is what a wrong implementation would have answered.
//
//     |answer − wrong| ≤ 4 bound + 64 u |wrong|,   u the profile's unit: of the factors, where it rounds them
//
// The bound belongs to the right value; a wrong one may be larger and then rounds more, which the second term is for. A tensor
// that failed must also be clearly nearer to the wrong value than to the right one, in bounds:
//
//     max |answer − wrong| / bound ≤ max |answer − right| / bound / 8
//
// Otherwise any noise of a few bounds would agree with every mutant that leaves the tensor right or nearly so.
// Tests    OracleTests/DiagnosisTests.swift
import Kernels
import Networks

/// How near an answer comes to a wrong one.
struct Agreement: Sendable, Equatable {
  /// The names of the tensors that agree.
  var tensors: Set<String>
  /// The largest |answer − wrong| over the largest |wrong|, of the tensors that agree and are not right as well.
  var distance: Double
}

extension CorpusCase {
  /// Compares answers, of which the tensors `failing` are not right, with wrong ones, tensor by tensor.
  ///
  /// Tensors that were not answered are left out; those that failed must be so many times nearer to the wrong ones.
  func agreement(
    of answers: [String: StoredTensor], failing: Set<String>, with wrong: [String: TensorValue], profile: Profile,
    nearer: Double = 8
  ) -> Agreement {
    var agreement = Agreement(tensors: [], distance: 0)
    for (name, answer) in answers {
      guard let other = wrong[name], other.shape == answer.value.shape else { continue }
      switch (answer.value, other) {
      case (.real(let given), .real(let other)):
        guard let distance = distance(given.values, other.values, name, profile, answer.type) else { continue }
        if failing.contains(name) {
          guard isNearer(given, to: other, name, profile, answer.type, times: nearer) else { continue }
          agreement.distance = max(agreement.distance, distance)
        }
      default: guard answer.value == other else { continue }
      }
      agreement.tensors.insert(name)
    }
    return agreement
  }

  /// Whether an answer is so many times nearer to a wrong tensor than to the right one, in bounds.
  private func isNearer(
    _ given: Tensor<Double>, to wrong: Tensor<Double>, _ name: String, _ profile: Profile, _ type: String,
    times: Double
  ) -> Bool {
    guard case .real(let right)? = expected[name], right.shape == given.shape else { return true }
    let unit = profile.rounding(multipliesMatrices: multipliesMatrices)
    var (fromWrong, fromRight, apart, roundings) = (0.0, 0.0, 0.0, 0.0)
    for (i, value) in given.values.enumerated() where value.isFinite && wrong.values[i].isFinite {
      let bound = bound(stored: right.values[i], scales[name], element: i, profile, type)
      // A wrong value that is larger than the right one rounds more.
      fromWrong = max(fromWrong, abs(value - wrong.values[i]) / (bound + unit * abs(wrong.values[i])))
      fromRight = max(fromRight, abs(value - right.values[i]) / bound)
      apart = max(apart, abs(wrong.values[i] - right.values[i]) / bound)
      if value != wrong.values[i] {
        roundings = max(roundings, abs(value - wrong.values[i]) / (unit * abs(wrong.values[i])))
      }
    }
    if fromWrong <= fromRight / times { return true }
    // Where a bound is no more than the answer's own rounding, that rounding alone may be an eighth of the way.
    if apart >= times && roundings <= 4 { return true }
    // Where the answer is infinite or NaN, the wrong one is too: that has been compared.
    return given.values.contains { !$0.isFinite }
  }

  /// The largest |given − wrong| over the largest |wrong|; nil if an element is too far away.
  private func distance(
    _ given: [Double], _ wrong: [Double], _ name: String, _ profile: Profile, _ type: String
  ) -> Double? {
    let scale = scales[name]
    let fitting = scale?.values.count == wrong.count ? scale : nil
    let unit = profile.rounding(multipliesMatrices: multipliesMatrices)
    var (largest, size) = (0.0, 0.0)
    for i in wrong.indices {
      guard wrong[i].isFinite else {
        if given[i].isFinite || (given[i].isNaN != wrong[i].isNaN) { return nil }
        continue
      }
      let bound = bound(stored: wrong[i], fitting, element: i, profile, type)
      let difference = abs(given[i] - wrong[i])
      guard difference <= 4 * bound + 64 * unit * abs(wrong[i]) else { return nil }
      (largest, size) = (max(largest, difference), max(size, abs(wrong[i])))
    }
    return size == 0 ? 0 : largest / size
  }
}
