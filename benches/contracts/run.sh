#!/usr/bin/env bash
# Makes an environment per tool and times sixteen rules beside them: see benches/README.md.
#
# Usage: benches/contracts/run.sh TOLLGATE [--scale 1] [--runs 3] [--tools sql,pandera,...]
set -euo pipefail
tollgate=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/tollgate-bench/contracts"
mkdir -p "$cache"
requirements=benches/contracts/requirements.txt
for tool in $(sed -n 's/^# tool: //p' "$requirements"); do
    wanted="$cache/$tool.txt"
    awk -v tool="$tool" '/^# tool: /{on = ($3 == tool); next} on && NF' "$requirements" > "$wanted"
    if ! cmp -s "$wanted" "$cache/$tool/installed.txt"; then
        test -x "$cache/$tool/bin/python" || python3 -m venv "$cache/$tool"
        "$cache/$tool/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
        cp "$wanted" "$cache/$tool/installed.txt"
    fi
done
"$cache/sql/bin/python" benches/contracts/beside.py "$tollgate" --environments "$cache" "$@"
