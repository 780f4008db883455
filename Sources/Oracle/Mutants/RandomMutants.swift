// Wrong random numbers: a block function, streams, and what is drawn from them.
// Tests    OracleTests/MutantsTests.swift
import Files
import Kernels
import Networks

/// Philox4×32 with other rounds, constants or places.
private struct OtherPhilox {
  var rounds = 10
  var multipliers: (UInt32, UInt32) = (0xD251_1F53, 0xCD9E_8D57)
  var weyl: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)
  /// Whether the key is raised before the first round too.
  var raisesFirst = false

  func block(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
    var (c, k) = (counter, key)
    for round in 0..<rounds {
      if round > 0 || raisesFirst { k = [k[0] &+ weyl.0, k[1] &+ weyl.1] }
      let (a, b) = (UInt64(multipliers.0) * UInt64(c[0]), UInt64(multipliers.1) * UInt64(c[2]))
      c = [
        UInt32(truncatingIfNeeded: b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
      ]
    }
    return c
  }
}

private func philox(
  _ mistake: Mistake, _ block: @escaping @Sendable (_ counter: [UInt32], _ key: [UInt32]) -> [UInt32]
) -> Mutation {
  Mutation(mistake, "philox") { question in
    let (counters, keys) = (try question.prompt.integers("counters"), try question.prompt.integers("keys"))
    let words: [UInt32] = (0..<keys.count / 2).flatMap { (i: Int) -> [UInt32] in
      let counter: [UInt32] = counters[4 * i..<4 * i + 4].map { UInt32($0) }
      return block(counter, [UInt32(keys[2 * i]), UInt32(keys[2 * i + 1])])
    }
    return ["words": .integers(words.map { Int($0) }, shape: [keys.count / 2, 4])]
  }
}

/// Numbers that are drawn wrongly from the right stream.
private func drawing(
  _ mistake: Mistake, _ operation: String,
  _ draw: @escaping @Sendable (_ stream: inout RandomStream, _ count: Int, _ bound: Int) -> TensorValue?
) -> Mutation {
  Mutation(mistake, operation) { question in
    let prompt = question.prompt
    guard let purpose = RandomPurpose(rawValue: UInt32(try prompt.integer("purpose"))) else { return nil }
    var stream = RandomStream(
      seed: UInt32(try prompt.integer("seed")), purpose: purpose, epoch: try prompt.integer("epoch", default: 0),
      image: try prompt.integer("image", default: 0), view: try prompt.integer("view", default: 0))
    let bound = try prompt.integer("bound", default: 1)
    return draw(&stream, try prompt.integer("count"), bound).map { ["y": $0] }
  }
}

/// Whole numbers from 1 instead of 0.
private func counted(_ operation: String) -> Mutation {
  Mutation(Mistake("rng.from-one", "counted from 1", right: "whole numbers count from 0"), operation) { question in
    guard case .integers(let right, let shape)? = question.right["y"] else { return nil }
    return ["y": .integers(right.map { $0 + 1 }, shape: shape)]
  }
}

private func reals(_ values: [Double]) -> TensorValue { .real(Tensor<Double>(shape: [values.count], values: values)) }

/// Mistakes in the key of a stream, in an operation that draws from one.
private func keys(_ operation: String) -> [Mutation] {
  [
    .asking(
      Mistake(
        "rng.view-ignored", "both views from one stream",
        right: "the view is part of the counter, so that two views differ"), operation
    ) { prompt in
      let view = try prompt.integer("view", default: 0)
      prompt.parameters["view"] = .integer(0)
      return view != 0
    },
    .asking(
      Mistake("rng.epoch-ignored", "the same numbers in every epoch", right: "the epoch is part of the counter"),
      operation
    ) { prompt in
      let epoch = try prompt.integer("epoch", default: 0)
      prompt.parameters["epoch"] = .integer(0)
      return epoch != 0
    },
    .asking(Mistake("rng.seed-off-by-one", "the seed raised by 1", right: "the seed is key word 0 as given"), operation)
    { prompt in
      let seed = try prompt.integer("seed")
      prompt.parameters["seed"] = .integer((seed + 1) & 0xffff_ffff)
      return true
    },
    .asking(Mistake("rng.31-bit-keys", "keys cut to 31 bits", right: "keys have 32 bits"), operation) { prompt in
      let seed = try prompt.integer("seed")
      prompt.parameters["seed"] = .integer(seed & 0x7fff_ffff)
      return seed > 0x7fff_ffff
    },
  ]
}

