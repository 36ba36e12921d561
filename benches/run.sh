#!/usr/bin/env bash
# Builds tollgate, makes the data, installs the peers, and times them all in turn: see benches/README.md.
#
# Usage: benches/run.sh [--scale 1] [--runs 3] [--peers duckdb,polars,whylogs,ydata,qsv] [--formats parquet,csv]
#
# Everything is kept in a cache folder outside the checkout; CARGO_TARGET_DIR is used where it is set. qsv is built on
# demand for at most QSV_MINUTES (15), and left out when it does not build; a qsv that is already on the PATH is taken.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/tollgate-bench"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$cache/target}"
mkdir -p "$cache"

python="$cache/python/bin/python"
test -x "$python" || python3 -m venv "$cache/python"
"$python" -m pip install --quiet --disable-pip-version-check -r benches/profile/requirements.txt

# Both in one command, so that every dependency is built once.
built=$(cargo build --release --locked --bin tollgate --bench ladder --message-format json-render-diagnostics)
executable() {
    "$python" -c '
import json, sys
for line in sys.stdin:
    found = json.loads(line)
    if found.get("executable") and found["target"]["name"] == sys.argv[1] and sys.argv[2] in found["target"]["kind"]:
        print(found["executable"])' "$@" <<< "$built"
}

qsv=$(command -v qsv || echo "$cache/qsv/bin/qsv")
wants_qsv=true
case " $* " in *" --peers "*) case "$*" in *qsv*) ;; *) wants_qsv=false ;; esac ;; esac
if $wants_qsv && ! test -x "$qsv" && ! test -e "$cache/qsv-did-not-build"; then
    echo "building qsv for at most ${QSV_MINUTES:-15} minutes" >&2
    CARGO_TARGET_DIR="$cache/qsv-target" timeout "$((60 * ${QSV_MINUTES:-15}))" \
        cargo install qsv@16.1.0 --locked --quiet --no-default-features --features lite --bin qsvlite --root "$cache/qsv" 2> "$cache/qsv.log" \
        && ln -sf qsvlite "$qsv" || touch "$cache/qsv-did-not-build"
    rm -rf "$cache/qsv-target"
fi
test -x "$qsv" || qsv=""

"$python" benches/profile/run.py "$(executable tollgate bin)" --ladder "$(executable ladder bench)" \
    --folder "$cache/data" --qsv "$qsv" "$@"
