#!/usr/bin/env bash
# Puts one exact version of tollgate on the PATH. The action calls it; other CI systems can as well:
#
#   TOLLGATE_REPOSITORY=OWNER/tollgate TOLLGATE_VERSION=0.1.0 TOLLGATE_SHA256=... TOLLGATE_INSTALL_DIR=bin \
#       bash .github/action/install.sh
#
# What is downloaded must have the SHA-256 that TOLLGATE_SHA256 or releases.txt (beside this file) gives; nothing is
# unpacked before. Names of variables that it reads:
#   TOLLGATE_BINARY       a program that is there already: used as it is, nothing is installed
#   TOLLGATE_SKIP         `true`: `tollgate` is on the PATH already
#   TOLLGATE_FROM_SOURCE  `true`: cargo builds the tree that this file lies in
#   TOLLGATE_VERSION      default: the version of this tree
#   TOLLGATE_SHA256       default: the line of releases.txt for version and target
#   TOLLGATE_REPOSITORY   OWNER/NAME on GITHUB_SERVER_URL (https://github.com), whose releases are downloaded
#   TOLLGATE_BASE_URL     instead of it: the address of releases; https, or a loopback address
#   TOLLGATE_INSTALL_DIR  default: a folder in RUNNER_TOOL_CACHE. The program is put into it, beside what is there; an earlier
#                         one is used again only where version, archive and program are those of now
# `install.sh plan` only says what would be done, as `how`, `folder` and `key` in GITHUB_OUTPUT.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
partial="" folder="" made=""
# A folder that was made here and got no program goes again; one with anything in it stays.
trap 'if [ -n "$partial" ]; then rm -rf "$partial"; fi; if [ -n "$made" ]; then rmdir "$folder" 2> /dev/null || :; fi' EXIT

# A message that nothing in it can turn into a command of the runner: one line, and no percent sign is read as an escape.
fail() {
    local text
    text=$(printf '%s' "$1" | tr -d '\000-\010\013-\037\177' | sed 's/%/%25/g' | tr '\n' ' ')
    if [ "${GITHUB_ACTIONS:-}" = true ]; then
        printf '::error title=tollgate is not installed::%s\n' "$text"
    else
        printf 'error: %s\n' "$text" >&2
    fi
    exit 3
}

digest() {
    if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

target() {
    local system machine
    system=${TOLLGATE_UNAME_S:-$(uname -s)}
    machine=${TOLLGATE_UNAME_M:-$(uname -m)}
    case "$machine" in
        x86_64 | amd64) machine=x86_64 ;;
        arm64 | aarch64) machine=aarch64 ;;
        *) fail "there is no build for processors of type $machine; build-from-source: true builds one" ;;
    esac
    case "$system" in
        Linux) echo "$machine-unknown-linux-gnu" ;;
        Darwin) echo "$machine-apple-darwin" ;;
        MINGW* | MSYS* | CYGWIN*) echo "$machine-pc-windows-msvc" ;;
        *) fail "there is no build for $system; build-from-source: true builds one" ;;
    esac
}

# The SHA-256 that the table gives for a version and target; empty when it has none.
listed() {
    awk -v version="$1" -v target="$2" '$1 == version && $2 == target { print $3; exit }' "$here/releases.txt"
}

settle() {
    version=${TOLLGATE_VERSION:-}
    if [ -z "$version" ]; then
        version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$tree/Cargo.toml" | head -n 1)
    fi
    version=${version#v}
    if ! [[ $version =~ ^[0-9A-Za-z.+-]+$ ]]; then fail "version: must be one exact version such as 0.1.0"; fi
    how=download sum="" triple="" key=""
    if [ -n "${TOLLGATE_BINARY:-}" ] || [ "${TOLLGATE_SKIP:-}" = true ]; then
        how=skip
        return
    fi
    triple=$(target) || { printf '%s\n' "$triple"; exit 3; }
    if [ "${TOLLGATE_FROM_SOURCE:-}" = true ]; then
        how=source
        sum=$(cd "$tree" && find Cargo.toml Cargo.lock build.rs src checks -type f | LC_ALL=C sort |
            while IFS= read -r file; do digest "$file"; done | digest | cut -d ' ' -f 1)
    else
        sum=${TOLLGATE_SHA256:-$(listed "$version" "$triple")}
        if [ -z "$sum" ]; then
            fail "no checksum of tollgate $version for $triple is known here: give \`checksum\`, or \`build-from-source: true\`"
        fi
        if ! [[ $sum =~ ^[0-9a-f]{64}$ ]]; then fail "checksum: must be a SHA-256, 64 lower-case hexadecimal digits"; fi
    fi
    key="tollgate-$triple-$how-$sum"
    folder="${RUNNER_TOOL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}/tollgate/$version-$how-${sum:0:16}"
    folder=${TOLLGATE_INSTALL_DIR:-$folder}
    if command -v cygpath > /dev/null; then folder=$(cygpath -u "$folder"); fi
}

download() {
    local base url archive found protocol='=https' repository=${TOLLGATE_REPOSITORY:-${GITHUB_ACTION_REPOSITORY:-}}
    base=${TOLLGATE_BASE_URL:-}
    if [ -z "$base" ]; then
        if ! [[ $repository =~ ^[0-9A-Za-z._-]+/[0-9A-Za-z._-]+$ ]]; then
            fail "where releases are is not known: set TOLLGATE_REPOSITORY to OWNER/NAME, or TOLLGATE_BASE_URL to their address"
        fi
        base=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download
    fi
    case "$base" in
        http://127.0.0.1:*) protocol='=http' ;;
        https://*) ;;
        *) fail "TOLLGATE_BASE_URL: must be an https address" ;;
    esac
    url="$base/v$version/tollgate-$triple.tar.gz"
    archive="$partial/archive.tar.gz"
    curl --proto "$protocol" --fail --location --silent --show-error --retry 3 --connect-timeout 20 --max-time 600 \
        --output "$archive" "$url" || fail "cannot download $url"
    found=$(digest "$archive" | cut -d ' ' -f 1)
    if [ "$found" != "$sum" ]; then
        fail "the archive from $url has the SHA-256 $found, not $sum as promised: nothing of it was unpacked"
    fi
    tar -xzf "$archive" -C "$partial" --strip-components 1 || fail "the archive from $url cannot be unpacked"
    rm "$archive"
}

