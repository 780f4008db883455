// The random numbers that training begins with, line by line.
// Tests    OracleTests/DefinitionTraceTests.swift
import Kernels
import Networks

extension InitialWeightsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("bound", "a single number", "b = 1 / √fanIn") { line in
        let fanIn = TrackedNumber(exact: Double(try line.prompt.integer(Self.fanIn)))
        return .number(TrackedNumber(exact: 1) / fanIn.squareRoot)
      },
      DefinitionLine("uniforms", "the shape of y", "u of the stream (seed, 1, image place), in row-major order") {
        line in
        let shape = try line.prompt.integers(Self.shape)
        let uniforms = try DefinitionLine.uniforms(
          line.prompt, purpose: .weights, image: line.prompt.integer(Self.index), count: shape.reduce(1, *))
        return .real(uniforms, shape: shape, terms: 1)
      },
      .output("y", "y = −b + 2 b u", reads: ["bound", "uniforms"]),
    ]
  }
}

extension InitialBankOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("bound", "a single number", "b = √(3 / features)") { line in
        let features = TrackedNumber(exact: Double(try line.prompt.integer(Self.features)))
        return .number((TrackedNumber(exact: 3) / features).squareRoot)
      },
      DefinitionLine("uniforms", "images × features", "u of the stream (seed, 2, image i), one stream for each row") {
        line in
        let (images, features) = (try line.prompt.integer(Self.images), try line.prompt.integer(Self.features))
        let rows = try (0..<images).flatMap { image in
          try DefinitionLine.uniforms(line.prompt, purpose: .memory, image: image, count: features)
        }
        return .real(rows, shape: [images, features], terms: 1)
      },
      .output("bank", "m_id = −b + 2 b u_id;  normalised: each row over its length", reads: ["bound", "uniforms"]),
    ]
  }
}

extension InitialHeadsOperation: DefinedOperation {
  package var lines: [DefinitionLine] {
    [
      DefinitionLine("keys", "heads × 2", "(seed, 3) for each head") { line in
        let (heads, seed) = (try line.prompt.integer(Self.heads), try line.prompt.integer(.seed))
        return .integers((0..<heads).flatMap { _ in [seed, Int(RandomPurpose.heads.rawValue)] }, [heads, 2])
      },
      DefinitionLine("counters", "heads × 4", "of each head's first block: (0, view 0, image h, epoch 0)") { line in
        let heads = try line.prompt.integer(Self.heads)
        return .integers((0..<heads).flatMap { [0, 0, $0, 0] }, [heads, 4])
      },
      .output(
        "heads", "normal numbers of each head's stream, row by row, as of the operation normal",
        reads: ["keys", "counters"]),
    ]
  }
}

extension DefinitionLine {
  /// The first uniform numbers of a stream of the prompt's seed.
  fileprivate static func uniforms(
    _ prompt: Prompt, purpose: RandomPurpose, image: Int, count: Int
  ) throws -> [TrackedNumber] {
    let (key, counter) = ([try prompt.integer(.seed), Int(purpose.rawValue)], [0, 0, image, 0])
    return DrawOperation.words(key, counter, count).enumerated().map { i, word in
      TrackedNumber(exact: Double(word >> 8) * 0x1p-24, index: i)
    }
  }
}
