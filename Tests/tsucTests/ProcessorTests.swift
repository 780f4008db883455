import Testing

@testable import tsuc

@Suite("Processor")
struct ProcessorTests {
  @Test func workedExampleOfAProcessorThatFits() throws {
    try Processor.check("processor : 0\nflags\t\t: fpu avx2 fma sse\n", required: ["avx2", "fma"])
    try Processor.check("processor : 0\n", required: ["avx2"])
    try Processor.check("", required: ["avx2"])
    try Processor.check("flags : fpu\n", required: [])
  }

  @Test func workedExampleOfAProcessorThatLacksOne() {
    #expect(
      throws: RunError(
        "this build needs a processor with avx2, fma, and this one lacks fma; build again on this machine, "
          + "or with TSUC_PORTABLE=1 for any machine")
    ) { try Processor.check("flags\t\t: fpu avx2\n", required: ["avx2", "fma"]) }
  }

  @Test func invariantThisProcessorRunsThisBuild() throws { try Processor.check() }
}
