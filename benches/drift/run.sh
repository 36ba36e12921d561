#!/usr/bin/env bash
# Measures the drift gate beside other tools: see benches/README.md.
#
# Usage: benches/drift/run.sh TOLLGATE [options of run.py], for instance
#   benches/drift/run.sh target/release/tollgate --docs docs/drift-benchmark.md
#
# Environments, pairs' answers and the generated table are kept in ~/.cache/tollgate-bench/drift. One process works at a
# time, at the lowest priority. A contender whose environment cannot be made is named and left out.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/tollgate-bench/drift"
mkdir -p "$cache/venvs"

environment() {
    local folder="$cache/venvs/$1" list="$here/$2"
    test -x "$folder/bin/python" || python3.11 -m venv "$folder" || return
    cmp -s "$list" "$cache/venvs/$1.installed" && return
    nice -n 15 "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$list" || return
    cp "$list" "$cache/venvs/$1.installed"
}

environment driver requirements.txt
for name in alibi-detect evidently nannyml whylogs deepchecks; do
    environment "$name" "requirements-$name.txt" || echo "no environment for $name" >&2
done
exec nice -n 15 "$cache/venvs/driver/bin/python" "$here/run.py" "$@" --venvs "$cache/venvs" --cache "$cache"
