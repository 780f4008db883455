import Networks
import Oracle
import Testing

@Suite("Operations")
struct OperationTests {
  @Test func workedExampleOfNames() throws {
    #expect(try Operations.named("sgd").area == "optimiser")
    let error = #expect(throws: OracleError.self) { _ = try Operations.named("adam") }
    #expect(error?.description.hasPrefix("there is no operation \"adam\"; did you mean ") == true)
    #expect(error.map { $0.description.count <= 300 } == true)
  }

  @Test func invariantOperationsAreToldApart() {
    let names = Operations.all.map(\.name)
    #expect(Set(names).count == names.count)
    for operation in Operations.all {
      #expect(operation.name.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "-" }, "\(operation.name)")
      #expect(!operation.formula.isEmpty && !operation.area.isEmpty, "\(operation.name)")
    }
  }

  @Test(arguments: Operations.all.map(\.name)) func invariantEveryOperationHasACase(name: String) throws {
    #expect(try corpusPrompts.get().contains { $0.prompt.operation == name })
  }

  // An empty prompt is a wrong one for every operation.
  @Test(arguments: Operations.all.map(\.name)) func mistakesAreErrors(name: String) throws {
    let operation = try Operations.named(name)
    let empty = Prompt(operation: name, inputs: [:])
    #expect(throws: OracleError.self) { _ = try operation.answer(empty, as: Float.self) }
  }
}
