import Kernels
import Networks
import TestSupport
import Testing
import TwoStage

@Suite("Cluster heads")
struct ClusterHeadsTests {
  // W = [3 0; 4 2]. By class: unit columns (0.6, 0.8), (0, 1); v = (1, 0) has scores 0.6, 0, over τ_c 0.6: 1, 0, so the
  // first class has e / (e + 1). By feature: unit rows (1, 0), (2, 1)/√5; scores 1, 0 over 0.6.
  @Test func workedExampleOfBothAxes() {
    let weights = [Tensor<Double>(rows: [[3, 0], [4, 2]])]
    let view = Tensor<Double>(rows: [[1, 0]])
    let byClass = ClusterHeads(weights: weights, temperature: 0.6).forward(view).probabilities[0]
    expectClose(byClass.values[0], 1 / (1 + Double.exp(-1)), tolerance: 1e-15)
    let byFeature = ClusterHeads(weights: weights, temperature: 0.6, axis: .features).forward(view).probabilities[0]
    expectClose(byFeature.values[0], 1 / (1 + Double.exp(-1 / 0.6)), tolerance: 1e-15)
    // As it is: scores 3, 0 over 0.6: 5, 0.
    let raw = ClusterHeads(weights: weights, temperature: 0.6, axis: .none).forward(view).probabilities[0]
    expectClose(raw.values[0], 1 / (1 + Double.exp(-5)), tolerance: 1e-15)
  }

  // One rule for vectors without a direction, that of L2Normalisation: zeros stay zeros and get no gradient, whatever is shorter than
  // 1e-12 is divided by that. So (1e-15, 0) becomes (1e-3, 0), and the scores of (1, ½) are (0, 1e-3). With the cotangent (1, 0) and
  // τ_c = 1 their gradients are p₀ p₁ and −p₀ p₁.
  @Test func workedExampleOfVectorsWithoutALength() {
    var heads = ClusterHeads(
      weights: [Tensor<Double>(rows: [[0, 1e-15], [0, 0]])], temperature: 1, isTrainable: true)
    let (outputs, cache) = heads.forward(Tensor(rows: [[1, 0.5]]))
    expectClose(outputs[0].values[1] / outputs[0].values[0], Double.exp(1e-3), tolerance: 1e-15)
    _ = heads.backward([Tensor(rows: [[1, 0]])], cache: cache)
    let slope = outputs[0].values[0] * outputs[0].values[1]
    expectClose(heads.weights[0].gradient.values[1] * 1e-12, -slope, tolerance: 1e-15)
    expectClose(heads.weights[0].gradient.values[3] * 1e-12, -slope / 2, tolerance: 1e-15)
    #expect(heads.weights[0].gradient.values[0] == 0 && heads.weights[0].gradient.values[2] == 0)
  }

