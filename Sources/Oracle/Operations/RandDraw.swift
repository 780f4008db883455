// One draw of RandAugment, word by word: what its margins and scales are measured on, and what a program of other habits draws.
// Tests    OracleTests/CoverageCasesTests.swift
import Images
import Kernels

/// What a program may do otherwise.
struct RandHabits: Sendable {
  /// Whether RUC's operations may repeat.
  var repeats = false
  /// Whether an operation that is not done takes no words for its magnitude and sign.
  var skipsWords = false
  /// Whether the sign is turned where u ≥ ½.
  var turnsSign = false
  /// Whether all magnitudes are positive.
  var isUnsigned = false
  /// Whether every operation is done.
  var doesAll = false
}

/// The numbers of one view.
struct RandDraw {
  /// One operation that is done.
  struct Operation {
    var kind: Int
    var value: Double
    /// The scale of the value's rounding error.
    var scale: Double
  }

  private(set) var operations: [Operation] = []
  private(set) var margins: [String: Double] = [:]

  init(
    _ views: RandAugmentation, _ keys: GreyParametersOperation.Keys, image: Int, height: Int, width: Int,
    habits: RandHabits = RandHabits()
  ) {
    var stream = RandomStream(
      seed: keys.seed, purpose: .augmentation, epoch: keys.epoch, image: image, view: keys.view)
    let u = (0..<26).map { _ in stream.uniform() }
    decide(u[22], views.flipProbability)
    if views.cutoutSide > 0 { cut(u, views, height: height, width: width) }
    var kinds = Array(RandAugmentOperation.Kind.allCases.indices)
    for _ in 0..<views.operationCount {
      let which = stream.uniform() * Double(kinds.count)
      if kinds.count > 1 { place(which) }
      let kind = views.variant == .ruc && !habits.repeats ? kinds.remove(at: Int(which)) : kinds[Int(which)]
      let isGeometric = [7, 9, 10, 12, 13].contains(kind)
      if habits.skipsWords {
        guard stream.uniform() < views.probability else { continue }
        let strength = stream.uniform()
        let sign: Double = isGeometric && stream.uniform() < 0.5 ? -1 : 1
        add(kind, strength, sign, views, size: kind == 13 ? height : width)
        continue
      }
      let (strength, done, turned) = (stream.uniform(), stream.uniform(), stream.uniform())
      decide(done, views.probability)
      guard done < views.probability || habits.doesAll else { continue }
      if isGeometric { decide(turned, 0.5) }
      let isNegative = isGeometric && !habits.isUnsigned && (turned < 0.5) != habits.turnsSign
      add(kind, strength, isNegative ? -1 : 1, views, size: kind == 13 ? height : width)
    }
  }

  /// A comparison with a probability; one of 0 or 1 decides nothing.
  private mutating func decide(_ u: Double, _ probability: Double) {
    guard 0 < probability && probability < 1 else { return }
    margins["probability"] = min(margins["probability"] ?? .infinity, abs(u - probability))
  }

  /// A number that is cut to a whole one.
  private mutating func place(_ value: Double) {
    margins["place"] = min(margins["place"] ?? .infinity, abs(value - value.rounded()))
  }

  private mutating func cut(_ u: [Double], _ views: RandAugmentation, height: Int, width: Int) {
    if views.variant == .scan { place(u[23] * Double(views.cutoutSide)) }
    for (word, side) in [(24, width), (25, height)] {
      let corner = u[word] * Double(side) - (views.variant == .ruc ? Double(views.cutoutSide) / 2 : 0)
      if corner > -0.5 { place(corner) }
    }
  }

  private mutating func add(_ kind: Int, _ strength: Double, _ sign: Double, _ views: RandAugmentation, size: Int) {
    if views.variant == .ruc {
      if views.magnitude > 2 { place(strength * Double(views.magnitude - 1)) }
      addRUC(kind, level: Double(1 + Int(strength * Double(views.magnitude - 1))), sign, size: size)
    } else {
      addSCAN(kind, strength, sign, size: size)
    }
  }

  /// A level of ten; whole numbers have no error, of the others every constant and operation rounds.
  private mutating func addRUC(_ kind: Int, level: Double, _ sign: Double, size: Int) {
    var (value, scale) = (0.0, 0.0)
    switch kind {
    case 1, 2, 3, 8:
      value = level * 0.99 / 10 + 0.01
      scale = 5 * value
    case 6: value = (level / 10).rounded(.towardZero) + 8
    case 7: value = sign * ((level * 45 / 10).rounded(.towardZero) - 45)
    case 9, 10:
      value = sign * (level * 0.3 / 10 - 0.3)
      scale = 3 * (level * 0.03) + 0.3 + abs(value)
    case 11: value = 256 - (level * 256 / 10).rounded(.towardZero)
    case 12, 13:
      let shift = (level * 0.3 / 10 - 0.3) * Double(size)
      place(shift)
      value = sign * shift.rounded(.towardZero)
    default: break
    }
    operations.append(Operation(kind: kind, value: value, scale: scale))
  }

  /// u (high − low) + low of ranges whose ends round.
  private mutating func addSCAN(_ kind: Int, _ u: Double, _ sign: Double, size: Int) {
    let ends: (Double, Double) =
      switch kind {
      case 1, 2, 3, 8: (0.05, 0.95)
      case 6: (4, 8)
      case 7: (-30, 30)
      case 9, 10, 12, 13: (-0.1, 0.1)
      case 11: (0, 256)
      default: (0, 0)
      }
    let minusLow = RunningError(rounded: -ends.0)
    var value = (RunningError(rounded: ends.1) + minusLow) * RunningError(exact: u) + RunningError(rounded: ends.0)
    if kind == 6 {
      place(value.value)
      value = RunningError(exact: value.value.rounded(.towardZero))
    }
    if kind >= 12 { value = value * RunningError(exact: Double(size)) }
    operations.append(Operation(kind: kind, value: sign * value.value, scale: value.scale))
  }
}
