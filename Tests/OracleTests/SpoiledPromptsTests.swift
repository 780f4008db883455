// Prompts of every operation, each spoiled in one way: refused in a sentence, or accepted for a reason that stands below.
import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Spoiled prompts")
struct SpoiledPromptsTests {
  /// Why a way of spoiling leaves some prompts good, how many these are, and of which operation and name that may be said.
  private static let accepted:
    [SpoiledPrompt.Way: (why: String, count: Int, holds: @Sendable (any OracleOperation, String) -> Bool)] = [
      .parameterRemoved: (
        "it has a default, or its absence a meaning", 210,
        { operation, name in
          operation.parameters.contains {
            if case .refused = $0.absence { return false }
            return $0.name == name
          }
        }
      ),
      .parameterNegative: (
        "shifts, angles, shears, means and constants have signs, and a view may be darker", 28,
        { operation, name in
          ["shift", "hue", "mean", "ownLogit"].contains(name)
            || operation.name == "grey-view"
              && ["rotationDegrees", "shear", "shiftX", "shiftY", "brightness"].contains(name)
            || operation.name == "rand-view" && name == "values"
        }
      ),
      .parameterZero: (
        "0 is in its declared range", 89,
        { operation, name in
          operation.parameters.contains { $0.name == name && $0.kind.problem(with: .integer(0)) == nil }
        }
      ),
      .parameterHuge: (
        "as many neighbours as there are vote, and as many classes count", 3,
        { ["weighted-neighbours k", "vote-scores k", "top-accuracy count"].contains("\($0.name) \($1)") }
      ),
      .listLonger: (
        "one image, epoch, round, axis or stream more is another question", 9,
        { operation, name in
          ["images", "epochs", "rounds"].contains(name)
            || ["initial-weights shape", "initial-encoder streams"].contains("\(operation.name) \(name)")
        }
      ),
      .inputRemoved: (
        "it is declared optional", 10,
        { operation, name in operation.inputs.contains { !$0.isPattern && $0.name == name && $0.absent != nil } }
      ),
      .firstAxisLonger: (
        "one row, head, query, point or channel more, on which no other size depends", 16,
        { operation, name in
          ["bank", "rows", "queries", "heads", "points", "centroids"].contains(name)
            || operation.name == "grey-view" && name == "image"
        }
      ),
      .lastAxisLonger: (
        "one column or pixel more, on which no other size depends, or whose other sizes still fit", 41,
        { !$1.contains("weight") && !$1.contains("bias") }
      ),
      .numberNegative: (
        "real numbers have signs, but for probabilities and variances", 123,
        { operation, name in
          operation.inputs.contains { $0.fits(name) && $0.kind == .real }
            && !["first", "second", "runningVariance"].contains(name)
        }
      ),
      .numberHuge: (
        "real numbers of any size of which no answer overflows; what becomes of them is told where it is computed", 200,
        { operation, name in
          operation.inputs.contains { $0.fits(name) && $0.kind == .real } && !["first", "second"].contains(name)
        }
      ),
      .allZero: (
        "0 is a number, an image and a class", 158,
        { operation, name in operation.inputs.contains { $0.fits(name) } && !["first", "second"].contains(name) }
      ),
    ]

  @Test func everyOtherIsRefusedInASentence() throws {
    var counts: [SpoiledPrompt.Way: Int] = [:]
    var spoiledCount = 0
    let backend = PackageBackend(Double.self)
    for operation in Operations.all {
      for spoiled in try SpoiledPrompt.all(of: operation) {
        spoiledCount += 1
        do {
          _ = try backend.answer(spoiled.prompt)
          try Self.expectNoTrap(spoiled, operation)
          counts[spoiled.way, default: 0] += 1
          let holds = Self.accepted[spoiled.way]?.holds(operation, spoiled.name) ?? false
          #expect(holds, "\(operation.name), \(spoiled.name): \(spoiled.way) is accepted")
        } catch {
          Self.expectSentence("\(error)", of: spoiled, operation)
        }
      }
    }
    // So that neither number changes unseen: a new case or declaration changes them.
    #expect(spoiledCount == 7520)
    #expect(counts == Self.accepted.mapValues(\.count))
  }

  /// What is answered in Double is judged too, unless that takes a hundred runs, and answered or refused in Float.
  private static func expectNoTrap(_ spoiled: SpoiledPrompt, _ operation: any OracleOperation) throws {
    if !(operation is any TracedOperation) {
      _ = try operation.scales(spoiled.prompt)
      _ = try operation.margins(spoiled.prompt)
    }
    do {
      _ = try PackageBackend(Float.self).answer(spoiled.prompt)
    } catch {
      expectSentence("\(error)", of: spoiled, operation)
    }
  }

  /// At most 300 characters that name the operation and what is wrong with it, and nothing of Swift.
  private static func expectSentence(_ sentence: String, of spoiled: SpoiledPrompt, _ operation: any OracleOperation) {
    let what = "\(operation.name), \(spoiled.name), \(spoiled.way): \(sentence)"
    #expect(sentence.count <= 300 && sentence.hasPrefix("the operation \(operation.name)"), "\(what)")
    for leak in ["Optional(", "Oracle.", "Tensor<", "Swift.", "JSON", ".integer(", "nil", "[["] {
      #expect(!sentence.contains(leak), "\(what)")
    }
    // What does not fit another size or parameter may be told of that one, as a padding or a mode that the shapes do not fit.
    let tellsName: Set<SpoiledPrompt.Way> = [
      .parameterRemoved, .parameterOfAnotherKind, .parameterNegative, .parameterZero, .parameterHuge,
      .parameterNotFinite,
      .parameterWordUnknown, .listEmptied, .listNested, .inputRemoved, .inputOfAnotherKind, .inputEmptied,
      .numberNotFinite, .numberNegative,
    ]
    let fits = ["padding", "mode"].contains(spoiled.name)
    if tellsName.contains(spoiled.way), !fits { #expect(sentence.contains("\"\(spoiled.name)\""), "\(what)") }
    // The nearest right thing.
    if spoiled.way == .parameterMisspelt || spoiled.way == .inputMisspelt {
      #expect(sentence.contains("\"\(spoiled.name)\"?") || sentence.contains("\"\(spoiled.name)\" or"), "\(what)")
    }
  }
}
