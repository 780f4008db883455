// The layers without a state, traced by a tracer: the kernels' values and the scale of each one's rounding.
//
//     contraction    Σ a b          c = Σ |a| |b|
//     element-wise   f(x)           c = a few |f(x)|
// Tests    OracleTests/StepTracerTests.swift
import Kernels
import Networks

extension Tracer {
  /// A convolution without bias.
  @specialized(where Scalar == Double)
  mutating func convolution(
    _ input: Traced<Scalar>, _ weight: Traced<Scalar>, shape: ConvolutionShape, as name: String
  ) -> Traced<Scalar> {
    let output = [shape.batch, shape.outputChannels, shape.outputHeight, shape.outputWidth]
    let (x, w) = (factor(input.value), factor(weight.value))
    let values = byMethod(
      convolve(x.values, weight: w.values, shape: shape), .forward, input.value.values, weight.value.values,
      shape: shape)
    return record(
      name, Tensor(shape: output, values: values),
      from: [input.name, weight.name], by: "convolution",
      terms: shape.inputChannels * shape.kernelHeight * shape.kernelWidth,
      errors: [
        .each(convolve(input.value.magnitudes.values, weight: weight.value.magnitudes.values, shape: shape))
      ])
  }

  /// The gradient of a convolution's weight, under the weight's name.
  @specialized(where Scalar == Double)
  mutating func convolutionWeightGradient(
    of output: Traced<Scalar>, input: Traced<Scalar>, weight: Traced<Scalar>, shape: ConvolutionShape
  ) {
    let (g, x) = (factor(output.value), factor(input.value))
    let values = byMethod(
      Kernels.convolutionWeightGradient(outputGradient: g.values, input: x.values, shape: shape), .weightGradient,
      output.value.values, input.value.values, shape: shape)
    _ = record(
      weight.name + ".gradient", Tensor(shape: weight.value.shape, values: values),
      from: [output.name, input.name], by: "convolution-weight-gradient",
      terms: shape.batch * shape.outputHeight * shape.outputWidth,
      errors: [
        .each(
          Kernels.convolutionWeightGradient(
            outputGradient: output.value.magnitudes.values, input: input.value.magnitudes.values, shape: shape))
      ])
  }

  /// The gradient of a convolution's input.
  @specialized(where Scalar == Double)
  mutating func convolutionInputGradient(
    of output: Traced<Scalar>, input: [Int], weight: Traced<Scalar>, shape: ConvolutionShape, as name: String
  ) -> Traced<Scalar> {
    let (g, w) = (factor(output.value), factor(weight.value))
    let values = byMethod(
      Kernels.convolutionInputGradient(outputGradient: g.values, weight: w.values, shape: shape), .inputGradient,
      output.value.values, weight.value.values, shape: shape)
    return record(
      name, Tensor(shape: input, values: values),
      from: [output.name, weight.name], by: "convolution-input-gradient",
      terms: shape.outputChannels * shape.kernelHeight * shape.kernelWidth,
      errors: [
        .each(
          Kernels.convolutionInputGradient(
            outputGradient: output.value.magnitudes.values, weight: weight.value.magnitudes.values, shape: shape))
      ])
  }

  /// max(0, a + b).
  @specialized(where Scalar == Double)
  mutating func addReLU(
    _ a: Traced<Scalar>, _ b: Traced<Scalar>, as name: String
  ) -> Traced<Scalar> {
    lowerReLUMargin(zip(a.value.values, b.value.values).map { Double($0) + Double($1) })
    let sum = Tensor(shape: a.value.shape, values: reluOfSum(a.value.values, b.value.values))
    return record(name, sum, from: [a.name, b.name], by: "add-relu", errors: [.each(sum.values)])
  }

  /// The gradient of a sum before ReLU; exact.
  @specialized(where Scalar == Double)
  mutating func reluGradient(
    of gradient: Traced<Scalar>, output: Traced<Scalar>, as name: String
  ) -> Traced<Scalar> {
    record(
      name,
      Tensor(
        shape: gradient.value.shape,
        values: Kernels.reluGradient(outputGradient: gradient.value.values, output: output.value.values)),
      from: [gradient.name, output.name], by: "relu-gradient", errors: [])
  }

