import Kernels
import Networks
import Testing

@testable import Oracle

/// What a report says of diagnoses: which names are believed, and what is said of the rest.
@Suite("Lines of diagnoses")
struct FindingsTextTests {
  private func failing(_ id: String, ratio: Double = 1000) -> CaseReport {
    CaseReport(
      id: id,
      tensors: [
        TensorReport(name: "y", verdict: .fail, worst: (index: [0], value: 1, stored: 2), ratio: ratio, note: "")
      ])
  }

  private func item(
    _ id: String, _ operation: String, _ names: [String] = [], distance: Double = 1e-7, parameter: String? = nil,
    isComposed: Bool = false, ratio: Double = 1000
  ) -> CaseReport {
    var report = failing(id, ratio: ratio)
    report.diagnosis = Diagnosis(
      mistakes: names.map { NamedMistake(name: $0, mistake: "wrong", remedy: "right") }, distance: distance,
      operation: operation, parameter: parameter)
    report.diagnosis?.isComposed = isComposed
    return report
  }

  private func lines(_ cases: [CaseReport]) -> [String] {
    CheckReport(
      corpus: "c", isDraft: false,
      capability: Capability(backend: "b", version: "1", scalar: "float32", claims: ["*"]), profile: .float32,
      cases: cases, problems: []
    ).diagnosisLines
  }

  private func unnamed(_ count: Int, _ operation: String) -> [CaseReport] {
    (0..<count).map { item("op/other-\($0)", operation) }
  }

  // A quarter of the failing cases, or three of them, speak for one mistake; a pair and whole numbers need half.
  @Test(arguments: [
    (1, 3, 1e-7, 1, true), (1, 4, 1e-7, 1, false), (3, 20, 1e-7, 1, true), (2, 20, 1e-7, 1, false),
    (1, 1, 1e-7, 2, true), (1, 2, 1e-7, 2, false), (2, 3, 0, 1, false), (2, 2, 0, 1, true),
  ])
  func fewCasesNameNothing(found: Int, others: Int, distance: Double, mistakes: Int, isNamed: Bool) {
    let names = (0..<mistakes).map { "a.mistake-\($0)" }
    let cases = (0..<found).map { item("op/case-\($0)", "op", names, distance: distance) } + unnamed(others, "op")
    let text = lines(cases).joined(separator: "\n")
    let verb = mistakes == 1 ? "explains" : "explain"
    #expect(text.contains("\(verb) \(found) of \(found + others) failing cases of op") == isNamed, "\(text)")
    #expect(text.contains("right is: right") == isNamed)
  }

  // Where the wrong line is located, half of the cases are not enough for a name.
  @Test(arguments: [(1, 1, true, false), (1, 1, false, true), (2, 1, true, true), (1, 3, false, true)])
  func chanceNamesNothingBesideALocatedLine(found: Int, others: Int, isLocated: Bool, isNamed: Bool) {
    var cases = (0..<found).map { item("op/case-\($0)", "op", ["a.mistake"]) } + unnamed(others, "op")
    for i in cases.indices {
      let mistakes = cases[i].diagnosis?.mistakes ?? []
      cases[i].diagnosis?.alternatives = mistakes
      guard isLocated else { continue }
      let fault = IsolatedFault(
        tensor: "scores", operation: "op", inputs: ["similarities"], ratio: 100, mutant: nil, equation: "s = w v")
      cases[i].divergence = Divergence(first: [], isolated: [fault], wanted: [])
    }
    let named = cases.withConsistentNames().filter { $0.diagnosis?.mutants == ["a.mistake"] }
    #expect(named.count == (isNamed ? found : 0))
  }

