// The checker's report as JSON, for programs that read it. Infinite ratios and values that are no numbers are text.
//
// Schema   Fixtures/corpus/schema/report.schema.json
// Tests    OracleTests/CheckerTests.swift
import Networks

extension CheckReport {
  /// The bytes of a report file.
  public var encoded: [UInt8] {
    let counts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0.rawValue, JSON.integer(count($0))) })
    return Array(
      JSON.object([
        "corpus": .text(corpus), "draft": .truth(isDraft), "backend": .text(capability.backend),
        "version": .text(capability.version), "scalar": .text(capability.scalar), "profile": .text(profile.rawValue),
        "passed": .truth(passed), "problems": .list(problems.map { .text($0) }), "total": .integer(cases.count),
        "counts": .object(counts), "cases": .list(cases.map(\.json)),
      ]).pretty.utf8)
  }
}

extension CaseReport {
  fileprivate var json: JSON {
    .object([
      "id": .text(id), "verdict": .text(verdict.rawValue), "note": .text(note), "tensors": .list(tensors.map(\.json)),
    ])
  }
}

extension TensorReport {
  fileprivate var json: JSON {
    func number(_ number: Double) -> JSON { number.isFinite ? .number(number) : .text("\(number)") }
    var members: [String: JSON] = [
      "name": .text(name), "verdict": .text(verdict.rawValue), "ratio": number(ratio), "note": .text(note),
    ]
    if let worst {
      members["index"] = .list(worst.index.map { .integer($0) })
      members["value"] = number(worst.value)
      members["expected"] = number(worst.stored)
    }
    return .object(members)
  }
}
