// Mistakes that a framework's own functions suggest: padding "SAME", −1 as an index, an update in place, other conventions of a norm.
// Tests    OracleTests/MutantsTests.swift, OracleTests/PortingMutantsTests.swift
import Files
import Kernels
import Networks
import TwoStage

let portingMutations: [Mutation] = [
  Mutation(
    Mistake(
      "convolution.same-padding", "padding \"SAME\" of TensorFlow and JAX",
      right: "the same number of zeros on both sides; \"SAME\" puts the odd one behind, at stride 2 and an even size"),
    "convolution"
  ) { question in
    let (x, kernel) = (try question.input("x"), try question.input("weight").shape)
    let (padding, stride) = (try question.prompt.integer("padding"), try question.prompt.integer("stride", default: 1))
    // Zeros before the first pixel of one axis.
    func before(_ size: Int, _ kernel: Int) -> Int {
      max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size) / 2
    }
    let (rows, columns) = (before(x.shape[2], kernel[2]), before(x.shape[3], kernel[3]))
    guard kernel[2] == 2 * padding + 1, kernel[3] == 2 * padding + 1, (rows, columns) != (padding, padding) else {
      return nil
    }
    var framed = Tensor<Double>(
      shape: [x.shape[0], x.shape[1], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding])
    for i in x.values.indices {
      let (plane, h, w) = (i / (x.shape[2] * x.shape[3]), i / x.shape[3] % x.shape[2], i % x.shape[3])
      framed.values[(plane * framed.shape[2] + h + rows) * framed.shape[3] + w + columns] = x.values[i]
    }
    return try question.altered {
      $0.parameters["padding"] = .integer(0)
      $0.inputs["x"] = .real(framed)
    }.filter { $0.key == "y" }
  },
  .asking(
    Mistake(
      "and.filler-wraps", "the filler −1 taken for the last image",
      right: "−1 in the table of neighbours is nobody; as an index it names the last image"), "instance-neighbourhood"
  ) { prompt in
    guard case .integers(let table, let shape)? = prompt.inputs["neighbours"] else { return false }
    prompt.inputs["neighbours"] = .integers(table.map { $0 < 0 ? shape[0] - 1 : $0 }, shape: shape)
    return table.contains { $0 < 0 }
  },
  Mutation(
    Mistake(
      "memory.in-place", "rows updated one after the other in place",
      right: "an image that comes twice in a batch starts both times from its row before the step"), "memory-update"
  ) { question in
    let prompt = question.prompt
    let (images, views) = (try prompt.integers("images"), try question.input("embeddings"))
    guard prompt.inputs["images"]?.shape.count == 1, Set(images).count < images.count else { return nil }
    var bank: Tensor<Double> = try question.input("bank")
    for (b, image) in images.enumerated() {
      let rows = views.rows == 2 * images.count ? [b, b + images.count] : [b]
      let own: Tensor<Double> = views.rows(rows)
      let answer = try question.altered { wrong in
        wrong.inputs["bank"] = .real(bank)
        wrong.inputs["images"] = .integers([image], shape: [1])
        wrong.inputs["embeddings"] = .real(own)
      }
      guard case .real(let new)? = answer["bank.new"] else { return nil }
      bank = new
    }
    return ["bank.new": .real(bank)]
  },
  Mutation(
    Mistake(
      "neighbour.first-dropped", "the first of k + 1 products dropped for the query itself",
      right: "the query is left out by its number: another row may have a product as large"), "nearest-rows"
  ) { question in
    let rows = try question.input("rows")
    let k = try question.prompt.integer("k", default: 1)
    var found: [Int] = []
    for query in try question.prompt.integers("queries") {
      let products = (0..<rows.rows).map { j in zip(rows.row(query), rows.row(j)).reduce(0) { $0 + $1.0 * $1.1 } }
      found += products.indices.sorted { (products[$1], $0) < (products[$0], $1) }.dropFirst().prefix(k)
    }
    guard case .integers(_, let shape)? = question.right["neighbours"], found.count == shape.reduce(1, *) else {
      return nil
    }
    return ["neighbours": .integers(found, shape: shape)]
  },
  .asking(
    Mistake(
      "l2norm.epsilon-of-square", "epsilon compared with the squared length",
      right: "the divisor is max(‖x‖, ε), not √max(‖x‖², ε)"), "l2-normalisation"
  ) { prompt in
    let epsilon = try prompt.number("epsilon", default: 1e-12)
    prompt.parameters["epsilon"] = .number(epsilon.squareRoot())
    return epsilon != 1
  },
  Mutation(
    Mistake(
      "l2norm.zero-row-not-a-number", "the gradient of the length taken at a zero row",
      right: "a zero row has gradient 0; the root's own derivative there is 0 / 0"), "l2-normalisation"
  ) { question in
    let x = try question.input("x")
    return try question.changed("x.gradient") { i, v in x.row(i / x.columns).allSatisfy { $0 == 0 } ? .nan : v }
  },
  Mutation(
    Mistake(
      "aug.relation-norm-detached", "the length of a relation taken for a constant",
      right: "the gradient of r = M v / ‖M v‖ is projected: the part along r is taken off"), "relation-loss"
  ) { question in
    let (embeddings, bank) = (try question.input("embeddings"), try question.input("bank"))
    let products = embeddings.multiplied(by: bank, otherTransposed: true)
    let lengths = (0..<products.rows).map { a in products.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var wrong = question.prompt
    wrong.operation = "batch-loss"
    wrong.inputs = [
      "rows": .real(products.mapped { lengths[$0 / bank.rows] < 1e-12 ? 0 : $1 / lengths[$0 / bank.rows] })
    ]
    guard case .real(let gradient)? = try Question(wrong).right["rows.gradient"] else { return nil }
    let pulled = gradient.mapped { lengths[$0 / bank.rows] < 1e-12 ? 0 : $1 / lengths[$0 / bank.rows] }
    return ["embeddings.gradient": .real(pulled.multiplied(by: bank))]
  },
]
