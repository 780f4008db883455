// The checker's report as JSON, for programs that read it. Infinite ratios and values that are no numbers are text.
//
// Schema   Fixtures/corpus/schema/report.schema.json
// Tests    OracleTests/CheckerTests.swift
import Files
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
    var members: [String: JSON] = [
      "id": .text(id), "verdict": .text(verdict.rawValue), "note": .text(note), "tensors": .list(tensors.map(\.json)),
    ]
    members["diagnosis"] = diagnosis.map {
      .object(["mutants": .list($0.mutants.map { .text($0) }), "distance": .ratio($0.distance)])
    }
    members["divergence"] = divergence?.json
    return .object(members)
  }
}

extension Divergence {
  fileprivate var json: JSON {
    .object([
      "first": .list(first.map { .text($0) }), "wanted": .list(wanted.map { .text($0) }),
      "isolated": .list(
        isolated.map { fault in
          .object([
            "tensor": .text(fault.tensor), "operation": .text(fault.operation), "ratio": .ratio(fault.ratio),
            "inputs": .list(fault.inputs.map { .text($0) }), "mutant": .text(fault.mutant ?? ""),
          ])
        }),
    ])
  }
}

extension JSON {
  /// A number, as text where it is none of JSON's.
  fileprivate static func ratio(_ number: Double) -> JSON { number.isFinite ? .number(number) : .text("\(number)") }
}

extension TensorReport {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .text(name), "verdict": .text(verdict.rawValue), "ratio": .ratio(ratio), "note": .text(note),
    ]
    if let worst {
      members["index"] = .list(worst.index.map { .integer($0) })
      members["value"] = .ratio(worst.value)
      members["expected"] = .ratio(worst.stored)
    }
    return .object(members)
  }
}
