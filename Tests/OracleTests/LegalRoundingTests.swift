import Kernels
import Networks
import Oracle
import Testing

/// The terms of every element of every output of a contraction.
private typealias Terms = [String: (shape: [Int], terms: [[(Float, Float)]])]

@Suite("Contractions in every legal order")
struct LegalRoundingTests {
  private static let families = ["matrix-product", "linear", "convolution", "global-average-pool", "sobel"]

  @Test(arguments: families) func floatInAnyOrderStaysInsideItsBound(family: String) throws {
    let casePrompts = try layerPrompts().filter { $0.prompt.operation == family }
    let orders = 1 + 240 / casePrompts.count
    var (tried, worst) = (0, 0.0)
    for casePrompt in casePrompts {
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      let outputs = try Self.terms(casePrompt.prompt)
      #expect(Set(outputs.keys) == Set(right.keys))
      for order in 0..<orders {
        var arithmetic = LegalArithmetic(seed: UInt32(order))
        let answer = outputs.mapValues { output in
          TensorValue.real(Tensor<Float>(shape: output.shape, values: output.terms.map { arithmetic.sum($0) }))
        }
        let (ratio, name) = worstRatio(answer, right, scales)
        #expect(ratio <= 1, "\(casePrompt.slug), order \(order): \(name) is \(ratio) bounds away")
        worst = max(worst, ratio)
        tried += 1
      }
    }
    #expect(tried >= 200)
    // Bounds are not loose beyond reason either: some order comes within a factor of twenty of one.
    #expect(worst >= 0.05, "\(family): \(worst)")
  }

  private static func terms(_ prompt: Prompt) throws -> Terms {
    switch prompt.operation {
    case "matrix-product": try product(prompt)
    case "linear": try linear(prompt)
    case "convolution": try convolution(prompt)
    case "sobel": try sobel(prompt)
    default: try pool(prompt)
    }
  }

  private static func empty(_ shape: [Int]) -> (shape: [Int], terms: [[(Float, Float)]]) {
    (shape, Array(repeating: [], count: shape.reduce(1, *)))
  }