build() {
    local wanted have cargo=(cargo)
    command -v cargo > /dev/null || fail "build-from-source needs a Rust toolchain: there is no cargo on the PATH"
    # A runner's toolchain may be older than what the program is written in.
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$tree/Cargo.toml" | head -n 1)
    have=$(cargo --version | cut -d ' ' -f 2)
    if [ -n "$wanted" ] && [ "$(printf '%s\n' "$wanted" "$have" | sort -V | head -n 1)" != "$wanted" ]; then
        command -v rustup > /dev/null || fail "build-from-source needs Rust $wanted or later, and here is $have"
        rustup toolchain install "$wanted" --profile minimal --no-self-update ||
            fail "build-from-source needs Rust $wanted or later, and rustup could not install it"
        cargo+=("+$wanted")
    fi
    "${cargo[@]}" install --locked --path "$tree" --root "$partial" --target-dir "$partial/target" ||
        fail "cargo could not build tollgate"
    mv "$partial"/bin/* "$partial"
    rm -rf "${partial:?}/target" "${partial:?}/bin"
}

# What the folder's marker must say for its program to be used again: what was asked for, and the digest of the program.
marked() {
    local program
    for program in "$folder/tollgate" "$folder/tollgate.exe"; do
        if [ -f "$program" ]; then printf '%s %s %s\n' "$version" "$key" "$(digest < "$program" | cut -d ' ' -f 1)"; fi
    done
}

# Puts the program into the folder, which may hold other things as well: only files of its own names are replaced.
place() {
    local name
    if [ ! -d "$folder" ]; then made=true; fi
    mkdir -p "$folder" || fail "cannot make the folder $folder"
    partial=$(mktemp -d "$folder/.tollgate-XXXXXX") || fail "cannot write in the folder $folder"
    if [ "$how" = source ]; then build; else download; fi
    for name in tollgate tollgate.exe; do
        if [ ! -f "$partial/$name" ]; then continue; fi
        if [ -d "$folder/$name" ]; then fail "$folder/$name is a folder: the program cannot be put there"; fi
        chmod 755 "$partial/$name"
        mv -f "$partial/$name" "$folder/$name"
    done
    # Last, and with the program's digest: where another job came between, neither takes the other's program for its own.
    marked > "$partial/marker"
    if [ ! -s "$partial/marker" ]; then fail "there is no program in what was unpacked"; fi
    mv -f "$partial/marker" "$folder/.tollgate-installed"
    rm -rf "$partial"
    partial=""
}

install() {
    if [ "$how" != skip ]; then
        if [ -z "$(marked)" ] || [ "$(marked)" != "$(cat "$folder/.tollgate-installed" 2> /dev/null)" ]; then place; fi
        on_path=$folder
        if command -v cygpath > /dev/null; then on_path=$(cygpath -w "$folder"); fi
        if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$on_path" >> "$GITHUB_PATH"; fi
        PATH="$folder:$PATH"
        printf 'tollgate is in %s\n' "$folder"
    fi
    program=${TOLLGATE_BINARY:-tollgate}
    said=$("$program" --version) || fail "$program does not run here"
    printf '%s\n' "$said"
}

settle
if [ "${1:-install}" = plan ]; then
    { printf 'how=%s\n' "$how"; printf 'folder=%s\n' "$folder"; printf 'key=%s\n' "$key"; } >> "${GITHUB_OUTPUT:-/dev/stdout}"
else
    install
fi
