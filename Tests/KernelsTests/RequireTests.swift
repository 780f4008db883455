import Kernels
import Testing

@Suite("Require")
struct RequireTests {
  @Test func invariantPassesWithoutBuildingTheMessage() {
    var built = 0
    func message() -> String {
      built += 1
      return "never"
    }
    require(true, message())
    #expect(built == 0)
  }

  @Test func stopsWithItsMessage() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      require(1 > 2, "one is \(1) and two is \(2)")
    }
    let output = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(output.contains("one is 1 and two is 2"))
  }
}
