import Files
import Kernels
import Networks
import Testing

@testable import Oracle

/// Prompts on which right programs differ, and prompts whose numbers leave the range on the way: none is answered wrongly without
/// a word, no right answer fails, and what is wrong beyond rounding does.
@Suite("Ties, kinks and ranges of prompts of one's own")
struct UndecidedTests {
  // Rows whose products differ in the order of their sum alone: (0.1 + 0.2) + 0.7 and (0.7 + 0.2) + 0.1.
  @Test(arguments: [Profile.float32, .float64]) func tiesByRounding(profile: Profile) throws {
    let rows = [[1.0, 1, 1], [0.1, 0.2, 0.7], [0.7, 0.2, 0.1], [0, 0, 0.5]]
    func verdict(_ neighbours: [Int]) throws -> Verdict {
      try judged(asking(rows, k: 2), profile) { $0["neighbours"] = .integers(neighbours, shape: [1, 2]) }
    }
    #expect(try verdict([1, 2]) == .ok && verdict([2, 1]) == .undecided)
  }

  // Equal rows tie in every program; they no longer hide that the third is near.
  @Test func exactTiesHideNoNearOnes() throws {
    let rows = [[1.0, 1, 1], [0.1, 0.2, 0.3], [0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.125, 0, 0]]
    func verdict(_ neighbours: [Int]) throws -> Verdict {
      try judged(asking(rows, k: 3), .float32) { $0["neighbours"] = .integers(neighbours, shape: [1, 3]) }
    }
    #expect(try verdict([1, 2, 3]) == .ok && verdict([3, 1, 2]) == .undecided)
    // Of exact ties alone the lower index is the rule.
    let equal = asking([[1.0, 1, 1], [0.5, 0.25, 0], [0.5, 0.25, 0]], k: 2)
    #expect(try judged(equal, .float32) { $0["neighbours"] = .integers([2, 1], shape: [1, 2]) } == .fail)
  }

  // Products beyond a range are no order: 3e-170 squared is 0, and 3e20 squared is infinite in Float.
  @Test func productsThatLeaveTheRangeAreRefused() throws {
    for (size, isFloat) in [(1e-170, false), (1e170, false), (1e-21, true), (1e20, true)] {
      let prompt = asking([[1, 2], [3, 1], [2, 2]].map { $0.map { $0 * size } }, k: 1)
      let bank = Prompt(
        operation: "neighbourhood-discovery", parameters: ["k": .integer(1), "round": .integer(1)],
        inputs: ["bank": prompt.inputs["rows"] ?? .listOf([])])
      let vote = Prompt(
        operation: "weighted-neighbours", parameters: ["k": .integer(1)],
        inputs: [
          "features": prompt.inputs["rows"] ?? .listOf([]), "labels": .listOf([0, 1, 0]),
          "queries": prompt.inputs["rows"] ?? .listOf([]),
        ])
      for asked in [prompt, bank, vote] {
        expectError("leave \(isFloat ? "float" : "double")'s range") {
          isFloat
            ? try PackageBackend(Float.self).answer(asked) : try PackageBackend(Double.self).answer(asked)
        }
        if isFloat { _ = try PackageBackend(Double.self).answer(asked) }
      }
    }
    let relations = Prompt(
      operation: "relation-loss",
      inputs: [
        "embeddings": .rows([[1e10, 0], [0, 1e10], [1e10, 0], [0, 1e10]]), "bank": .rows([[1e10, 0], [0, 1e10]]),
      ])
    expectError("leave float's range") { try PackageBackend(Float.self).answer(relations) }
    #expect(try judged(relations, .float64) { _ in } == .ok)
  }

  // (3, 4) of any size has the length 5; no bound is given where its squares leave Double.
  @Test func banksOfHugeRows() throws {
    func prompt(_ size: Double) -> Prompt {
      Prompt(
        operation: "memory-update", parameters: ["bankMomentum": .integer(0)],
        inputs: ["bank": .rows([[1, 0]]), "images": .listOf([0]), "embeddings": .rows([[3 * size, 4 * size]])])
    }
    #expect(try PackageBackend(Double.self).answer(prompt(1e160))["bank.new"] == .rows([[0.6, 0.8]]))
    guard case .real(let row)? = try PackageBackend(Float.self).answer(prompt(1e19))["bank.new"] else {
      Issue.record("no row")
      return
    }
    #expect(abs(row.values[0] - 0.6) < 1e-7 && abs(row.values[1] - 0.8) < 1e-7)
    expectError("no bound can be found for \"bank.new\" in float64") { try judged(prompt(1e160), .float64) { _ in } }
    #expect(try judged(prompt(1e19), .float32) { $0["bank.new"] = .rows([[0.6, 0.8]]) } == .ok)
    #expect(try judged(prompt(1e19), .float32) { $0["bank.new"] = .rows([[0.606, 0.8]]) } == .fail)
  }

