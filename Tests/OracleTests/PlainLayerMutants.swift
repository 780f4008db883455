// Wrong rectifiers, pools and unit rows, each under the words by which cases name it.
import Kernels
import Networks
import Oracle

/// x + residual, or x.
private func sums(_ recipe: CaseRecipe) throws -> Tensor<Double> {
  let x = try recipe.input("x")
  guard recipe.prompt.inputs["residual"] != nil else { return x }
  let residual = try recipe.input("residual")
  return x.mapped { $1 + residual.values[$0] }
}

/// A gradient that counts zero as a share of positive.
private func gradientAtZero(_ name: String, _ share: Double) -> LayerMutant {
  LayerMutant(name, "relu") { recipe in
    let (sums, g) = (try sums(recipe), try recipe.input("y.cotangent"))
    return try recipe.changed("x.gradient") { i, v in sums.values[i] == 0 ? share * g.values[i] : v }
  }
}

let rectifierMutants: [LayerMutant] = [
  gradientAtZero("gradient 1 at zero", 1), gradientAtZero("gradient 1/2 at zero", 0.5),
  LayerMutant("leak of 0.01 below zero", "relu") { recipe in
    let sums = try sums(recipe)
    return try recipe.changed("y") { i, _ in sums.values[i] < 0 ? 0.01 * sums.values[i] : sums.values[i] }
  },
  LayerMutant("gradient not stopped below zero", "relu") { recipe in
    ["x.gradient": .real(try recipe.input("y.cotangent"))]
  },
  LayerMutant("last elements of a vector loop lost", "relu") { recipe in
    let count = try recipe.input("x").count
    return try recipe.changed("y") { $0 < count & ~7 ? $1 : 0 }
  },
  LayerMutant("rectified before the sum", "relu") { recipe in
    let (x, residual) = (try recipe.input("x"), try recipe.input("residual"))
    return ["y": .real(x.mapped { max(0, $1) + residual.values[$0] })]
  },
  LayerMutant("gradient of the residual lost", "relu") { try $0.changed("residual.gradient") { _, _ in 0 } },
]

/// A pool whose output is worked out of each plane, height × width.
private func pool(_ name: String, _ mean: @escaping @Sendable (_ plane: [Double], _ width: Int) -> Double)
  -> LayerMutant
{
  LayerMutant(name, "global-average-pool") { recipe in
    let x = try recipe.input("x")
    let pixels = x.shape[2] * x.shape[3]
    return try recipe.changed("y") { i, _ in mean(Array(x.values[i * pixels..<(i + 1) * pixels]), x.shape[3]) }
  }
}

let poolMutants: [LayerMutant] = [
  pool("sum instead of mean") { plane, _ in plane.reduce(0, +) },
  pool("last pixel lost") { plane, _ in plane.dropLast().reduce(0, +) / Double(plane.count) },
  pool("mean over the height alone") { plane, width in
    stride(from: 0, to: plane.count, by: width).reduce(0) { $0 + plane[$1] } / Double(plane.count / width)
  },
  pool("fixed window of 4 × 4") { plane, width in
    plane.indices.reduce(0) { $0 + ($1 / width < 4 && $1 % width < 4 ? plane[$1] : 0) } / 16
  },
  LayerMutant("gradient not divided by the pixels", "global-average-pool") { recipe in
    let x = try recipe.input("x")
    return try recipe.changed("x.gradient") { $1 * Double(x.shape[2] * x.shape[3]) }
  },
  LayerMutant("input read as channels last", "global-average-pool") { recipe in
    let x = try recipe.input("x")
    // Maps of one pixel are the same bytes in both layouts; what is lost there is which axis is the batch.
    if x.shape[2] * x.shape[3] == 1 {
      return try recipe.changed("y") { i, _ in x.values[i % x.shape[0] * x.shape[1] + i / x.shape[0]] }
    }
    return try recipe.altered { $0.inputs["x"] = .real(x.readAsChannelsLast) }
  },
]

/// A normalisation that divides row by row by something else than max(norm, ε).
private func divisor(_ name: String, _ divisor: @escaping @Sendable (_ norm: Double, _ epsilon: Double) -> Double)
  -> LayerMutant
{
  LayerMutant(name, "l2-normalisation") { recipe in
    let (x, norms) = (try recipe.input("x"), try norms(recipe))
    let epsilon = try recipe.prompt.number("epsilon", default: 1e-12)
    return ["y": .real(x.mapped { $1 / divisor(norms[$0 / x.columns], epsilon) })]
  }
}

private func norms(_ recipe: CaseRecipe) throws -> [Double] {
  let x = try recipe.input("x")
  return (0..<x.rows).map { a in x.row(a).reduce(0) { $0 + $1 * $1 }.squareRoot() }
}

let unitRowMutants: [LayerMutant] = [
  divisor("epsilon added to the norm") { $0 + $1 },
  divisor("epsilon squared added to the sum of squares") { ($0 * $0 + $1 * $1).squareRoot() },
  divisor("division by the norm without epsilon") { norm, _ in norm },
  LayerMutant("sum of magnitudes instead of squares", "l2-normalisation") { recipe in
    let x = try recipe.input("x")
    return ["y": .real(x.mapped { i, v in v / x.row(i / x.columns).reduce(0) { $0 + abs($1) } })]
  },
  LayerMutant("columns normalised instead of rows", "l2-normalisation") { recipe in
    let x = try recipe.input("x")
    return [
      "y": .real(
        x.mapped { i, v in
          let squares = stride(from: i % x.columns, to: x.count, by: x.columns).reduce(0) {
            $0 + x.values[$1] * x.values[$1]
          }
          return v / squares.squareRoot()
        })
    ]
  },
  LayerMutant("gradient not projected", "l2-normalisation") { recipe in
    let (g, norms) = (try recipe.input("y.cotangent"), try norms(recipe))
    return ["x.gradient": .real(g.mapped { $1 / norms[$0 / g.columns] })]
  },
  LayerMutant("gradient not divided by the norm", "l2-normalisation") { recipe in
    let norms = try norms(recipe)
    let columns = try recipe.input("x").columns
    return try recipe.changed("x.gradient") { $1 * norms[$0 / columns] }
  },
  LayerMutant("gradient of a zero row over epsilon", "l2-normalisation") { recipe in
    let (g, norms) = (try recipe.input("y.cotangent"), try norms(recipe))
    return try recipe.changed("x.gradient") { norms[$0 / g.columns] == 0 ? g.values[$0] / 1e-12 : $1 }
  },
]
