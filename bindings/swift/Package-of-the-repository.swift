// swift-tools-version: 6.2

import PackageDescription

// The native library is not built here: each release has it as one archive a processor, in a bundle that Swift 6.2 and
// later take. `cargo xtask package swift` writes where it lies, and its checksum.
NATIVE_LIBRARY

let package = Package(
    name: "WildfireChatMessage",
    platforms: [.macOS(.v10_15), .iOS(.v13)],
    products: [
        .library(name: "WildfireChatMessage", targets: ["WildfireChatMessage"])
    ],
    targets: [
        native,
        .target(
            name: "WildfireChatMessage",
            dependencies: ["WildfireChatMessageFFI"],
            linkerSettings: [
                .linkedFramework("CoreFoundation", .when(platforms: [.macOS, .iOS])),
                .linkedFramework("Security", .when(platforms: [.macOS, .iOS])),
            ]
        ),
    ]
)
