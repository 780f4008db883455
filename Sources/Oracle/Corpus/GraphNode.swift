// The graph of a case: which tensors are computed from which.
// Tests    OracleTests/CaseDescriptionTests.swift

/// One operation of a computation, as an edge from the tensors that it reads to those that it writes.
package struct GraphNode: Codable, Sendable, Equatable {
  /// Names of inputs and of tensors that earlier edges wrote.
  package var from: [String]
  /// Names of the tensors that this operation writes.
  package var to: [String]
  /// What it does, in lower case with hyphens: "convolution", "add".
  package var operation: String

  /// An edge.
  package init(from: [String], to: [String], operation: String) {
    self.from = from
    self.to = to
    self.operation = operation
  }
}
