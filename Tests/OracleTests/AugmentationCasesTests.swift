import Files
import Images
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Cases of views: bytes and their random parameters")
struct AugmentationCasesTests {
  private func augment() throws -> [CasePrompt] { try corpusPrompts(in: "augment") }
  private func views() throws -> [CasePrompt] {
    try corpusPrompts(in: "rng").filter { $0.slug.contains("-parameters-") }
  }

  private func casePrompt(_ slug: String) throws -> CasePrompt {
    try #require(try corpusPrompts(in: "augment", "rng").first { $0.slug == slug }, "\(slug)")
  }

  private func bytes(_ casePrompt: CasePrompt, _ name: String = "y") throws -> [UInt8] {
    guard case .bytes(let bytes, _)? = try casePrompt.answer(as: Double.self)[name] else { return [] }
    return bytes
  }

  @Test func invariantEveryOperationHasCases() throws {
    let all = try augment() + views()
    let asked = Set(all.map(\.prompt.operation))
    for operation in augmentationOperations + viewParameterOperations { #expect(asked.contains(operation.name)) }
    #expect(try augment().count >= 45 && views().count >= 15)
    #expect(all.allSatisfy { !$0.catches.isEmpty })
  }

  // A blend in Float is three roundings of numbers up to 255 away from its true value: 3 · 255 · 2⁻²⁴ = 4.6e-5 at most. Weights are
  // computed in Double: 2²² · 2⁻⁵⁰. The cases that end in "single" are about what Float makes of a near miss.
  @Test func invariantBytesStayAwayFromTheirRoundings() throws {
    for casePrompt in try augment() where !casePrompt.slug.hasSuffix("single") {
      let margins = try Operations.named(casePrompt.prompt.operation).margins(casePrompt.prompt)
      #expect(margins["truncation", default: 1] > 1e-4, "\(casePrompt.slug) \(margins)")
      #expect(margins["weight", default: 1] > 1e-5, "\(casePrompt.slug) \(margins)")
      #expect(margins["shift", default: 1] > 1e-2, "\(casePrompt.slug) \(margins)")
      let isHalf = casePrompt.slug == "contrast-mean-of-a-half"
      #expect(isHalf ? margins["mean"] == 0 : margins["mean", default: 1] > 1e-4, "\(casePrompt.slug) \(margins)")
    }
  }

  @Test func invariantPrecisionChangesNoByte() throws {
    for casePrompt in try augment() + views() {
      let (single, double) = (try casePrompt.answer(as: Float.self), try casePrompt.answer(as: Double.self))
      #expect(worstRatio(single, double, try casePrompt.scales()).ratio <= 1, "\(casePrompt.slug)")
      #expect(worstRatio(double, single, try casePrompt.scales()).ratio <= 1, "\(casePrompt.slug)")
    }
  }

  // One percent or a wrong sign of any number that is not negligible is far outside. A grey value errs by the slope of the image
  // whatever its size, so that of these only those above ¼ are asked.
  @Test func wrongRealNumbersAreFarOutside() throws {
    for casePrompt in try augment() + views() {
      let least = casePrompt.prompt.operation == "grey-view" ? 0.25 : 0.01
      let (right, scales) = (try casePrompt.answer(as: Double.self), try casePrompt.scales())
      for (name, value) in right {
        guard case .real(let tensor) = value else { continue }
        for i in tensor.values.indices where abs(tensor.values[i]) > least {
          for wrong in [1.01 * tensor.values[i], -tensor.values[i]] {
            var answer = right
            var values = tensor.values
            values[i] = wrong
            answer[name] = .real(Tensor<Double>(shape: tensor.shape, values: values))
            #expect(worstRatio(answer, right, scales).ratio > 10, "\(casePrompt.slug), \(name)[\(i)]")
          }
        }
      }
    }
  }

  @Test func wrongRoundingOfBlendsShows() throws {
    for casePrompt in try augment()
    where ["brightness", "contrast", "saturation"].contains(casePrompt.prompt.operation) {
      let factor = Float(try casePrompt.prompt.number("factor"))
      guard factor != 0, !casePrompt.slug.hasSuffix("half") else { continue }
      let image = try AugmentationPrompt(prompt: casePrompt.prompt).image()
      let (grey, mean) = (image.luminance(), image.meanLuminance)
      let wrong = image.pixels.enumerated().map { index, byte in
        let poorer: [String: UInt8] = ["contrast": mean, "saturation": grey[index % grey.count]]
        let degenerate = Float(poorer[casePrompt.prompt.operation] ?? 0)
        return UInt8(max(0, min(255, (degenerate + factor * (Float(byte) - degenerate)).rounded())))
      }
      #expect(wrong != (try bytes(casePrompt)), "\(casePrompt.slug)")
    }
  }

  // 30 · 1.33333333 = 39.9999999 is 40 in Float; so a byte of each of these pictures differs from what Double makes of it.
  @Test func wrongPrecisionOfBlendsShows() throws {
    for name in ["brightness", "contrast", "saturation"] {
      let casePrompt = try casePrompt(name + "-single")
      let factor = try casePrompt.prompt.number("factor")
      let image = try AugmentationPrompt(prompt: casePrompt.prompt).image()
      let (grey, mean) = (image.luminance(), image.meanLuminance)
      let wrong = image.pixels.enumerated().map { index, byte in
        let poorer: [String: UInt8] = ["contrast": mean, "saturation": grey[index % grey.count]]
        let degenerate = Double(poorer[name] ?? 0)
        return UInt8(max(0, min(255, degenerate + factor * (Double(byte) - degenerate))))
      }
      #expect(wrong != (try bytes(casePrompt)), "\(casePrompt.slug)")
    }
  }

  @Test func wrongMeanOfContrastShows() throws {
    let image = try AugmentationPrompt(prompt: try casePrompt("contrast-grey").prompt).image()
    let sum = image.luminance().reduce(0) { $0 + Int($1) }
    #expect(Int(image.meanLuminance) != sum / (image.height * image.width))
    let colours = image.pixels.reduce(0) { $0 + Int($1) }
    #expect(Int(image.meanLuminance) != (2 * colours + image.pixels.count) / (2 * image.pixels.count))
    #expect(image.meanLuminance == (try bytes(try casePrompt("contrast-grey"))[0]))
  }

  @Test func wrongTurnsOfTheHueShow() throws {
    for casePrompt in try augment() where casePrompt.prompt.operation == "hue" {
      let (image, right) = (try AugmentationPrompt(prompt: casePrompt.prompt).image(), try bytes(casePrompt))
      let shift = try casePrompt.prompt.number("shift")
      func turned(_ turn: Int, modulo: Int) -> [UInt8] {
        var planes = image.hueSaturationValue().pixels
        for i in 0..<image.height * image.width {
          planes[i] = UInt8(truncatingIfNeeded: ((Int(planes[i]) + turn) % modulo + modulo) % modulo)
        }
        return ColourImage(height: image.height, width: image.width, pixels: planes).fromHueSaturationValue().pixels
      }
      #expect(turned(Int(255 * shift), modulo: 256) == right, "\(casePrompt.slug)")
      if shift == 0 || abs(shift) < 0.01 {
        #expect(right != image.pixels, "\(casePrompt.slug): 8-bit HSV loses something")
        continue
      }
      #expect(turned(Int((255 * shift).rounded()), modulo: 256) != right, "\(casePrompt.slug): rounded")
      #expect(turned(Int(255 * shift), modulo: 255) != right, "\(casePrompt.slug): modulo 255")
      #expect(turned(-Int(255 * shift), modulo: 256) != right, "\(casePrompt.slug): the other way round")
    }
  }

  // Bilinear between the two nearest pixels, as tensors are resized without antialiasing.
  @Test func wrongResizesShow() throws {
    for casePrompt in try augment() where casePrompt.slug.hasPrefix("resized-crop-smaller") {
      let image = try AugmentationPrompt(prompt: casePrompt.prompt).image()
      let (box, height, width, _) = try AugmentationPrompt(prompt: casePrompt.prompt).crop(of: image)
      func neighbours(_ i: Int, _ old: Int, _ new: Int) -> (Int, Int, Double) {
        let position = max(0, (Double(i) + 0.5) * Double(old) / Double(new) - 0.5)
        return (Int(position), min(old - 1, Int(position) + 1), position - Double(Int(position)))
      }
      let wrong = (0..<3 * height * width).map { i in
        let (top, bottom, v) = neighbours(i / width % height, box.height, height)
        let (left, right, u) = neighbours(i % width, box.width, width)
        func pixel(_ row: Int, _ column: Int) -> Double {
          let plane = i / (height * width) * image.height
          return Double(image.pixels[(plane + box.top + row) * image.width + box.left + column])
        }
        let upper = pixel(top, left) * (1 - u) + pixel(top, right) * u
        return UInt8((upper * (1 - v) + (pixel(bottom, left) * (1 - u) + pixel(bottom, right) * u) * v).rounded())
      }
      #expect(wrong != (try bytes(casePrompt)), "\(casePrompt.slug)")
    }
    for slugs in [("smaller-columns-first", "smaller-rows-first"), ("wider-and-lower", "wider-and-lower-rows-first")] {
      let (first, second) = (try casePrompt("resized-crop-" + slugs.0), try casePrompt("resized-crop-" + slugs.1))
      var prompt = first.prompt
      prompt.parameters["passes"] = .string("rows-first")
      #expect(try ResizedCropOperation().answer(prompt, as: Float.self) != first.answer(as: Float.self))
      #expect(try bytes(first).count == bytes(second).count)
    }
  }

  @Test func wrongOrdersOfTheChainShow() throws {
    let (forward, backward) = (try casePrompt("colour-view-order-0123"), try casePrompt("colour-view-order-3210"))
    #expect(forward.prompt.inputs == backward.prompt.inputs)
    #expect(try bytes(forward, "cropped") == bytes(backward, "cropped"))
    #expect(try bytes(forward) != bytes(backward))
    for casePrompt in try augment() where casePrompt.slug.hasPrefix("colour-view-order") {
      let right = try bytes(casePrompt)
      for order in [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 0, 2, 3], [0, 1, 3, 2], [2, 0, 1, 3]] {
        var prompt = casePrompt.prompt
        prompt.parameters["order"] = .array(order.map { .integer($0) })
        guard prompt != casePrompt.prompt else { continue }
        let wrong = try ColourViewOperation().answer(prompt, as: Float.self)["y"]
        #expect(wrong != .bytes(right, shape: wrong?.shape ?? []), "\(casePrompt.slug) in the order \(order)")
      }
    }
  }

