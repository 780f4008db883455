// The product of matrices: (A B)ᵀ = Bᵀ Aᵀ, whichever way the factors are stored.
// Tests    OracleTests/RelationMutantsTests.swift
import Files
import Kernels
import Networks

/// Relations about products of matrices.
let productRelations: [Relation] = [
  Relation(
    name: "product-transposition", summary: "(A B)ᵀ = Bᵀ Aᵀ, from factors stored either way, gradients accordingly",
    catches: ["factor read the other way", "last row lost"],
    largest: 1024, outputs: ["y", "a.gradient", "b.gradient"],
    prompts: { d in
      let sizes = productSizes(d)
      let (a, b) = (d.grid([sizes.rows, sizes.depth], 40), d.grid([sizes.depth, sizes.columns], 41))
      let g = d.grid([sizes.rows, sizes.columns], 42)
      func prompt(_ a: Tensor<Double>, _ b: Tensor<Double>, _ g: Tensor<Double>, stored: Bool = false) -> Prompt {
        Prompt(
          operation: "matrix-product", parameters: ["transposeA": .bool(stored), "transposeB": .bool(stored)],
          inputs: ["a": .real(a), "b": .real(b), "y.cotangent": .real(g)])
      }
      let (aTransposed, bTransposed) = (a.transposedMatrix, b.transposedMatrix)
      return [
        "plain": prompt(a, b, g), "transposed": prompt(bTransposed, aTransposed, g.transposedMatrix),
        "stored": prompt(aTransposed, bTransposed, g, stored: true),
      ]
    },
    judge: { d, answers, judgement in
      let sizes = productSizes(d)
      judgement.expect("y of transposed storage", answers("stored", "y"), equals: answers("plain", "y"))
      for (role, name, other, rows, columns) in [
        ("transposed", "y", "y", sizes.columns, sizes.rows),
        ("transposed", "a.gradient", "b.gradient", sizes.columns, sizes.depth),
        ("transposed", "b.gradient", "a.gradient", sizes.depth, sizes.rows),
        ("stored", "a.gradient", "a.gradient", sizes.depth, sizes.rows),
        ("stored", "b.gradient", "b.gradient", sizes.columns, sizes.depth),
      ] {
        let (here, there) = (answers(role, name), answers("plain", other))
        for i in here.indices {
          let (row, column) = (i / columns, i % columns)
          judgement.expect("\(name), \(role)", here[i], equals: there[column * rows + row], at: [row, column])
        }
      }
    })
]

private func productSizes(_ d: RelationDrawing) -> (rows: Int, depth: Int, columns: Int) {
  (d.size, d.size + 1, d.size + 3)
}
