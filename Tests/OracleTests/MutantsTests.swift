import Kernels
import Networks
import Testing
import TwoStage

@testable import Oracle

@Suite("Mutants")
struct MutantsTests {
  @Test func invariantEveryMutantHasOneNameAndOneRemedy() {
    let names = Mutants.all.map(\.name)
    for name in names {
      #expect(name.wholeMatch(of: /[a-z0-9]+\.[a-z0-9-]+/) != nil, "\(name)")
    }
    for mutant in Mutants.all {
      let rights = mutant.mutations.map(\.mistake.right).filter { !$0.isEmpty }
      #expect(Set(rights).count == 1, "\(mutant.name) has the remedies \(rights)")
    }
    let identities = Mutants.mutations.map { $0.mistake.name + " " + $0.operation + " " + $0.mistake.wrong }
    #expect(Set(identities).count == identities.count)
    let operations = Set(Operations.all.map(\.name))
    for mutation in Mutants.mutations {
      #expect(operations.contains(mutation.operation), "\(mutation.mistake.name): no operation \(mutation.operation)")
    }
  }

  // Every area of the method has its mistakes.
  @Test(arguments: [
    "and", "aug", "augment", "batchnorm", "block", "convolution", "cp", "crop", "encoder", "entropy", "evaluate",
    "head",
    "iic", "jitter", "l2norm", "linear", "loss", "matmul", "memory", "neighbour", "normalise", "normfc", "philox",
    "pool",
    "relu", "resize", "rng", "schedule", "sgd", "sobel", "softmax", "ue", "bank", "grey", "heads", "initial", "kmeans",
    "rand", "top", "vote",
  ])
  func invariantEveryAreaHasMutants(area: String) { #expect(Mutants.all.contains { $0.name.hasPrefix(area + ".") }) }

  // The words of a layer's case name a mistake, and the case catches it by ten bounds.
  @Test func wrongLayersAreTenBoundsAwayWhereverACaseNamesThem() throws {
    for casePrompt in try layerPrompts() {
      let (question, scales) = (try Question(casePrompt.prompt), try casePrompt.scales())
      #expect(!casePrompt.catches.isEmpty, "\(casePrompt.slug)")
      for words in casePrompt.catches {
        let found = Mutants.mutations.filter {
          $0.mistake.wrong == words && $0.operation == casePrompt.prompt.operation
        }
        #expect(found.count == 1, "\(casePrompt.slug): \(found.count) mutations are called \"\(words)\"")
        guard let mutation = found.first, let answer = try mutation.answer(question) else { continue }
        let ratio = worstRatio(question.right.merging(answer) { $1 }, question.right, scales).ratio
        #expect(ratio >= 10, "\(casePrompt.slug): \"\(words)\" is only \(ratio) bounds away")
      }
    }
  }

  // The mutants of sequences share one trace; without a mistake it must be right.
  @Test func invariantTheRightVariantIsRight() throws {
    for casePrompt in try layerPrompts() where casePrompt.prompt.operation == "batch-norm-sequence" {
      let question = try Question(casePrompt.prompt)
      let answer = try #require(try rightSequence.answer(question))
      let ratio = worstRatio(answer, question.right, try casePrompt.scales(), unit: 0x1p-52).ratio
      #expect(ratio <= 1, "\(casePrompt.slug): \(ratio)")
    }
  }

  // An answer is whole, and one that makes no difference is none.
  @Test func workedExampleOfAnAnswer() throws {
    let x = Tensor<Double>(rows: [[3, 4]])
    let prompt = Prompt(
      operation: "l2-normalisation", inputs: ["x": .real(x), "y.cotangent": .real(Tensor<Double>(rows: [[1, 0]]))])
    let question = try Question(prompt)
    let answer = try #require(try Mutants.named("l2norm.magnitudes").answer(question))
    #expect(answer["y"] == .real(Tensor<Double>(rows: [[3 / 7.0, 4 / 7.0]])))
    #expect(answer["x.gradient"] == question.right["x.gradient"])
    #expect(try Mutants.named("l2norm.no-epsilon").answer(question) == nil)
    #expect(try Mutants.named("aug.no-stop-gradient").answer(question) == nil)
    #expect(throws: OracleError.self) { try Mutants.named("l2norm.nonsense") }
  }
}
