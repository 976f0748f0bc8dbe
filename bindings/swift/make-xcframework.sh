#!/bin/bash
# Makes the XCFramework with which the Swift package builds for macOS and iOS. Untried so far: it was written without
# a Mac at hand.
#
#   cargo xtask package --target aarch64-apple-darwin swift
#   bindings/swift/make-xcframework.sh target/package/swift
#
# The argument is the folder with the header in `include`; the XCFramework and its archive are written beside that. Beside
# the Package.swift of a checkout's package, that one takes it; in a release, the packed repository names it. Needs Xcode,
# and these Rust targets:
#
#   rustup target add aarch64-apple-darwin x86_64-apple-darwin aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios
set -euo pipefail

[ $# = 1 ] || { echo "usage: $0 FOLDER" >&2; exit 2; }
[ "$(uname)" = Darwin ] || { echo "$0: an XCFramework can only be made on macOS" >&2; exit 1; }

folder=$(cd "$1" && pwd)
project=$(cd "$(dirname "$0")/../.." && pwd)
headers=$folder/include
framework=$folder/WildfireChatMessageFFI.xcframework
[ -e "$headers/module.modulemap" ] || { echo "$0: $folder has no include/module.modulemap" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The static library of one platform, for all its processors in one file.
library() {
    local platform=$1 target
    shift
    local parts=()
    for target in "$@"; do
        (cd "$project" && cargo build --package wildfirechat-message-native --lib --release --target "$target")
        parts+=("$project/target/$target/release/libwildfirechat_message_native.a")
    done
    mkdir "$work/$platform"
    lipo -create "${parts[@]}" -output "$work/$platform/libwildfirechat_message.a"
}

library macos aarch64-apple-darwin x86_64-apple-darwin
library ios aarch64-apple-ios
library ios-simulator aarch64-apple-ios-sim x86_64-apple-ios

rm -rf "$framework" "$framework.zip"
xcodebuild -create-xcframework \
    -library "$work/macos/libwildfirechat_message.a" -headers "$headers" \
    -library "$work/ios/libwildfirechat_message.a" -headers "$headers" \
    -library "$work/ios-simulator/libwildfirechat_message.a" -headers "$headers" \
    -output "$framework"
ditto -c -k --keepParent "$framework" "$framework.zip"
echo "made $framework.zip"
