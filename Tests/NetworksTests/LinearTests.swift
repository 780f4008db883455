import Kernels
import Networks
import TestSupport
import Testing

@Suite("Linear layer")
struct LinearTests {
  /// W = [1 2; 3 4; 0 −1], b = (10, 20, 30), x = (1, −1): y = (1 − 2, 3 − 4, 1) + b = (9, 19, 31).
  ///
  /// With g = (1, 0, 2): ∂x = (1 + 0, 2 − 2) = (1, 0); ∂W = g xᵀ = [1 −1; 0 0; 2 −2]; ∂b = g.
  @Test func workedExample() {
    var initialisation = Initialisation(seed: 1)
    var layer = Linear<Double>(inputs: 2, outputs: 3, initialisation: &initialisation)
    layer.weight.value.values = [1, 2, 3, 4, 0, -1]
    layer.bias.value.values = [10, 20, 30]
    let (output, cache) = layer.forward(Tensor(rows: [[1, -1]]))
    #expect(output == Tensor(rows: [[9, 19, 31]]))
    #expect(layer.backward(Tensor(rows: [[1, 0, 2]]), cache: cache) == Tensor(rows: [[1, 0]]))
    #expect(layer.weight.gradient == Tensor(rows: [[1, -1], [0, 0], [2, -2]]))
    #expect(layer.bias.gradient.values == [1, 0, 2])
  }

  @Test(arguments: [1, 2, 9]) func gradientsOfInputAndParameters(rows: Int) {
    var initialisation = Initialisation(seed: 2)
    expectGradients(
      of: Linear<Double>(inputs: 5, outputs: 3, initialisation: &initialisation), at: .random([rows, 5], seed: 3),
      forward: { $0.forward($1) }, backward: { $0.backward($1, cache: $2) })
  }

  @Test func stopsOnWrongColumns() async {
    await #expect(processExitsWith: .failure) {
      var initialisation = Initialisation(seed: 2)
      var layer = Linear<Float>(inputs: 5, outputs: 3, initialisation: &initialisation)
      _ = layer.forward(Tensor(shape: [2, 4]))
    }
  }
}
