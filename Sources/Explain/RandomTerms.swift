// `tsuc explain philox` and `views`: random numbers that depend on their place alone, and the boxes that they draw.
// Tests    ExplainTests/ExplainTests.swift
import Images
import Kernels

/// The words of Philox4x32, round by round, as the definition says it.
private func rounds(counter: [UInt32], key: [UInt32]) -> [(counter: [UInt32], key: [UInt32])] {
  var (c, k) = (counter, key)
  var all = [(c, k)]
  for _ in 0..<10 {
    let (first, second) = (UInt64(c[0]) * 0xD251_1F53, UInt64(c[2]) * 0xCD9E_8D57)
    c = [
      UInt32(second >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: second), UInt32(first >> 32) ^ c[3] ^ k[1],
      UInt32(truncatingIfNeeded: first),
    ]
    k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    all.append((c, k))
  }
  return all
}

/// The first draws of one view.
package struct PhiloxExample: Sendable {
  /// The key: the seed of a run and what the numbers are for.
  package let seed, purpose: Int
  /// The counter: whose numbers they are.
  package let epoch = 3, image: Int, view = 1

  /// The inputs, moved as the example says.
  package init(_ example: Example) {
    purpose = example.whole(Int(RandomPurpose.augmentation.rawValue))
    (seed, image) = (example.whole(7), example.whole(11))
  }
}

/// Both views of one image.
package struct ViewsExample: Sendable {
  /// The place of the views' numbers.
  package let seed = 7, epoch = 3, image: Int
  /// The sides of the image.
  package let size = 32
  /// What boxes are drawn from: the part of the image's area, and width over height.
  package let area = 0.2...1.0, ratio = 0.75...4.0 / 3

  /// The inputs, moved as the example says.
  package init(_ example: Example) { image = example.whole(11) }

  /// The library's boxes of both views: left, top, width, height.
  var boxes: [Int] {
    var augmentation = ColourAugmentation()
    augmentation.crop = Augmentation.Crop(area: area, ratio: ratio)
    return [0, 1].flatMap { view in
      let box = augmentation.parameters(
        seed: UInt32(seed), epoch: epoch, image: image, view: view, height: size, width: size
      ).box
      return [box.left, box.top, box.width, box.height]
    }
  }
}

extension Explanation {
  static let philox = Explanation(
    name: "philox", aliases: ["rng", "random"],
    title: "the random numbers: a function of a key and a counter, without any state",
    references: References(
      sources: [("Sources/Kernels/Philox.swift", "Philox"), ("Sources/Kernels/Philox.swift", "RandomStream")],
      tests: ["Tests/KernelsTests/PhiloxTests.swift"],
      golden: ["rng/philox-known-answers", "rng/uniform-augmentation"])
  ) { example in
    let given = PhiloxExample(example)
    let (seed, purpose, image, epoch, view) = (given.seed, given.purpose, given.image, given.epoch, given.view)
    // The first word of the counter is the block of draws.
    let (counter, key) = ([0, view, image, epoch].map(UInt32.init), [seed, purpose].map(UInt32.init))
    let trace = rounds(counter: counter, key: key)
    let block = Philox.block(
      counter: SIMD4(counter[0], counter[1], counter[2], counter[3]), key: SIMD2(key[0], key[1]))
    var stream = RandomStream(
      seed: key[0], purpose: RandomPurpose(rawValue: key[1]) ?? .augmentation, epoch: epoch, image: image, view: view)
    let draws = (0..<4).map { _ in stream.uniform() }
    let words = trace[10].counter
    let uniform = words.map { Double($0 >> 8) / 16_777_216 }
    return [
      .prose(
        """
        Ten rounds of multiplications and exclusive ors turn a counter of four words under a key of two into four random words. \
        The counter says what the number is for, so a view of an image is the same in any batch, on any thread and after a restart. \
        There is no state but the position, and nothing to differentiate.
        """),
      .heading("Formula"),
      .formula(
        """
        key = (seed, purpose)       counter = (draw / 4, view, image, epoch)
        ten times:  (hi, lo) of 0xD2511F53 · c₀ and (hi', lo') of 0xCD9E8D57 · c₂, 64 bits each
                    c ← (hi' ⊕ c₁ ⊕ k₀, lo', hi ⊕ c₃ ⊕ k₁, lo),   then k ← k + (0x9E3779B9, 0xBB67AE85)
        uniform number in [0, 1): (word >> 8) / 2²⁴, which Float and Double both hold exactly
        """),
      .heading(
        "Example: seed \(seed), purpose \(purpose) (views), epoch \(epoch), image \(image), view \(view); the first four draws"
      ),
      .table(
        NumberTable(
          "counter and key after each round", columns: ["c₀", "c₁", "c₂", "c₃", "k₀", "k₁"],
          rows: trace.enumerated().map { round, state in
            (round == 0 ? "start" : "round \(round)", (state.counter + state.key).map { .word($0) })
          })),
      .agreement(
        CrossCheck(
          "the four words", words.map(Double.init), (0..<4).map { Double(block[$0]) }, by: "Philox.block")),
      .table(NumberTable("uniform numbers", columns: numbered("u", 4), names: ["u"], numbers: [uniform])),
      .agreement(CrossCheck("the uniform numbers", uniform, draws, by: "RandomStream.uniform")),
    ]
  }

