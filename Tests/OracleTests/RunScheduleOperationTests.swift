import Files
import Networks
import Testing

@testable import Oracle

@Suite("The schedule of a whole run")
struct RunScheduleOperationTests {
  private func answer(_ parameters: [String: JSON]) throws -> [String: TensorValue] {
    try Question(Prompt(operation: "run-schedule", parameters: parameters, inputs: [:])).right
  }

  // By fractions of 5 epochs the rate falls at 3 and 4, w rises at 2 and 4; of 3 epochs the rate falls at 2 (60 % are 1.8).
  @Test func workedExample() throws {
    let found = try answer([
      "rounds": .integer(2), "epochsPerRound": .integer(5), "stageTwoEpochs": .integer(3), "stageOneRate": .integer(8),
      "stageTwoRate": .integer(4), "stageOneSchedule": .string("fractions"), "stageTwoSchedule": .string("fractions"),
      "entropyWeightStep": .number(0.25), "entropyWeightSchedule": .string("fractions"),
    ])
    let round = [0, 1, 2, 3, 4]
    #expect(found["stages"] == .listOf(Array(repeating: 1, count: 10) + [2, 2, 2]))
    #expect(found["rounds"] == .listOf([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0]))
    #expect(found["epochs"] == .listOf(round + round + [0, 1, 2]))
    #expect(found["streamEpochs"] == .listOf(Array(0..<13)))
    let rates = [8, 8, 8, 8 * 0.1, 8 * 0.1 * 0.1]
    #expect(found["rates"] == .real(Tensor<Double>(shape: [13], values: rates + rates + [4, 4, 4 * 0.1])))
    let weights = [0, 0, 0.25, 0.25, 0.5]
    #expect(found["weights"] == .real(Tensor<Double>(shape: [13], values: weights + weights + [0, 0, 0])))
  }

  // One round of the run is what learning-rate and entropy-weight say of it.
  @Test func invariantRoundsAreThoseOfTheSingleSchedules() throws {
    let found = try answer(["rounds": .integer(3), "epochsPerRound": .integer(170), "stageTwoEpochs": .integer(9)])
    let epochs = JSON.array((0..<170).map { .integer($0) })
    func rates(_ base: Double) throws -> [Double] {
      let prompt = Prompt(
        operation: "learning-rate", parameters: ["base": .number(base), "length": .integer(170), "epochs": epochs],
        inputs: [:])
      return try Question(prompt).output("rates").values
    }
    guard case .real(let all)? = found["rates"] else { return }
    #expect(all.values == (try rates(0.03) + rates(0.03) + rates(0.03) + rates(0.01).prefix(9)))
  }

  @Test func mistakesAreErrors() {
    let long = ["rounds": JSON.integer(1000), "epochsPerRound": .integer(1000), "stageTwoEpochs": .integer(1)]
    expectError("1000 \"rounds\" of 1000 \"epochsPerRound\" and 1 \"stageTwoEpochs\" are more than 1000000 epochs") {
      try answer(long)
    }
    expectError("needs the parameter \"stageTwoEpochs\"") {
      try answer(["rounds": .integer(1), "epochsPerRound": .integer(2)])
    }
  }
}
