// Wrong implementations, each under the words by which cases name it: matrix products, convolutions, layers without
// parameters.
import Kernels
import Networks
import Oracle

/// One mistake in one operation.
struct LayerMutant: Sendable {
  /// The words in a case's `catches`.
  let name: String
  /// The operation that is wrong.
  let operation: String
  /// What such an implementation answers; outputs that it gets right may be left out.
  let answer: @Sendable (CaseRecipe) throws -> [String: TensorValue]

  init(_ name: String, _ operation: String, _ answer: @escaping @Sendable (CaseRecipe) throws -> [String: TensorValue])
  {
    (self.name, self.operation, self.answer) = (name, operation, answer)
  }
}

extension CaseRecipe {
  /// A real input, in Double.
  func input(_ name: String) throws -> Tensor<Double> { try prompt.tensor(name) }

  /// A real output of the right answer.
  func right(_ name: String) throws -> Tensor<Double> {
    guard case .real(let tensor)? = try answer(as: Double.self)[name] else { throw OracleError("no output \(name)") }
    return tensor
  }

  /// The answer to a changed question.
  func altered(_ change: (inout Prompt) throws -> Void) throws -> [String: TensorValue] {
    var prompt = prompt
    try change(&prompt)
    return try Operations.named(prompt.operation).answer(prompt, as: Double.self)
  }

  /// The answer with one input's elements changed by place and value.
  func altered(_ name: String, _ change: (Int, Double) -> Double) throws -> [String: TensorValue] {
    let tensor = try input(name)
    return try altered { $0.inputs[name] = .real(tensor.mapped(change)) }
  }

  /// One output with its elements changed by place and value.
  func changed(_ name: String, _ change: (Int, Double) -> Double) throws -> [String: TensorValue] {
    [name: .real(try right(name).mapped(change))]
  }
}

extension Tensor where Scalar == Double {
  /// Every element changed by its place and value.
  func mapped(_ change: (Int, Double) -> Double) -> Tensor {
    Tensor(shape: shape, values: values.enumerated().map { change($0, $1) })
  }

  /// The same bytes taken for batch × height × width × channels.
  var readAsChannelsLast: Tensor {
    let (channels, pixels) = (shape[1], shape[2] * shape[3])
    return mapped { i, _ in
      let (n, c, p) = (i / (channels * pixels), i / pixels % channels, i % pixels)
      return values[(n * pixels + p) * channels + c]
    }
  }

  /// Images framed by more pixels; `source` says which pixel a place takes, nil for zero.
  func framed(
    before: Int, after: Int, _ source: (_ place: Int, _ size: Int) -> Int?
  ) -> Tensor {
    let (height, width) = (shape[2] + before + after, shape[3] + before + after)
    var framed = Tensor(shape: [shape[0], shape[1], height, width])
    for i in framed.values.indices {
      let (plane, h, w) = (i / (height * width), i / width % height - before, i % width - before)
      if let y = source(h, shape[2]), let x = source(w, shape[3]) {
        framed.values[i] = values[(plane * shape[2] + y) * shape[3] + x]
      }
    }
    return framed
  }
}

/// The nearest pixel inside.
private func clamped(_ place: Int, _ size: Int) -> Int? { min(max(place, 0), size - 1) }
/// The pixel itself, nothing outside.
private func inside(_ place: Int, _ size: Int) -> Int? { (0..<size).contains(place) ? place : nil }

/// A Float rounded to the 11 significant bits of TF32.
private func tf32(_ x: Double) -> Double {
  Double(Float(bitPattern: (Float(x).bitPattern &+ 0x0fff &+ (Float(x).bitPattern >> 13 & 1)) & ~0x1fff))
}

private func tf32Mutant(_ operation: String, _ inputs: [String]) -> LayerMutant {
  LayerMutant("factors rounded to TF32", operation) { recipe in
    try recipe.altered { prompt in
      for name in inputs { prompt.inputs[name] = .real(try recipe.input(name).mapped { tf32($1) }) }
    }
  }
}

