#!/bin/bash
# Builds what is shipped (the library, the program, the library of the packages) and runs its unit tests with other versions of the
# dependencies than those of Cargo.lock, in a copy of the checkout.
#
#   packaging/dependency-versions.sh minimal   the oldest that Cargo.toml's own lines allow
#   packaging/dependency-versions.sh newest    the newest that they allow
set -euo pipefail

case ${1:-} in
    minimal | newest) ;;
    *) echo "usage: $0 minimal|newest" >&2; exit 2 ;;
esac

project=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git -C "$project" archive HEAD | tar -x -C "$work"
cd "$work"

# Without the tools beside it: those ask for versions of their own, and nobody ships them.
sed -i.bak 's/^members = .*/members = ["cli", "native"]/' Cargo.toml
rm Cargo.lock
if [ "$1" = minimal ]; then
    # Of the dependencies of dependencies, the newest: what those ask for is their own business.
    RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
else
    cargo update --quiet
fi
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$project/target/versions-$1}
# The selection of what `cargo xtask package` builds (xtask/src/native.rs).
cargo test --quiet --lib --package wildfirechat-message --package wildfirechat-message-cli --package wildfirechat-message-native
echo "good with the $1 versions"