let randomMutations: [Mutation] =
  ["uniform", "normal", "permutation", "integers", "crop-parameters", "jitter-parameters"].flatMap(keys) + [
    philox(Mistake("philox.seven-rounds", "7 rounds instead of 10", right: "ten rounds")) {
      OtherPhilox(rounds: 7).block($0, $1)
    },
    philox(
      Mistake(
        "philox.multipliers-swapped", "multipliers swapped", right: "word 0 meets 0xD2511F53, word 2 meets 0xCD9E8D57")
    ) {
      OtherPhilox(multipliers: (0xCD9E_8D57, 0xD251_1F53)).block($0, $1)
    },
    philox(
      Mistake(
        "philox.weyl-swapped", "key increments swapped",
        right: "key word 0 is raised by 0x9E3779B9, word 1 by 0xBB67AE85")
    ) {
      OtherPhilox(weyl: (0xBB67_AE85, 0x9E37_79B9)).block($0, $1)
    },
    philox(
      Mistake(
        "philox.key-raised-first", "key raised before the first round",
        right: "the key is raised between rounds, not before the first")
    ) {
      OtherPhilox(raisesFirst: true).block($0, $1)
    },
    philox(
      Mistake(
        "philox.counter-pre-increment", "counter raised before its first use",
        right: "the first block is of the counter as it stands")
    ) { counter, key in
      OtherPhilox().block([counter[0] &+ 1] + counter.dropFirst(), key)
    },
    philox(Mistake("philox.word-order", "words of the counter in the opposite order", right: "word 0 is the lowest")) {
      OtherPhilox().block($0.reversed(), $1)
    },
    drawing(Mistake("rng.32-bit-uniform", "32 instead of 24 bits", right: "u = (word >> 8) · 2⁻²⁴"), "uniform") {
      stream, count, _ in
      reals((0..<count).map { _ in Double(stream.nextWord()) * 0x1p-32 })
    },
    drawing(
      Mistake(
        "rng.low-bits", "the lowest instead of the highest bits", right: "the highest 24 bits make a uniform number"),
      "uniform"
    ) { stream, count, _ in
      reals((0..<count).map { _ in Double(stream.nextWord() & 0xff_ffff) * 0x1p-24 })
    },
    drawing(Mistake("rng.box-muller", "Box and Muller's method", right: "Marsaglia's polar method"), "normal") {
      stream, count, _ in
      reals(
        (0..<count).map { _ in
          let (u, v) = (stream.uniform(), stream.uniform())
          return (-2 * Double.log(1 - u)).squareRoot() * (2 * v - 1)
        })
    },
    drawing(
      Mistake(
        "rng.second-of-pair", "the second number of a pair kept", right: "the second number of a pair is dropped"),
      "normal"
    ) { stream, count, _ in
      var kept: [Double] = []
      while kept.count < count {
        let (x, y) = (stream.uniform(-1, 1), stream.uniform(-1, 1))
        let square = x * x + y * y
        guard square > 0 && square < 1 else { continue }
        let factor = (-2 * Double.log(square) / square).squareRoot()
        kept += [x * factor, y * factor]
      }
      return reals(Array(kept.prefix(count)))
    },
    drawing(
      Mistake(
        "rng.forward-shuffle", "shuffled from the first place up", right: "Fisher and Yates from the last place down"),
      "permutation"
    ) { stream, count, _ in
      var order = Array(0..<count)
      for first in 0..<max(0, count - 1) { order.swapAt(first, first + stream.integer(below: count - first)) }
      return .listOf(order)
    },
    drawing(
      Mistake("rng.inside-out-shuffle", "a draw for the single place too", right: "a single place needs no draw"),
      "permutation"
    ) { stream, count, _ in
      var order = Array(0..<count)
      for last in stride(from: count, to: 0, by: -1) { order.swapAt(last - 1, stream.integer(below: last)) }
      return .listOf(order.map { ($0 + 1) % max(1, count) })
    },
    drawing(Mistake("rng.remainder", "remainder instead of multiplication", right: "(word · bound) >> 32"), "integers")
    { stream, count, bound in
      .listOf((0..<count).map { _ in Int(stream.nextWord()) % bound })
    },
    drawing(
      Mistake(
        "rng.no-rejection", "no rejection", right: "products whose low half is below 2³² mod bound are drawn again"),
      "integers"
    ) { stream, count, bound in
      .listOf((0..<count).map { _ in Int(UInt64(stream.nextWord()) * UInt64(bound) >> 32) })
    },
    counted("integers"), counted("permutation"),
    drawing(
      Mistake("rng.inclusive-bound", "the bound itself drawn", right: "the bound itself is never drawn"), "integers"
    ) { stream, count, bound in
      .listOf((0..<count).map { _ in Int(UInt64(stream.nextWord()) * UInt64(bound + 1) >> 32) })
    },
  ]
