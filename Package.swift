// swift-tools-version: 6.3
// An older Swift says so in one sentence. From 6.2 on a package with unsafe flags may be depended on by version.
import Foundation
import PackageDescription

// TSUC_PROCESSOR=portable|avx2|avx512 chooses the instructions of Kernels; without it, those of the machine that builds.
// They decide the width of the vectors, and no bit of a result: every width runs the same chain of fused multiply-adds.
// Only on x86-64 without AVX2 (portable) the chain is multiply, then add. TSUC_PORTABLE=1 is an older name of portable.
let builds = ["portable", "avx2", "avx512"]
let offered: Set<String> = {
  let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let flags = information.split(separator: "\n").first { $0.hasPrefix("flags") } ?? ""
  let features = Set(flags.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init))
  if !features.isSuperset(of: ["avx2", "fma"]) { return ["portable"] }
  return features.contains("avx512f") ? ["portable", "avx2", "avx512"] : ["portable", "avx2"]
}()

func setting(_ name: String) -> String? {
  Context.environment[name].flatMap { $0.isEmpty ? nil : $0 }
}
let isPortable = setting("TSUC_PORTABLE").map { $0 != "0" } ?? false
let wished = setting("TSUC_PROCESSOR") ?? (isPortable ? "portable" : nil)
let processor = wished ?? builds.last { offered.contains($0) } ?? "portable"

// A manifest has no way to say a sentence and end; the path of a target is told back as it stands.
var complaint: String?
if !builds.contains(processor) {
  complaint =
    "TSUC_PROCESSOR is \"\(processor)\" and must be one of \(builds.joined(separator: ", "))"
} else if !offered.contains(processor) {
  complaint =
    "TSUC_PROCESSOR is \(processor), which this machine lacks; it has \(offered.sorted().joined(separator: ", "))"
} else if isPortable && processor != "portable" {
  complaint = "TSUC_PORTABLE and TSUC_PROCESSOR=\(processor) contradict each other; set one of them"
}

var definitions: [SwiftSetting] = []
var instructions: [SwiftSetting] = []
if processor != "portable" {
  definitions.append(.define("FUSED"))
  instructions.append(.unsafeFlags(["-Xcc", "-mavx2", "-Xcc", "-mfma"]))
}
if processor == "avx512" {
  definitions.append(.define("WIDE"))
  instructions.append(.unsafeFlags(["-Xcc", "-mavx512f"]))
}

let common: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

// Debug builds optimise the sources too: an unoptimised kernel is a thousand times slower, and people type `swift test`.
// The tests only call them, and compile in half the time without, in either configuration.
let tests = common + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
let source = common + [.unsafeFlags(["-O"], .when(configuration: .debug))]
// Command lines and texts: no loop of theirs is worth the time that the optimiser takes.
let text = common + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let targets: [Target] = [
  .target(
    name: "InstructionSets", path: "Sources/Kernels/InstructionSets",
    swiftSettings: source + definitions),
  .target(
    name: "Kernels", path: complaint ?? "Sources/Kernels", exclude: ["InstructionSets"],
    swiftSettings: source + definitions + instructions),
  .target(name: "Networks", dependencies: ["Kernels"], swiftSettings: source),
  .target(
    name: "Images", dependencies: ["Kernels"], resources: [.copy("../../Fixtures/data")],
    swiftSettings: source),
  .target(
    name: "TwoStage", dependencies: ["Kernels", "Networks", "Images"], swiftSettings: source),
  .target(
    name: "Oracle", dependencies: ["Kernels", "Networks", "Images", "TwoStage"],
    swiftSettings: source),
  .target(name: "Commands", dependencies: ["InstructionSets", "Kernels", "Images"], swiftSettings: text),
  .target(
    name: "Explain", dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Commands"],
    swiftSettings: text),
  .executableTarget(
    name: "tsuc",
    dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Commands", "Explain"],
    swiftSettings: text),
  .executableTarget(
    name: "tsuc-oracle",
    dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Commands", "Explain", "Oracle"],
    swiftSettings: text),
  .target(
    name: "TestSupport", dependencies: ["InstructionSets", "Kernels", "Networks", "Commands"],
    path: "Tests/Support",
    swiftSettings: tests),
  .testTarget(
    name: "KernelsTests", dependencies: ["InstructionSets", "Kernels"], swiftSettings: tests),
  .testTarget(
    name: "NetworksTests", dependencies: ["Kernels", "Networks", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "ImagesTests", dependencies: ["Kernels", "Images", "TestSupport"], swiftSettings: tests),
  .testTarget(
    name: "TwoStageTests",
    dependencies: ["Kernels", "Networks", "Images", "TwoStage", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "OracleTests",
    dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Oracle", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "CommandsTests", dependencies: ["Kernels", "Commands", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "ExplainTests",
    dependencies: ["Kernels", "Networks", "Commands", "Explain", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "tsucTests",
    dependencies: [
      "tsuc", "InstructionSets", "Kernels", "Networks", "Images", "TwoStage", "Commands",
      "TestSupport",
    ],
    swiftSettings: tests),
  .testTarget(
    name: "tsuc-oracleTests",
    dependencies: [
      "tsuc", "tsuc-oracle", "Kernels", "Networks", "Images", "TwoStage", "Commands", "Explain",
      "Oracle", "TestSupport",
    ], swiftSettings: tests),
]

// TSUC_TARGETS="KernelsTests NetworksTests" leaves out all targets but these and what they need: `swift test` compiles every
// target that there is, whatever its --filter.
var wanted = setting("TSUC_TARGETS").map { Set($0.split(separator: " ").map(String.init)) }
while let names = wanted {
  let dependencies = targets.filter { names.contains($0.name) }.flatMap(\.dependencies)
  let needed = names.union(
    dependencies.compactMap { if case .byNameItem(let name, _) = $0 { name } else { nil } })
  if needed == names { break }
  wanted = needed
}

let package = Package(
  name: "tsuc",
  products: wanted != nil
    ? []
    : [
      .library(name: "Kernels", targets: ["Kernels", "InstructionSets"]),
      .library(name: "Networks", targets: ["Networks"]),
      .library(name: "Images", targets: ["Images"]),
      .library(
        name: "TwoStage", targets: ["Kernels", "InstructionSets", "Networks", "Images", "TwoStage"]),
      .library(name: "Oracle", targets: ["Oracle"]),
      .executable(name: "tsuc", targets: ["tsuc"]),
      .executable(name: "tsuc-oracle", targets: ["tsuc-oracle"]),
    ],
  targets: targets.filter { wanted?.contains($0.name) ?? true },
  swiftLanguageModes: [.v6]
)
