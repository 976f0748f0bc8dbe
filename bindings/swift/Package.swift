// swift-tools-version: 6.0

import Foundation
import PackageDescription

// The native library comes in one of two forms: an XCFramework, made by make-xcframework.sh for Apple's platforms,
// or the static library in `lib`, built for this machine, which is what Linux uses.
let xcframework = "WildfireChatMessageFFI.xcframework"
let hasXCFramework = FileManager.default.fileExists(atPath: "\(Context.packageDirectory)/\(xcframework)")

let native: Target =
    hasXCFramework
    ? .binaryTarget(name: "WildfireChatMessageFFI", path: xcframework)
    : .systemLibrary(name: "WildfireChatMessageFFI", path: "Sources/WildfireChatMessageFFI")

// What the native library itself links to; on Linux the C library is enough.
let systemLibraries: [LinkerSetting] = [
    .linkedFramework("CoreFoundation", .when(platforms: [.macOS, .iOS])),
    .linkedFramework("Security", .when(platforms: [.macOS, .iOS])),
]
let localLibrary: [LinkerSetting] = [
    .unsafeFlags(["-L\(Context.packageDirectory)/lib"]),
    .linkedLibrary("wildfirechat_message"),
]

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
            linkerSettings: systemLibraries + (hasXCFramework ? [] : localLibrary)
        ),
        // Of the checkout alone.
        .executableTarget(
            name: "WildfireChatMessageDemo",
            dependencies: ["WildfireChatMessage"],
            path: "examples/demo"
        ),
        .executableTarget(
            name: "WildfireChatMessageRobot",
            dependencies: ["WildfireChatMessage"],
            path: "examples/robot"
        ),
        .testTarget(
            name: "WildfireChatMessageTests",
            dependencies: [
                "WildfireChatMessage", "WildfireChatMessageRobot", "WildfireChatMessageTestProgram",
            ]
        ),
        .executableTarget(
            name: "WildfireChatMessageTestProgram",
            dependencies: ["WildfireChatMessage"],
            path: "Tests/Program"
        ),
        // So far.
    ]
)
