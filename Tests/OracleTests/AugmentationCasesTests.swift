import Images
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Cases of views: bytes and their random parameters")
struct AugmentationCasesTests {
  private func augment() throws -> [CaseRecipe] { try recipes("augment") }
  private func views() throws -> [CaseRecipe] { try recipes("rng").filter { $0.slug.contains("-parameters-") } }

  private func recipe(_ slug: String) throws -> CaseRecipe {
    try #require(try recipes("augment", "rng").first { $0.slug == slug }, "\(slug)")
  }

  private func bytes(_ recipe: CaseRecipe, _ name: String = "y") throws -> [UInt8] {
    guard case .bytes(let bytes, _)? = try recipe.answer(as: Double.self)[name] else { return [] }
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
  // worked out in Double: 2²² · 2⁻⁵⁰. The cases that end in "single" are about what Float makes of a near miss.
  @Test func invariantBytesStayAwayFromTheirRoundings() throws {
    for recipe in try augment() where !recipe.slug.hasSuffix("single") {
      let margins = try Operations.named(recipe.prompt.operation).margins(recipe.prompt)
      #expect(margins["truncation", default: 1] > 1e-4, "\(recipe.slug) \(margins)")
      #expect(margins["weight", default: 1] > 1e-5, "\(recipe.slug) \(margins)")
      #expect(margins["shift", default: 1] > 1e-2, "\(recipe.slug) \(margins)")
      let isHalf = recipe.slug == "contrast-mean-of-a-half"
      #expect(isHalf ? margins["mean"] == 0 : margins["mean", default: 1] > 1e-4, "\(recipe.slug) \(margins)")
    }
  }

  @Test func invariantPrecisionChangesNoByte() throws {
    for recipe in try augment() + views() {
      let (single, double) = (try recipe.answer(as: Float.self), try recipe.answer(as: Double.self))
      #expect(worstRatio(single, double, try recipe.scales()).ratio <= 1, "\(recipe.slug)")
      #expect(worstRatio(double, single, try recipe.scales()).ratio <= 1, "\(recipe.slug)")
    }
  }

  // One percent or a wrong sign of any number that is not negligible is far outside. A grey value errs by the slope of the image
  // whatever its size, so that of these only those above ¼ are asked.
  @Test func wrongRealNumbersAreFarOutside() throws {
    for recipe in try augment() + views() {
      let least = recipe.prompt.operation == "grey-view" ? 0.25 : 0.01
      let (right, scales) = (try recipe.answer(as: Double.self), try recipe.scales())
      for (name, value) in right {
        guard case .real(let tensor) = value else { continue }
        for i in tensor.values.indices where abs(tensor.values[i]) > least {
          for wrong in [1.01 * tensor.values[i], -tensor.values[i]] {
            var answer = right
            var values = tensor.values
            values[i] = wrong
            answer[name] = .real(Tensor<Double>(shape: tensor.shape, values: values))
            #expect(worstRatio(answer, right, scales).ratio > 10, "\(recipe.slug), \(name)[\(i)]")
          }
        }
      }
    }
  }

  @Test func wrongRoundingOfBlendsShows() throws {
    for recipe in try augment() where ["brightness", "contrast", "saturation"].contains(recipe.prompt.operation) {
      let factor = Float(try recipe.prompt.number("factor"))
      guard factor != 0, !recipe.slug.hasSuffix("half") else { continue }
      let image = try AugmentationPrompt(prompt: recipe.prompt).image()
      let (grey, mean) = (image.luminance(), image.meanLuminance)
      let wrong = image.pixels.enumerated().map { place, byte in
        let poorer: [String: UInt8] = ["contrast": mean, "saturation": grey[place % grey.count]]
        let degenerate = Float(poorer[recipe.prompt.operation] ?? 0)
        return UInt8(max(0, min(255, (degenerate + factor * (Float(byte) - degenerate)).rounded())))
      }
      #expect(wrong != (try bytes(recipe)), "\(recipe.slug)")
    }
  }

  // 30 · 1.33333333 = 39.9999999 is 40 in Float; so a byte of each of these pictures differs from what Double makes of it.
  @Test func wrongPrecisionOfBlendsShows() throws {
    for name in ["brightness", "contrast", "saturation"] {
      let recipe = try recipe(name + "-single")
      let factor = try recipe.prompt.number("factor")
      let image = try AugmentationPrompt(prompt: recipe.prompt).image()
      let (grey, mean) = (image.luminance(), image.meanLuminance)
      let wrong = image.pixels.enumerated().map { place, byte in
        let poorer: [String: UInt8] = ["contrast": mean, "saturation": grey[place % grey.count]]
        let degenerate = Double(poorer[name] ?? 0)
        return UInt8(max(0, min(255, degenerate + factor * (Double(byte) - degenerate))))
      }
      #expect(wrong != (try bytes(recipe)), "\(recipe.slug)")
    }
  }

  @Test func wrongMeanOfContrastShows() throws {
    let image = try AugmentationPrompt(prompt: try recipe("contrast-grey").prompt).image()
    let sum = image.luminance().reduce(0) { $0 + Int($1) }
    #expect(Int(image.meanLuminance) != sum / (image.height * image.width))
    let colours = image.pixels.reduce(0) { $0 + Int($1) }
    #expect(Int(image.meanLuminance) != (2 * colours + image.pixels.count) / (2 * image.pixels.count))
    #expect(image.meanLuminance == (try bytes(try recipe("contrast-grey"))[0]))
  }

  @Test func wrongTurnsOfTheHueShow() throws {
    for recipe in try augment() where recipe.prompt.operation == "hue" {
      let (image, right) = (try AugmentationPrompt(prompt: recipe.prompt).image(), try bytes(recipe))
      let shift = try recipe.prompt.number("shift")
      func turned(_ turn: Int, modulo: Int) -> [UInt8] {
        var planes = image.hueSaturationValue().pixels
        for i in 0..<image.height * image.width {
          planes[i] = UInt8(truncatingIfNeeded: ((Int(planes[i]) + turn) % modulo + modulo) % modulo)
        }
        return ColourImage(height: image.height, width: image.width, pixels: planes).fromHueSaturationValue().pixels
      }
      #expect(turned(Int(255 * shift), modulo: 256) == right, "\(recipe.slug)")
      if shift == 0 || abs(shift) < 0.01 {
        #expect(right != image.pixels, "\(recipe.slug): 8-bit HSV loses something")
        continue
      }
      #expect(turned(Int((255 * shift).rounded()), modulo: 256) != right, "\(recipe.slug): rounded")
      #expect(turned(Int(255 * shift), modulo: 255) != right, "\(recipe.slug): modulo 255")
      #expect(turned(-Int(255 * shift), modulo: 256) != right, "\(recipe.slug): the other way round")
    }
  }

  // Bilinear between the two nearest pixels, as tensors are resized without antialiasing.
  @Test func wrongResizesShow() throws {
    for recipe in try augment() where recipe.slug.hasPrefix("resized-crop-smaller") {
      let image = try AugmentationPrompt(prompt: recipe.prompt).image()
      let (box, height, width, _) = try AugmentationPrompt(prompt: recipe.prompt).crop(of: image)
      func place(_ i: Int, _ old: Int, _ new: Int) -> (Int, Int, Double) {
        let place = max(0, (Double(i) + 0.5) * Double(old) / Double(new) - 0.5)
        return (Int(place), min(old - 1, Int(place) + 1), place - Double(Int(place)))
      }
      let wrong = (0..<3 * height * width).map { i in
        let (top, bottom, v) = place(i / width % height, box.height, height)
        let (left, right, u) = place(i % width, box.width, width)
        func pixel(_ row: Int, _ column: Int) -> Double {
          let plane = i / (height * width) * image.height
          return Double(image.pixels[(plane + box.top + row) * image.width + box.left + column])
        }
        let upper = pixel(top, left) * (1 - u) + pixel(top, right) * u
        return UInt8((upper * (1 - v) + (pixel(bottom, left) * (1 - u) + pixel(bottom, right) * u) * v).rounded())
      }
      #expect(wrong != (try bytes(recipe)), "\(recipe.slug)")
    }
    for slugs in [("smaller-columns-first", "smaller-rows-first"), ("wider-and-lower", "wider-and-lower-rows-first")] {
      let (first, second) = (try recipe("resized-crop-" + slugs.0), try recipe("resized-crop-" + slugs.1))
      var prompt = first.prompt
      prompt.parameters["passes"] = .text("rows-first")
      #expect(try ResizedCropOperation().answer(prompt, as: Float.self) != first.answer(as: Float.self))
      #expect(try bytes(first).count == bytes(second).count)
    }
  }

  @Test func wrongOrdersOfTheChainShow() throws {
    let (forward, backward) = (try recipe("colour-view-order-0123"), try recipe("colour-view-order-3210"))
    #expect(forward.prompt.inputs == backward.prompt.inputs)
    #expect(try bytes(forward, "cropped") == bytes(backward, "cropped"))
    #expect(try bytes(forward) != bytes(backward))
    for recipe in try augment() where recipe.slug.hasPrefix("colour-view-order") {
      let right = try bytes(recipe)
      for order in [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [1, 0, 2, 3], [0, 1, 3, 2], [2, 0, 1, 3]] {
        var prompt = recipe.prompt
        prompt.parameters["order"] = .list(order.map { .integer($0) })
        guard prompt != recipe.prompt else { continue }
        let wrong = try ColourViewOperation().answer(prompt, as: Float.self)["y"]
        #expect(wrong != .bytes(right, shape: wrong?.shape ?? []), "\(recipe.slug) in the order \(order)")
      }
    }
  }

  // The three cases differ in one part of the key; and a ratio that is drawn linearly gives other boxes.
  @Test func wrongDrawsShow() throws {
    let names = ["paper", "second-view", "next-epoch"]
    let answers = try names.map { try recipe("crop-parameters-" + $0).answer(as: Double.self) }
    #expect(answers[0] != answers[1] && answers[0] != answers[2] && answers[1] != answers[2])
    #expect(Set(try names.map { try recipe("crop-parameters-" + $0).prompt.integer("seed") }).count == 1)
    for recipe in try views() where recipe.prompt.operation == "crop-parameters" && !recipe.slug.contains("never-fits")
    {
      let prompt = recipe.prompt
      let (area, ratio) = (try prompt.numbers("area"), try prompt.numbers("ratio"))
      let (height, width) = (try prompt.integer("height"), try prompt.integer("width"))
      guard case .integers(let boxes, _)? = try recipe.answer(as: Double.self)["boxes"] else { continue }
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
        #expect(linear != right, "\(recipe.slug)")
      }
    }
  }

  @Test func workedExampleFallbackCrops() throws {
    func boxes(_ slug: String) throws -> TensorValue? { try recipe(slug).answer(as: Float.self)["boxes"] }
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
    let values: [ParameterValue] = [
      .integer(0), .integer(-1), .integer(.max), .integer(.min), .integer(5000), .number(1e300), .number(-1e300),
      .number(.nan), .number(.infinity), .number(0.5), .text("wrong"), .truth(true), .list([]), .list([.integer(4)]),
      .list([.number(2), .number(1)]), .list([.number(-1), .number(1e9)]), .list([.text("x")]),
      .list([.integer(0), .integer(0), .integer(1), .integer(2)]), .list([.number(.nan), .number(.nan)]),
    ]
    var (refused, answered) = (0, 0)
    for _ in 0..<6000 {
      let recipe = all[stream.integer(below: all.count)]
      var prompt = recipe.prompt
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
