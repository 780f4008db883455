// Which instructions a build uses without asking, and whether this processor has them.
//
// A module of its own, compiled without any processor flag: what is asked before the first wide instruction must not
// be compiled to one. The processor itself answers, because an emulator shows its host's /proc/cpuinfo; the system is
// asked as well, because it may withhold what the processor has.
// Tests    KernelsTests/InstructionSetTests.swift
import Foundation

#if arch(x86_64)
  import _Builtin_intrinsics.intel.cpuid
#endif

/// The instructions that a build of `Kernels` uses: the values of the environment variable `TSUC_PROCESSOR`.
public enum InstructionSet: String, CaseIterable, Sendable, Comparable {
  /// Those that every processor of the architecture has; x86-64 then multiplies and adds in two roundings.
  case portable
  /// AVX2 and fused multiply-add.
  case avx2
  /// AVX-512 (F) as well.
  case avx512

  /// The one that this build was made for.
  public static var ofBuild: InstructionSet {
    #if WIDE
      .avx512
    #elseif FUSED
      .avx2
    #else
      .portable
    #endif
  }

  /// The widest that this processor and its system offer.
  public static var ofThisProcessor: InstructionSet {
    let offered = Self.offered
    return allCases.last { $0.features.allSatisfy(offered.contains) } ?? .portable
  }

  /// Why this build cannot run here, and what to do: one sentence, or nil if it can.
  ///
  /// To be asked before anything else of `Kernels`, which would end the process by an illegal instruction.
  public static var refusal: String? { refusal(advising: "swift build\(configuration)") }

  /// The same with another command than `swift build` to follow.
  package static func refusal(advising command: String) -> String? {
    refusal(of: ofBuild, where: offered, advising: command)
  }

  /// The same for any build and any processor.
  static func refusal(of build: InstructionSet, where offered: Set<String>, advising command: String) -> String? {
    let missing = build.features.filter { !offered.contains($0) }
    if missing.isEmpty { return nil }
    let best = allCases.last { $0.features.allSatisfy(offered.contains) } ?? .portable
    return "this build (\(build)) needs a processor with \(build.features.joined(separator: ", ")), and this one lacks "
      + "\(missing.joined(separator: ", ")); build for it with: TSUC_PROCESSOR=\(best) \(command)"
  }

  /// Narrower before wider.
  public static func < (first: InstructionSet, second: InstructionSet) -> Bool {
    first.features.count < second.features.count
  }

  /// Its features beyond the architecture's own, as /proc/cpuinfo spells them.
  var features: [String] {
    switch self {
    case .portable: []
    case .avx2: ["avx2", "fma"]
    case .avx512: ["avx2", "fma", "avx512f"]
    }
  }

  private static var configuration: String {
    #if DEBUG
      ""
    #else
      " -c release"
    #endif
  }

  /// What the processor has and the system does not withhold.
  private static var offered: Set<String> {
    let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    guard let allowed = text.flatMap(features(inProcessorInformation:)) else { return processorFeatures }
    return processorFeatures.intersection(allowed)
  }

  /// The flags in the text of a /proc/cpuinfo; nil where it has none.
  static func features(inProcessorInformation text: String) -> Set<String>? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return nil }
    return Set(line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
  }

  /// What the processor says of itself.
  private static var processorFeatures: Set<String> {
    #if arch(x86_64)
      var (a, b, c, d): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
      var features: Set<String> = []
      // Leaf 1: fused multiply-add is bit 12 of ecx. Leaf 7: AVX2 and AVX-512 F are bits 5 and 16 of ebx.
      if unsafe __get_cpuid_count(1, 0, &a, &b, &c, &d) == 1, c >> 12 & 1 == 1 { features.insert("fma") }
      if unsafe __get_cpuid_count(7, 0, &a, &b, &c, &d) == 1 {
        if b >> 5 & 1 == 1 { features.insert("avx2") }
        if b >> 16 & 1 == 1 { features.insert("avx512f") }
      }
      return features
    #else
      return []
    #endif
  }
}
