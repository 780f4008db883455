// The convolution and its two gradients as their definitions: seven nested loops. Convolution.swift and
// ConvolutionWeightGradient.swift must return the same bits.
//
// With input x[n, c, h, w], weight w[o, c, r, s], output y[n, o, i, j], stride t and padding p:
//     y[n, o, i, j] = Σ over c, r, s of w[o, c, r, s] · x[n, c, i t + r − p, j t + s − p]     chain over (c, r, s)
//     ∂x[n, c, h, w] = Σ over o, r, s of w[o, c, r, s] · ∂y[n, o, (h + p − r) / t, (w + p − s) / t]     chain over (o, r, s)
//     ∂w[o, c, r, s] = Σ over n, i, j of ∂y[n, o, i, j] · x[n, c, i t + r − p, j t + s − p]     chain over (n, i, j)
// A pixel outside the image is a zero and takes part in the chain; where a division leaves a remainder there is no term.

/// The reference implementation of ``convolve(_:weight:shape:)``: y = x * w (cross-correlation) by seven nested loops.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func referenceConvolve<Scalar: RealScalar>(
  _ input: [Scalar], weight: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  var output = [Scalar](repeating: 0, count: shape.outputCount)
  for n in 0..<shape.batch {
    for o in 0..<shape.outputChannels {
      for i in 0..<shape.outputHeight {
        for j in 0..<shape.outputWidth {
          var sum: Scalar = 0
          for c in 0..<shape.inputChannels {
            for r in 0..<shape.kernelHeight {
              for s in 0..<shape.kernelWidth {
                sum = chained(
                  sum, weight[shape.weightIndex(o, c, r, s)],
                  shape.pixel(input, n, c, i * shape.stride + r - shape.padding, j * shape.stride + s - shape.padding))
              }
            }
          }
          output[((n * shape.outputChannels + o) * shape.outputHeight + i) * shape.outputWidth + j] = sum
        }
      }
    }
  }
  return output
}

/// The reference implementation of ``convolutionInputGradient(outputGradient:weight:shape:)``, by seven nested loops.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func referenceConvolutionInputGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], weight: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  var gradient = [Scalar](repeating: 0, count: shape.inputCount)
  for n in 0..<shape.batch {
    for c in 0..<shape.inputChannels {
      for h in 0..<shape.height {
        for w in 0..<shape.width {
          var sum: Scalar = 0
          for o in 0..<shape.outputChannels {
            for r in 0..<shape.kernelHeight where (h + shape.padding - r) % shape.stride == 0 {
              for s in 0..<shape.kernelWidth where (w + shape.padding - s) % shape.stride == 0 {
                sum = chained(
                  sum, weight[shape.weightIndex(o, c, r, s)],
                  shape.outputPixel(
                    outputGradient, n, o, (h + shape.padding - r) / shape.stride,
                    (w + shape.padding - s) / shape.stride))
              }
            }
          }
          gradient[((n * shape.inputChannels + c) * shape.height + h) * shape.width + w] = sum
        }
      }
    }
  }
  return gradient
}

/// The reference implementation of ``convolutionWeightGradient(outputGradient:input:shape:)``, by seven nested loops.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func referenceConvolutionWeightGradient<Scalar: RealScalar>(
  outputGradient: [Scalar], input: [Scalar], shape: ConvolutionShape
) -> [Scalar] {
  var gradient = [Scalar](repeating: 0, count: shape.weightCount)
  for o in 0..<shape.outputChannels {
    for c in 0..<shape.inputChannels {
      for r in 0..<shape.kernelHeight {
        for s in 0..<shape.kernelWidth {
          var sum: Scalar = 0
          for n in 0..<shape.batch {
            for i in 0..<shape.outputHeight {
              for j in 0..<shape.outputWidth {
                sum = chained(
                  sum, shape.outputPixel(outputGradient, n, o, i, j),
                  shape.pixel(input, n, c, i * shape.stride + r - shape.padding, j * shape.stride + s - shape.padding))
              }
            }
          }
          gradient[shape.weightIndex(o, c, r, s)] = sum
        }
      }
    }
  }
  return gradient
}

extension ConvolutionShape {
  fileprivate func weightIndex(_ o: Int, _ c: Int, _ r: Int, _ s: Int) -> Int {
    ((o * inputChannels + c) * kernelHeight + r) * kernelWidth + s
  }

  fileprivate func pixel<Scalar: RealScalar>(_ input: [Scalar], _ n: Int, _ c: Int, _ h: Int, _ w: Int) -> Scalar {
    guard (0..<height).contains(h), (0..<width).contains(w) else { return 0 }
    return input[((n * inputChannels + c) * height + h) * width + w]
  }

  fileprivate func outputPixel<Scalar: RealScalar>(
    _ output: [Scalar], _ n: Int, _ o: Int, _ i: Int, _ j: Int
  ) -> Scalar {
    guard (0..<outputHeight).contains(i), (0..<outputWidth).contains(j) else { return 0 }
    return output[((n * outputChannels + o) * outputHeight + i) * outputWidth + j]
  }
}
