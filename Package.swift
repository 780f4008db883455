// swift-tools-version: 6.2
// Tools version 6.2 is the first under which a package with unsafe flags may be depended on by version.
import Foundation
import PackageDescription

// The processor decides the width of the vectors in Kernels, never the bits of a result: every width runs the same
// chain of fused multiply-adds. TSUC_PORTABLE=1 builds without processor flags; then the chain is multiply, then add.
let processor = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
let features = Set(
  processor.split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ").map(String.init) ?? [])
let portable = !["", "0"].contains(Context.environment["TSUC_PORTABLE"] ?? "")

var kernelSettings: [SwiftSetting] = []
if !portable && features.isSuperset(of: ["avx2", "fma"]) {
  kernelSettings += [.unsafeFlags(["-Xcc", "-mavx2", "-Xcc", "-mfma"]), .define("FUSED")]
  if features.contains("avx512f") {
    kernelSettings += [.unsafeFlags(["-Xcc", "-mavx512f"]), .define("WIDE")]
  }
}
#if arch(arm64)
  if !portable { kernelSettings.append(.define("FUSED")) }
#endif

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

let package = Package(
  name: "tsuc",
  products: [
    .library(name: "TwoStage", targets: ["Kernels", "Networks", "Images", "TwoStage", "Oracle"]),
    .executable(name: "tsuc", targets: ["tsuc"]),
  ],
  targets: [
    .target(name: "Kernels", swiftSettings: source + kernelSettings),
    .target(name: "Networks", dependencies: ["Kernels"], swiftSettings: source),
    .target(
      name: "Images", dependencies: ["Kernels"], resources: [.copy("../../Fixtures/data")], swiftSettings: source),
    .target(name: "TwoStage", dependencies: ["Kernels", "Networks", "Images"], swiftSettings: source),
    .target(name: "Oracle", dependencies: ["Kernels", "Networks", "Images", "TwoStage"], swiftSettings: source),
    .executableTarget(
      name: "tsuc", dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Oracle"], swiftSettings: source),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "Oracle"], swiftSettings: tests),
    .testTarget(name: "NetworksTests", dependencies: ["Kernels", "Networks", "Oracle"], swiftSettings: tests),
    .testTarget(name: "ImagesTests", dependencies: ["Kernels", "Images"], swiftSettings: tests),
    .testTarget(
      name: "TwoStageTests", dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Oracle"],
      swiftSettings: tests),
    .testTarget(
      name: "OracleTests", dependencies: ["Kernels", "Networks", "Images", "TwoStage", "Oracle"], swiftSettings: tests),
    .testTarget(
      name: "tsucTests", dependencies: ["tsuc", "Kernels", "Networks", "Images", "TwoStage", "Oracle"],
      swiftSettings: tests),
  ],
  swiftLanguageModes: [.v6]
)
