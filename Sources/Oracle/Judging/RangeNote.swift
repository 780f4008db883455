// What the range of float16 may have to do with a failure: it ends at 65,504 and loses digits below 2⁻¹⁴ = 6.1e-5.
// Tests    OracleTests/RangeNoteTests.swift
import Files
import Kernels
import Networks

extension CorpusCase {
  /// A sentence with the tensor that leaves the range, of those that the case holds; empty where the profile has Float's range.
  func rangeNote(_ profile: Profile, _ verdict: Verdict) -> String {
    guard profile == .float16, multipliesMatrices else { return "" }
    let tensors = prompt.inputs.merging(expected) { input, _ in input }.sorted { $0.key < $1.key }
    func first(_ isOutside: (Double) -> Bool) -> (name: String, value: Float)? {
      for (name, value) in tensors {
        if case .real(let tensor) = value, let found = tensor.values.first(where: isOutside) {
          return (Wording.quoted(name), Float(found))
        }
      }
      return nil
    }
    if let (name, value) = first({ abs($0) > 65504 }) { return "float16 ends at 65,504, and \(name) holds \(value)" }
    if verdict == .notFinite { return "float16 ends at 65,504: is a factor on the way larger?" }
    guard let (name, value) = first({ $0 != 0 && abs($0) < ReducedPrecision.half.smallestNormal }) else { return "" }
    return "float16 loses digits below 6.1e-5, and \(name) holds \(value): scale small factors by a power of two"
  }
}
