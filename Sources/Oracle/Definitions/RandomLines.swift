// Random numbers, line by line: whose key and counter, which words.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension PhiloxOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("round-keys", "n × 10 × 2", "k of round 1 is the key; then k ← k + (9E3779B9, BB67AE85) mod 2³²") {
        line in
        line.note(["keys"])
        let rounds = try Self.rounds(line.prompt)
        return .integers(rounds.flatMap { [Int($0.key[0]), Int($0.key[1])] }, [rounds.count / 10, 10, 2])
      },
      DefinitionLine(
        "round-words", "n × 10 × 4",
        "c ← (hi(CD9E8D57 c₂) ⊕ c₁ ⊕ k₀, lo(CD9E8D57 c₂), hi(D2511F53 c₀) ⊕ c₃ ⊕ k₁, lo(D2511F53 c₀)), after each round"
      ) { line in
        line.note(["counters", "round-keys"])
        let rounds = try Self.rounds(line.prompt)
        return .integers(rounds.flatMap { round in (0..<4).map { Int(round.words[$0]) } }, [rounds.count / 10, 10, 4])
      },
      .output("words", "the words after round 10", reads: ["round-words"]),
    ]
  }

  private static func rounds(_ prompt: Prompt) throws -> [(words: SIMD4<UInt32>, key: SIMD2<UInt32>)] {
    let (counters, keys) = (
      try prompt.integers("counters").map { UInt32($0) }, try prompt.integers("keys").map { UInt32($0) }
    )
    return (0..<keys.count / 2).flatMap { i in
      Philox.rounds(
        counter: SIMD4(counters[4 * i], counters[4 * i + 1], counters[4 * i + 2], counters[4 * i + 3]),
        key: SIMD2(keys[2 * i], keys[2 * i + 1]))
    }
  }
}

extension DrawOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("key", "2", "(seed, purpose)") { line in
        .integers([try line.prompt.integer(.seed), try line.prompt.integer(Self.purpose)], [2])
      },
      DefinitionLine(
        "counter", "4", "of the first block: (0, view, image, epoch); each further block adds 1 to the first"
      ) {
        line in
        .integers(
          [0, try line.prompt.integer(.view), try line.prompt.integer(Self.image), try line.prompt.integer(.epoch)], [4]
        )
      },
      DefinitionLine(
        "words", "count", "the first words of the stream: Philox4x32-10 of the counters, block after block"
      ) {
        line in
        let (key, counter) = (try line.integers("key"), try line.integers("counter"))
        let words = Self.words(key, counter, try line.prompt.integer(Self.count))
        return .integers(words, [words.count])
      },
      .output("y", formula, reads: ["words"]),
    ]
  }

  /// The first words of the stream of a key and of its first counter.
  static func words(_ key: [Int], _ counter: [Int], _ count: Int) -> [Int] {
    let (k, c) = (key.map { UInt32(truncatingIfNeeded: $0) }, counter.map { UInt32(truncatingIfNeeded: $0) })
    let blocks = (0..<UInt32((count + 3) / 4)).flatMap { block in
      let words = Philox.block(counter: SIMD4(c[0] &+ block, c[1], c[2], c[3]), key: SIMD2(k[0], k[1]))
      return (0..<4).map { Int(words[$0]) }
    }
    return Array(blocks.prefix(count))
  }
}

extension [DefinitionLine] {
  /// The streams of an operation that draws views, and their uniform numbers.
  static func streams(of count: Int) -> [DefinitionLine] {
    [
      DefinitionLine("keys", "n × 2", "(seed, 5) for each image") { line in
        let keys = try AugmentationPrompt(prompt: line.prompt).keys()
        let purpose = Int(RandomPurpose.augmentation.rawValue)
        return .integers(keys.images.flatMap { _ in [Int(keys.seed), purpose] }, [keys.images.count, 2])
      },
      DefinitionLine("counters", "n × 4", "of each image's first block: (0, view, image, epoch)") { line in
        let keys = try AugmentationPrompt(prompt: line.prompt).keys()
        return .integers(keys.images.flatMap { [0, keys.view, $0, keys.epoch] }, [keys.images.count, 4])
      },
      DefinitionLine(
        "uniforms", "n × \(count)", "u = (word >> 8) 2⁻²⁴ of the first \(count) words of each image's stream"
      ) {
        line in
        let (keys, counters) = (try line.integers("keys"), try line.integers("counters"))
        let uniforms = (0..<keys.count / 2).flatMap { i -> [TrackedNumber] in
          let (key, counter) = ([Int](keys[2 * i..<2 * i + 2]), [Int](counters[4 * i..<4 * i + 4]))
          return DrawOperation.words(key, counter, count).map { TrackedNumber(exact: Double($0 >> 8) * 0x1p-24) }
        }
        return .real(uniforms, shape: [keys.count / 2, count], terms: 1)
      },
    ]
  }
}

