import Networks
import Testing

@Suite("Learning-rate schedule")
struct LearningRateScheduleTests {
  /// The tables of the released program: stage 1 (200 epochs, base 0.03) and stage 2 (300 epochs, base 0.01).
  @Test func workedExamplePaper() {
    func rates(_ schedule: LearningRateSchedule, _ epochs: [Int]) -> [Double] {
      epochs.map { schedule.rate(epoch: $0, of: 300, base: 1) }
    }
    let epochs = [0, 79, 80, 119, 120, 159, 160, 199, 200, 239, 240, 279, 280, 299]
    let released: [Double] = [1, 1, 1, 1, 0.1, 0.1, 1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5]
    let supplement: [Double] = [1, 1, 0.1, 0.1, 1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5, 1e-6, 1e-6]
    for (actual, expected) in zip(
      rates(.released, epochs) + rates(.supplement, epochs), released + supplement)
    {
      #expect(abs(actual - expected) <= 1e-15 * expected)
    }
  }

  @Test func workedExampleISIF() {
    let rates = [0, 119, 120, 159, 160, 199, 200, 300].map {
      LearningRateSchedule.isif.rate(epoch: $0, of: 301, base: 2)
    }
    let factors = [1, 1, 0.1, 0.1, 0.05, 0.05, 0.01, 0.01]
    #expect(rates == factors.map { 2 * $0 })
  }

  /// 6 epochs: 3.6 and 4.8, so four at the base; 60 epochs: drops at 36 and 48.
  @Test func workedExampleFractions() {
    let short = (0..<6).map { LearningRateSchedule.fractions.rate(epoch: $0, of: 6, base: 1) }
    #expect(short == [1, 1, 1, 1, 0.1, 0.1 * 0.1])
    let long = [35, 36, 47, 48].map { LearningRateSchedule.fractions.rate(epoch: $0, of: 60, base: 0.5) }
    #expect(long == [0.5, 0.05, 0.05, 0.05 * 0.1])
  }

  @Test func invariantNeverRises() {
    for schedule in LearningRateSchedule.allCases {
      let rates = (0..<250).map { schedule.rate(epoch: $0, of: 250, base: 0.3) }
      #expect(rates[0] == 0.3)
      #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 })
    }
    #expect(LearningRateSchedule.constant.rate(epoch: 249, of: 250, base: 0.3) == 0.3)
  }

  // Saved runs and prompts have the older names; both are read, the newer one is written.
  @Test func workedExampleOfNames() {
    #expect(LearningRateSchedule(rawValue: "paper") == .released)
    #expect(LearningRateSchedule(rawValue: "paperFromEpoch80") == .supplement)
    #expect(LearningRateSchedule(rawValue: "cosine") == nil)
    for schedule in LearningRateSchedule.allCases {
      #expect(LearningRateSchedule(rawValue: schedule.rawValue) == schedule)
    }
    #expect(
      LearningRateSchedule.allCases.map(\.rawValue) == ["constant", "released", "supplement", "isif", "fractions"])
  }

  @Test func stopsOutsideTheEpochs() async {
    await #expect(processExitsWith: .failure) { _ = LearningRateSchedule.released.rate(epoch: 6, of: 6, base: 1) }
  }
}
