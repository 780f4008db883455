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
  _ mistake: Mistake, _ factor: @escaping @Sendable (_ shape: [Int], _ fanIn: Double) -> Double?
) -> Mutation {
  Mutation(mistake, weights) { question in
    let (y, fanIn) = (try question.output("y"), try question.prompt.number("fanIn"))
    return factor(y.shape, fanIn).map { factor in ["y": .real(y.mapped { factor * $1 })] }
  }
}

/// A parameter of other numbers, times its bound.
private func weightNumbers(
  _ mistake: Mistake,
  _ numbers: @escaping @Sendable (_ count: Int, _ seed: Int, _ index: Int) -> [Double]
) -> Mutation {
  Mutation(mistake, weights) { question in
    let (y, prompt) = (try question.output("y"), question.prompt)
    let bound = 1 / (try prompt.number("fanIn")).squareRoot()
    let values = numbers(y.count, try prompt.integer("seed"), try prompt.integer("place", default: 0))
    return ["y": .real(y.mapped { i, _ in bound * values[i] })]
  }
}

/// An encoder whose parameter number i, by the names in order, is drawn from the stream of another number, or replaced.
private func encoderPlaces(
  _ mistake: Mistake,
  _ index: @escaping @Sendable (_ names: [String], _ i: Int) -> Int
) -> Mutation {
  Mutation(mistake, encoder) { question in
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
  _ mistake: Mistake, _ output: String,
  _ numbers: @escaping @Sendable (_ count: Int, _ size: Int, _ seed: Int) -> [Double]
) -> Mutation {
  Mutation(mistake, "initial-" + output) { question in
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
    bound(
      Mistake(
        "initial.fan-out", "fan-out instead of fan-in",
        right: "the bound is 1/√fanIn: a convolution's input channels × kernel, a linear layer's inputs")
    ) { shape, fanIn in
      guard shape.count > 1 else { return nil }
      let fanOut = Double(shape[0] * shape.dropFirst(2).reduce(1, *))
      return (fanIn / fanOut).squareRoot()
    },
    bound(
      Mistake(
        "initial.he-bound", "He's bound √(6/fanIn)",
        right: "PyTorch's kaiming_uniform has a = √5, so that the bound is 1/√fanIn, not √(6/fanIn)")
    ) { _, _ in 6.0.squareRoot() },
    bound(
      Mistake(
        "initial.glorot-bound", "Glorot's bound", right: "the bound is PyTorch's 1/√fanIn, not √(6/(fanIn + fanOut))")
    ) { shape, fanIn in
      guard shape.count > 1 else { return nil }
      return (6 * fanIn / (fanIn + Double(shape[0] * shape.dropFirst(2).reduce(1, *)))).squareRoot()
    },
    bound(
      Mistake(
        "initial.deviation-as-bound", "the standard deviation 1/√fanIn: a bound of √3",
        right: "1/√fanIn is the bound itself, not the standard deviation")
    ) { _, _ in 3.0.squareRoot() },
    bound(Mistake("initial.zero-bias", "biases of 0", right: "linear.bias is drawn as the weight is")) { shape, _ in
      shape.count == 1 ? 0 : nil
    },
    bound(
      Mistake(
        "initial.fan-of-length", "fan-in of a bias taken for its length",
        right: "a linear layer's bias has the fan-in of its weight, the inputs")
    ) { shape, fanIn in
      shape.count == 1 ? (fanIn / Double(shape[0])).squareRoot() : nil
    },
    weightNumbers(Mistake("initial.normal", "normal instead of uniform", right: "weights are uniform")) {
      count, seed, index in
      drawn(count, seed: seed, .weights, image: index) { $0.normal() }
    },
    weightNumbers(
      Mistake(
        "initial.one-stream", "every parameter from one stream",
        right: "parameter i comes from the stream (seed, 1, image i)")
    ) { count, seed, index in
      drawn(count, seed: seed, .weights, skip: index)
    },
    weightNumbers(
      Mistake("initial.other-purpose", "the stream of another purpose", right: "weights have the purpose 1")
    ) { count, seed, index in
      drawn(count, seed: seed, .test, image: index)
    },
    weightNumbers(
      Mistake(
        "initial.place-is-view", "the place in the view's word",
        right: "the parameter's number stands in the image's word of the counter")
    ) { count, seed, index in
      drawn(count, seed: seed, .weights, view: index)
    },
    weightNumbers(Mistake("initial.reversed", "from the upper bound down", right: "y = −b + 2 b u")) {
      count, seed, index in
      drawn(count, seed: seed, .weights, image: index).map { -$0 }
    },
    weightNumbers(Mistake("initial.seed-ignored", "the seed ignored", right: "the seed is the key's first word")) {
      count, _, index in
      drawn(count, seed: 1, .weights, image: index)
    },
    encoderPlaces(
      Mistake(
        "initial.constants-uncounted", "constants not counted",
        right: "batch norms' weights and biases take a number too")
    ) { names, i in
      names[..<i].count { !$0.contains("bn") && !$0.contains("shortcut.1") }
    },
    encoderPlaces(
      Mistake(
        "initial.streams-alike", "both streams start alike",
        right: "numbers run on over the streams: the second starts where the first ends")
    ) { names, i in
      names[i].hasPrefix("streams.1.")
        ? names.firstIndex(of: "streams.0." + names[i].dropFirst("streams.1.".count)) ?? i : i
    },
    encoderPlaces(
      Mistake(
        "initial.shortcut-first", "shortcuts drawn before the block's convolutions",
        right: "a block's order is conv1, bn1, conv2, bn2, shortcut.0, shortcut.1")
    ) { names, i in
      guard let block = names[i].firstRange(of: "conv1.").map({ String(names[i][..<$0.lowerBound]) }),
        block.contains("layer"), let shortcut = names.firstIndex(of: block + "shortcut.0.weight")
      else { return i }
      return shortcut
    },
    Mutation(Mistake("initial.zero-bias", "biases of 0"), encoder) { try $0.changed("linear.bias") { _, _ in 0 } },
    Mutation(Mistake("initial.fan-out", "fan-out instead of fan-in"), encoder) { question in
      let weight = try question.output("linear.weight")
      let factor = (Double(weight.columns) / Double(weight.rows)).squareRoot()
      return try question.changed("linear.weight") { factor * $1 }
    },
    stack(
      Mistake(
        "bank.unit-deviation-bound", "the bound 1/√D",
        right: "the bound is √(3/features), so that the variance is 1/features"), "bank"
    ) { images, features, seed in
      (0..<images).flatMap { drawn(features, seed: seed, .memory, image: $0) }.map {
        $0 / Double(features).squareRoot()
      }
    },
    stack(
      Mistake(
        "bank.one-stream", "one stream for all rows",
        right: "every row has a stream of its own, so that the size of the set changes none"), "bank"
    ) { images, features, seed in
      drawn(images * features, seed: seed, .memory).map { (3 / Double(features)).squareRoot() * $0 }
    },
    stack(
      Mistake(
        "bank.image-is-view", "the image in the view's place",
        right: "image i's row comes from the stream (seed, 2, image i): counter (block, view 0, image, epoch 0)"),
      "bank"
    ) { images, features, seed in
      (0..<images).flatMap { drawn(features, seed: seed, .memory, view: $0) }.map {
        (3 / Double(features)).squareRoot() * $0
      }
    },
    stack(Mistake("bank.normal", "normal instead of uniform", right: "the bank is uniform in ±√(3/features)"), "bank") {
      images, features, seed in
      (0..<images).flatMap { image in drawn(features, seed: seed, .memory, image: image) { $0.normal() } }.map {
        $0 / Double(features).squareRoot()
      }
    },
    .asking(
      Mistake(
        "bank.always-normalised", "rows normalised",
        right: "the bank starts with rows as drawn unless it is asked for unit rows"), bank
    ) { prompt in
      let isNormalised = try prompt.bool("normalised", default: false)
      prompt.parameters["normalised"] = .bool(true)
      return !isNormalised
    },
    .taking(
      Mistake(
        "bank.never-normalised", "rows not normalised", right: "with \"normalised\" every row is divided by its length"),
      bank, "normalised", .bool(false), unless: .bool(false)),
    stack(
      Mistake("heads.one-stream", "one stream for all heads", right: "head h comes from the stream (seed, 3, image h)"),
      "heads"
    ) { heads, size, seed in
      drawn(heads * size, seed: seed, .heads) { $0.normal() }
    },
    stack(
      Mistake(
        "heads.pairs-kept", "both numbers of a pair kept",
        right: "of Marsaglia's pair the first number is taken and the second dropped"), "heads"
    ) { heads, size, seed in
      (0..<heads).flatMap { pairs(size, seed: seed, image: $0) }
    },
    stack(Mistake("heads.uniform", "uniform instead of normal", right: "heads are standard normal"), "heads") {
      heads, size, seed in
      (0..<heads).flatMap { drawn(size, seed: seed, .heads, image: $0) }
    },
    stack(Mistake("heads.reversed", "heads in reverse", right: "heads stand in the order of their numbers"), "heads") {
      heads, size, seed in
      (0..<heads).reversed().flatMap { head in drawn(size, seed: seed, .heads, image: head) { $0.normal() } }
    },
    Mutation(
      Mistake(
        "heads.class-by-class", "class by class instead of feature by feature",
        right: "a head is drawn in row-major order of features × classes"), heads
    ) { question in
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
    Mutation(
      Mistake(
        "heads.normalised", "class vectors of length 1",
        right: "heads are kept as drawn; what normalises them is the forward pass"), heads
    ) { question in
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
