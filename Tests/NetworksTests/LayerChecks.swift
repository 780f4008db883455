// What the tests of this folder share: stored values of an independent program, and gradient checks of whole modules.
import Foundation
import Kernels
import Networks
import TestSupport
import Testing

/// A tensor as Fixtures/witness/networks.py stores it.
struct StoredTensor: Decodable {
  let shape: [Int]
  let values: [Double]
  var tensor: Tensor<Double> { Tensor(shape: shape, values: values) }
}

/// Decodes Fixtures/networks/NAME.json.
func storedValues<Content: Decodable>(_ name: String, as type: Content.Type = Content.self) throws -> Content {
  try PackageFiles.fixture("networks/\(name).json", as: type)
}

/// Equal shapes, and a largest distance within `tolerance` of the largest stored magnitude.
///
/// The default 1e-9 admits another order of summation in Double through a few layers, and no wrong term.
func expectClose(
  _ actual: Tensor<Double>, _ expected: StoredTensor, tolerance: Double = 1e-9, _ what: String,
  location: SourceLocation = #_sourceLocation
) {
  #expect(actual.shape == expected.shape, "\(what)", sourceLocation: location)
  guard actual.shape == expected.shape else { return }
  let scale = expected.values.reduce(1e-6) { max($0, abs($1)) }
  let distance = zip(actual.values, expected.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
  #expect(distance <= tolerance * scale, "\(what): distance \(distance) at scale \(scale)", sourceLocation: location)
}

extension Module where Scalar == Double {
  /// Puts stored values into the parameters and buffers of the same names; every stored name must be met.
  mutating func load(_ stored: [String: StoredTensor], location: SourceLocation = #_sourceLocation) {
    var met: Set<String> = []
    forEachParameter(prefix: "") { name, parameter in
      if let value = stored[name] { (parameter.value, _) = (value.tensor, met.insert(name)) }
    }
    forEachBuffer(prefix: "") { name, buffer in
      if let value = stored[name] { (buffer, _) = (value.tensor, met.insert(name)) }
    }
    #expect(met == Set(stored.keys), sourceLocation: location)
  }

  /// Compares every gradient, and every parameter and buffer that is stored in `after`.
  mutating func expectStored(
    gradients: [String: StoredTensor], after: [String: StoredTensor], location: SourceLocation = #_sourceLocation
  ) {
    var (gradientNames, valueNames): (Set<String>, Set<String>) = ([], [])
    forEachParameter(prefix: "") { name, parameter in
      if let stored = gradients[name] {
        gradientNames.insert(name)
        expectClose(parameter.gradient, stored, "gradient of \(name)", location: location)
      }
      if let stored = after[name] {
        valueNames.insert(name)
        expectClose(parameter.value, stored, name, location: location)
      }
    }
    forEachBuffer(prefix: "") { name, buffer in
      guard let stored = after[name] else { return }
      valueNames.insert(name)
      expectClose(buffer, stored, name, location: location)
    }
    #expect(gradientNames == Set(gradients.keys), sourceLocation: location)
    #expect(valueNames == Set(after.keys), sourceLocation: location)
  }

  mutating func zeroGradients() {
    forEachParameter(prefix: "") { _, parameter in parameter.gradient = Tensor(shape: parameter.value.shape) }
  }
}

/// Checks a module's input gradient and every parameter's gradient against central differences.
///
/// The step is 1e-5 for smooth layers. Layers with ReLU take 1e-6, so that a kink is crossed only by a value within about
/// 1e-5 of zero; the rounding, eps |f| / h, is then ten times larger, and so is the tolerance.
func expectGradients<Layer: Module, Cache>(
  of layer: Layer, at input: Tensor<Double>, step: Double = 1e-5, tolerance: Double = 1e-7,
  forward: (inout Layer, Tensor<Double>) -> (output: Tensor<Double>, cache: Cache),
  backward: (inout Layer, Tensor<Double>, Cache) -> Tensor<Double>, location: SourceLocation = #_sourceLocation
) where Layer.Scalar == Double {
  var used = layer
  let (output, cache) = forward(&used, input)
  let cotangent = Tensor<Double>.random(output.shape, seed: 77)
  // Twice, because a backward pass must add to the gradients, not replace them.
  let inputGradient = backward(&used, cotangent, cache)
  _ = backward(&used, cotangent, cache)
  func loss(_ layer: Layer, _ input: Tensor<Double>) -> Double {
    var layer = layer
    return forward(&layer, input).output.inner(cotangent)
  }
  let check = DirectionalDifference(at: input, gradient: inputGradient, step: step) { loss(layer, $0) }
  #expect(check.relativeDistance < tolerance, "input: \(check)", sourceLocation: location)
  used.forEachParameter(prefix: "") { name, parameter in
    let half = Tensor(shape: parameter.gradient.shape, values: parameter.gradient.values.map { $0 / 2 })
    let check = DirectionalDifference(at: parameter.value, gradient: half, step: step) { value in
      var moved = layer
      moved.forEachParameter(prefix: "") { if $0 == name { $1.value = value } }
      return loss(moved, input)
    }
    #expect(check.relativeDistance < tolerance, "\(name): \(check)", sourceLocation: location)
  }
}