  private static func product(_ prompt: Prompt) throws -> Terms {
    let (a, b): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("a"), try prompt.tensor("b"))
    let g: Tensor<Float> = try prompt.tensor("y.cotangent")
    let (transposeA, transposeB) = (
      try prompt.bool("transposeA", default: false), try prompt.bool("transposeB", default: false)
    )
    let (rows, columns, depth) = (g.shape[0], g.shape[1], a.count / g.shape[0])
    var (y, aGradient, bGradient) = (empty(g.shape), empty(a.shape), empty(b.shape))
    if try prompt.bool("accumulate", default: false) {
      let c: Tensor<Float> = try prompt.tensor("c")
      for i in c.values.indices { y.terms[i].append((c.values[i], 1)) }
    }
    for i in 0..<rows {
      for j in 0..<columns {
        for k in 0..<depth {
          let (ia, ib) = (transposeA ? k * rows + i : i * depth + k, transposeB ? j * depth + k : k * columns + j)
          y.terms[i * columns + j].append((a.values[ia], b.values[ib]))
          aGradient.terms[ia].append((g.values[i * columns + j], b.values[ib]))
          bGradient.terms[ib].append((g.values[i * columns + j], a.values[ia]))
        }
      }
    }
    return ["y": y, "a.gradient": aGradient, "b.gradient": bGradient]
  }

  private static func linear(_ prompt: Prompt) throws -> Terms {
    let (x, weight): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("weight"))
    let (bias, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("bias"), try prompt.tensor("y.cotangent"))
    let (rows, inputs, outputs) = (x.shape[0], x.shape[1], weight.shape[0])
    var (y, xGradient, weightGradient) = (empty(g.shape), empty(x.shape), empty(weight.shape))
    var biasGradient = empty(bias.shape)
    for a in 0..<rows {
      for o in 0..<outputs {
        let gradient = g.values[a * outputs + o]
        y.terms[a * outputs + o].append((bias.values[o], 1))
        biasGradient.terms[o].append((gradient, 1))
        for i in 0..<inputs {
          let (value, factor) = (x.values[a * inputs + i], weight.values[o * inputs + i])
          y.terms[a * outputs + o].append((value, factor))
          xGradient.terms[a * inputs + i].append((gradient, factor))
          weightGradient.terms[o * inputs + i].append((gradient, value))
        }
      }
    }
    return ["y": y, "x.gradient": xGradient, "weight.gradient": weightGradient, "bias.gradient": biasGradient]
  }

  private static func convolution(_ prompt: Prompt) throws -> Terms {
    let weight: Tensor<Float> = try prompt.tensor("weight")
    var terms = try correlation(
      prompt, weight: weight, stride: try prompt.integer("stride"), padding: try prompt.integer("padding"))
    guard prompt.inputs["bias"] != nil, var y = terms["y"] else { return terms }
    let (bias, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("bias"), try prompt.tensor("y.cotangent"))
    var biasGradient = empty(bias.shape)
    for i in g.values.indices {
      let o = i / (g.shape[2] * g.shape[3]) % bias.count
      y.terms[i].append((bias.values[o], 1))
      biasGradient.terms[o].append((g.values[i], 1))
    }
    terms["y"] = y
    terms["bias.gradient"] = biasGradient
    return terms
  }

  /// The mean and the filter as one convolution of coefficients k / channels.
  private static func sobel(_ prompt: Prompt) throws -> Terms {
    let channels = try prompt.tensor("x", as: Float.self).shape[1]
    let taps: [[Float]] = [[1, 0, -1, 2, 0, -2, 1, 0, -1], [1, 2, 1, 0, 0, 0, -1, -2, -1]]
    let weight = Tensor<Float>(
      shape: [2, channels, 3, 3],
      values: taps.flatMap { filter in (0..<channels).flatMap { _ in filter.map { $0 / Float(channels) } } })
    var terms = try correlation(prompt, weight: weight, stride: 1, padding: 1)
    terms["weight.gradient"] = nil
    return terms
  }

  private static func correlation(_ prompt: Prompt, weight: Tensor<Float>, stride: Int, padding: Int) throws -> Terms {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    let (sx, sw, sy) = (x.shape, weight.shape, g.shape)
    var (y, xGradient, weightGradient) = (empty(sy), empty(sx), empty(sw))
    for iy in 0..<g.count {
      let (n, o, i, j) = (iy / (sy[1] * sy[2] * sy[3]), iy / (sy[2] * sy[3]) % sy[1], iy / sy[3] % sy[2], iy % sy[3])
      for iw in o * sw[1] * sw[2] * sw[3]..<(o + 1) * sw[1] * sw[2] * sw[3] {
        let (c, r, s) = (iw / (sw[2] * sw[3]) % sw[1], iw / sw[3] % sw[2], iw % sw[3])
        let (h, w) = (i * stride + r - padding, j * stride + s - padding)
        guard (0..<sx[2]).contains(h), (0..<sx[3]).contains(w) else { continue }
        let ix = ((n * sx[1] + c) * sx[2] + h) * sx[3] + w
        y.terms[iy].append((x.values[ix], weight.values[iw]))
        xGradient.terms[ix].append((g.values[iy], weight.values[iw]))
        weightGradient.terms[iw].append((g.values[iy], x.values[ix]))
      }
    }
    return ["y": y, "x.gradient": xGradient, "weight.gradient": weightGradient]
  }

  private static func pool(_ prompt: Prompt) throws -> Terms {
    let (x, g): (Tensor<Float>, Tensor<Float>) = (try prompt.tensor("x"), try prompt.tensor("y.cotangent"))
    var (y, xGradient) = (empty(g.shape), empty(x.shape))
    let pixels = x.count / g.count
    for i in x.values.indices {
      y.terms[i / pixels].append((x.values[i], 1 / Float(pixels)))
      xGradient.terms[i].append((g.values[i / pixels], 1 / Float(pixels)))
    }
    return ["y": y, "x.gradient": xGradient]
  }
}
