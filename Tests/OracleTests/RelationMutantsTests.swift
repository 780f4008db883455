import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Mistakes that relations catch")
struct RelationMutantsTests {
  private typealias Mistake = RelationMutant.Mistake

  /// The mistakes of losses, banks and heads, under the words of the relations.
  private static let losses: [String: Mistake] = [
    "a view's gradient lost": RelationMutant.output("embeddings.gradient") { $1.loseLast(2) },
    "joint not made symmetric": RelationMutant.parameter("symmetrised", .bool(false)),
    "place in the batch taken for the image's number": RelationMutant.indices,
    "a row lost at the end": RelationMutant.output("embeddings.gradient") { $1.loseLast($1.rows) },
    "views of different images paired": RelationMutant.input("embeddings") { _, rows in
      let half = rows.rows / 2
      rows = rows.reordered(Array(0..<half) + Array((half..<2 * half).reversed()))
    },
    "a feature lost at the end": RelationMutant.input("embeddings") { $1.loseLastColumn() },
    "heads normalised along the wrong axis": RelationMutant.parameter("axis", .string("feature")),
    "sum for mean": RelationMutant.parameter("reduction", .string("sum")),
    "divided by the images of the bank": { prompt, ask in
      guard prompt.parameters["reduction"] == .string("mean"), case .real(let logits)? = prompt.inputs["logits"] else {
        return try ask(prompt)
      }
      return try ask(prompt).mapValues { $0.map { $0 * Double(logits.rows) / Double(logits.columns) } }
    },
    "an image lost at the end": RelationMutant.output("logits.gradient") { $1.loseLastColumn() },
    "joint not divided by its sum": RelationMutant.output("joint") { prompt, joint in
      joint.scale(by: Double(prompt.inputs["first"]?.shape[0] ?? 1))
    },
    "gradient not divided by the batch": RelationMutant.output("first.gradient") { $1.scale(by: Double($1.rows)) },
    "logarithm to the base 2": RelationMutant.output("information") { $1.scale(by: 1 / Double.log(2)) },
    "sign flipped": RelationMutant.output("information") { $1.scale(by: -1) },
    "row written under another number": RelationMutant.indices,
    "row not normalised after the blend": RelationMutant.output("bank.new") { _, rows in
      for i in rows.values.indices { rows.values[i] *= 1.01 }
    },
  ]