  /// The sum of two gradients, in this order.
  @specialized(where Scalar == Double)
  mutating func sum(_ a: Traced<Scalar>, _ b: Traced<Scalar>, as name: String) -> Traced<Scalar> {
    var sum = a.value
    add(b.value.values, into: &sum.values)
    return record(name, sum, from: [a.name, b.name], by: "add", errors: [.each(sum.magnitudes.values)])
  }

  /// The mean over pixels.
  @specialized(where Scalar == Double)
  mutating func averagePool(_ input: Traced<Scalar>, as name: String) -> Traced<Scalar> {
    let (output, _) = GlobalAveragePool().forward(input.value)
    let pixels = input.value.shape[2] * input.value.shape[3]
    return record(
      name, output, from: [input.name], by: "global-average-pool", terms: pixels,
      errors: [.each(GlobalAveragePool().forward(input.value.magnitudes).output.values)])
  }

  /// The gradient of the mean over pixels.
  @specialized(where Scalar == Double)
  mutating func averagePoolGradient(
    of output: Traced<Scalar>, input: [Int], as name: String
  ) -> Traced<Scalar> {
    let gradient = Tensor(
      shape: input, values: planeMeansGradient(outputGradient: output.value.values, pixels: input[2] * input[3]))
    return record(
      name, gradient, from: [output.name], by: "global-average-pool-gradient",
      errors: [.each(gradient.magnitudes.values)])
  }

  /// A B, or with factors transposed on request.
  @specialized(where Scalar == Double)
  mutating func product(
    _ a: Traced<Scalar>, _ b: Traced<Scalar>, transposed: Bool = false, otherTransposed: Bool = false,
    as name: String, by operation: String = "matmul"
  ) -> Traced<Scalar> {
    let (left, right) = (factor(a.value), factor(b.value))
    return record(
      name, left.multiplied(by: right, transposed: transposed, otherTransposed: otherTransposed),
      from: [a.name, b.name], by: operation, terms: transposed ? a.value.shape[0] : a.value.shape[1],
      errors: [
        .each(
          a.value.magnitudes.multiplied(
            by: b.value.magnitudes, transposed: transposed, otherTransposed: otherTransposed
          ).values)
      ])
  }

  /// Unit rows; the norm is a sum whose error the whole row shares.
  @specialized(where Scalar == Double)
  mutating func normalisedRows(_ rows: Traced<Scalar>, as name: String) -> Traced<Scalar> {
    let (output, _) = L2Normalisation().forward(rows.value)
    let columns = rows.value.columns
    return record(
      name, output, from: [rows.name], by: "l2-normalise", terms: columns,
      errors: [
        .each(output.magnitudes.values), .shared(output.values, length: columns, count: output.rows),
      ])
  }

  /// The gradient of rows before they were scaled to unit length: (g − v ⟨v, g⟩) / ‖u‖.
  @specialized(where Scalar == Double)
  mutating func normalisedRowsGradient(
    of gradient: Traced<Scalar>, rows: Traced<Scalar>, unit: Traced<Scalar>, as name: String
  ) -> Traced<Scalar> {
    let layer = L2Normalisation<Scalar>()
    let result = layer.backward(gradient.value, cache: layer.forward(rows.value).cache)
    let (columns, g, v) = (result.columns, gradient.value.magnitudes.values, unit.value.magnitudes.values)
    let norms = dotProductsOfRows(rows.value.values, rows.value.values, columns: columns).map {
      max($0.squareRoot(), 1e-12)
    }
    let along = dotProductsOfRows(g, v, columns: columns)
    return record(
      name, result, from: [gradient.name, rows.name, unit.name], by: "l2-normalise-gradient", terms: columns,
      errors: [
        .each(g.indices.map { 2 * (g[$0] + v[$0] * along[$0 / columns]) / norms[$0 / columns] }),
        .shared(
          g.indices.map { unit.value.values[$0] * along[$0 / columns] / norms[$0 / columns] }, length: columns,
          count: result.rows),
        .shared(result.values, length: columns, count: result.rows),
      ])
  }
}
