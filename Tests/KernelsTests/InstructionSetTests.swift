import Kernels
import Testing

@testable import InstructionSets

@Suite("Instruction sets")
struct InstructionSetTests {
  private static let wide: Set<String> = ["sse2", "avx2", "fma", "avx512f"]

  @Test func workedExampleOfProcessorsThatFit() {
    for build in InstructionSet.allCases {
      #expect(InstructionSet.refusal(of: build, where: Self.wide, advising: "swift build") == nil)
    }
    #expect(InstructionSet.refusal(of: .portable, where: [], advising: "swift build") == nil)
    #expect(InstructionSet.refusal(of: .avx2, where: ["avx2", "fma"], advising: "swift build") == nil)
  }

  /// A build, what a processor offers, and what is said.
  private static let refusals: [(build: InstructionSet, offered: Set<String>, sentence: String)] = [
    (
      .avx512, ["avx2", "fma"],
      """
      this build (avx512) needs a processor with avx2, fma, avx512f, and this one lacks avx512f; \
      build for it with: TSUC_PROCESSOR=avx2 swift build -c release
      """
    ),
    (
      .avx512, ["avx512f"],
      """
      this build (avx512) needs a processor with avx2, fma, avx512f, and this one lacks avx2, fma; \
      build for it with: TSUC_PROCESSOR=portable swift build -c release
      """
    ),
    (
      .avx2, ["avx2"],
      """
      this build (avx2) needs a processor with avx2, fma, and this one lacks fma; \
      build for it with: TSUC_PROCESSOR=portable swift build -c release
      """
    ),
  ]

  @Test func workedExampleOfProcessorsThatLackSomething() {
    for (build, offered, sentence) in Self.refusals {
      #expect(InstructionSet.refusal(of: build, where: offered, advising: "swift build -c release") == sentence)
    }
  }

  @Test func workedExampleOfTheSystemsList() {
    #expect(
      InstructionSet.features(inProcessorInformation: "processor : 0\nflags\t\t: fpu avx2 fma\n")?
        .isSuperset(of: ["fpu", "avx2", "fma"]) == true)
    #expect(InstructionSet.features(inProcessorInformation: "processor : 0\nFeatures : fp asimd\n") == nil)
    #expect(InstructionSet.features(inProcessorInformation: "") == nil)
  }

  @Test func invariantThisProcessorRunsThisBuild() {
    #expect(InstructionSet.refusal == nil)
    #expect(InstructionSet.ofBuild <= InstructionSet.ofThisProcessor)
    #expect(InstructionSet.portable < .avx2 && InstructionSet.avx2 < .avx512)
  }

  // The width of the vectors and the rounding of a chain are those of the build that is told.
  @Test func invariantTheBuildIsTheOneThatIsTold() {
    #if arch(x86_64)
      #expect(Arithmetic.isFused == (InstructionSet.ofBuild != .portable))
      let sizes: [InstructionSet: Int] = [.portable: 16, .avx2: 32, .avx512: 64]
      #expect(MemoryLayout<Float.Vector>.size == sizes[InstructionSet.ofBuild])
    #endif
  }
}