  /// The mistakes of rows and layers.
  private static let layers: [String: Mistake] = [
    "epsilon added to the norm": { prompt, ask in
      let x: Tensor<Double> = try prompt.tensor("x")
      var answers = try ask(prompt)
      guard case .real(var y)? = answers["y"] else { return answers }
      for i in y.values.indices {
        let norm = x.norm(ofRow: i / x.columns)
        y.values[i] *= norm / (norm + 1e-3)
      }
      answers["y"] = .real(y)
      return answers
    },
    "norm taken for a constant in the gradient": { prompt, ask in
      let (x, g): (Tensor<Double>, Tensor<Double>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
      var (answers, gradient) = (try ask(prompt), g)
      for i in g.values.indices {
        gradient.values[i] /= x.norm(ofRow: i / x.columns)
      }
      answers["x.gradient"] = .real(gradient)
      return answers
    },
    "softmax along the other axis": { prompt, ask in
      let x: Tensor<Double> = try prompt.tensor("x")
      var (turned, answers) = (prompt, try ask(prompt))
      turned.inputs["x"] = .real(x.transposedMatrix)
      turned.inputs["y.cotangent"] = .real(x.transposedMatrix)
      guard case .real(let y)? = try ask(turned)["y"] else { return answers }
      answers["y"] = .real(y.transposedMatrix)
      return answers
    },
    "gradient without the mean": { prompt, ask in
      let g: Tensor<Double> = try prompt.tensor("y.cotangent")
      var answers = try ask(prompt)
      guard case .real(var y)? = answers["y"] else { return answers }
      for i in y.values.indices { y.values[i] *= g.values[i] }
      answers["x.gradient"] = .real(y)
      return answers
    },
    "maximum not added back": { prompt, ask in
      let x: Tensor<Double> = try prompt.tensor("x")
      var answers = try ask(prompt)
      guard case .real(var y)? = answers["y"] else { return answers }
      for a in y.values.indices { y.values[a] -= x.row(a).max() ?? 0 }
      answers["y"] = .real(y)
      return answers
    },
    "a column lost at the end": RelationMutant.output("x.gradient") { $1.loseLastColumn() },
    "statistics over all channels": RelationMutant.output("y") { _, y in
      let mean = y.values.reduce(0, +) / Double(y.count)
      for i in y.values.indices { y.values[i] -= 0.1 * mean }
    },
    "unbiased variance": RelationMutant.output("y") { prompt, y in
      let bias: [Double] = [0.5, -0.25, 1]
      let n = Double(y.count / 3)
      let factor = ((n - 1) / n).squareRoot()
      for i in y.values.indices {
        let b: Double = bias[i / 6 % 3]
        y.values[i] = b + factor * (y.values[i] - b)
      }
    },
    "statistics taken for constants in the gradient": { prompt, ask in
      var constant = prompt
      constant.parameters["mode"] = .string("evaluation")
      var answers = try ask(prompt)
      answers["x.gradient"] = try ask(constant)["x.gradient"]
      return answers
    },
    "factor read the other way": { prompt, ask in
      guard prompt.parameters["transposeA"] == .bool(true) else { return try ask(prompt) }
      var prompt = prompt
      let a: Tensor<Double> = try prompt.tensor("a")
      prompt.inputs["a"] = .real(Tensor<Double>(shape: [a.shape[1], a.shape[0]], values: a.values).transposedMatrix)
      return try ask(prompt)
    },
    "last row lost": RelationMutant.output("y") { $1.loseLast($1.rows) },
    "a constant added": RelationMutant.output("y") { _, y in for i in y.values.indices { y.values[i] += 0.01 } },
    "kernel flipped in the input's gradient": { prompt, ask in
      var (flipped, answers) = (prompt, try ask(prompt))
      let w: Tensor<Double> = try prompt.tensor("weight")
      let values = w.values.indices.map { (i: Int) -> Double in w.values[i / 9 * 9 + 8 - i % 9] }
      flipped.inputs["weight"] = .real(Tensor<Double>(shape: w.shape, values: values))
      answers["x.gradient"] = try ask(flipped)["x.gradient"]
      return answers
    },
    // Only beyond a size, as launch limits of devices do.
    "last image lost in a gradient": { prompt, ask in
      let g: Tensor<Double> = try prompt.tensor("y.cotangent")
      guard g.rows >= 500 else { return try ask(prompt) }
      return try RelationMutant.input("y.cotangent") { $1.loseLast($1.rows) }(prompt, ask)
    },
  ]

  /// The last image of an answer is what the call before left there.
  private final class StaleBuffer: CorpusBackend {
    let capability = Capability(backend: "stale", version: "0", scalar: "float32", claims: ["*"])
    private var last: [Double] = []
    func answer(_ prompt: Prompt) throws -> [String: TensorValue] {
      var answers = try PackageBackend(Float.self).answer(prompt)
      guard case .real(var y)? = answers["y"] else { return answers }
      let own = Array(y.row(y.rows - 1))
      if last.count == own.count { y.values = y.values.dropLast(own.count) + last }
      last = own
      answers["y"] = .real(y)
      return answers
    }
  }

  /// The mistakes that are made in different ways under one name.
  private static func mistake(_ caught: String, of relation: String) -> Mistake? {
    switch (caught, relation) {
    case ("normalised along the wrong axis", "normalisation-scaling"):
      RelationMutant.output("y") { $1.normaliseColumns() }
    case ("normalised along the wrong axis", _): RelationMutant.input("embeddings") { $1.normaliseColumns() }
    case ("a class lost at the end", "information-class-order"):
      RelationMutant.output("first.gradient") { $1.loseLastColumn() }
    case ("a class lost at the end", _):
      RelationMutant.input("heads") { _, heads in
        let (shape, classes) = (heads.shape, heads.shape[2])
        let matrix = Tensor<Double>(shape: [shape[0] * shape[1], classes], values: heads.values)
        let kept = matrix.reorderedColumns(Array(0..<classes - 1))
        heads = Tensor(shape: [shape[0], shape[1], classes - 1], values: kept.values)
      }
    default: losses[caught] ?? layers[caught]
    }
  }

  @Test(arguments: Relation.all.map(\.name)) func everyMistakeBreaksItsRelation(name: String) throws {
    let relation = try Relation.named(name)
    #expect(!relation.catches.isEmpty)
    for caught in relation.catches {
      let size = ["last image lost in a gradient": 513, "a class lost at the end": 6][caught] ?? 3
      if caught == "values of an earlier call in a buffer" {
        #expect(try !Relation.check(StaleBuffer(), sizes: [size], relations: [relation]).passed)
        continue
      }
      let mutant = RelationMutant(mistake: try #require(Self.mistake(caught, of: name), "\(name): \(caught)"))
      let report = try Relation.check(mutant, sizes: [size], relations: [relation])
      #expect(report.cases.map(\.verdict) == [.fail], "\(name): \(caught) was not caught: \(report)")
    }
  }

  // The same mistake is not there below its size: large sizes find what small ones cannot.
  @Test func smallSizesMissWhatHappensAtLargeOnes() throws {
    let relation = try Relation.named("convolution-adjoint")
    let mutant = RelationMutant(mistake: try #require(Self.layers["last image lost in a gradient"]))
    #expect(try Relation.check(mutant, sizes: [16, 499], relations: [relation]).passed)
  }
}