let matrixMutants: [LayerMutant] = [
  tf32Mutant("matrix-product", ["a", "b", "y.cotangent"]),
  LayerMutant("last step of the depth lost", "matrix-product") { recipe in
    let (shape, transposed) = (try recipe.input("a").shape, try recipe.prompt.truth("transposeA"))
    return try recipe.altered("a") { i, v in
      (transposed ? i / shape[1] == shape[0] - 1 : i % shape[1] == shape[1] - 1) ? 0 : v
    }
  },
  LayerMutant("depth cut at 512", "matrix-product") { recipe in
    let columns = try recipe.input("a").shape[1]
    return try recipe.altered("a") { i, v in i % columns < 512 ? v : 0 }
  },
  LayerMutant("transposition ignored", "matrix-product") { recipe in
    try recipe.altered {
      $0.parameters["transposeA"] = .truth(false)
      $0.parameters["transposeB"] = .truth(false)
    }
  },
  LayerMutant("gradients of the factors swapped", "matrix-product") { recipe in
    ["a.gradient": .real(try recipe.right("b.gradient")), "b.gradient": .real(try recipe.right("a.gradient"))]
  },
  LayerMutant("c overwritten instead of added to", "matrix-product") { recipe in
    try recipe.altered { $0.parameters["accumulate"] = .truth(false) }
  },
  LayerMutant("last row and column of a partial tile lost", "matrix-product") { recipe in
    let shape = try recipe.right("y").shape
    return try recipe.changed("y") { i, v in i / shape[1] == shape[0] - 1 || i % shape[1] == shape[1] - 1 ? 0 : v }
  },
  tf32Mutant("linear", ["x", "weight", "y.cotangent"]),
  LayerMutant("bias left out", "linear") { try $0.altered("bias") { _, _ in 0 } },
  LayerMutant("bias gradient averaged over the rows", "linear") { recipe in
    let rows = Double(try recipe.input("x").rows)
    return try recipe.changed("bias.gradient") { $1 / rows }
  },
  LayerMutant("weight gradient averaged over the rows", "linear") { recipe in
    let rows = Double(try recipe.input("x").rows)
    return try recipe.changed("weight.gradient") { $1 / rows }
  },
  LayerMutant("weight stored inputs × outputs", "linear") { recipe in
    let weight = try recipe.input("weight")
    return try recipe.altered("weight") { i, _ in weight.values[i % weight.rows * weight.rows + i / weight.rows] }
  },
]

/// The weight with the elements of each kernel, rows × columns, taken from other places.
private func kernels(_ recipe: CaseRecipe, _ place: (_ r: Int, _ s: Int, _ rows: Int, _ columns: Int) -> Int) throws
  -> [String: TensorValue]
{
  let weight = try recipe.input("weight")
  let (rows, columns) = (weight.shape[2], weight.shape[3])
  return try recipe.altered("weight") { i, _ in
    let tap = i % (rows * columns)
    return weight.values[i - tap + place(tap / columns, tap % columns, rows, columns)]
  }
}

