// One draw of RandAugment, word by word: what its margins and scales are measured on, and what a program that deviates draws.
// Tests    OracleTests/CoverageCasesTests.swift
import Images
import Kernels

/// What a program may do otherwise.
struct RandChanges: Sendable {
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
    var kind: RandAugmentOperation.Kind
    var value: Double
    /// The scale of the value's rounding error.
    var scale: Double
  }

  private(set) var operations: [Operation] = []
  private(set) var comparisons = Comparisons()

  init(
    _ views: RandAugmentation, _ keys: ViewKeys, image: Int, height: Int, width: Int,
    changes: RandChanges = RandChanges()
  ) {
    var stream = keys.stream(image)
    let u = (0..<26).map { _ in stream.uniform() }
    comparisons.add(u[22], probability: views.flipProbability)
    if views.cutoutSide > 0 { cut(u, views, height: height, width: width) }
    var kinds = RandAugmentOperation.Kind.allCases
    for _ in 0..<views.operationCount {
      let which = stream.uniform()
      comparisons.add(which, below: kinds.count)
      let number = Int(which * Double(kinds.count))
      let kind = views.variant == .ruc && !changes.repeats ? kinds.remove(at: number) : kinds[number]
      let size = kind == .translateY ? height : width
      if changes.skipsWords {
        guard stream.uniform() < views.probability else { continue }
        let strength = stream.uniform()
        let sign: Double = kind.isGeometric && stream.uniform() < 0.5 ? -1 : 1
        add(kind, strength, sign, views, size: size)
        continue
      }
      let (strength, done, turned) = (stream.uniform(), stream.uniform(), stream.uniform())
      comparisons.add(done, probability: views.probability)
      guard done < views.probability || changes.doesAll else { continue }
      if kind.isGeometric { comparisons.add(turned, probability: 0.5) }
      let isNegative = kind.isGeometric && !changes.isUnsigned && (turned < 0.5) != changes.turnsSign
      add(kind, strength, isNegative ? -1 : 1, views, size: size)
    }
  }

  private mutating func cut(_ u: [Double], _ views: RandAugmentation, height: Int, width: Int) {
    if views.variant == .scan { comparisons.add(u[23], below: views.cutoutSide) }
    for (word, side) in [(24, width), (25, height)] {
      let centre = RunningError(exact: u[word]) * RunningError(exact: Double(side))
      let corner = views.variant == .ruc ? centre + RunningError(exact: -Double(views.cutoutSide) / 2) : centre
      if corner.value > -0.5 { comparisons.add(whole: corner) }
    }
  }

  private mutating func add(
    _ kind: RandAugmentOperation.Kind, _ strength: Double, _ sign: Double, _ views: RandAugmentation, size: Int
  ) {
    if views.variant == .ruc {
      comparisons.add(strength, below: views.magnitude - 1)
      addRUC(kind, level: Double(1 + Int(strength * Double(views.magnitude - 1))), sign, size: size)
    } else {
      addSCAN(kind, strength, sign, size: size)
    }
  }

  /// A level of ten; whole numbers have no error, of the others every constant and operation rounds.
  private mutating func addRUC(_ kind: RandAugmentOperation.Kind, level: Double, _ sign: Double, size: Int) {
    var (value, scale) = (0.0, 0.0)
    switch kind {
    case .autoContrast, .equalize, .identity: break
    case .brightness, .color, .contrast, .sharpness:
      value = level * 0.99 / 10 + 0.01
      scale = 5 * value
    case .posterize: value = (level / 10).rounded(.towardZero) + 8
    case .rotate: value = sign * ((level * 45 / 10).rounded(.towardZero) - 45)
    case .shearX, .shearY:
      value = sign * (level * 0.3 / 10 - 0.3)
      scale = 3 * (level * 0.03) + 0.3 + abs(value)
    case .solarize: value = 256 - (level * 256 / 10).rounded(.towardZero)
    case .translateX, .translateY:
      let part = level * 0.3 / 10 - 0.3
      let shift =
        RunningError(value: part, scale: 3 * (level * 0.03) + 0.3 + abs(part)) * RunningError(exact: Double(size))
      comparisons.add(whole: shift)
      value = sign * shift.value.rounded(.towardZero)
    }
    operations.append(Operation(kind: kind, value: value, scale: scale))
  }

  /// u (high − low) + low of ranges whose ends round.
  private mutating func addSCAN(_ kind: RandAugmentOperation.Kind, _ u: Double, _ sign: Double, size: Int) {
    let ends: (Double, Double) =
      switch kind {
      case .autoContrast, .equalize, .identity: (0, 0)
      case .brightness, .color, .contrast, .sharpness: (0.05, 0.95)
      case .posterize: (4, 8)
      case .rotate: (-30, 30)
      case .shearX, .shearY, .translateX, .translateY: (-0.1, 0.1)
      case .solarize: (0, 256)
      }
    var value = RunningError.uniform(RunningError(rounded: ends.0), RunningError(rounded: ends.1), u)
    if kind == .posterize {
      comparisons.add(whole: value)
      value = RunningError(exact: value.value.rounded(.towardZero))
    }
    if kind == .translateX || kind == .translateY { value = value * RunningError(exact: Double(size)) }
    operations.append(Operation(kind: kind, value: sign * value.value, scale: value.scale))
  }
}
