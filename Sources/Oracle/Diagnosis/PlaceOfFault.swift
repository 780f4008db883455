// One operation of a trace that is wrong by itself: which mutant answers so from these inputs, or what its result is of the right one.
//
// As with whole cases the answer must be eight times nearer to the wrong result than to the right one; one and a half times where the
// mistake has been found at another place of the same case.
// Tests    OracleTests/FirstDivergenceTests.swift
import Kernels
import Networks

/// A wrong result of one operation, on the inputs that the backend gave it.
struct PlaceOfFault {
  private let step: TraceStep
  private let given: Tensor<Double>
  private let errors: [Double]
  private let profile: Profile
  private let multipliesMatrices: Bool

  init(_ step: TraceStep, _ given: Tensor<Double>, _ profile: Profile, multipliesMatrices: Bool) {
    (self.step, self.given, self.profile) = (step, given, profile)
    (errors, self.multipliesMatrices) = (step.site.errors(), multipliesMatrices)
  }

  /// What the result is of the right one, whatever the mistake.
  var form: String? {
    let right = step.site.value
    return decay ?? FormFinder(given: given, right: right, sizes: errors) { bound($0, right.values[$0]) }.found
  }

  /// A gradient that holds a multiple of its parameter, as where weight decay is added by hand.
  private var decay: String? {
    let right = step.site.value
    guard step.site.name.hasSuffix(".gradient"),
      case .real(let parameter)? = step.prompt.inputs[String(step.site.name.dropLast(9))], parameter.count >= 4,
      parameter.shape == right.shape
    else { return nil }
    var (product, square) = (0.0, 0.0)
    for (i, value) in parameter.values.enumerated() {
      product += value * (given.values[i] - right.values[i])
      square += value * value
    }
    guard square > 0, product.isFinite, product != 0 else { return nil }
    let factor = product / square
    let fits = right.values.indices.allSatisfy { i in
      abs(given.values[i] - right.values[i] - factor * parameter.values[i]) <= 4 * bound(i, right.values[i])
    }
    return fits ? "is the right one plus \(FormFinder.short(factor)) times the parameter" : nil
  }

  /// The mutant whose mistake in this operation gives the result; those that are known already come first.
  func mutant(known: [String]) -> String? {
    declared(known) ?? ofPairs(known) ?? ofElementary(known)
  }

  private func bound(_ i: Int, _ value: Double) -> Double {
    profile.bound(
      stored: value, scale: errors[i], terms: step.site.terms, type: "F32", multipliesMatrices: multipliesMatrices)
  }

  private static func nearer(_ name: String, _ known: [String]) -> Double { known.contains(name) ? 1.5 : 8 }

  private func agrees(_ wrong: Tensor<Double>?, nearer: Double) -> Bool {
    guard let wrong, wrong.shape == given.shape else { return false }
    var (fromWrong, fromRight) = (0.0, 0.0)
    for (i, value) in given.values.enumerated() {
      let (bound, difference) = (bound(i, wrong.values[i]), abs(value - wrong.values[i]))
      guard difference <= 4 * bound + 64 * 0x1p-24 * abs(wrong.values[i]) else { return false }
      fromWrong = max(fromWrong, difference / bound)
      fromRight = max(fromRight, abs(value - step.site.value.values[i]) / bound)
    }
    return fromWrong <= fromRight / nearer
  }

  /// A mutant that is declared for operations of a trace.
  private func declared(_ known: [String]) -> String? {
    nodeMistakes.first { mistake in
      mistake.edges.contains(step.site.operation) && mistake.operations.contains(step.prompt.operation)
        && agrees(mistake.change(step), nearer: Self.nearer(mistake.name, known))
    }?.name
  }

  /// A mistake in the sums of a batch loss.
  private func ofPairs(_ known: [String]) -> String? {
    batchLossMistakes.first {
      agrees(step.ofPairs($0.wrong), nearer: Self.nearer($0.mistake.name, known))
    }?.mistake.name
  }

  /// A mutant of the operation as the corpus asks it alone, or one of whose values this gradient is the derivative.
  private func ofElementary(_ known: [String]) -> String? {
    // What is asked alone must be what the trace computed, but for the roundings of what the backend handed over.
    guard let asked = step.elementary, let question = try? Question(asked.prompt),
      let alone = asked.tensor(in: question.right, like: given.shape)
    else { return nil }
    let size = step.site.value.values.reduce(0) { max($0, abs($1)) }
    guard zip(alone.values, step.site.value.values).allSatisfy({ abs($0 - $1) <= 1e-3 * size }) else { return nil }
    let all = Mutants.of(asked.prompt.operation)
    let mutants = all.filter { known.contains($0.name) } + all.filter { !known.contains($0.name) }
    let found = mutants.first {
      agrees(step.answer(of: $0, carriesGradients: false), nearer: Self.nearer($0.name, known))
    }
    return (found ?? carrying(asked, question, mutants, known))?.name
  }

  private func carrying(
    _ asked: ElementaryQuestion, _ question: Question, _ mutants: [Mutant], _ known: [String]
  ) -> Mutant? {
    let bounds = errors.indices.map { bound($0, step.site.value.values[$0]) }
    guard let gradients = asked.gradients(given.values, bounds) else { return nil }
    var carried = CarriedGradients(question)
    return mutants.first { mutant in
      guard let wrong = mutant.answer(question), CarriedGradients.changesValue(wrong, from: question) else {
        return false
      }
      return carried.areDerivatives(gradients, of: mutant.answer, nearer: Self.nearer(mutant.name, known))
    }
  }
}
