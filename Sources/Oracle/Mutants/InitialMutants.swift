// Wrong starting values: other bounds, other distributions, other streams.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

private let (weights, encoder, bank, heads) = ("initial-weights", "initial-encoder", "initial-bank", "initial-heads")

/// The numbers of one stream.
private func drawn(
  _ count: Int, seed: Int, _ purpose: RandomPurpose, image: Int = 0, view: Int = 0, skip: Int = 0,
  _ draw: (inout RandomStream) -> Double = { 2 * $0.uniform() - 1 }
) -> [Double] {
  var stream = RandomStream(seed: UInt32(seed), purpose: purpose, image: image, view: view)
  for _ in 0..<skip { _ = draw(&stream) }
  return (0..<count).map { _ in draw(&stream) }
}

/// A parameter of another bound, from its shape and fan-in.
private func bound(
  _ name: String, _ mistake: String, _ factor: @escaping @Sendable (_ shape: [Int], _ fanIn: Double) -> Double?
) -> Mutation {
  Mutation(name, mistake, weights) { question in
    let (y, fanIn) = (try question.output("y"), try question.prompt.number("fanIn"))
    return factor(y.shape, fanIn).map { factor in ["y": .real(y.mapped { factor * $1 })] }
  }
}

/// A parameter of other numbers, times its bound.
private func weightNumbers(
  _ name: String, _ mistake: String,
  _ numbers: @escaping @Sendable (_ count: Int, _ seed: Int, _ index: Int) -> [Double]
) -> Mutation {
  Mutation(name, mistake, weights) { question in
    let (y, prompt) = (try question.output("y"), question.prompt)
    let bound = 1 / (try prompt.number("fanIn")).squareRoot()
    let values = numbers(y.count, try prompt.integer("seed"), try prompt.integer("place", default: 0))
    return ["y": .real(y.mapped { i, _ in bound * values[i] })]
  }
}

/// An encoder whose parameter number i, by the names in order, is drawn from the stream of another number, or replaced.
private func encoderPlaces(
  _ name: String, _ mistake: String,
  _ index: @escaping @Sendable (_ names: [String], _ i: Int) -> Int
) -> Mutation {
  Mutation(name, mistake, encoder) { question in
    let prompt = question.prompt
    let channels = try prompt.integer("channels")
    var network = ImageEncoder<Double>(
      try NetworkPrompt(prompt: prompt).configuration(channels: channels, atMost: .max), seed: 0)
    var names: [String] = []
    network.forEachParameter { name, _ in names.append(name) }
    let (features, seed) = (Double(network.linear.weight.value.columns), try prompt.integer("seed"))
    var wrong: [String: TensorValue] = [:]
    for (i, name) in names.enumerated() {
      let value = try question.output(name)
      guard value.shape.count > 1 || name == "linear.bias" else { continue }
      let fanIn = value.shape.count > 1 ? Double(value.columns) : features
      let numbers = drawn(value.count, seed: seed, .weights, image: index(names, i))
      wrong[name] = .real(value.mapped { j, _ in numbers[j] / fanIn.squareRoot() })
    }
    return wrong
  }
}

/// A bank or heads of other numbers: how many rows or heads there are, the numbers of each, and the seed.
private func stack(
  _ name: String, _ mistake: String, _ output: String,
  _ numbers: @escaping @Sendable (_ count: Int, _ size: Int, _ seed: Int) -> [Double]
) -> Mutation {
  Mutation(name, mistake, "initial-" + output) { question in
    let (shape, prompt) = (try question.output(output).shape, question.prompt)
    let values = numbers(shape[0], shape.dropFirst().reduce(1, *), try prompt.integer("seed"))
    let raw = Tensor<Double>(shape: shape, values: values)
    guard try prompt.bool("normalised", default: false) else { return [output: .real(raw)] }
    let rows: Tensor<Double> = L2Normalisation().forward(raw).output
    return [output: .real(rows)]
  }
}

/// Both numbers of Marsaglia's pairs.
private func pairs(_ count: Int, seed: Int, image: Int) -> [Double] {
  var stream = RandomStream(seed: UInt32(seed), purpose: .heads, image: image)
  var numbers: [Double] = []
  while numbers.count < count {
    let (x, y) = (stream.uniform(-1, 1), stream.uniform(-1, 1))
    let square = x * x + y * y
    guard square > 0 && square < 1 else { continue }
    let factor = (-2 * Double.log(square) / square).squareRoot()
    numbers += [x * factor, y * factor]
  }
  return Array(numbers.prefix(count))
}

