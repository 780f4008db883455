// Wrong convolutions and Sobel filters.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

extension Tensor where Scalar == Double {
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
    before: Int, after: Int, _ source: (_ index: Int, _ size: Int) -> Int?
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
func clamped(_ index: Int, _ size: Int) -> Int? { min(max(index, 0), size - 1) }
/// The pixel itself, nothing outside.
func inside(_ index: Int, _ size: Int) -> Int? { (0..<size).contains(index) ? index : nil }

/// The weight with the elements of each kernel, rows × columns, taken from other places.
private func kernels(_ question: Question, _ index: (_ r: Int, _ s: Int, _ rows: Int, _ columns: Int) -> Int) throws
  -> [String: TensorValue]
{
  let weight = try question.input("weight")
  let (rows, columns) = (weight.shape[2], weight.shape[3])
  return try question.altered("weight") { i, _ in
    let tap = i % (rows * columns)
    return weight.values[i - tap + index(tap / columns, tap % columns, rows, columns)]
  }
}

let convolutionMutations: [Mutation] = [
  tf32Mutant("convolution", ["x", "weight", "y.cotangent"]),
  Mutation(
    Mistake(
      "convolution.flipped-kernel", "kernel flipped: true convolution",
      right: "y[h, w] = Σ x[h + r, w + s] k[r, s]: correlation, the kernel is not turned"), "convolution"
  ) { question in
    try kernels(question) { ($2 - 1 - $0) * $3 + $3 - 1 - $1 }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "convolution.unflipped-input-gradient", "input gradient without the flip",
      right: "the input gradient meets each tap at the opposite offset"), "convolution"
  ) { question in
    try kernels(question) { ($2 - 1 - $0) * $3 + $3 - 1 - $1 }.filter { $0.key == "x.gradient" }
  },
  Mutation(
    Mistake(
      "convolution.transposed-kernel", "kernel rows and columns swapped",
      right: "a kernel's rows go with the image's rows"), "convolution"
  ) { question in
    try kernels(question) { r, s, rows, _ in s * rows + r }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "convolution.input-channels-first", "weight read input channels first",
      right: "weights are output channels × input channels × rows × columns"), "convolution"
  ) { question in
    let weight = try question.input("weight")
    let (outputs, inputs, taps) = (weight.shape[0], weight.shape[1], weight.shape[2] * weight.shape[3])
    return try question.altered("weight") { i, _ in
      weight.values[(i / taps % inputs * outputs + i / taps / inputs) * taps + i % taps]
    }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake("convolution.replicated-padding", "padding by the border's values", right: "the padding is zeros"),
    "convolution"
  ) { question in
    let padding = try question.prompt.integer("padding")
    return try question.altered {
      $0.parameters["padding"] = .integer(0)
      $0.inputs["x"] = .real(try question.input("x").framed(before: padding, after: padding, clamped))
    }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "convolution.asymmetric-padding", "asymmetric padding at stride 2",
      right: "the same number of zeros on both sides, also at stride 2"), "convolution"
  ) { question in
    let padding = try question.prompt.integer("padding")
    return try question.altered {
      $0.parameters["padding"] = .integer(0)
      $0.inputs["x"] = .real(try question.input("x").framed(before: 0, after: 2 * padding, inside))
    }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "convolution.other-parity", "pixels of the other parity taken",
      right: "strides count from the first pixel of the padded image"), "convolution"
  ) { question in
    try question.altered {
      $0.inputs["x"] = .real(try question.input("x").framed(before: -1, after: 1, inside))
    }.filter { $0.key == "y" }
  },
  Mutation(
    Mistake(
      "convolution.last-row-and-column", "last row and column lost",
      right: "outputs are ⌊(size + 2 padding − kernel) / stride⌋ + 1 on each axis"), "convolution"
  ) { question in
    let (height, width) = (try question.output("y").shape[2], try question.output("y").shape[3])
    return try question.changed("y") { i, v in i / width % height == height - 1 || i % width == width - 1 ? 0 : v }
  },
  Mutation(
    Mistake(
      "convolution.channels-last", "input read as channels last", right: "tensors are batch × channels × height × width"
    ), "convolution"
  ) { question in
    try question.altered { $0.inputs["x"] = .real(try question.input("x").readAsChannelsLast) }
  },
  Mutation(Mistake("convolution.no-bias", "bias left out", right: "the bias is added to every pixel"), "convolution") {
    try $0.altered("bias") { _, _ in 0 }
  },
  Mutation(
    Mistake(
      "convolution.mean-weight-gradient", "weight gradient averaged over the batch",
      right: "the weight gradient is a sum over the batch"), "convolution"
  ) { question in
    let batch = Double(try question.input("x").rows)
    return try question.changed("weight.gradient") { $1 / batch }
  },
  Mutation(
    Mistake(
      "convolution.mean-bias-gradient", "bias gradient averaged over the batch",
      right: "the bias gradient is a sum over batch and pixels"), "convolution"
  ) { question in
    let batch = Double(try question.input("x").rows)
    return try question.changed("bias.gradient") { $1 / batch }
  },
]