let convolutionMutants: [LayerMutant] = [
  tf32Mutant("convolution", ["x", "weight", "y.cotangent"]),
  LayerMutant("kernel flipped: true convolution", "convolution") { recipe in
    try kernels(recipe) { ($2 - 1 - $0) * $3 + $3 - 1 - $1 }.filter { $0.key == "y" }
  },
  LayerMutant("input gradient without the flip", "convolution") { recipe in
    try kernels(recipe) { ($2 - 1 - $0) * $3 + $3 - 1 - $1 }.filter { $0.key == "x.gradient" }
  },
  LayerMutant("kernel rows and columns swapped", "convolution") { recipe in
    try kernels(recipe) { r, s, rows, _ in s * rows + r }.filter { $0.key == "y" }
  },
  LayerMutant("weight read input channels first", "convolution") { recipe in
    let weight = try recipe.input("weight")
    let (outputs, inputs, taps) = (weight.shape[0], weight.shape[1], weight.shape[2] * weight.shape[3])
    return try recipe.altered("weight") { i, _ in
      weight.values[(i / taps % inputs * outputs + i / taps / inputs) * taps + i % taps]
    }.filter { $0.key == "y" }
  },
  LayerMutant("padding by the border's values", "convolution") { recipe in
    let padding = try recipe.prompt.integer("padding")
    return try recipe.altered {
      $0.parameters["padding"] = .integer(0)
      $0.inputs["x"] = .real(try recipe.input("x").framed(before: padding, after: padding, clamped))
    }.filter { $0.key == "y" }
  },
  LayerMutant("asymmetric padding at stride 2", "convolution") { recipe in
    let padding = try recipe.prompt.integer("padding")
    return try recipe.altered {
      $0.parameters["padding"] = .integer(0)
      $0.inputs["x"] = .real(try recipe.input("x").framed(before: 0, after: 2 * padding, inside))
    }.filter { $0.key == "y" }
  },
  LayerMutant("pixels of the other parity taken", "convolution") { recipe in
    try recipe.altered {
      $0.inputs["x"] = .real(try recipe.input("x").framed(before: -1, after: 1, inside))
    }.filter { $0.key == "y" }
  },
  LayerMutant("last row and column lost", "convolution") { recipe in
    let (height, width) = (try recipe.right("y").shape[2], try recipe.right("y").shape[3])
    return try recipe.changed("y") { i, v in i / width % height == height - 1 || i % width == width - 1 ? 0 : v }
  },
  LayerMutant("input read as channels last", "convolution") { recipe in
    try recipe.altered { $0.inputs["x"] = .real(try recipe.input("x").readAsChannelsLast) }
  },
  LayerMutant("bias left out", "convolution") { try $0.altered("bias") { _, _ in 0 } },
  LayerMutant("weight gradient averaged over the batch", "convolution") { recipe in
    let batch = Double(try recipe.input("x").rows)
    return try recipe.changed("weight.gradient") { $1 / batch }
  },
  LayerMutant("bias gradient averaged over the batch", "convolution") { recipe in
    let batch = Double(try recipe.input("x").rows)
    return try recipe.changed("bias.gradient") { $1 / batch }
  },
  LayerMutant("grey by luma weights", "sobel") { recipe in
    let shape = try recipe.input("x").shape
    return try recipe.altered("x") { i, v in 3 * [0.299, 0.587, 0.114][i / (shape[2] * shape[3]) % 3] * v }
  },
  LayerMutant("channels summed instead of averaged", "sobel") { recipe in
    let channels = Double(try recipe.input("x").shape[1])
    return try recipe.changed("y") { $1 * channels }
  },
  LayerMutant("true convolution instead of correlation", "sobel") { try $0.changed("y") { -$1 } },
  LayerMutant("filters divided by 8", "sobel") { try $0.changed("y") { $1 / 8 } },
  LayerMutant("the two filters swapped", "sobel") { recipe in
    let y = try recipe.right("y")
    let pixels = y.shape[2] * y.shape[3]
    return try recipe.changed("y") { i, _ in y.values[i / pixels % 2 == 0 ? i + pixels : i - pixels] }
  },
  LayerMutant("border repeated instead of zeros", "sobel") { recipe in
    let framed = try recipe.input("x").framed(before: 1, after: 1, clamped)
    let wide = try recipe.altered {
      $0.inputs["x"] = .real(framed)
      $0.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [framed.shape[0], 2, framed.shape[2], framed.shape[3]]))
    }
    guard case .real(let y)? = wide["y"] else { return [:] }
    return ["y": .real(y.framed(before: -1, after: -1, inside))]
  },
  LayerMutant("kernel's centre not 0", "sobel") { recipe in
    let x = try recipe.input("x")
    return try recipe.changed("y") { i, v in v + x.values[i / 2 * x.shape[1]] }
  },
]
