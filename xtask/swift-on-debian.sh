#!/bin/bash
# Puts Swift 6 on a Debian machine. `cargo xtask test` runs it where Swift is missing.
#
# A Debian that packages Swift 6 (trixie and later) gets the package. An older one gets trixie's Swift in a folder of
# its own, beside the system, which stays as it is: about 2 minutes and 2.6 GB, nothing to do when it is there.
# The command `swift-trixie`, which is a copy of this script, then runs any command in that folder:
#
#   swift-trixie swift test      in any git checkout; files have the same paths inside and outside
#
# To be rid of it: rm -rf --one-file-system /opt/swift-trixie /usr/local/bin/swift-trixie
set -euo pipefail

# Where `chroot` and its like are, which not everybody has on the path.
PATH=$PATH:/usr/sbin:/sbin
root=${SWIFT_ROOT:-/opt/swift-trixie}
wrapper=${SWIFT_WRAPPER:-/usr/local/bin/swift-trixie}

main() {
    [ "$(id -u)" = 0 ] || fail "this has to be run as root"
    if [[ $0 == *.sh ]]; then
        [ $# = 0 ] || fail "this takes no arguments: it installs Swift"
        install_swift
    elif [ "${1:-}" = --in-a-namespace ]; then
        run_command "${@:2}"
    elif [ $# -gt 0 ]; then
        # The mounts that the command needs are made in a namespace of its own: nobody else sees them, and they
        # end with it.
        exec unshare --mount --propagation private "$0" --in-a-namespace "$@"
    else
        fail "name a command, such as: $(basename "$0") swift test"
    fi
}

install_swift() {
    . /etc/os-release
    [ "$ID" = debian ] || fail "this is ${NAME:-not Debian}: see https://www.swift.org/install/"

    apt-get -qq update
    local candidate
    candidate=$(LC_ALL=C apt-cache policy swiftlang | sed -n 's/^  Candidate: //p')
    if [ -n "$candidate" ] && dpkg --compare-versions "$candidate" ge 6; then
        # Without the C library's headers nothing compiles, and the package does not ask for them.
        apt_install swiftlang libc6-dev
        swift --version
        return
    fi

    unshare --mount true 2>/dev/null ||
        fail "root may not mount here; in a container, that takes: --cap-add SYS_ADMIN --security-opt apparmor=unconfined"
    # One at a time.
    mkdir -p "$(dirname "$root")"
    exec 9>"$root.lock"
    flock 9
    [ -e "$root/.ready" ] || make_root
    install -m 755 "$0" "$wrapper"
    try_it
    echo "Swift is ready: $wrapper swift --version"
}

# A Debian trixie with Swift and little else, in $root.
make_root() {
    local free
    free=$(df --output=avail --block-size=1G "$(dirname "$root")" | tail -n 1)
    [ "$free" -ge 4 ] || fail "$(dirname "$root") has $free GB left; the installation takes 4 GB for a while"
    command -v mmdebstrap >/dev/null || apt_install mmdebstrap debian-archive-keyring

    # The mirror that this machine's own Debian comes from has trixie too.
    local mirror
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1)
    [ -n "$mirror" ] || fail "apt knows no Debian mirror"

    # mmdebstrap does not read this machine's apt settings: it is told those on which reaching the mirror depends.
    local settings=() name value
    for name in Acquire::http::Proxy Acquire::https::Proxy Acquire::https::CAInfo \
        Acquire::Check-Valid-Until Acquire::Check-Date; do
        value=$(apt-config dump --format '%v' "$name")
        [ -z "$value" ] || settings+=(--aptopt="$name \"$value\"")
    done

    rm -rf --one-file-system "$root.new" "$root"
    mmdebstrap --mode=root --variant=minbase \
        --include=swiftlang,libc6-dev,ca-certificates \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        "${settings[@]}" \
        --aptopt='Acquire::Retries "5"' --aptopt='Acquire::Languages "none"' \
        --dpkgopt=force-unsafe-io \
        --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
        trixie "$root.new" "deb $mirror trixie main" ||
        fail "trixie could not be installed from $mirror"
    touch "$root.new/.ready"
    # Last, so that a folder that looks ready is ready.
    mv "$root.new" "$root"
}

# A program that needs Foundation compiles and runs.
try_it() {
    local folder
    folder=$(mktemp -d)
    # The name is gone by then: it is this function's own.
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
    cd "$folder"
    echo 'import Foundation; print(String(decoding: try JSONEncoder().encode(["swift": 6]), as: UTF8.self))' >try.swift
    local output
    output=$("$wrapper" sh -c 'swiftc -swift-version 6 try.swift && ./try')
    [ "$output" = '{"swift":6}' ] || fail "the trial program printed: $output"
}

# Runs a command in $root, at the caller's own folder.
run_command() {
    # Without /proc the compiler does not find its own libraries.
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    local checkout folder
    checkout=$(git rev-parse --show-toplevel 2>/dev/null || pwd -P)
    for folder in "$checkout" /tmp; do
        mkdir -p "$root$folder"
        mount --bind "$folder" "$root$folder"
    done
    mkdir -p "$root$HOME"
    [ ! -e /etc/resolv.conf ] || cat /etc/resolv.conf >"$root/etc/resolv.conf"

    local variables=(HOME="$HOME" LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin:/usr/libexec/swift/bin)
    local name
    for name in TERM CI RUST_BACKTRACE; do
        [ -z "${!name:-}" ] || variables+=("$name=${!name}")
    done
    exec chroot "$root" env -i "${variables[@]}" sh -c 'cd "$0" && exec "$@"' "$(pwd -P)" "$@"
}

apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
}

fail() {
    echo "swift-on-debian: $*" >&2
    exit 1
}

main "$@"
