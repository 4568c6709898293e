#!/usr/bin/env bash
# Counts the instructions of fixed small runs under valgrind and holds them against the committed
# baseline: a run that needs 2 % more or fewer fails. Counts do not depend on the load of the machine;
# they do on the compiler, so a new toolchain means a new baseline.
#
#   benches/instructions.sh            compare, exit 1 outside ±2 %
#   benches/instructions.sh --update   rewrite benches/instructions.baseline

set -euo pipefail
cd "$(dirname "$0")/.."
target=${CARGO_TARGET_DIR:-target}
baseline=benches/instructions.baseline
tolerance=0.02

command -v valgrind >/dev/null || { echo "valgrind is not installed (Debian: apt install valgrind)" >&2; exit 1; }
cargo build --release --quiet --package callstorm --package callstorm-benches --bin callstorm --bin bare
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Prints the instructions of a command. An empty environment and a fixed directory keep the stack the
# same; without AVX-512 and AVX2, which valgrind hides or not by machine, libc chooses the same copies.
count() {
    local name=$1 status=0
    shift
    env -i PATH=/usr/bin:/bin GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2_Usable,-AVX2,-AVX512F,-ERMS \
        valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
        "$@" >"$scratch/$name.out" 2>"$scratch/$name.log" || status=$?
    if [ "$status" -ne 0 ] && [ "$status" -ne 99 ]; then
        cat "$scratch/$name.log" >&2
        echo "exit $status: $*" >&2
        return 1
    fi
    local total
    total=$(sed -nE 's/.*I +refs: +([0-9,]+).*/\1/p' "$scratch/$name.log" | tr -d ,)
    echo "$name $total"
}

simulate() {
    local name=$1 workload=$2 length=$3
    count "$name" "$target/release/callstorm" run "benches/$workload.toml" \
        --set "length=$length" --threads 1 --out "$scratch/$name"
}

{
    count bare-w1-20k "$target/release/bare" w1 20000
    count bare-w2-day "$target/release/bare" w2 100000
    # The cost of a run without calls to speak of, of 20,000 and of 60,000 calls: what is fixed, what a call adds.
    simulate run-w1-1k w1 2857s
    simulate run-w1-20k w1 57143s
    simulate run-w1-60k w1 171429s
    simulate run-w2-6h w2 6h
    simulate run-w3-50k w3 714s
} >"$scratch/counts"

if [ "${1:-}" = --update ]; then
    { echo "# name instructions ($(rustc --version)); written by benches/instructions.sh --update"; cat "$scratch/counts"; } >"$baseline"
fi
awk -v tolerance="$tolerance" '
    NR == FNR { if ($1 != "#") before[$1] = $2; next }
    FNR == 1 { printf "%-14s %16s %16s %9s\n", "run", "baseline", "now", "change" }
    {
        if (!($1 in before)) { printf "%-14s %16s %16d %9s\n", $1, "none", $2, "NEW"; failed = 1; next }
        change = $2 / before[$1] - 1
        outside = change > tolerance || change < -tolerance
        if (outside) failed = 1
        printf "%-14s %16d %16d %+8.2f%%%s\n", $1, before[$1], $2, 100 * change, outside ? "  OUTSIDE" : ""
        delete before[$1]
    }
    END {
        for (name in before) { print name " has a baseline but did not run"; failed = 1 }
        exit failed
    }' "$baseline" "$scratch/counts"
