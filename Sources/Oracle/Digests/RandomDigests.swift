// Digests of random numbers: words, uniform and normal numbers, bounded whole numbers, permutations.
// Tests    OracleTests/DigestTests.swift
import Kernels

/// The digests of Kernels/Philox.swift.
let randomDigests: [Digest] = [
  Digest(
    "philox-words",
    definition: """
      Draw i: Philox4x32-10 of the counter (i, 2654435769 i, 2246822519 i, 3266489917 i) and the key (668265263 i, \
      374761393 i), all modulo 2^32.
      """,
    record: "the four words, uint32 each"
  ) { count in
    .ofEach(count) { i, records in
      let i = UInt32(truncatingIfNeeded: i)
      let words = Philox.block(
        counter: SIMD4(i, i &* 2_654_435_769, i &* 2_246_822_519, i &* 3_266_489_917),
        key: SIMD2(i &* 668_265_263, i &* 374_761_393))
      for index in 0..<4 { records.append(word: words[index]) }
    }
  },
  Digest(
    "stream-words",
    definition:
      "Draw i: the first five words of stream(seed i, purpose i mod 7, epoch 3 i, image 5 i + 1, view i mod 2).",
    record: "the five words, uint32 each"
  ) { count in
    .ofEach(count) { i, records in
      var stream = RandomStream(
        seed: UInt32(truncatingIfNeeded: i), purpose: RandomPurpose(rawValue: UInt32(i % 7)) ?? .test, epoch: 3 * i,
        image: 5 * i + 1, view: i % 2)
      for _ in 0..<5 { records.append(word: stream.nextWord()) }
    }
  },
  Digest(
    "uniform-numbers",
    definition: "Draw i: number i of stream(seed 2, purpose 0, epoch 0, image 0, view 0), uniform: (word >> 8) / 2^24.",
    record: "the number, binary32"
  ) { count in
    var (stream, records) = (RandomStream(seed: 2, purpose: .test), DigestRecords())
    for _ in 0..<count { records.append(nearestFloatTo: stream.uniform()) }
    return records
  },
  Digest(
    "normal-numbers",
    definition: """
      Draw i: number i of stream(seed 3, purpose 0, epoch 0, image 0, view 0), normal: x and y are -1 + 2 uniform, one \
      after the other, drawn again until s = x x + y y is neither 0 nor 1 or more; the number is \
      x sqrt(-2 ln(s) / s) in binary64.
      """,
    record: "the nearest binary32",
    marginUnit: "units in the last place of the binary64 number, to the nearest halfway case of binary32"
  ) { count in
    var (stream, records) = (RandomStream(seed: 3, purpose: .test), DigestRecords())
    for _ in 0..<count {
      let number = stream.normal()
      records.append(nearestFloatTo: number, unit: number.ulp)
    }
    return records
  },
  Digest(
    "bounded-integers",
    definition: """
      Draw i, on stream(seed 6, purpose 0, epoch 0, image i, view 0): bound = the first word >> (i mod 32), but at least \
      1; then words until word * bound modulo 2^32 is at least 2^32 mod bound; the number is word * bound >> 32.
      """,
    record: "the number, uint32"
  ) { count in
    .ofEach(count) { i, records in
      var stream = RandomStream(seed: 6, purpose: .test, image: i)
      let bound = max(1, stream.nextWord() >> UInt32(i % 32))
      records.append(word: UInt32(stream.integer(below: Int(bound))))
    }
  },
  Digest(
    "permutation",
    definition: """
      The permutation of 0, ..., n - 1 for n draws, on stream(seed 7, purpose 4, epoch 0, image 0, view 0): for last = \
      n - 1, ..., 1 swap the places last and (bounded integer below last + 1). Draw i is the number at place i.
      """,
    record: "the number, uint32"
  ) { count in
    var (stream, records) = (RandomStream(seed: 7, purpose: .shuffle), DigestRecords())
    for number in stream.permutation(of: count) { records.append(word: UInt32(number)) }
    return records
  },
  Digest(
    "shuffles",
    definition: """
      Draw i: the permutation of 0, ..., i mod 64, on stream(seed 8, purpose 4, epoch i, image 0, view 0), as in \
      permutation.
      """,
    record: "its numbers in order, uint8 each: 1 + i mod 64 bytes"
  ) { count in
    .ofEach(count) { i, records in
      var stream = RandomStream(seed: 8, purpose: .shuffle, epoch: i)
      for number in stream.permutation(of: 1 + i % 64) { records.append(byte: number) }
    }
  },
]
