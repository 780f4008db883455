// Wrong Sobel filters.
// Tests    OracleTests/MutantsTests.swift
import Kernels
import Networks

let sobelMutations: [Mutation] = [
  Mutation(Mistake("sobel.luma", "grey by luma weights", right: "grey is the plain mean of the channels"), "sobel") {
    question in
    let shape = try question.input("x").shape
    return try question.altered("x") { i, v in 3 * [0.299, 0.587, 0.114][i / (shape[2] * shape[3]) % 3] * v }
  },
  Mutation(
    Mistake("sobel.channel-sum", "channels summed instead of averaged", right: "grey is the mean of the channels"),
    "sobel"
  ) { question in
    let channels = Double(try question.input("x").shape[1])
    return try question.changed("y") { $1 * channels }
  },
  Mutation(Mistake("sobel.sign", "true convolution instead of correlation"), "sobel") { try $0.changed("y") { -$1 } },
  Mutation(Mistake("sobel.divided", "filters divided by 8"), "sobel") { try $0.changed("y") { $1 / 8 } },
  Mutation(
    Mistake(
      "sobel.swapped-filters", "the two filters swapped", right: "the first output is the derivative along the width"),
    "sobel"
  ) { question in
    let y = try question.output("y")
    let pixels = y.shape[2] * y.shape[3]
    return try question.changed("y") { i, _ in y.values[i / pixels % 2 == 0 ? i + pixels : i - pixels] }
  },
  Mutation(
    Mistake("sobel.replicated-border", "border repeated instead of zeros", right: "zeros lie outside the image"),
    "sobel"
  ) { question in
    let framed = try question.input("x").framed(before: 1, after: 1, clamped)
    let wide = try question.altered {
      $0.inputs["x"] = .real(framed)
      $0.inputs["y.cotangent"] = .real(Tensor<Double>(shape: [framed.shape[0], 2, framed.shape[2], framed.shape[3]]))
    }
    guard case .real(let y)? = wide["y"] else { return [:] }
    return ["y": .real(y.framed(before: -1, after: -1, inside))]
  },
  Mutation(
    Mistake("sobel.centre", "kernel's centre not 0", right: "the filters' centre columns and rows are 0"), "sobel"
  ) { question in
    let x = try question.input("x")
    return try question.changed("y") { i, v in v + x.values[i / 2 * x.shape[1]] }
  },
]
