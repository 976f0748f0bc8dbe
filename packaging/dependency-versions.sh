#!/bin/bash
# Builds and tests the library with other versions of its dependencies than those of Cargo.lock, in a copy of the checkout.
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

# The library alone: the tools beside it ask for versions of their own, and nobody ships them.
sed -i.bak 's/^members = .*/members = []/' Cargo.toml
rm Cargo.lock
if [ "$1" = minimal ]; then
    # Of the dependencies of dependencies, the newest: what those ask for is their own business.
    RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
else
    cargo update --quiet
fi
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$project/target/versions-$1}
cargo test --quiet --package wildfirechat-message --features bindings --lib
echo "good with the $1 versions"
