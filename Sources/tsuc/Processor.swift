// Whether this processor can run this build. A build with processor flags uses its instructions without asking.
// Tests    tsucTests/ProcessorTests.swift
import Foundation
import Kernels

/// What the machine offers.
enum Processor {
  /// Stops where the processor lacks instructions that the build uses.
  static func check() throws(RunError) {
    let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    try check(information, required: Arithmetic.requiredFeatures)
  }

  /// The same for the text of a /proc/cpuinfo; a text without flags proves nothing and passes.
  static func check(_ information: String, required: [String]) throws(RunError) {
    guard let flags = information.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return }
    let offered = Set(flags.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
    let missing = required.filter { !offered.contains($0) }
    if missing.isEmpty { return }
    throw RunError(
      "this build needs a processor with \(required.joined(separator: ", ")), and this one lacks "
        + "\(missing.joined(separator: ", ")); build again on this machine, or with TSUC_PORTABLE=1 for any machine")
  }
}

extension Version {
  /// Which of the two arithmetics the build has.
  static var arithmetic: String {
    Arithmetic.isFused ? "fused arithmetic" : "portable arithmetic: last bits differ from fused builds"
  }
}
