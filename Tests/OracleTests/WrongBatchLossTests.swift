import Files
import Kernels
import Networks
import Testing
import TwoStage

@testable import Oracle

@Suite("The batch loss with a mistake")
struct WrongBatchLossTests {
  private func rows(_ count: Int, _ columns: Int, seed: Int = 1) -> Tensor<Double> {
    var stream = RandomStream(seed: UInt32(seed), purpose: .test)
    let values = (0..<count * columns).map { _ in stream.uniform(-1, 1) as Double }
    return L2Normalisation().forward(Tensor(shape: [count, columns], values: values)).output
  }

  private func wrong(
    _ temperature: Double, _ weight: Double, stops: Bool = true, mean: Bool = true, _ mistake: WrongBatchLoss.Mistake?
  ) throws -> WrongBatchLoss {
    let prompt = Prompt(
      operation: "batch-loss",
      parameters: [
        "temperature": .number(temperature), "negativeWeight": .number(weight), "stopsGradient": .bool(stops),
        "reduction": .string(mean ? "mean" : "sum"),
      ], inputs: [:])
    return try #require(try WrongBatchLoss(prompt, rows: 8, mistake: mistake))
  }

  // Without a mistake it is the loss, at every temperature: where Q is near 1 as well.
  @Test(arguments: [0.005, 0.05, 0.1, 1, 10], [1.0, 3]) func withoutAMistakeItIsRight(
    temperature: Double, weight: Double
  )
    throws
  {
    let rows = rows(8, 5)
    for (stops, mean) in [(true, true), (false, true), (true, false)] {
      let right = BatchLoss<Double>(
        temperature: temperature, negativeWeight: weight, stopsGradient: stops, reduction: mean ? .mean : .sum
      ).evaluate(rows)
      let found = try wrong(temperature, weight, stops: stops, mean: mean, nil).evaluate(rows)
      #expect(abs(found.loss - right.loss) <= 1e-12 * abs(right.loss))
      let size = right.rowsGradient.values.reduce(0) { max($0, abs($1)) }
      for (a, b) in zip(found.gradient.values, right.rowsGradient.values) { #expect(abs(a - b) <= 1e-12 * size) }
    }
  }

  // With one, the gradient is the derivative of the wrong loss, but for the mistake that is in the gradient alone.
  @Test(arguments: WrongBatchLoss.Mistake.allCases) func theGradientIsThatOfTheWrongLoss(
    mistake: WrongBatchLoss.Mistake
  )
    throws
  {
    let (rows, direction) = (rows(8, 5), rows(8, 5, seed: 2))
    let loss = try wrong(0.3, 3, stops: false, mistake)
    let step = 0x1p-17
    let above = loss.evaluate(rows.mapped { $1 + step * direction.values[$0] }).loss
    let below = loss.evaluate(rows.mapped { $1 - step * direction.values[$0] }).loss
    let slope = zip(loss.evaluate(rows).gradient.values, direction.values).reduce(0) { $0 + $1.0 * $1.1 }
    let difference = abs((above - below) / (2 * step) - slope)
    #expect((difference <= 1e-8 * abs(slope)) == (mistake != .gradientOfWeightOne), "\(difference) of \(slope)")
    let right = try wrong(0.3, 3, stops: false, nil).evaluate(rows)
    #expect(loss.evaluate(rows).loss != right.loss || mistake == .gradientOfWeightOne)
  }
}
