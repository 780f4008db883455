import Files
import Kernels
import Networks
import Testing
import TwoStage

@testable import Oracle

@Suite("The losses as one first writes them down")
struct TextbookLossesTests {
  // The textbook's formulas are legal wherever no probability is within rounding of 0 or 1.
  @Test func invariantTextbookFormulasStayInside() throws {
    var met = 0
    for casePrompt in try corpusPrompts(in: "loss") {
      guard let answer = try textbook(casePrompt) else { continue }
      let (ratio, name) = worstRatio(answer, try casePrompt.answer(as: Double.self), try casePrompt.scales())
      #expect(ratio <= 1, "\(casePrompt.slug): \(name) is \(ratio) bounds away")
      met += 1
    }
    #expect(met >= 30)
  }

  // Which is what the edge is about.
  @Test(arguments: ["antipodal-pairs", "identical-negative", "small-temperature"])
  func wrongDigitsOfTheTextbookAreOutside(slug: String) throws {
    let casePrompt = try #require(try corpusPrompts(in: "edge").first { $0.slug == "batch-loss-" + slug })
    let answer = try #require(try textbook(casePrompt))
    #expect(!(worstRatio(answer, try casePrompt.answer(as: Double.self), try casePrompt.scales()).ratio <= 10))
  }

  /// The answer of the formulas of TextbookLosses.swift in Float, where they have one.
  private func textbook(_ casePrompt: CasePrompt) throws -> [String: TensorValue]? {
    let prompt = casePrompt.prompt
    guard prompt.parameters["reduction"] == nil, prompt.parameters["denominator"] == nil else { return nil }
    switch prompt.operation {
    case "instance-neighbourhood":
      let lists = prompt.neighbourLists()
      let found = TextbookBankLoss().neighbourhood(
        try prompt.tensor("logits", as: Float.self), images: try prompt.integers("images"),
        members: { [$0] + (lists?[$0] ?? []) })
      return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
    case "unification-entropy" where prompt.parameters["ownLogit"] == nil:
      let found = TextbookBankLoss().entropy(
        try prompt.tensor("logits", as: Float.self), images: try prompt.integers("images"))
      return ["loss": .number(found.loss), "logits.gradient": .real(found.gradient)]
    case "batch-loss":
      // Below temperature 0.1 most rows' Q is within rounding of 0 or 1.
      guard try casePrompt.area == "edge" || prompt.number("temperature", default: 0.1) >= 0.1 else { return nil }
      let loss = TextbookBatchLoss(
        temperature: try prompt.number("temperature", default: 0.1),
        weight: try prompt.number("negativeWeight", default: 1),
        stopsGradient: try prompt.bool("stopsGradient", default: true))
      let found = loss.evaluate(try prompt.tensor("rows", as: Float.self))
      return ["loss": .number(found.loss), "rows.gradient": .real(found.gradient)]
    case "relation-loss": return try directRelations(prompt)
    case "mutual-information":
      return textbookInformation(
        try prompt.tensor("first", as: Float.self), try prompt.tensor("second", as: Float.self),
        weight: try prompt.number("marginalEntropyWeight", default: 1),
        symmetrised: try prompt.bool("symmetrised", default: true))
    default: return nil
    }
  }

  /// The relation loss from vectors as long as the bank.
  private func directRelations(_ prompt: Prompt) throws -> [String: TensorValue] {
    let (embeddings, bank): (Tensor<Float>, Tensor<Float>) = (
      try prompt.tensor("embeddings"), try prompt.tensor("bank")
    )
    let loss = BatchLoss(
      temperature: Float(try prompt.number("temperature", default: 0.1)),
      negativeWeight: Float(try prompt.number("negativeWeight", default: 1)),
      stopsGradient: try prompt.bool("stopsGradient", default: true))
    func arrays(_ rows: Tensor<Float>) -> [[Float]] { (0..<rows.rows).map { Array(rows.row($0)) } }
    let found = referenceRelationLoss(arrays(embeddings), bank: arrays(bank)) { r in
      let found = loss.evaluate(Tensor(rows: r))
      return (found.loss, arrays(found.rowsGradient))
    }
    return ["loss": .number(found.loss), "embeddings.gradient": .real(Tensor(rows: found.gradient))]
  }
}
