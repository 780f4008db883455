// Metamorphic relations: what must hold between a backend's own answers to related prompts, whatever the right answers are.
//
// They need no golden values, and so reach sizes that no corpus holds. Both answers may round, so a relation allows the sum
// of their bounds. A relation that holds proves little; one that fails proves a mistake.
// Tests    OracleTests/RelationTests.swift, OracleTests/RelationMutantsTests.swift
import Kernels

/// One relation.
public struct Relation: Sendable {
  /// The name, in lower case with hyphens; the area of its prompts.
  package let name: String
  /// What must hold, in one line.
  package let summary: String
  /// The mistakes that break it.
  package let catches: [String]
  /// The largest size: beyond it, bounds would take too long to compute.
  package let largest: Int
  /// The outputs that it looks at.
  let outputs: [String]
  /// The prompts by role.
  let prompts: @Sendable (RelationDrawing) -> [String: Prompt]
  /// Holds the answers against each other.
  let judge: @Sendable (RelationDrawing, RelationAnswers, inout RelationJudgement) -> Void

  /// The smallest size of all.
  package static let smallest = 2

  /// All of them.
  public static let all: [Relation] =
    viewSwapRelations + permutationRelations + rotationRelations + duplicationRelations + informationRelations
    + rowRelations + batchNormRelations + productRelations + convolutionRelations

  /// The relation of a name; throws if there is none.
  package static func named(_ name: String) throws(OracleError) -> Relation {
    guard let relation = all.first(where: { $0.name == name }) else {
      throw OracleError("there is no relation \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
    }
    return relation
  }

  /// The prompts of a size as cases: area and name of the relation, "size-N-ROLE".
  package func prompts(size: Int) -> [CasePrompt] {
    prompts(RelationDrawing(size: size)).sorted { $0.key < $1.key }.map { role, prompt in
      CasePrompt(
        area: name, slug: "size-\(size)-\(role)", summary: "\(summary); size \(size), \(role)", catches: catches,
        prompt: prompt)
    }
  }
}
