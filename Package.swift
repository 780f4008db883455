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

/// What is wrong with a setting, if anything is.
var complaint: String?
if !builds.contains(processor) {
  complaint = "TSUC_PROCESSOR is \"\(processor)\" and must be one of \(builds.joined(separator: ", "))"
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
// The oracle calls them too: unoptimised it compiles in a fifth of the time, and its tests take as long as before.
// The tests only call them, and compile in half the time without, in either configuration.
let tests = common + [.unsafeFlags(["-Onone"], .when(configuration: .release))]
let source = common + [.unsafeFlags(["-O"], .when(configuration: .debug))]
// Command lines and texts: no loop of theirs is worth the time that the optimiser takes.
let text = common + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

var targets: [Target] = [
  .target(
    name: "InstructionSets", path: "Sources/Kernels/InstructionSets",
    swiftSettings: source + definitions),
  .target(
    name: "Kernels", path: "Sources/Kernels", exclude: ["InstructionSets"],
    swiftSettings: source + definitions + instructions),
  .target(name: "Files", swiftSettings: source),
  .target(name: "Networks", dependencies: ["Files", "Kernels"], swiftSettings: source),
  .target(
    name: "Images", dependencies: ["Files", "Kernels"], resources: [.copy("../../Fixtures/data")],
    swiftSettings: source),
  .target(name: "Evaluation", dependencies: ["Kernels", "Networks"], swiftSettings: source),
  .target(
    name: "TwoStage", dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation"], swiftSettings: source),
  .target(
    name: "Oracle", dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage"],
    swiftSettings: common),
  .target(name: "Commands", dependencies: ["InstructionSets", "Files", "Kernels", "Images"], swiftSettings: text),
  .target(
    name: "Explain", dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Commands"],
    swiftSettings: text),
  .executableTarget(
    name: "tsuc",
    dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Commands", "Explain"],
    swiftSettings: text),
  .executableTarget(
    name: "tsuc-oracle",
    dependencies: [
      "Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Commands", "Explain", "Oracle",
    ], swiftSettings: text),
  .target(
    name: "TestSupport", dependencies: ["InstructionSets", "Files", "Kernels", "Networks", "Commands"],
    path: "Tests/Support",
    swiftSettings: tests),
  .testTarget(
    name: "KernelsTests", dependencies: ["InstructionSets", "Kernels"], swiftSettings: tests),
  .testTarget(name: "FilesTests", dependencies: ["Files", "Kernels", "TestSupport"], swiftSettings: tests),
  .testTarget(
    name: "NetworksTests", dependencies: ["Files", "Kernels", "Networks", "TestSupport"], swiftSettings: tests),
  .testTarget(
    name: "ImagesTests", dependencies: ["Files", "Kernels", "Images", "TestSupport"], swiftSettings: tests),
  .testTarget(
    name: "EvaluationTests", dependencies: ["Kernels", "Networks", "Evaluation", "TestSupport"], swiftSettings: tests),
  .testTarget(
    name: "TwoStageTests",
    dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "TestSupport"],
    swiftSettings: tests),
  .testTarget(
    name: "OracleTests",
    dependencies: ["Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Oracle", "TestSupport"],
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
      "tsuc", "InstructionSets", "Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Commands",
      "TestSupport",
    ],
    swiftSettings: tests),
  .testTarget(
    name: "tsuc-oracleTests",
    dependencies: [
      "tsuc", "tsuc-oracle", "Files", "Kernels", "Networks", "Images", "Evaluation", "TwoStage", "Commands", "Explain",
      "Oracle", "TestSupport",
    ], swiftSettings: tests),
]

// TSUC_TARGETS="KernelsTests NetworksTests" leaves out all targets but these and what they need: `swift test` compiles every
// target that there is, whatever its --filter.
if let names = setting("TSUC_TARGETS") {
  var wanted = Set(names.split(separator: " ").map(String.init))
  if let unknown = wanted.subtracting(targets.map(\.name)).min() {
    complaint = "TSUC_TARGETS names \(unknown); there are \(targets.map(\.name).joined(separator: ", "))"
  }
  // Every target stands behind those that it needs, so one way back finds all.
  for target in targets.reversed() where wanted.contains(target.name) {
    wanted.formUnion(target.dependencies.compactMap { if case .byNameItem(let name, _) = $0 { name } else { nil } })
  }
  targets.removeAll { !wanted.contains($0.name) }
}

// A manifest has no way to say a sentence and end; the path of a target that is not there is told back as it stands.
if let complaint { targets = [.target(name: "Settings", path: complaint)] }

func library(_ name: String, _ modules: String...) -> Product { .library(name: name, targets: modules) }
let products = [
  library("Kernels", "Kernels", "InstructionSets"), library("Files", "Files"), library("Networks", "Networks"),
  library("Images", "Images"), library("Evaluation", "Evaluation"),
  library("TwoStage", "Kernels", "InstructionSets", "Files", "Networks", "Images", "Evaluation", "TwoStage"),
  library("Oracle", "Oracle"),
  .executable(name: "tsuc", targets: ["tsuc"]), .executable(name: "tsuc-oracle", targets: ["tsuc-oracle"]),
]
let isWhole = complaint == nil && setting("TSUC_TARGETS") == nil

let package = Package(name: "tsuc", products: isWhole ? products : [], targets: targets, swiftLanguageModes: [.v6])
