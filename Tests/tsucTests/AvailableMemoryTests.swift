import Commands
import Testing

@Suite("Memory that is free")
struct AvailableMemoryTests {
  private static let memory = "MemTotal:       24000000 kB\nMemAvailable:   20000000 kB\n"
  private static let limits = "Limit                     Soft Limit           Hard Limit           Units     \n"

  @Test func workedExamples() {
    func bytes(
      _ memory: String?, limits: String? = nil, status: String? = nil, limit: String? = nil, usage: String? = nil
    ) -> Int? {
      AvailableMemory.bytes(memory: memory, limits: limits, status: status, groupLimit: limit, groupUsage: usage)
    }
    #expect(bytes(Self.memory) == 20_480_000_000)
    #expect(bytes(nil) == nil)
    // A container's limit, and none.
    #expect(bytes(Self.memory, limit: "2000000000\n", usage: "500000000\n") == 1_500_000_000)
    #expect(bytes(Self.memory, limit: "2000000000\n", usage: "2500000000\n") == 0)
    #expect(bytes(Self.memory, limit: "max\n", usage: "500000000\n") == 20_480_000_000)
    // `ulimit -v`.
    let limited = Self.limits + "Max address space         4000000000           unlimited            bytes     \n"
    #expect(bytes(Self.memory, limits: limited, status: "VmSize:\t  1000000 kB\n") == 2_976_000_000)
    let unlimited = Self.limits + "Max address space         unlimited            unlimited            bytes     \n"
    #expect(bytes(Self.memory, limits: unlimited, status: "VmSize:\t  1000000 kB\n") == 20_480_000_000)
  }

  @Test func thisMachineHasSome() throws {
    guard let bytes = AvailableMemory.bytes else { return }
    #expect(bytes > 1_000_000)
  }
}