  @Test func halfOfTheCasesNameAParameter() {
    let fitted = item("op/a", "op", parameter: "epsilon = 0.001 instead of 1e-05")
    #expect(
      lines([fitted] + unnamed(1, "op"))[0]
        == "op acts like another epsilon, in 1 of 2 failing cases: epsilon = 0.001 instead of 1e-05; op/a")
    #expect(!lines([fitted] + unnamed(2, "op")).joined().contains("acts like"))
  }

  // What is left of an operation with a known mistake, and what is made of others, may follow from it; nothing else is said of it.
  @Test func whatMayFollowIsSaidOnce() {
    let cases = [
      item("op/a", "op", ["a.mistake"]), item("op/b", "op"), item("step/c", "stage-one-step", isComposed: true),
      item("op/d", "third"),
    ]
    let found = lines(cases)
    #expect(found.last == "may follow from the above: 2 cases, op/b, step/c")
    #expect(found.contains("wrong in no way that is known: 1 case, op/d"))
    #expect(
      lines([item("step/c", "stage-one-step", isComposed: true)]) == ["wrong in no way that is known: 1 case, step/c"])
  }

  @Test func nearMissesLookLikeArithmetic() {
    #expect(lines([item("op/a", "op", ratio: 3)])[0].contains("by 1 to 5 bounds, which looks like arithmetic"))
    #expect(!lines([item("op/a", "op", ratio: 6)])[0].contains("arithmetic"))
  }

  // One line for one mistake inside steps, with the number of its places and cases.
  @Test func faultsAreGrouped() {
    func step(_ id: String, _ tensors: [String], _ mutant: String?) -> CaseReport {
      var report = failing(id)
      report.divergence = Divergence(
        first: tensors,
        isolated: tensors.map {
          IsolatedFault(tensor: $0, operation: "conv", inputs: ["x"], ratio: 2e9, mutant: mutant)
        },
        wanted: [])
      return report
    }
    let found = lines([step("step/a", ["p", "q"], "c.m"), step("step/b", ["p"], "c.m"), step("step/c", ["r"], nil)])
    #expect(
      found == [
        "conv is wrong by itself, agrees with c.m, 3 times in 2 cases: step/a p = conv(x), more than 1e9 bounds from the "
          + "right result on the backend's own inputs",
        "conv is wrong by itself: step/c r = conv(x), more than 1e9 bounds from the right result on the backend's own inputs",
      ])
  }

  // Where a mistake explains a case whole, another that agrees with one of its tensors is not named; that mistake itself is.
  @Test func otherNamesBesideAnExplanationAreNotTold() {
    func told(_ mutant: String) -> Bool {
      var report = item("step/a", "stage-one-step", ["a.mistake"])
      let fault = IsolatedFault(tensor: "p", operation: "sgd", inputs: ["x"], ratio: 100, mutant: mutant)
      report.divergence = Divergence(first: [], isolated: [fault], wanted: [])
      return lines([report]).joined().contains("sgd is wrong by itself")
    }
    #expect(told("a.mistake") && !told("b.other"))
    // A mistake that too few cases speak for is not printed, and hides nothing.
    var reports =
      (0..<9).map { item("step/\($0)", "stage-one-step") } + [item("step/z", "stage-one-step", ["a.mistake"])]
    let fault = IsolatedFault(tensor: "p", operation: "sgd", inputs: ["x"], ratio: 100, mutant: "b.other")
    reports[9].divergence = Divergence(first: [], isolated: [fault], wanted: [])
    #expect(lines(reports).joined().contains("sgd is wrong by itself, agrees with b.other"))
  }

  // Lines on the way that are wrong in cases whose outputs are right speak against a name, too.
  @Test(arguments: [(0, true), (4, false)])
  func wrongLinesSpeakAgainstNames(others: Int, isNamed: Bool) {
    let fault = IsolatedFault(
      tensor: "scores", operation: "op", inputs: ["s"], ratio: 100, mutant: nil, equation: "s = w v")
    var cases = (0..<4).map { item("op/case-\($0)", "op", ["a.mistake"]) }
    cases += (0..<others).map { failing("op/other-\($0)") }
    for i in cases.indices {
      let mistakes = cases[i].diagnosis?.mistakes ?? []
      cases[i].diagnosis?.alternatives = mistakes
      cases[i].divergence = Divergence(first: [], isolated: [fault], wanted: [])
    }
    let named = cases.withConsistentNames().filter { $0.diagnosis?.mutants == ["a.mistake"] }
    #expect(named.count == (isNamed ? 4 : 0))
  }

  // Gradients of several operations with one factor are one line.
  @Test func scaledGradientsAreOneLine() {
    func step(_ factors: [String], _ operations: [String] = ["linear-weight-gradient", "sum-of-rows"]) -> [String] {
      var report = failing("step/a")
      let faults = factors.enumerated().map { i, factor in
        IsolatedFault(
          tensor: "p\(i).gradient", operation: operations[i % 2], inputs: ["x"], ratio: 100, mutant: nil,
          form: "is \(factor) times the right tensor")
      }
      report.divergence = Divergence(first: [], isolated: faults, wanted: [])
      return lines([report])
    }
    #expect(
      step(["0.3", "0.3", "0.3"]) == [
        "gradients of parameters have one factor in each case, so it comes after the backward pass (clipping, averaging): "
          + "step/a is 0.3 times the right tensor, 3 tensors"
      ])
    #expect(!step(["0.3", "0.3", "0.4"]).joined().contains("one factor"))
    // Those of activations are no parameters'.
    #expect(!step(["0.3", "0.3", "0.3"], ["head-gradient", "matmul"]).joined().contains("one factor"))
  }

  // A single whole number comes out of many mistakes.
  @Test(arguments: [(3, [Int](), false), (5, [], true), (3, [0], true)])
  func singleWholeNumbersNameNothing(found: Int, index: [Int], isNamed: Bool) {
    var cases = (0..<found).map { item("op/case-\($0)", "op", ["a.mistake"], distance: 0) }
    for i in cases.indices {
      cases[i].tensors[0].worst?.index = index
      let mistakes = cases[i].diagnosis?.mistakes ?? []
      cases[i].diagnosis?.alternatives = mistakes
      let fault = IsolatedFault(
        tensor: "head", operation: "op", inputs: ["epoch"], ratio: .infinity, mutant: nil, equation: "argmin")
      cases[i].divergence = Divergence(first: [], isolated: [fault], wanted: [])
    }
    #expect(cases.withConsistentNames().allSatisfy { ($0.diagnosis?.mutants == ["a.mistake"]) == isNamed })
  }

  @Test func randomNumbersAreNoArithmetic() {
    #expect(
      lines([item("rng/uniform-a", "uniform", ratio: 3)])[0].hasPrefix("wrong by a few roundings where a uniform"))
    #expect(!lines([item("rng/uniform-a", "uniform", ratio: 1000)]).joined().contains("uniform number"))
    // A normal number has a logarithm and a root, which round.
    #expect(lines([item("rng/normal-a", "normal", ratio: 3)])[0].contains("looks like arithmetic"))
  }

  // Steps that pass beside trajectories that do not: what one leaves to the next.
  @Test func statesThatAreCarriedAreSuspected() {
    let passed = CaseReport(
      id: "step/a", tensors: [TensorReport(name: "y", verdict: .ok, worst: nil, ratio: 0, note: "")])
    let wrong = item("trajectory/b", "stage-one-trajectory")
    #expect(lines([passed, wrong]).last?.hasPrefix("all single steps pass") == true)
    #expect(!lines([wrong]).joined().contains("all single steps pass"))
    #expect(!lines([passed, wrong, item("op/c", "op")]).joined().contains("all single steps pass"))
  }

  // A line that is wrong in several cases is told once; a gradient of an operation of which a value is wrong is not told at all.
  @Test func wrongLinesAreGrouped() {
    func wrong(_ id: String, _ tensor: String, ratio: Double) -> CaseReport {
      var report = failing(id)
      report.divergence = Divergence(
        first: [],
        isolated: [
          IsolatedFault(
            tensor: tensor, operation: "op", inputs: ["a"], ratio: ratio, mutant: nil, equation: "\(tensor) = …")
        ], wanted: [])
      return report
    }
    let gradient = wrong("op/c", "x.gradient", ratio: 20)
    #expect(
      lines([wrong("op/a", "b", ratio: 30), wrong("op/b", "b", ratio: 40), gradient])
        == ["op: a right, b wrong: the mistake is in its line, b = …\n  in 2 cases, by up to 40.0 bounds: op/a, op/b"])
    #expect(lines([gradient])[0].hasPrefix("op: a right, x.gradient wrong: the mistake is in its line, x.gradient = …"))
    #expect(lines([wrong("op/a", "b", ratio: .infinity)])[0].hasSuffix("\n  in 1 case: op/a"))
  }

  // Two of nine places are no evidence for a name; three are.
  @Test(arguments: [(2, 7, false), (2, 6, true), (3, 17, true)]) func fewPlacesNameNothing(
    named: Int, others: Int, isNamed: Bool
  ) {
    var report = failing("step/a")
    report.divergence = Divergence(
      first: [],
      isolated: (0..<named + others).map {
        IsolatedFault(tensor: "t\($0)", operation: "conv", inputs: [], ratio: 9, mutant: $0 < named ? "c.m" : nil)
      }, wanted: [])
    #expect(lines([report]).joined().contains("agrees with c.m") == isNamed)
  }
}