  // The three cases differ in one part of the key; and a ratio that is drawn linearly gives other boxes.
  @Test func wrongDrawsShow() throws {
    let names = ["paper", "second-view", "next-epoch"]
    let answers = try names.map { try casePrompt("crop-parameters-" + $0).answer(as: Double.self) }
    #expect(answers[0] != answers[1] && answers[0] != answers[2] && answers[1] != answers[2])
    #expect(Set(try names.map { try casePrompt("crop-parameters-" + $0).prompt.integer("seed") }).count == 1)
    for casePrompt in try views()
    where casePrompt.prompt.operation == "crop-parameters" && !casePrompt.slug.contains("never-fits") {
      let prompt = casePrompt.prompt
      let (area, ratio) = (try prompt.numbers("area"), try prompt.numbers("ratio"))
      let (height, width) = (try prompt.integer("height"), try prompt.integer("width"))
      guard case .integers(let boxes, _)? = try casePrompt.answer(as: Double.self)["boxes"] else { continue }
      var linear: [Int] = []
      for image in try prompt.numbers("images") {
        var stream = RandomStream(
          seed: UInt32(try prompt.integer("seed")), purpose: .augmentation, epoch: try prompt.integer("epoch"),
          image: Int(image), view: try prompt.integer("view"))
        let (part, r) = (stream.uniform(area[0], area[1]) * Double(height * width), stream.uniform(ratio[0], ratio[1]))
        linear += [Int((part * r).squareRoot().rounded()), Int((part / r).squareRoot().rounded())]
      }
      if height * width > 6 && ratio[1] - ratio[0] > 0.2 {
        let right = boxes.indices.filter { $0 % 4 >= 2 }.map { boxes[$0] }
        #expect(linear != right, "\(casePrompt.slug)")
      }
    }
  }

