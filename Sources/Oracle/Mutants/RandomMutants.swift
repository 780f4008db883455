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
  _ name: String, _ mistake: String, _ block: @escaping @Sendable (_ counter: [UInt32], _ key: [UInt32]) -> [UInt32]
) -> Mutation {
  Mutation(name, mistake, "philox") { question in
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
  _ name: String, _ mistake: String, _ operation: String,
  _ draw: @escaping @Sendable (_ stream: inout RandomStream, _ count: Int, _ bound: Int) -> TensorValue?
) -> Mutation {
  Mutation(name, mistake, operation) { question in
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
  Mutation("rng.from-one", "counted from 1", operation) { question in
    guard case .integers(let right, let shape)? = question.right["y"] else { return nil }
    return ["y": .integers(right.map { $0 + 1 }, shape: shape)]
  }
}

private func reals(_ values: [Double]) -> TensorValue { .real(Tensor<Double>(shape: [values.count], values: values)) }

/// Mistakes in the key of a stream, in an operation that draws from one.
private func keys(_ operation: String) -> [Mutation] {
  [
    .asking("rng.view-ignored", "both views from one stream", operation) { prompt in
      let view = try prompt.integer("view", default: 0)
      prompt.parameters["view"] = .integer(0)
      return view != 0
    },
    .asking("rng.epoch-ignored", "the same numbers in every epoch", operation) { prompt in
      let epoch = try prompt.integer("epoch", default: 0)
      prompt.parameters["epoch"] = .integer(0)
      return epoch != 0
    },
    .asking("rng.seed-off-by-one", "the seed raised by 1", operation) { prompt in
      let seed = try prompt.integer("seed")
      prompt.parameters["seed"] = .integer((seed + 1) & 0xffff_ffff)
      return true
    },
    .asking("rng.31-bit-keys", "keys cut to 31 bits", operation) { prompt in
      let seed = try prompt.integer("seed")
      prompt.parameters["seed"] = .integer(seed & 0x7fff_ffff)
      return seed > 0x7fff_ffff
    },
  ]
}

let randomMutations: [Mutation] =
  ["uniform", "normal", "permutation", "integers", "crop-parameters", "jitter-parameters"].flatMap(keys) + [
    philox("philox.seven-rounds", "7 rounds instead of 10") { OtherPhilox(rounds: 7).block($0, $1) },
    philox("philox.multipliers-swapped", "multipliers swapped") {
      OtherPhilox(multipliers: (0xCD9E_8D57, 0xD251_1F53)).block($0, $1)
    },
    philox("philox.weyl-swapped", "key increments swapped") {
      OtherPhilox(weyl: (0xBB67_AE85, 0x9E37_79B9)).block($0, $1)
    },
    philox("philox.key-raised-first", "key raised before the first round") {
      OtherPhilox(raisesFirst: true).block($0, $1)
    },
    philox("philox.counter-pre-increment", "counter raised before its first use") { counter, key in
      OtherPhilox().block([counter[0] &+ 1] + counter.dropFirst(), key)
    },
    philox("philox.word-order", "words of the counter in the opposite order") {
      OtherPhilox().block($0.reversed(), $1)
    },
    drawing("rng.32-bit-uniform", "32 instead of 24 bits", "uniform") { stream, count, _ in
      reals((0..<count).map { _ in Double(stream.nextWord()) * 0x1p-32 })
    },
    drawing("rng.low-bits", "the lowest instead of the highest bits", "uniform") { stream, count, _ in
      reals((0..<count).map { _ in Double(stream.nextWord() & 0xff_ffff) * 0x1p-24 })
    },
    drawing("rng.box-muller", "Box and Muller's method", "normal") { stream, count, _ in
      reals(
        (0..<count).map { _ in
          let (u, v) = (stream.uniform(), stream.uniform())
          return (-2 * Double.log(1 - u)).squareRoot() * (2 * v - 1)
        })
    },
    drawing("rng.second-of-pair", "the second number of a pair kept", "normal") { stream, count, _ in
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
    drawing("rng.forward-shuffle", "shuffled from the first place up", "permutation") { stream, count, _ in
      var order = Array(0..<count)
      for first in 0..<max(0, count - 1) { order.swapAt(first, first + stream.integer(below: count - first)) }
      return .listOf(order)
    },
    drawing("rng.inside-out-shuffle", "a draw for the single place too", "permutation") { stream, count, _ in
      var order = Array(0..<count)
      for last in stride(from: count, to: 0, by: -1) { order.swapAt(last - 1, stream.integer(below: last)) }
      return .listOf(order.map { ($0 + 1) % max(1, count) })
    },
    drawing("rng.remainder", "remainder instead of multiplication", "integers") { stream, count, bound in
      .listOf((0..<count).map { _ in Int(stream.nextWord()) % bound })
    },
    drawing("rng.no-rejection", "no rejection", "integers") { stream, count, bound in
      .listOf((0..<count).map { _ in Int(UInt64(stream.nextWord()) * UInt64(bound) >> 32) })
    },
    counted("integers"), counted("permutation"),
    drawing("rng.inclusive-bound", "the bound itself drawn", "integers") { stream, count, bound in
      .listOf((0..<count).map { _ in Int(UInt64(stream.nextWord()) * UInt64(bound + 1) >> 32) })
    },
  ]
