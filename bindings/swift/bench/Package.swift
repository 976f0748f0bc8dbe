// swift-tools-version: 6.0

import PackageDescription

// The measurements: `cargo xtask bench swift` puts the package that they measure there, and builds and runs them.
let package = Package(
    name: "WildfireChatMessageBench",
    platforms: [.macOS(.v10_15)],
    dependencies: [.package(path: "../../../target/swift/release/WildfireChatMessage")],
    targets: [
        .executableTarget(
            name: "WildfireChatMessageBench",
            dependencies: [.product(name: "WildfireChatMessage", package: "WildfireChatMessage")],
            path: "Sources/Bench"
        )
    ]
)