let initialMutations: [Mutation] =
  [
    bound("initial.fan-out", "fan-out instead of fan-in") { shape, fanIn in
      guard shape.count > 1 else { return nil }
      let fanOut = Double(shape[0] * shape.dropFirst(2).reduce(1, *))
      return (fanIn / fanOut).squareRoot()
    },
    bound("initial.he-bound", "He's bound √(6/fanIn)") { _, _ in 6.0.squareRoot() },
    bound("initial.glorot-bound", "Glorot's bound") { shape, fanIn in
      guard shape.count > 1 else { return nil }
      return (6 * fanIn / (fanIn + Double(shape[0] * shape.dropFirst(2).reduce(1, *)))).squareRoot()
    },
    bound("initial.deviation-as-bound", "the standard deviation 1/√fanIn: a bound of √3") { _, _ in 3.0.squareRoot() },
    bound("initial.zero-bias", "biases of 0") { shape, _ in shape.count == 1 ? 0 : nil },
    bound("initial.fan-of-length", "fan-in of a bias taken for its length") { shape, fanIn in
      shape.count == 1 ? (fanIn / Double(shape[0])).squareRoot() : nil
    },
    weightNumbers("initial.normal", "normal instead of uniform") { count, seed, index in
      drawn(count, seed: seed, .weights, image: index) { $0.normal() }
    },
    weightNumbers("initial.one-stream", "every parameter from one stream") { count, seed, index in
      drawn(count, seed: seed, .weights, skip: index)
    },
    weightNumbers("initial.other-purpose", "the stream of another purpose") { count, seed, index in
      drawn(count, seed: seed, .test, image: index)
    },
    weightNumbers("initial.place-is-view", "the place in the view's word") { count, seed, index in
      drawn(count, seed: seed, .weights, view: index)
    },
    weightNumbers("initial.reversed", "from the upper bound down") { count, seed, index in
      drawn(count, seed: seed, .weights, image: index).map { -$0 }
    },
    weightNumbers("initial.seed-ignored", "the seed ignored") { count, _, index in
      drawn(count, seed: 1, .weights, image: index)
    },
    encoderPlaces("initial.constants-uncounted", "constants not counted") { names, i in
      names[..<i].count { !$0.contains("bn") && !$0.contains("shortcut.1") }
    },
    encoderPlaces("initial.streams-alike", "both streams start alike") { names, i in
      names[i].hasPrefix("streams.1.")
        ? names.firstIndex(of: "streams.0." + names[i].dropFirst("streams.1.".count)) ?? i : i
    },
    encoderPlaces("initial.shortcut-first", "shortcuts drawn before the block's convolutions") { names, i in
      guard let block = names[i].firstRange(of: "conv1.").map({ String(names[i][..<$0.lowerBound]) }),
        block.contains("layer"), let shortcut = names.firstIndex(of: block + "shortcut.0.weight")
      else { return i }
      return shortcut
    },
    Mutation("initial.zero-bias", "biases of 0", encoder) { try $0.changed("linear.bias") { _, _ in 0 } },
    Mutation("initial.fan-out", "fan-out instead of fan-in", encoder) { question in
      let weight = try question.output("linear.weight")
      let factor = (Double(weight.columns) / Double(weight.rows)).squareRoot()
      return try question.changed("linear.weight") { factor * $1 }
    },
    stack("bank.unit-deviation-bound", "the bound 1/√D", "bank") { images, features, seed in
      (0..<images).flatMap { drawn(features, seed: seed, .memory, image: $0) }.map {
        $0 / Double(features).squareRoot()
      }
    },
    stack("bank.one-stream", "one stream for all rows", "bank") { images, features, seed in
      drawn(images * features, seed: seed, .memory).map { (3 / Double(features)).squareRoot() * $0 }
    },
    stack("bank.image-is-view", "the image in the view's place", "bank") { images, features, seed in
      (0..<images).flatMap { drawn(features, seed: seed, .memory, view: $0) }.map {
        (3 / Double(features)).squareRoot() * $0
      }
    },
    stack("bank.normal", "normal instead of uniform", "bank") { images, features, seed in
      (0..<images).flatMap { image in drawn(features, seed: seed, .memory, image: image) { $0.normal() } }.map {
        $0 / Double(features).squareRoot()
      }
    },
    .asking("bank.always-normalised", "rows normalised", bank) { prompt in
      let isNormalised = try prompt.bool("normalised", default: false)
      prompt.parameters["normalised"] = .bool(true)
      return !isNormalised
    },
    .taking("bank.never-normalised", "rows not normalised", bank, "normalised", .bool(false), unless: .bool(false)),
    stack("heads.one-stream", "one stream for all heads", "heads") { heads, size, seed in
      drawn(heads * size, seed: seed, .heads) { $0.normal() }
    },
    stack("heads.pairs-kept", "both numbers of a pair kept", "heads") { heads, size, seed in
      (0..<heads).flatMap { pairs(size, seed: seed, image: $0) }
    },
    stack("heads.uniform", "uniform instead of normal", "heads") { heads, size, seed in
      (0..<heads).flatMap { drawn(size, seed: seed, .heads, image: $0) }
    },
    stack("heads.reversed", "heads in reverse", "heads") { heads, size, seed in
      (0..<heads).reversed().flatMap { head in drawn(size, seed: seed, .heads, image: head) { $0.normal() } }
    },
    Mutation("heads.class-by-class", "class by class instead of feature by feature", heads) { question in
      let right = try question.output("heads")
      let (features, classes) = (right.shape[1], right.shape[2])
      return [
        "heads": .real(
          right.mapped { i, _ in
            let (head, index) = (i / (features * classes), i % (features * classes))
            return right.values[head * features * classes + index % classes * features + index / classes]
          })
      ]
    },
    Mutation("heads.normalised", "class vectors of length 1", heads) { question in
      let right = try question.output("heads")
      let (features, classes) = (right.shape[1], right.shape[2])
      return [
        "heads": .real(
          right.mapped { i, x in
            let first = i / (features * classes) * features * classes + i % classes
            return x
              / (0..<features).reduce(0) {
                $0 + right.values[first + $1 * classes] * right.values[first + $1 * classes]
              }
              .squareRoot()
          })
      ]
    },
  ]