extension CropParametersOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    .streams(of: 22) + [
      DefinitionLine("areas", "n × 10", "part_t = (least + (largest − least) u_2t) H W of each try t, from area") {
        line in
        let (height, width) = (try line.prompt.integer(.pictureHeight), try line.prompt.integer(.pictureWidth))
        let ends = try line.prompt.range(Self.part)
        return try Self.tries(&line, word: 0) { u in
          .between(TrackedNumber(rounded: ends.lowerBound), TrackedNumber(rounded: ends.upperBound), u)
            * TrackedNumber(exact: Double(height * width))
        }
      },
      DefinitionLine("ratios", "n × 10", "exp(ln least + (ln largest − ln least) u_2t+1) of each try t, from ratio") {
        line in
        let ends = try line.prompt.range(Self.ratio)
        let logarithms = [ends.lowerBound, ends.upperBound].map { TrackedNumber.log(TrackedNumber(rounded: $0)) }
        return try Self.tries(&line, word: 1) { .exp(.between(logarithms[0], logarithms[1], $0)) }
      },
      DefinitionLine("sides", "n × 10 × 2", "width √(part · ratio) and height √(part / ratio) before they are rounded")
      { line in
        let (areas, ratios) = (try line.list("areas"), try line.list("ratios"))
        let sides = zip(areas, ratios).flatMap { [($0 * $1).squareRoot, ($0 / $1).squareRoot] }
        return .real(sides, shape: line.shape("areas") + [2], terms: 1)
      },
      .output(
        "boxes",
        "the first sides that fit, rounded, ties to even; left = ⌊u_20 (W − w + 1)⌋, top likewise; else central",
        reads: ["sides", "uniforms"]),
    ]
  }

  /// One number for each of ten tries, of a word of the two that it takes.
  private static func tries(
    _ line: inout LineReader, word: Int, _ make: (TrackedNumber) -> TrackedNumber
  ) throws -> LineValue {
    let u = try line.matrix("uniforms")
    let numbers = (0..<u.rows).flatMap { i in (0..<10).map { make(u.row(i)[2 * $0 + word]) } }
    return .real(numbers, shape: [u.rows, 10], terms: 1)
  }
}

extension JitterParametersOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    .streams(of: 32) + [
      .output(
        "order", "of 0 1 2 3, for last = 3, 2, 1 swap(last, ⌊u (last + 1)⌋) with u_23, u_24, u_25", reads: ["uniforms"]),
      .output("factors", "least + (largest − least) u_26 … u_29", reads: ["uniforms"]),
      .output("jittered", "u_22 < jitterProbability", reads: ["uniforms"]),
      .output("greyscale", "u_30 < greyscaleProbability", reads: ["uniforms"]),
      .output("flipped", "u_31 < flipProbability", reads: ["uniforms"]),
    ]
  }
}

extension GreyParametersOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    .streams(of: 36) + [
      .output(
        "numbers", "words 0 rotation, 1 shear, 2 zoom, 3 stretch, 4 and 5 shift, 7 contrast, 8 brightness",
        reads: ["uniforms"]),
      .output("flipped", "u_6 < flipProbability", reads: ["uniforms"]),
      .output(
        "erased", "where u_9 < eraseProbability: u_10 and u_11 its sides, u_12 and u_13 its corner", reads: ["uniforms"]
      ),
      .output("crop", "as crop-parameters, of words 14 … 35; else the whole picture", reads: ["uniforms"]),
    ]
  }
}

extension RandParametersOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    .streams(of: 26) + [
      .output("crop", "as crop-parameters, of words 0 … 21; else the whole picture", reads: ["uniforms"]),
      .output("flipped", "u_22 < flipProbability", reads: ["uniforms"]),
      .output("cutout", "u_23 its side of scan, u_24 and u_25 its centre", reads: ["uniforms"]),
      .output("kinds", "which of the 14, of word 26 + 4 k for operation k", reads: ["keys", "counters", "uniforms"]),
      .output("values", "of words 27 + 4 k, 28 + 4 k and 29 + 4 k: magnitude, done, sign", reads: ["kinds"]),
    ]
  }
}

extension TrackedNumber {
  /// least + (largest − least) u.
  static func between(_ least: Self, _ largest: Self, _ u: Self) -> Self { least + (largest - least) * u }
}
