#!/usr/bin/env bash
# Peak memory of the whole process: 10 million calls on W1 within 64 MB, 500 queues and 20,000 agents
# with 10 skills each within 400 MB; exit 1 beyond. Prints the user CPU per call, too.
#
#   benches/memory.sh

set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
[ -x /usr/bin/time ] || { echo "GNU time is not installed (Debian: apt install time)" >&2; exit 1; }
cargo build --release --quiet --package callstorm --package callstorm-benches --bin callstorm --bin large
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# Runs a scenario and prints its peak against a limit in MB.
measure() {
    local name=$1 limit=$2 status=0
    shift 2
    /usr/bin/time -f '%M %U' -o "$scratch/used" "$target/release/callstorm" run "$@" \
        --threads 1 --quiet --out "$scratch/$name" >"$scratch/talk" 2>&1 || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 99 ]; then
        cat "$scratch/talk" >&2
        exit 1
    fi
    local calls
    # The first `offered` of summary.json stands under `all`.
    calls=$(awk -v RS='"offered":' 'NR == 2 { sub(/^[^0-9]*/, ""); print $0 + 0; exit }' "$scratch/$name/summary.json")
    awk -v name="$name" -v limit="$limit" -v calls="$calls" 'END {
        peak = $1 / 1024
        printf "%-14s %12d %10.1f %10d %10.0f%s\n", name, calls, peak, limit, $2 * 1e9 / calls, (peak > limit ? "  BEYOND" : "")
        exit (peak > limit)
    }' "$scratch/used" || failed=1
}

printf '%-14s %12s %10s %10s %10s\n' run calls 'peak MB' 'limit MB' 'ns/call'
measure w1-10m 64 benches/w1.toml --set length=28571429s
"$target/release/large" "$scratch/large.toml"
measure large 400 "$scratch/large.toml"
exit "$failed"