  // Eight points at one place and one beside them: two clusters hold all, and the third stays empty where it began. Centred, the
  // eight lie an ulp from their mean.
  @Test func pointsOnTheirCentroids() throws {
    let points = [[Double]](repeating: [0], count: 8) + [[0.0078125]]
    let prompt = Prompt(operation: "k-means", inputs: ["points": .rows(points), "centroids": .rows([[0], [0], [0]])])
    for answer in [try PackageBackend(Double.self).answer(prompt), try PackageBackend(Float.self).answer(prompt)] {
      #expect(answer["assignments"] == .listOf([0, 0, 0, 0, 0, 0, 0, 0, 1]))
      #expect(answer["iterations"] == .integers([2], shape: []))
    }
    // The inertia of points on their centroids is what the roundings of these leave: 0, or the square of some u.
    let apart = Prompt(
      operation: "k-means",
      inputs: ["points": .rows([[0], [0], [0], [0.006692667491734028]]), "centroids": .rows([[0], [0]])])
    for (profile, left) in [(Profile.float64, 1e-38), (.float32, 4.0657581468206416e-20)] {
      for inertia in [0, left] { #expect(try judged(apart, profile) { $0["inertia"] = .number(inertia) } == .ok) }
      #expect(try judged(apart, profile) { $0["inertia"] = .number(1e-9) } == .fail)
    }
    // 1 lies between 0 and 2; less the mean of 4/5 it does not. Less a mean of 0 it does, in every program.
    for (points, verdict) in [([0, 0, 0, 1, 3.0], Verdict.undecided), ([-3, -1, 1, 3.0], .fail)] {
      let isNear = verdict == .undecided
      let tied = Prompt(
        operation: "k-means",
        inputs: [
          "points": .rows(points.map { [$0] }), "centroids": .rows(isNear ? [[0.0078125], [0]] : [[-2.0], [0], [2]]),
        ])
      #expect(
        try judged(tied, .float64) { $0["assignments"] = .listOf(isNear ? [1, 1, 1, 0, 0] : [0, 1, 1, 2]) } == verdict)
    }
    // Another's mean may be off by a rounding, and the third cluster takes a point; where nothing rounds it may not.
    #expect(
      try judged(prompt, .float64) { $0["assignments"] = .listOf([2, 2, 2, 2, 2, 2, 2, 2, 1]) } == .undecided)
    // A point that is 10⁻⁵ of its own length from its centroid is away from it in Double, and not in Float.
    let close = Prompt(
      operation: "k-means",
      inputs: ["points": .rows([[1], [1.0000152587890625], [-2]]), "centroids": .rows([[1], [-2], [9]])])
    let single = try PackageBackend(Float.self).answer(close)
    #expect(single["assignments"] == .listOf([0, 0, 1]))
    #expect(try judged(close, .float32) { $0 = single } == .undecided)
    #expect(try judged(close, .float64) { $0 = single } == .fail)
    let whole = Prompt(
      operation: "k-means",
      inputs: ["points": .rows([[-1], [-1], [1], [1]]), "centroids": .rows([[-1], [1], [5]])])
    #expect(try judged(whole, .float64) { _ in } == .ok)
    #expect(try judged(whole, .float64) { $0["assignments"] = .listOf([2, 0, 1, 1]) } == .fail)
    // Seeds that leave nothing: every further one is drawn from all points.
    let copies = [[2.0, 1], [2, 1], [2, 1], [-2, -1], [2, 1], [-2, -1]]
    let seeds = Prompt(
      operation: "k-means-seeds", parameters: ["clusters": .integer(3), "seed": .integer(51)],
      inputs: ["points": .rows(copies)])
    #expect(try PackageBackend(Double.self).answer(seeds)["seeds"] == .listOf([1, 3, 4]))
    #expect(try PackageBackend(Float.self).answer(seeds)["seeds"] == .listOf([1, 3, 4]))
    let tiny = Prompt(
      operation: "k-means", inputs: ["points": .rows([[1e-200], [3e-200]]), "centroids": .rows([[1]])])
    expectError("the largest number of \"points\" must be 0 or 1e-12 at least") {
      try PackageBackend(Double.self).answer(tiny)
    }
  }

  // 2⁻⁵¹ + 2⁻⁵² … a joint probability at the floor of 2⁻⁵²: 2⁻²⁵ · 2⁻²⁵ sums to it or beside it.
  @Test func probabilitiesAtTheFloor() throws {
    let prompt = Prompt(
      operation: "mutual-information",
      inputs: ["first": .rows([[1, 0x1p-51, 0x1p-25]]), "second": .rows([[0.5, 0.5, 0]])])
    let float = try PackageBackend(Float.self).answer(prompt)
    #expect(try judged(prompt, .float32) { $0 = float } == .undecided)
  }

  // Five equal classes of one head tie in every program; of the other's, 4 is better than 3 by 4e-9, as Float's 10⁻¹² is a little
  // less than the shortest length, 10⁻¹².
  @Test func classesNearEachOther() throws {
    let heads: [Double] = [0, 0, 0, 0, 0, 0, 0, 0, Double(Float(1e-12)), 1]
    let prompt = Prompt(
      operation: "cluster-heads", parameters: ["headTemperature": .number(0.01)],
      inputs: [
        "embeddings": .rows([[1]]), "heads": .real(Tensor<Double>(shape: [2, 1, 5], values: heads)),
        "probabilities.cotangent": .real(Tensor<Double>(shape: [2, 1, 5])),
      ])
    func verdict(_ classes: [Int], _ profile: Profile) throws -> Verdict {
      try judged(prompt, profile) { $0["classes"] = .integers(classes, shape: [2, 1]) }
    }
    #expect(try verdict([0, 4], .float32) == .ok && verdict([0, 3], .float32) == .undecided)
    #expect(try verdict([0, 3], .float64) == .fail)
    // What the tie does not touch.
    #expect(
      try judged(prompt, .float32) {
        $0["probabilities"] = .real(Tensor<Double>(shape: [2, 1, 5], repeating: 0.2))
      } == .fail)
  }

  // 0.1 m + 0.9 v, which cancel to some 10⁻⁸ of either. What the inputs lose as Floats turns the rest: it is no error of a Float program.
  @Test func blendsThatCancel() throws {
    func prompt(_ momentum: Double) -> Prompt {
      Prompt(
        operation: "memory-update", parameters: ["bankMomentum": .number(momentum)],
        inputs: [
          "bank": .rows([[0.8513949, -0.5202681, -0.06669259]]), "images": .listOf([0]),
          "embeddings": .rows([[-0.09459943, 0.05780756, 0.00741029]]),
        ])
    }
    let float = try PackageBackend(Float.self).answer(prompt(0.1))
    #expect(try judged(prompt(0.1), .float32) { $0 = float } == .ok)
    #expect(try judged(prompt(0.1), .float64) { $0 = float } == .fail)
    let other = try PackageBackend(Float.self).answer(prompt(0.5))
    #expect(try judged(prompt(0.5), .float32) { $0 = other } == .ok)
    #expect(try judged(prompt(0.5), .float32) { $0 = float } == .fail)
  }

  // 1 + 10⁻¹² is no Float: as one it is 1, and 1 − 1 has no gradient.
  @Test func inputsAreThoseOfTheProfile() throws {
    let prompt = Prompt(
      operation: "relu",
      inputs: ["x": .rows([[1 + 1e-12]]), "residual": .rows([[-1]]), "y.cotangent": .rows([[1]])])
    let float = try PackageBackend(Float.self).answer(prompt)
    #expect(float["x.gradient"] == .rows([[0]]))
    #expect(try judged(prompt, .float32) { $0 = float } == .ok)
    #expect(try judged(prompt, .float64) { $0 = float } == .fail)
  }

  // A near tie excuses what may turn there, and nothing else of the same case.
  @Test func whatATieDoesNotTouchIsJudged() throws {
    func normed(bias: Double) -> Prompt {
      let inputs: [(String, [Double])] = [
        ("weight", [1]), ("bias", [bias]), ("runningMean", [0]), ("runningVariance", [1]),
      ]
      var prompt = Prompt(operation: "batch-norm", parameters: ["rectified": .bool(true)], inputs: [:])
      for (name, values) in inputs { prompt.inputs[name] = .real(Tensor<Double>(shape: [1], values: values)) }
      for (name, values) in [("x", [1.0, 2, 3]), ("y.cotangent", [1, 1, 1])] {
        prompt.inputs[name] = .real(Tensor<Double>(shape: [3, 1, 1, 1], values: values))
      }
      return prompt
    }
    func verdict(bias: Double, _ name: String, _ shape: [Int], _ values: [Double]) throws -> Verdict {
      try judged(normed(bias: bias), .float32) { $0[name] = .real(Tensor<Double>(shape: shape, values: values)) }
    }
    // Of 10⁻⁸ and −10⁻⁸ no Float knows the sign: 2 or 1 gradients go on, and y is 0 or a little more.
    #expect(try verdict(bias: 1e-8, "bias.gradient", [1], [1]) == .undecided)
    #expect(try verdict(bias: -1e-8, "y", [3, 1, 1, 1], [0, 1e-8, 1.2247356176376343]) == .undecided)
    #expect(try verdict(bias: 1e-8, "runningVariance.new", [1], [1e6]) == .fail)
  }

  // From 2²¹ terms on n u is more than an eighth in Float, from 2⁵⁰ in Double.
  @Test func sumsTooLongForABound() {
    #expect(Profile.float32.canBound(terms: 1 << 21) && !Profile.float32.canBound(terms: 1 << 22))
    #expect(Profile.float64.canBound(terms: 1 << 50) && !Profile.float64.canBound(terms: 1 << 51))
  }

  private func judged(
    _ prompt: Prompt, _ profile: Profile, _ change: (inout [String: TensorValue]) -> Void
  ) throws -> Verdict { try reportOnAnswers(to: prompt, profile, change).verdict }

  private func asking(_ rows: [[Double]], k: Int) -> Prompt {
    Prompt(
      operation: "nearest-rows", parameters: ["k": .integer(k)],
      inputs: ["rows": .rows(rows), "queries": .listOf([0])])
  }
}
