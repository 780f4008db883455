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

/// The memory that this process may still take.
package enum AvailableMemory {
  /// In bytes: what the system has free, or what a container or the shell's limit leaves of it; nil where nothing tells it.
  package static var bytes: Int? {
    func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    return bytes(
      memory: text("/proc/meminfo"), limits: text("/proc/self/limits"), status: text("/proc/self/status"),
      groupLimit: text("/sys/fs/cgroup/memory.max") ?? text("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
      groupUsage: text("/sys/fs/cgroup/memory.current") ?? text("/sys/fs/cgroup/memory/memory.usage_in_bytes"))
  }

  /// The least of what these files of Linux leave: the machine's memory, `ulimit -v` and the control group.
  package static func bytes(
    memory: String?, limits: String?, status: String?, groupLimit: String?, groupUsage: String?
  ) -> Int? {
    func number(after name: String, in text: String?) -> Int? {
      let line = text?.split(separator: "\n").first { $0.hasPrefix(name) }
      return line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
    func whole(_ text: String?) -> Int? { text.flatMap { Int($0.filter { !$0.isWhitespace }) } }
    var known: [Int] = []
    if let free = number(after: "MemAvailable:", in: memory) { known.append(1024 * free) }
    if let space = number(after: "Max address space", in: limits), let taken = number(after: "VmSize:", in: status) {
      known.append(max(0, space - 1024 * taken))
    }
    if let most = whole(groupLimit), let taken = whole(groupUsage) { known.append(max(0, most - taken)) }
    return known.min()
  }
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
