// How the learning rate falls over the epochs of one round of stage 1, or of stage 2.
//
// The rate is held, then multiplied by 0.1 again and again. Epochs count from 0 and restart with every round.
// Paper    Han et al., ECCV 2020, supplement, and the released program; ISIF: Ye et al., CVPR 2019.    Tests  NetworksTests/LearningRateScheduleTests.swift
import Kernels

/// A rule for the learning rate.
public enum LearningRateSchedule: Codable, Sendable, Equatable, CaseIterable {
  /// The base rate throughout.
  case constant
  /// The released program: base · 0.1^⌊(epoch − 80) / 40⌋ from epoch 80 on. At 80 the power is 0, so the first drop is at 120.
  case released
  /// The supplement's words: constant for 80 epochs, then ×0.1 every 40, beginning at epoch 80.
  case supplement
  /// ISIF's program: ×0.1 from epoch 120 on, ×0.05 from 160, ×0.01 from 200.
  case isif
  /// The base rate until 60 % of the epochs, ×0.1 until 80 %, ×0.01 after: for short rounds.
  case fractions

  /// The rate in `epoch` (0..<epochs) of a round of `epochs` epochs.
  public func rate(epoch: Int, of epochs: Int, base: Double) -> Double {
    require((0..<epochs).contains(epoch), "epoch \(epoch) of \(epochs)")
    if self == .isif { return base * (epoch < 120 ? 1 : epoch < 160 ? 0.1 : epoch < 200 ? 0.05 : 0.01) }
    let drops =
      switch self {
      case .constant, .isif: 0
      case .released: max(0, epoch - 80) / 40
      case .supplement: epoch < 80 ? 0 : (epoch - 80) / 40 + 1
      // Compared as integers: 0.6 · 5 rounds to just below or above 3 depending on how it is written.
      case .fractions: 10 * epoch < 6 * epochs ? 0 : 10 * epoch < 8 * epochs ? 1 : 2
      }
    // After 700 drops the largest number has become 0, and stays it.
    return (0..<min(drops, 700)).reduce(base) { rate, _ in rate * 0.1 }
  }
}

extension LearningRateSchedule: RawRepresentable {
  /// The schedule of a name; "paper" and "paperFromEpoch80" are older names of `released` and `supplement`.
  public init?(rawValue: String) {
    let name = ["paper": "released", "paperFromEpoch80": "supplement"][rawValue] ?? rawValue
    guard let schedule = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
    self = schedule
  }

  /// The name of the case.
  public var rawValue: String { String(describing: self) }
}
