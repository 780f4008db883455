import Commands
import Foundation
import TestSupport
import Testing

@testable import tsuc

@Suite("State folder")
struct StateFolderTests {
  private func names(_ run: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: StateFolder.path(of: run)).sorted()
  }

  @Test func workedExampleOfTheNewestThatAreKept() throws {
    try withTemporaryFolder { run in
      let folder = try StateFolder(of: run)
      #expect(StateFolder.states(of: run) == [])
      for steps in [0, 9, 10, 1_000_000_000] { try folder.write([UInt8(steps % 256)], steps: steps, keeping: 3) }
      #expect(
        StateFolder.states(of: run).map { $0.dropFirst(run.count) } == [
          "/states/state-1000000000.safetensors", "/states/state-000000010.safetensors",
          "/states/state-000000009.safetensors",
        ])
      try Data().write(to: URL(fileURLWithPath: run + "/states/state-000000011.safetensors.4711.partial"))
      folder.setAside(StateFolder.states(of: run)[0])
      #expect(
        try names(run) == [
          "lock", "state-000000009.safetensors", "state-000000010.safetensors",
          "state-000000011.safetensors.4711.partial", "state-1000000000.safetensors.damaged",
        ])
      // The same step again replaces its state.
      try folder.write([3], steps: 10, keeping: 3)
      #expect(FileManager.default.contents(atPath: StateFolder.states(of: run)[0]) == Data([3]))
      folder.finish()
      #expect(try names(run) == ["lock", "state-000000010.safetensors"])
    }
  }

  @Test func invariantARunHasOneOwner() throws {
    try withTemporaryFolder { run in
      var folder: StateFolder? = try StateFolder(of: run)
      #expect(folder != nil)
      let owner = ProcessInfo.processInfo.processIdentifier
      #expect(
        throws: RunError("\(run) is in use by another process, \(owner); wait until it has ended or stop it")
      ) { _ = try StateFolder(of: run) }
      folder = nil
      _ = try StateFolder(of: run)
    }
  }

  @Test func invariantAFailureLeavesTheStatesBefore() throws {
    try withTemporaryFolder { run in
      let folder = try StateFolder(of: run)
      try folder.write([1], steps: 1, keeping: 2)
      // A name that is too long for the disk stands for one without room.
      let name = run + "/states/" + String(repeating: "x", count: 300)
      let error = #expect(throws: RunError.self) { try writeDurably(Data([2]), to: name) }
      #expect(error?.description.hasPrefix("\(name) cannot be written: ") == true)
      #expect(try names(run) == ["lock", "state-000000001.safetensors"])
    }
    #expect(throws: RunError.self) { try writeDurably(Data([1]), to: "/dev/null/x") }
    #expect(throws: RunError.self) { _ = try StateFolder(of: "/dev/null") }
  }
}
