import Kernels
import Networks
import Testing

@Suite("Initialisation")
struct InitialisationTests {
  /// The third parameter (index 2) of a network with fan-in 4 is 2 u − 1 over 2, u from the stream of image 2.
  @Test func workedExampleStreamOfAParameter() {
    var initialisation = Initialisation(seed: 9)
    _ = initialisation.uniform([2], fanIn: 1) as Parameter<Double>
    _ = initialisation.constant([2], 1) as Parameter<Double>
    let third: Parameter<Double> = initialisation.uniform([5], fanIn: 4)
    var stream = RandomStream(seed: 9, purpose: .weights, image: 2)
    #expect(third.value.values == (0..<5).map { _ in stream.uniform(-0.5, 0.5) })
  }

  private struct Stored: Decodable {
    struct Bounds: Decodable {
      let shape: [Int]
      let lowest, largest: Double
    }
    let bounds: [String: Bounds]
    let parameters: [String: Int]
  }

  /// PyTorch's own defaults: same names, shapes and constants, and the same bounds of the uniform values.
  @Test func goldenNamesShapesAndBounds() throws {
    let stored = try storedValues("defaults", as: Stored.self)
    var encoder = ImageEncoder<Float>(.paper, seed: 3)
    #expect(encoder.parameterCount == stored.parameters["all"])
    var names: Set<String> = []
    encoder.forEachParameter { name, parameter in
      names.insert(name)
      guard let expected = stored.bounds[name] else { return }
      #expect(parameter.value.shape == expected.shape, "\(name)")
      let (lowest, largest) = (parameter.value.values.min() ?? 0, parameter.value.values.max() ?? 0)
      // The extremes of n uniform numbers lie about 2/n of the range inside it; 128 is the fewest (the linear bias).
      let slack = 0.1 * max(abs(expected.lowest), abs(expected.largest))
      #expect(abs(Double(lowest) - expected.lowest) <= slack, "\(name)")
      #expect(abs(Double(largest) - expected.largest) <= slack, "\(name)")
    }
    #expect(names == Set(stored.bounds.keys))
  }
}
