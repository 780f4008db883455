import Files
import Kernels
import Networks
import Testing

@testable import Oracle

@Suite("What a step must leave as it is")
struct ConstantsTests {
  private static func casePrompts() throws -> [CasePrompt] {
    try corpusPrompts(in: "step").filter { $0.prompt.parameters["constants"] == .bool(true) }
  }

  // Heads keep their bits; the filters are 1 and 2 over the channels, and 0 where they are 0.
  @Test func workedExample() throws {
    let all = try Self.casePrompts()
    #expect(Set(all.map(\.prompt.operation)) == ["stage-one-step", "stage-two-step"])
    for casePrompt in all {
      let answer = try casePrompt.answer(as: Float.self)
      let channels = casePrompt.prompt.shape(of: "views")[1]
      guard case .real(let filters)? = answer["streams.1.sobel.weight.new"] else {
        Issue.record("\(casePrompt.slug) has no filters")
        continue
      }
      let taps: [Float] = [1, 0, -1, 2, 0, -2, 1, 0, -1, 1, 2, 1, 0, 0, 0, -1, -2, -1]
      #expect(filters.shape == [2, channels, 3, 3])
      for (i, value) in filters.values.enumerated() {
        #expect(value == Double(taps[i / (9 * channels) * 9 + i % 9] / Float(channels)))
      }
      #expect(answer["heads.new"] == casePrompt.prompt.inputs["heads"], "\(casePrompt.slug)")
    }
  }

  @Test func invariantEverythingElseIsAsWithoutThem() throws {
    for casePrompt in try Self.casePrompts() {
      var bare = casePrompt
      bare.prompt.parameters["constants"] = nil
      let (answer, rest) = (try casePrompt.answer(as: Double.self), try bare.answer(as: Double.self))
      let further = Set(answer.keys).subtracting(rest.keys)
      #expect(further == Set(["heads.new", "streams.1.sobel.weight.new"].filter { answer[$0] != nil }))
      for (name, value) in rest { #expect(answer[name] == value, "\(casePrompt.slug) \(name)") }
    }
  }

  // One step of SGD with Nesterov's momentum from rest: w − rate (1 + momentum) (g + decay w); of heads with decay alone g is 0.
  @Test func workedExampleOfDecayedHeads() throws {
    let casePrompt = try #require(try Self.casePrompts().first { $0.prompt.operation == "stage-two-step" })
    let wrong = try #require(try Mutants.named("head.decayed").answer(Question(casePrompt.prompt)))
    guard case .real(let new)? = wrong["heads.new"] else { return }
    let heads: Tensor<Double> = try casePrompt.prompt.tensor("heads")
    let (rate, decay) = (try casePrompt.prompt.number("learningRate"), try casePrompt.prompt.number("weightDecay"))
    for (before, after) in zip(heads.values, new.values) {
      #expect(abs(after - before * (1 - rate * 1.9 * decay)) <= 0x1p-50 * abs(before))
    }
  }

  // The heads' gradient is that of the mean assignment loss, by differences; far from rectifiers it is almost 0.
  @Test func gradientsOfTrainedHeads() throws {
    let casePrompt = try #require(try corpusPrompts(in: "step").first { $0.slug == "stage-two-step-two-streams" })
    var prompt = casePrompt.prompt
    prompt.parameters["constants"] = .bool(true)
    (prompt.parameters["weightDecay"], prompt.parameters["nesterov"]) = (.integer(0), .bool(false))
    let wrong = try #require(try Mutants.named("head.trained").answer(Question(prompt)))
    guard case .real(let new)? = wrong["heads.new"] else { return }
    let (heads, rate) = (try prompt.tensor("heads", as: Double.self), try prompt.number("learningRate"))
    let (h, moves) = (1e-5, zip(heads.values, new.values).map { abs($0 - $1) })
    let place = try #require(moves.indices.max { moves[$0] < moves[$1] })
    func assignment(_ move: Double) throws -> Double {
      var moved = prompt
      moved.inputs["heads"] = .real(heads.mapped { $0 == place ? $1 + move : $1 })
      return try Question(moved).output("assignment").values[0]
    }
    let slope = (try assignment(h) - assignment(-h)) / (2 * h)
    #expect(abs((heads.values[place] - new.values[place]) / rate - slope) < 1e-7 * max(1, abs(slope)))
    #expect(abs(slope) > 1e-3)
  }
}
