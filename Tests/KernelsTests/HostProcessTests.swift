// A library does not change the program that uses it: what the process was before the kernels worked, it is afterwards.
// Every test runs in a process of its own, where nothing else changes what is looked at.
import Foundation
import Testing

@testable import Kernels

/// What all parts of a process share, as the C library and the system tell it.
private struct ProcessSettings: Equatable {
  let environment = ProcessInfo.processInfo.environment
  let folder = FileManager.default.currentDirectoryPath
  let locale = unsafe setlocale(LC_ALL, nil).map { unsafe String(cString: $0) }
  let rounding = fegetround()
  /// The signals that are ignored or caught, all 64 of them, and the permissions that new files lack; none without a /proc.
  let masks = ProcessSettings.status.filter { line in
    ["SigIgn:", "SigCgt:", "Umask:"].contains { line.hasPrefix($0) }
  }

  /// The memory that the process holds at the moment, in bytes; nil where there is no /proc.
  static var residentBytes: Int? {
    let line = status.first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").compactMap { Int($0) }.first.map { 1024 * $0 }
  }

  private static var status: [String] {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    return text.split(whereSeparator: \.isNewline).map { $0.replacingOccurrences(of: "\t", with: " ") }
  }
}

@Suite("The process of whoever uses the kernels")
struct HostProcessTests {
  /// Work that takes threads and little working memory.
  private static func smallWork() {
    Parallel.threadCount = 4
    let shape = ConvolutionShape(
      batch: 4, inputChannels: 8, outputChannels: 8, height: 16, width: 16, kernelHeight: 3, kernelWidth: 3, stride: 1,
      padding: 1)
    let images = [Float](repeating: 1, count: shape.inputCount)
    _ = convolve(images, weight: [Float](repeating: 1, count: shape.weightCount), shape: shape)
  }

  /// Work that takes 16 MiB of working memory for the packed rows.
  private static func largeWork() {
    let tall = [Float](repeating: 1, count: 4096 * 1024)
    let factor = [Float](repeating: 1, count: 4096 * 16)
    var product = [Float](repeating: 0, count: 1024 * 16)
    multiplyMatrices(tall, factor, into: &product, rows: 1024, columns: 16, depth: 4096, transposeA: true)
  }

  @Test func invariantSettingsStayAsTheyWere() async {
    await #expect(processExitsWith: .success) {
      let before = ProcessSettings()
      HostProcessTests.smallWork()
      HostProcessTests.largeWork()
      exit(ProcessSettings() == before ? 0 : 2)
    }
  }

  @Test func invariantStandardStreamsAreNotUsed() async throws {
    let result = await #expect(
      processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
    ) { HostProcessTests.smallWork() }
    let outcome = try #require(result)
    #expect(outcome.standardOutputContent.isEmpty && outcome.standardErrorContent.isEmpty)
  }

  // 40 MiB: the GNU library maps arrays of more than 32 MiB by themselves, and so hands them back, unless it is told to keep
  // them. Little work before: beside much memory in use it would give a second heap, and hand back the whole of that.
  @Test func invariantFreedMemoryGoesBack() async {
    await #expect(processExitsWith: .success) {
      HostProcessTests.smallWork()
      guard let before = ProcessSettings.residentBytes else { exit(0) }
      var array = [UInt8](repeating: 1, count: 40 << 20)
      guard array.last == 1, let full = ProcessSettings.residentBytes, full - before > 20 << 20 else { exit(2) }
      array = []
      exit((ProcessSettings.residentBytes ?? 0) - before < 10 << 20 ? 0 : 3)
    }
  }

  @Test func invariantWorkingMemoryCanBeReleased() async {
    await #expect(processExitsWith: .success) {
      HostProcessTests.largeWork()
      // The packed rows, and an eighth more; the other wishes are small.
      guard (18 << 20..<32 << 20).contains(WorkingMemory.idleByteCount) else { exit(2) }
      let before = ProcessSettings.residentBytes
      WorkingMemory.release()
      guard WorkingMemory.idleByteCount == 0 else { exit(3) }
      guard let before, let after = ProcessSettings.residentBytes else { exit(0) }
      exit(before - after > 12 << 20 ? 0 : 4)
    }
  }

  // Each helper stays awake for a moment after its work: as many as are wanted, one after the other, would take seconds.
  @Test func invariantHelpersAreNoMoreThanProcessors() async {
    await #expect(processExitsWith: .success) {
      Parallel.threadCount = 4096
      Parallel.forEachBlock(4096) { _ in }
      exit(ThreadTeam.awakeCount <= ThreadTeam.limit ? 0 : 2)
    }
  }
}
