// What this process has taken of the system's memory, as the system tells it.
// Tests    tsucTests/ProcessMemoryTests.swift
import Foundation

/// The largest resident memory of this process since the last reset, as Linux tells it.
package enum PeakMemory {
  /// In bytes; nil where there is no /proc.
  package static var bytes: Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }.map { 1024 * $0 }
  }

  /// Begins anew; where that is not allowed, later figures are those of the largest work so far.
  package static func reset() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }
}

/// The pages of memory, 4 KiB each on most machines, that the system has given to this process so far.
package enum FreshPages {
  /// Page faults that read nothing from a disk; nil where there is no /proc.
  ///
  /// Each is the first touch of a page.
  package static var count: Int? {
    // The name of the program, in parentheses, may hold spaces; `minflt` is the eighth field behind it.
    guard let line = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
      let end = line.lastIndex(of: ")")
    else { return nil }
    let fields = line[end...].split(separator: " ").dropFirst()
    return fields.dropFirst(7).first.flatMap { Int($0) }
  }
}
