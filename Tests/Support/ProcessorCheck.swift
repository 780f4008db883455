// Before any test: a processor without this build's instructions gets a sentence, where a test would die of the first one.
import Foundation
import InstructionSets

/// Run by the loader, before the test runner's own start.
@section(".init_array") @used
private let checkTheProcessor: @convention(c) () -> Void = {
  guard let refusal = InstructionSet.refusal(advising: "swift test") else { return }
  FileHandle.standardError.write(Data("tsuc: \(refusal)\n".utf8))
  exit(1)
}
