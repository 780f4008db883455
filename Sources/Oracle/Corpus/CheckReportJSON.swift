// The checker's report as JSON, for programs that read it. Infinite ratios and values that are no numbers are text.
//
// Schema   Fixtures/corpus/schema/report.schema.json
// Tests    OracleTests/CheckerTests.swift
import Files
import Networks

extension CheckReport {
  /// The bytes of a report file.
  package var encoded: [UInt8] {
    let counts = Dictionary(uniqueKeysWithValues: Verdict.allCases.map { ($0.rawValue, JSON.integer(count($0))) })
    return Array(
      JSON.object([
        "corpus": .string(corpus), "draft": .bool(isDraft), "backend": .string(capability.backend),
        "version": .string(capability.version), "scalar": .string(capability.scalar),
        "convolutions": .string(capability.convolutions.rawValue),
        "storage": .array(capability.arithmetic(in: profile).storage.map(\.rawValue).sorted().map { .string($0) }),
        "profile": .string(profile.rawValue),
        "passed": .bool(passed), "problems": .array(problems.map { .string($0) }), "total": .integer(cases.count),
        "counts": .object(counts), "cases": .array(cases.map(\.json)),
      ]).pretty.utf8)
  }
}

extension CaseReport {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "id": .string(id), "verdict": .string(verdict.rawValue), "note": .string(note),
      "tensors": .array(tensors.map(\.json)),
    ]
    members["diagnosis"] = diagnosis.map {
      .object([
        "mutants": .array($0.mutants.map { .string($0) }), "distance": .ratio($0.distance),
        "forms": .array($0.forms.map { .string($0) }), "parameter": .string($0.parameter ?? ""),
      ])
    }
    members["divergence"] = divergence?.json
    return .object(members)
  }
}

extension Divergence {
  fileprivate var json: JSON {
    .object([
      "first": .array(first.map { .string($0) }), "wanted": .array(wanted.map { .string($0) }),
      "isolated": .array(
        isolated.map { fault in
          .object([
            "tensor": .string(fault.tensor), "operation": .string(fault.operation), "ratio": .ratio(fault.ratio),
            "inputs": .array(fault.inputs.map { .string($0) }), "mutant": .string(fault.mutant ?? ""),
            "form": .string(fault.form ?? ""), "equation": .string(fault.equation ?? ""),
          ])
        }),
    ])
  }
}

extension JSON {
  /// A number, as text where it is none of JSON's.
  ///
  /// What is no number is "nan" whatever its sign and its other bits.
  fileprivate static func ratio(_ number: Double) -> JSON {
    number.isFinite ? .number(number) : .string(number.isNaN ? "nan" : "\(number)")
  }
}

extension TensorReport {
  fileprivate var json: JSON {
    var members: [String: JSON] = [
      "name": .string(name), "verdict": .string(verdict.rawValue), "ratio": .ratio(ratio), "note": .string(note),
    ]
    if let worst {
      members["index"] = .array(worst.index.map { .integer($0) })
      members["value"] = .ratio(worst.value)
      members["expected"] = .ratio(worst.stored)
    }
    return .object(members)
  }
}
