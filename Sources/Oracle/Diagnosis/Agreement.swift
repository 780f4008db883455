// Whether an answer is what a wrong implementation would have answered.
//
//     |answer − wrong| ≤ 4 bound + 64 u |wrong|,   u the profile's unit: of the factors, where it rounds them
//
// The bound belongs to the right value; a wrong one may be larger and then rounds more, which the second term is for. Whatever
// agrees must also lie outside the right value's bound somewhere, so that agreement says something.
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
  /// Tensors that were not answered are left out.
  func agreement(
    of answers: [String: StoredTensor], failing: Set<String>, with wrong: [String: TensorValue], profile: Profile
  ) -> Agreement {
    var agreement = Agreement(tensors: [], distance: 0)
    for (name, answer) in answers {
      guard let other = wrong[name], other.shape == answer.value.shape else { continue }
      switch (answer.value, other) {
      case (.real(let given), .real(let other)):
        guard let distance = distance(given.values, other.values, name, profile, answer.type) else { continue }
        if failing.contains(name) { agreement.distance = max(agreement.distance, distance) }
      default: guard answer.value == other else { continue }
      }
      agreement.tensors.insert(name)
    }
    return agreement
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