  // Scaling a class's vector by a power of two changes no bit with unit class vectors.
  @Test func invariantLengthsOfClassVectors() {
    let weight = Tensor<Float>.random([6, 3], seed: 1)
    let scaled = Tensor(shape: [6, 3], values: weight.values.enumerated().map { $1 * [2, 4, 0.5][$0 % 3] })
    let views = Tensor<Float>.random([5, 6], seed: 2)
    #expect(
      ClusterHeads(weights: [weight]).forward(views).probabilities
        == ClusterHeads(weights: [scaled]).forward(views).probabilities)
  }

  @Test func invariantSeedsAndFrozenWeights() {
    var heads = ClusterHeads<Float>(features: 6, classes: 3, heads: 4, seed: 7)
    #expect(heads.headCount == 4 && heads.classCount == 3)
    #expect(Set(heads.weights.map { $0.value.values[0] }).count == 4)
    #expect(heads.weights == ClusterHeads<Float>(features: 6, classes: 3, heads: 4, seed: 7).weights)
    #expect(heads.weights != ClusterHeads<Float>(features: 6, classes: 3, heads: 4, seed: 8).weights)
    let before = heads.weights
    let (outputs, cache) = heads.forward(.random([5, 6], seed: 2))
    _ = heads.backward(outputs, cache: cache)
    var visited = 0
    heads.forEachParameter(prefix: "") { _, _ in visited += 1 }
    #expect(heads.weights == before && visited == 0)
  }

  @Test func invariantClassesAreTheMostProbable() {
    let heads = ClusterHeads<Double>(features: 6, classes: 5, heads: 2, seed: 3)
    let views = Tensor<Double>.random([20, 6], seed: 4)
    for head in 0..<2 {
      let probabilities = heads.forward(views).probabilities[head]
      let expected = (0..<20).map { a in
        let row = Array(probabilities.row(a))
        return row.firstIndex(of: row.max() ?? 0)
      }
      #expect(heads.classes(of: views, head: head) == expected)
    }
  }

  @Test(arguments: ClusterHeads<Double>.Axis.allCases)
  func gradientsOfEmbeddingsAndWeights(axis: ClusterHeads<Double>.Axis) {
    let weights = [Tensor<Double>.random([6, 4], seed: 1), .random([6, 4], seed: 2)]
    let views = Tensor<Double>.random([5, 6], seed: 3)
    let cotangents = [Tensor<Double>.random([5, 4], seed: 4), .random([5, 4], seed: 5)]
    func loss(_ views: Tensor<Double>, _ weights: [Tensor<Double>]) -> Double {
      let outputs = ClusterHeads(weights: weights, temperature: 0.5, axis: axis).forward(views).probabilities
      return outputs[0].inner(cotangents[0]) + outputs[1].inner(cotangents[1])
    }
    var heads = ClusterHeads(weights: weights, temperature: 0.5, axis: axis, isTrainable: true)
    let gradient = heads.backward(cotangents, cache: heads.forward(views).cache)
    let ofViews = DirectionalDifference(at: views, gradient: gradient) { loss($0, weights) }
    #expect(ofViews.relativeDistance < 1e-7, "\(ofViews)")
    var gradients: [Tensor<Double>] = []
    heads.forEachParameter(prefix: "") { gradients.append($1.gradient) }
    let ofWeights = DirectionalDifference(at: weights[1], gradient: gradients[1]) { loss(views, [weights[0], $0]) }
    #expect(ofWeights.relativeDistance < 1e-7, "\(ofWeights)")
  }

  @Test(arguments: zip(["y_paper_axis_tau0.1", "y_official_axis_tau0.1"], [true, false]))
  func goldenProbabilities(name: String, byClass: Bool) throws {
    let golden = try GoldenValues()
    let (weight, views) = (try golden.matrix("D_normfc", "W_D_by_K"), try golden.matrix("A_stage1", "V").rows(0..<4))
    let expected = try golden.matrix("D_normfc", name)
    let heads = ClusterHeads(weights: [weight], axis: byClass ? .classes : .features)
    expectClose(heads.forward(views).probabilities[0], expected, tolerance: 1e-9)
    // Float: a score is off by (8 + 2) eps · √8 (feature axis: columns of length up to √8) and over τ_c = 0.1 by ten times
    // that; a probability moves by at most half as much as the difference of two scores.
    let single = ClusterHeads<Float>(weights: [weight.converted()], axis: byClass ? .classes : .features)
    expectClose(
      single.forward(views.converted()).probabilities[0], expected, tolerance: 10 * 2.83 * 10 * 0x1p-23)
  }

  @Test(arguments: [ClusterHeads<Double>.Axis.classes, .features]) func goldenWitness(axis: ClusterHeads<Double>.Axis)
    throws
  {
    let golden = try GoldenValues("losses.json")
    var heads = ClusterHeads(
      weights: [try golden.matrix("heads", "weight0"), try golden.matrix("heads", "weight1")], temperature: 0.2,
      axis: axis, isTrainable: true)
    let (outputs, cache) = heads.forward(try golden.matrix("heads", "embeddings"))
    let gradient = heads.backward(
      [try golden.matrix("heads", "cotangent0"), try golden.matrix("heads", "cotangent1")], cache: cache)
    let name = axis.rawValue
    expectClose(gradient, try golden.matrix("heads", name, "embeddingsGradient"), tolerance: 1e-13)
    for h in 0..<2 {
      expectClose(outputs[h], try golden.matrix("heads", name, "probabilities\(h)"), tolerance: 1e-13)
      expectClose(heads.weights[h].gradient, try golden.matrix("heads", name, "weightGradient\(h)"), tolerance: 1e-13)
    }
  }

  @Test func stopsOnMistakes() async {
    await #expect(processExitsWith: .failure) { _ = ClusterHeads<Float>(weights: []) }
    await #expect(processExitsWith: .failure) {
      _ = ClusterHeads<Float>(features: 2, classes: 2, seed: 1, temperature: 0)
    }
    await #expect(processExitsWith: .failure) {
      var heads = ClusterHeads<Float>(features: 2, classes: 2, heads: 2, seed: 1)
      let (outputs, cache) = heads.forward(Tensor(shape: [3, 2]))
      _ = heads.backward([outputs[0]], cache: cache)
    }
  }
}