  static let views = Explanation(
    name: "views", aliases: ["augmentation", "crop"],
    title: "two random views of every image: how a view's box is drawn",
    references: References(
      sources: [
        ("Sources/Images/Augmentation.swift", "Augmentation"),
        ("Sources/Images/ViewParameters.swift", "ViewParameters"),
        ("Sources/Images/ColourAugmentation.swift", "ColourAugmentation"),
      ],
      tests: [
        "Tests/ImagesTests/AugmentationTests.swift", "Tests/ImagesTests/ViewParametersTests.swift",
        "Tests/ImagesTests/ColourAugmentationTests.swift",
      ],
      golden: ["rng/crop-parameters-paper", "rng/jitter-parameters-paper", "augment/colour-view-paper"])
  ) { example in
    let given = ViewsExample(example)
    let (seed, image, epoch, size) = (given.seed, given.image, given.epoch, given.size)
    let (area, ratio) = (given.area, given.ratio)
    // The library's numbers of each view; what becomes of them is computed.
    let drawn = [0, 1].map { view -> [Double] in
      var stream = RandomStream(seed: UInt32(seed), purpose: .augmentation, epoch: epoch, image: image, view: view)
      return (0..<22).map { _ in stream.uniform() }
    }
    /// One try: u, u', part, r, width and height before they are rounded.
    func attempt(_ u: [Double], _ t: Int) -> [Double] {
      let part = (area.lowerBound + (area.upperBound - area.lowerBound) * u[2 * t]) * Double(size * size)
      let logarithms = (Double.log(ratio.lowerBound), Double.log(ratio.upperBound))
      let r = Double.exp(logarithms.0 + (logarithms.1 - logarithms.0) * u[2 * t + 1])
      return [u[2 * t], u[2 * t + 1], part, r, (part * r).squareRoot(), (part / r).squareRoot()]
    }
    func fits(_ numbers: [Double]) -> Bool {
      numbers[4...5].allSatisfy { (1...Double(size)).contains($0.rounded(.toNearestOrEven)) }
    }
    let views = drawn.map { u -> (attempts: Rows, box: [Int]) in
      let all = (0..<10).map { attempt(u, $0) }
      let attempts = Array(all.prefix((all.firstIndex(where: fits) ?? 9) + 1))
      let (w, h) = (
        Int(attempts[attempts.count - 1][4].rounded(.toNearestOrEven)),
        Int(attempts[attempts.count - 1][5].rounded(.toNearestOrEven))
      )
      return (attempts, [Int(u[20] * Double(size - w + 1)), Int(u[21] * Double(size - h + 1)), w, h])
    }
    return [
      .prose(
        """
        Both views of an image are random; the image itself is not shown in training. First a box is cut out and stretched to the \
        full size, then colours are jittered, then the view may become grey and be mirrored. All draws of a view come from its own \
        stream (tsuc explain philox) and have fixed places in it: ten tries of a box take words 0 to 19 even if the first fits. \
        Views are inputs: nothing is differentiated.
        """),
      .heading("Formula"),
      .formula(
        """
        try t = 0, 1, …, 9:  part = H W · U(0.2, 1)      from word 2t
                             r = exp U(log 3/4, log 4/3) from word 2t + 1
                             width = round √(part · r)   height = round √(part / r)   if they fit
        left = ⌊u₂₀ (W − width + 1)⌋      top = ⌊u₂₁ (H − height + 1)⌋
        """),
      .heading("Example: seed \(seed), epoch \(epoch), image \(image) of \(size) × \(size) pixels"),
      .table(
        NumberTable(
          "tries up to the first that fits", columns: ["u", "u'", "part", "r", "√(part r)", "√(part/r)", ""],
          rows: views.enumerated().flatMap { v, view in
            view.attempts.enumerated().map { t, numbers in
              ("view \(v), try \(t)", numbers.map { .number($0) } + [.name(fits(numbers) ? "fits" : "too large")])
            }
          })),
      .table(
        NumberTable(
          "the place", columns: ["u₂₀", "u₂₁"], names: ["view 0", "view 1"], numbers: drawn.map { Array($0[20...21]) })),
      .table(
        NumberTable(
          "the boxes", columns: ["left", "top", "width", "height"],
          rows: views.enumerated().map { v, view in ("view \(v)", view.box.map { .whole($0) }) })),
      .agreement(
        CrossCheck(
          "the boxes", views.flatMap(\.box).map(Double.init), given.boxes.map(Double.init), by: "ColourAugmentation")),
    ]
  }
}
