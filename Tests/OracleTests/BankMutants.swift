// Wrong implementations of the memory bank and of neighbourhood discovery.
import Kernels
import Networks
import Oracle
import TwoStage

/// Wrong implementations of the memory bank.
let memoryMutants: [Mutant] = [
  .asking("memory-update", "momentum swapped") { prompt in
    let momentum = try prompt.number("bankMomentum")
    prompt.parameters["bankMomentum"] = .number(1 - momentum)
    return momentum != 0.5
  },
  policy("second"), policy("first"), policy("mean"),
  Mutant("memory-update", "row not normalised again") { recipe, _ in
    try updated(recipe) { bank, images, views in
      images.enumerated().map { b, image in zip(bank.row(image), views.row(b)).map { (2 * $0 + $1) / 3 } }
    }
  },
  Mutant("memory-update", "the new row never assigned") { recipe, right in
    ["bank.new": .real(try recipe.prompt.real("bank"))]
  },
  Mutant("memory-update", "the first place of a repeated image kept") { recipe, _ in
    var wrong = recipe
    let images = try recipe.prompt.integers("images")
    guard Set(images).count < images.count, recipe.prompt.inputs["images"]?.shape.count == 1 else { return nil }
    let (views, count) = (try recipe.prompt.real("embeddings"), images.count)
    let order = (0..<views.rows).map { $0 / count * count + count - 1 - $0 % count }
    wrong.prompt.inputs["images"] = .listOf(images.reversed())
    let turned: Tensor<Double> = views.rows(order)
    wrong.prompt.inputs["embeddings"] = .real(turned)
    return try wrong.answer(as: Double.self)
  },
  Mutant("memory-update", "writes of both views or of a repeated image chained") { recipe, _ in
    let images = try recipe.prompt.integers("images")
    let views = try recipe.prompt.real("embeddings")
    guard views.shape.count == 2, views.rows > images.count || Set(images).count < images.count else { return nil }
    var bank = MemoryBank(
      rows: try recipe.prompt.real("bank"), momentum: try recipe.prompt.number("bankMomentum"))
    for a in 0..<views.rows { bank.update(images: [images[a % images.count]], embeddings: views.rows([a])) }
    return ["bank.new": .real(bank.rows)]
  },
  Mutant("memory-update", "a second step left out") { recipe, _ in
    guard let images = recipe.prompt.inputs["images"], images.shape.count == 2 else { return nil }
    let (views, all) = (try recipe.prompt.real("embeddings"), try recipe.prompt.integers("images"))
    var wrong = recipe
    wrong.prompt.inputs["images"] = .listOf(Array(all.prefix(images.shape[1])))
    wrong.prompt.inputs["embeddings"] = .real(
      Tensor<Double>(shape: Array(views.shape.dropFirst()), values: Array(views.row(0))))
    return try wrong.answer(as: Double.self)
  },
  .asking("memory-update", "rows named by their place in the batch") { prompt in
    guard let images = prompt.inputs["images"] else { return false }
    let count = images.shape.last ?? 0
    prompt.inputs["images"] = .integers(
      (0..<images.shape.reduce(1, *)).map { $0 % count }, shape: images.shape)
    return true
  },
  .asking("memory-update", "images sorted, embeddings not") { prompt in
    guard case .integers(let images, let shape)? = prompt.inputs["images"], shape.count == 1 else { return false }
    prompt.inputs["images"] = .listOf(images.sorted())
    return images != images.sorted() && Set(images).count == images.count
  },
  Mutant("memory-logits", "the temperature missing in the gradient") { recipe, right in
    scaled(right, by: try recipe.prompt.number("bankTemperature"), ["embeddings.gradient"])
  },
  Mutant("memory-logits", "multiplied by the temperature") { recipe, right in
    let temperature = try recipe.prompt.number("bankTemperature")
    return scaled(right, by: temperature * temperature, ["logits"])
  },
  normalising("memory-logits", "bank"),
]

private func policy(_ name: String) -> Mutant {
  .taking("memory-update", "viewPolicy", .text(name), unless: .text("second")) { prompt in
    guard let images = prompt.inputs["images"], let views = prompt.inputs["embeddings"] else { return false }
    return views.shape[views.shape.count - 2] != images.shape.last
  }
}

/// A single-step update whose rows the caller forms.
private func updated(
  _ recipe: CaseRecipe, _ form: (Tensor<Double>, [Int], Tensor<Double>) -> [[Double]]
) throws -> [String: TensorValue]? {
  guard recipe.slug.hasSuffix("-second") else { return nil }
  var bank = try recipe.prompt.real("bank")
  let images = try recipe.prompt.integers("images")
  let views = try recipe.prompt.real("embeddings")
  let rows = form(bank, images, views.rows(images.count..<2 * images.count))
  for (image, row) in zip(images, rows) {
    bank.values.replaceSubrange(image * bank.columns..<(image + 1) * bank.columns, with: row)
  }
  return ["bank.new": .real(bank)]
}

