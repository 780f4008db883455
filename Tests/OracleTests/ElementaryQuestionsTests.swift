import Kernels
import Networks
import Testing

@testable import Oracle

/// The operations of a trace, asked alone, answer what the trace has.
@Suite("Elementary questions")
struct ElementaryQuestionsTests {
  @Test(arguments: [
    "step/stage-one-step-two-streams", "step/stage-two-step-two-streams", "step/stage-one-step-embedding-space",
    "encoder/encoder-two-streams", "block/residual-block-stride-2-odd", "loss/stage-one-loss-all-terms",
    "loss/stage-two-loss-three-heads",
  ]) func invariantOneOperationAloneAnswersTheSame(id: String) throws {
    let item = try ownCorpus.get().load(id)
    let trace = try #require(DiagnosticTrace(item.prompt))
    var asked: [String: Int] = [:]
    _ = trace.outputs { site, recorded in
      let step = TraceStep(prompt: item.prompt, site: site, recorded: recorded)
      guard let elementary = step.elementary else { return nil }
      guard let question = try? Question(elementary.prompt),
        let found = elementary.tensor(in: question.right, like: site.value.shape)
      else {
        Issue.record("\(id): \(site.name) by \(site.operation) cannot be asked alone")
        return nil
      }
      asked[site.operation, default: 0] += 1
      let size = site.value.values.reduce(1e-300) { max($0, abs($1)) }
      let apart = zip(found.values, site.value.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(apart <= 1e-11 * size, "\(id): \(site.name) by \(site.operation) is \(apart) of \(size) apart")
      return nil
    }
    let isLoss = id.hasPrefix("loss/")
    #expect(asked.count >= (isLoss ? 3 : 6), "\(asked)")
  }
}
