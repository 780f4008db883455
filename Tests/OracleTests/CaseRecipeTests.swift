import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("Case recipes")
struct CaseRecipeTests {
  // The first normal numbers of the stream, halved and rounded to Float.
  @Test func workedExampleOfGeneratedTensors() {
    let recipe = GeneratedTensor(shape: [2, 3], seed: 7, image: 5, scale: 0.5)
    var stream = RandomStream(seed: 7, purpose: .test, image: 5)
    #expect(recipe.tensor.shape == [2, 3])
    #expect(recipe.tensor.values == (0..<6).map { _ in Float(0.5 * stream.normal()) })
  }

  @Test func invariantEveryRecipeIsSound() throws {
    let all = try allRecipes.get()
    let again = try CaseRecipes.draw()
    #expect(Set(all.map { "\($0.area)/\($0.slug)" }).count == all.count)
    for (recipe, twin) in zip(all, again) {
      #expect(recipe.prompt == twin.prompt, "\(recipe.slug) is drawn anew each time")
      #expect(!recipe.catches.isEmpty && !recipe.summary.isEmpty, "\(recipe.slug)")
      for (name, generated) in recipe.generated {
        #expect(recipe.prompt.inputs[name] == .real(generated.tensor), "\(recipe.slug) \(name)")
      }
      for (name, input) in recipe.prompt.inputs {
        guard case .real(let tensor) = input else { continue }
        #expect(tensor.values.allSatisfy { Double(Float($0)) == $0 }, "\(recipe.slug) \(name) holds no Floats")
      }
    }
  }
}
