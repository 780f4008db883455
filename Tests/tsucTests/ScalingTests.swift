// The law is found through points that obey one; the forecast is the arithmetic that it says it is.
import Commands
import Foundation
import TestSupport
import Testing
import TwoStage

@testable import tsuc

@Suite("Scaling")
struct ScalingTests {
  // 3 x^1.5 at four sizes, to the rounding of a handful of logarithms.
  @Test func workedExampleOfAPowerLaw() {
    let law = PowerLaw(through: [1.0, 4, 9, 16].map { ($0, 3 * pow($0, 1.5)) })
    #expect(abs(law.exponent - 1.5) < 1e-14 && abs(law.factor - 3) < 1e-13)
    #expect(abs(law.cost(of: 100) - 3000) < 1e-9)
  }

  // One point off by a factor pulls the slope: ln 2 · (x − mean) / Σ (x − mean)² for the outermost of three.
  @Test func workedExampleOfLeastSquares() {
    let law = PowerLaw(through: [(1, 1), (2, 2), (4, 8)])
    #expect(abs(law.exponent - 1.5) < 1e-14)
    #expect(abs(law.factor - pow(2, 4.0 / 3 - 1.5)) < 1e-14)
  }

  // 1 ms an image and stream, 1 µs a row of the bank, 1 ns per pair of rows: a step takes 2 · 0.256 + 0.05 s.
  // Stage 1: 5 · 200 epochs of 390 steps and 5 discoveries of 2.5 s; stage 2: 300 · 390 steps of 0.512 s.
  @Test func workedExampleOfTheForecast() {
    func law(_ cost: @escaping (Double) -> Double) -> PowerLaw { PowerLaw(through: [(1, cost(1)), (2, cost(2))]) }
    let forecast = Forecast(
      [
        ScalingSeries.batch.name: law { 1e-3 * $0 }, ScalingSeries.bank.name: law { 1e-6 * $0 },
        ScalingSeries.discovery.name: law { 1e-9 * $0 * $0 },
      ], memory: [(8, 180e6), (64, 740e6)])
    #expect(abs(forecast.stepSeconds - 0.562) < 1e-9)
    #expect(abs(forecast.stageOneHours - (390_000 * 0.562 + 12.5) / 3600) < 1e-6)
    #expect(abs(forecast.stageTwoHours - 117_000 * 0.512 / 3600) < 1e-6)
    // 10 MB an image beside 100 MB: 2 · (100 + 2560) MB.
    #expect(abs((forecast.stepBytes ?? 0) - 5.32e9) < 1)
  }

  @Test func invariantSeriesGrow() {
    #expect(Set(ScalingSeries.all.map(\.name)).count == ScalingSeries.all.count)
    for series in ScalingSeries.all { #expect(series.sizes.count >= 4 && series.sizes == series.sizes.sorted()) }
  }

  @Test(arguments: [["scaling", "--repeats", "0"], ["scaling", "--threads", "10000"], ["scaling", "x"]])
  func stopsAtAMistake(arguments: [String]) {
    let recorder = ConsoleRecorder()
    #expect(Main.program.run(arguments, on: recorder.console()) == 2)
    #expect(recorder.noted.hasPrefix("tsuc: ") && recorder.noted.split(separator: "\n").count == 1)
    #expect(recorder.written.isEmpty)
  }
}
