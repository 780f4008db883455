// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "PlainBackend",
  // In a package of your own: .package(url: "…", from: "1.0.0").
  dependencies: [.package(name: "tsuc", path: "../../..")],
  targets: [
    .target(name: "PlainBackend", dependencies: [.product(name: "Oracle", package: "tsuc"), .product(name: "Networks", package: "tsuc")]),
    .testTarget(
      name: "PlainBackendTests", dependencies: ["PlainBackend", .product(name: "Oracle", package: "tsuc"), .product(name: "Networks", package: "tsuc")]),
  ]
)