  @Test func workedExampleFallbackCrops() throws {
    func boxes(_ slug: String) throws -> TensorValue? { try casePrompt(slug).answer(as: Float.self)["boxes"] }
    // 6 · 1.3125 = 7.875 → 8 wide, at (60 − 8)/2; 5 / 0.75 = 6.67 → 7 high, at (61 − 7)/2; 16 / 1.5 = 10.67 → 11 high, at 2.
    let expected = [("wide", [26, 0, 8, 6]), ("tall", [0, 27, 5, 7]), ("square", [0, 2, 16, 11])]
    for (name, box) in expected {
      let all = box + box
      #expect(try boxes("crop-parameters-never-fits-" + name) == .integers(all, shape: [2, 4]), "\(name)")
    }
  }

  // Parameters and pictures of wrong kinds, sizes and ranges: an answer or one sentence, never a trap.
  @Test func wrongPromptsAreErrors() throws {
    let all = try augment() + views()
    var stream = RandomStream(seed: 5, purpose: .test)
    let values: [JSON] = [
      .integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(5000), .number(1e300), .number(-1e300),
      .number(.nan), .number(.infinity), .number(0.5), .string("wrong"), .bool(true), .array([]), .array([.integer(4)]),
      .array([.number(2), .number(1)]), .array([.number(-1), .number(1e9)]), .array([.string("x")]),
      .array([.integer(0), .integer(0), .integer(1), .integer(2)]), .array([.number(.nan), .number(.nan)]),
    ]
    var (refused, answered) = (0, 0)
    for _ in 0..<6000 {
      let casePrompt = all[stream.integer(below: all.count)]
      var prompt = casePrompt.prompt
      let names = prompt.parameters.keys.sorted()
      if !names.isEmpty && stream.integer(below: 4) > 0 {
        prompt.parameters[names[stream.integer(below: names.count)]] = values[stream.integer(below: values.count)]
      } else if case .bytes(let pixels, let shape)? = prompt.inputs["image"] {
        let shapes = [
          [], [3], [3, 0, 4], [1] + shape, [4, shape[1], shape[2]], [3, shape[2], shape[1] + 1], [3, -1, -5],
          [3, .max, 2],
        ]
        prompt.inputs["image"] = .bytes(pixels, shape: shapes[stream.integer(below: shapes.count)])
      }
      let operation = try Operations.named(prompt.operation)
      do throws(OracleError) {
        let answer = try operation.answer(prompt, as: Float.self)
        _ = try (operation.scales(prompt), operation.margins(prompt))
        #expect(!answer.isEmpty)
        answered += 1
      } catch {
        #expect(error.description.contains(prompt.operation), "\(error)")
        refused += 1
      }
    }
    #expect(refused > 3000 && answered > 100, "\(refused) refused, \(answered) answered")
  }
}
