import Commands
import Files
import Networks
import Testing

@testable import tsuc

@Suite("Sealed files")
struct SealedFileTests {
  private static func file(session: String? = "9 s") -> SafetensorsFile {
    var file = SafetensorsFile(metadata: ["format": "x"])
    file.metadata["session"] = session
    file.append(Tensor<Float>(shape: [2], values: [1, 2]), named: "a")
    return file
  }

  @Test func invariantASealBreaksWithAnyChange() {
    var sealed = Self.file()
    #expect(!sealed.isSealUnbroken)
    sealed.seal()
    #expect(sealed.isSealUnbroken)
    for key in ["format", "session", "digest", "session digest", "other"] {
      for value in [nil, "changed"] where sealed.metadata[key] != value {
        var changed = sealed
        changed.metadata[key] = value
        #expect(!changed.isSealUnbroken, "\(key) \(value ?? "removed")")
      }
    }
    var longer = sealed
    longer.append(Tensor<Float>(shape: [0]), named: "b")
    #expect(!longer.isSealUnbroken)
    var withoutSession = Self.file(session: nil)
    withoutSession.seal()
    #expect(withoutSession.isSealUnbroken)
  }

  // Two sessions of one training differ in times; what is learnt is the same and so is its digest.
  @Test func invariantTheDigestDoesNotDependOnTheSession() {
    var (first, second) = (Self.file(), Self.file(session: "10 s"))
    first.seal()
    second.seal()
    #expect(first.metadata["digest"] == second.metadata["digest"])
    #expect(first.metadata["session digest"] != second.metadata["session digest"])
  }
}
