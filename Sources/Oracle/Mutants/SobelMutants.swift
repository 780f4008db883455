// Wrong Sobel filters.
// Tests    OracleTests/MutantsTests.swift
import Kernels
import Networks

let sobelMutations: [Mutation] = [
  Mutation("sobel.luma", "grey by luma weights", "sobel") { question in
    let shape = try question.input("x").shape
    return try question.altered("x") { i, v in 3 * [0.299, 0.587, 0.114][i / (shape[2] * shape[3]) % 3] * v }
  },
  Mutation("sobel.channel-sum", "channels summed instead of averaged", "sobel") { question in
    let channels = Double(try question.input("x").shape[1])
    return try question.changed("y") { $1 * channels }
  },
  Mutation("sobel.sign", "true convolution instead of correlation", "sobel") { try $0.changed("y") { -$1 } },
  Mutation("sobel.divided", "filters divided by 8", "sobel") { try $0.changed("y") { $1 / 8 } },
  Mutation("sobel.swapped-filters", "the two filters swapped", "sobel") { question in
    let y = try question.output("y")
    let pixels = y.shape[2] * y.shape[3]
    return try question.changed("y") { i, _ in y.values[i / pixels % 2 == 0 ? i + pixels : i - pixels] }
  },
  Mutation("sobel.replicated-border", "border repeated instead of zeros", "sobel") { question in
    let framed = try question.input("x").framed(before: 1, after: 1, clamped)
    let wide = try question.altered {
      $0.inputs["x"] = .real(framed)
      $0.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [framed.shape[0], 2, framed.shape[2], framed.shape[3]]))
    }
    guard case .real(let y)? = wide["y"] else { return [:] }
    return ["y": .real(y.framed(before: -1, after: -1, inside))]
  },
  Mutation("sobel.centre", "kernel's centre not 0", "sobel") { question in
    let x = try question.input("x")
    return try question.changed("y") { i, v in v + x.values[i / 2 * x.shape[1]] }
  },
]
