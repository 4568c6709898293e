#!/usr/bin/env bash
# What a call costs: the bare loop and `callstorm run` on the same workload, in turns, user CPU of the
# whole process, median of RUNS (5). Numbers of different days or machines do not compare; those of one
# run do.
#
#   benches/side-by-side.sh [w1 w2 w3]

set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-5}
target=${CARGO_TARGET_DIR:-target}
workloads=("$@")
[ $# -gt 0 ] || workloads=(w1 w2 w3)

cargo build --release --quiet --package callstorm --package callstorm-benches --bin callstorm --bin bare
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# User CPU in milliseconds of a command whose output goes to a file. A gate that was crossed (99) is no fault.
user_ms() {
    local output=$1 status=0
    shift
    local TIMEFORMAT=%3U
    { time "$@" >"$output" 2>"$scratch/talk"; } 2>"$scratch/time" || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 99 ]; then
        cat "$scratch/talk" >&2
        echo "exit $status: $*" >&2
        exit 1
    fi
    awk '{ print $1 * 1000 }' "$scratch/time"
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# Calls of a run: the first `offered` of summary.json stands under `all`.
offered() { awk -v RS='"offered":' 'NR == 2 { sub(/^[^0-9]*/, ""); print $0 + 0; exit }' "$1/summary.json"; }

printf '%-10s %10s %10s %14s %14s %8s %10s\n' workload 'bare ns' 'run ns' 'bare calls/s' 'run calls/s' ratio 'peak MB'
for workload in "${workloads[@]}"; do
    : >"$scratch/bare.ms"
    : >"$scratch/run.ms"
    for ((run = 0; run < runs; run++)); do
        user_ms "$scratch/bare" "$target/release/bare" "$workload" >>"$scratch/bare.ms"
        user_ms "$scratch/run" "$target/release/callstorm" run "benches/$workload.toml" \
            --threads 1 --out "$scratch/$workload-$run" >>"$scratch/run.ms"
    done
    peak=unknown
    if [ -x /usr/bin/time ]; then
        /usr/bin/time -f %M -o "$scratch/peak" "$target/release/callstorm" run "benches/$workload.toml" \
            --threads 1 --out "$scratch/$workload-peak" >/dev/null 2>&1 || true
        peak=$(awk 'END { printf "%.1f", $1 / 1024 }' "$scratch/peak")
    fi
    awk -v workload="$workload" -v peak="$peak" \
        -v bare_ms="$(median <"$scratch/bare.ms")" -v run_ms="$(median <"$scratch/run.ms")" \
        -v bare_calls="$(awk '/calls in all/ { print $1 }' "$scratch/bare")" \
        -v run_calls="$(offered "$scratch/$workload-0")" 'BEGIN {
            bare = bare_ms * 1e6 / bare_calls; run = run_ms * 1e6 / run_calls
            printf "%-10s %10.1f %10.1f %14.0f %14.0f %8.2f %10s\n", workload, bare, run, 1e9 / bare, 1e9 / run, run / bare, peak
        }'
done