/// Rows made unit before use, where they are not.
private func normalising(_ operation: String, _ input: String) -> Mutant {
  .asking(operation, "\(input) normalised before use") { prompt in
    let rows = try prompt.real(input)
    let unit = L2Normalisation().forward(rows).output
    prompt.inputs[input] = .real(unit)
    return zip(rows.values, unit.values).contains { abs($0 - $1) > 0.01 }
  }
}

/// Wrong implementations of neighbourhood discovery.
let neighbourMutants: [Mutant] = [
  Mutant("bank-entropies", "logarithms of base 2") { _, right in scaled(right, by: 1 / Double.log(2)) },
  Mutant("bank-entropies", "own image left out") { recipe, _ in
    let bank = try recipe.prompt.real("bank")
    let tau = try recipe.prompt.number("bankTemperature", default: 0.1)
    let logits = bank.multiplied(by: bank, otherTransposed: true).values.map { $0 / tau }
    let entropies = (0..<bank.rows).map { i in
      TextbookBankLoss().entropy(
        Tensor<Double>(shape: [1, bank.rows], values: Array(logits[i * bank.rows..<(i + 1) * bank.rows])), images: [i]
      ).loss
    }
    return ["entropies": .real(Tensor<Double>(shape: [bank.rows], values: entropies))]
  },
  .taking("bank-entropies", "bankTemperature", .number(0.1), unless: .number(0.1)),
  normalising("bank-entropies", "bank"),
  discovery("anchors of the largest entropy", takesLargest: true),
  discovery("anchors in the order of their images", sortsAnchors: true),
  discovery("the own image taken for the nearest", ownFirst: true), discovery("one anchor more", extra: 1),
  .asking("nearest-rows", "queries sorted") { prompt in
    let queries = try prompt.integers("queries")
    prompt.inputs["queries"] = .listOf(queries.sorted())
    return queries != queries.sorted()
  },
  .asking("nearest-rows", "the farthest rows") { prompt in
    var rows = try prompt.real("rows")
    for query in try prompt.integers("queries").prefix(1) {
      for d in query * rows.columns..<(query + 1) * rows.columns { rows.values[d] *= -1 }
    }
    prompt.inputs["rows"] = .real(rows)
    return true
  },
  Mutant("nearest-rows", "the query itself its nearest") { recipe, right in
    guard case .integers(let found, let shape)? = right["neighbours"] else { return nil }
    let queries = try recipe.prompt.integers("queries")
    let wrong = queries.enumerated().flatMap { q, query in
      [query] + found[q * shape[1]..<(q + 1) * shape[1] - 1]
    }
    return ["neighbours": .integers(wrong, shape: shape)]
  },
  Mutant("nearest-rows", "cosines instead of products") { recipe, right in
    var wrong = recipe
    wrong.prompt.inputs["rows"] = .real(L2Normalisation().forward(try recipe.prompt.real("rows")).output)
    return recipe.slug.hasSuffix("not-unit") ? try wrong.answer(as: Double.self) : nil
  },
]

/// Discovery with anchors and neighbours that are put together wrongly.
private func discovery(
  _ description: String, takesLargest: Bool = false, sortsAnchors: Bool = false, ownFirst: Bool = false, extra: Int = 0
) -> Mutant {
  Mutant("neighbourhood-discovery", description) { recipe, right in
    guard case .integers(let anchors, _)? = right["anchors"] else { return nil }
    let k = try recipe.prompt.integer("k", default: 1)
    let bank = MemoryBank(
      rows: try recipe.prompt.real("bank"), temperature: try recipe.prompt.number("bankTemperature", default: 0.1))
    let entropies = NeighbourhoodDiscovery.entropies(of: bank)
    let sorted = entropies.indices.sorted { entropies[$0] < entropies[$1] }
    let count = min(entropies.count, anchors.count + extra)
    var chosen = Array(takesLargest ? sorted.reversed().prefix(count) : sorted.prefix(count))
    if sortsAnchors { chosen.sort() }
    // Where all images are anchors there is none more, and anchors may be in order by themselves.
    guard chosen != anchors || ownFirst else { return nil }
    let lists = NeighbourhoodDiscovery.nearest(k, to: chosen, in: bank.rows)
    let neighbours = zip(chosen, lists).flatMap { ownFirst ? [$0] + $1.dropLast() : $1 }
    return ["anchors": .listOf(chosen), "neighbours": .integers(neighbours, shape: [count, k])]
  }
}
