#!/usr/bin/env bash
# What a call costs who places it: SIPp's `uac`, tuned, and `callstorm load`, in turns, on the same reflector
# (`callstorm load --answer`) with the same six messages (INVITE 180 200 ACK BYE 200), UDP on loopback. CPU of
# the placing process, user and system, per call; median of RUNS. A run with a failed call or a message sent
# again does not count and ends the script.
#
#   RUNS=5 CALLS=80000 RATE=8000 HOLD_MS=1000 benches/load.sh [sipp callstorm]
#
# Needs SIPp (Debian: sip-tester). Who places the calls runs on the first core, the reflector on the last.

set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-5} calls=${CALLS:-80000} rate=${RATE:-8000} hold=${HOLD_MS:-1000}
target=${CARGO_TARGET_DIR:-target}
callers=("$@")
[ $# -gt 0 ] || callers=(sipp callstorm)
last_core=$(($(nproc) - 1))
tuned=(-buff_size 4000000 -max_recv_loops 10000 -max_sched_loops 10000)

cargo build --release --quiet --package callstorm
scratch=$(mktemp -d)
reflector=
end() {
    [ -z "$reflector" ] || kill -INT "$reflector" 2>/dev/null || true
    [ -z "$reflector" ] || wait "$reflector" 2>/dev/null || true
    reflector=
}
trap 'end; rm -rf "$scratch"' EXIT

free_port() {
    local port
    for port in $(shuf -i 20000-45000 -n 50); do
        ss -Hlnu "sport = :$port" | grep -q . || { echo "$port"; return; }
    done
    echo "no free port" >&2
    return 1
}

reflect() {
    taskset -c "$last_core" "$target/release/callstorm" load --answer --listen "127.0.0.1:$1" \
        >"$scratch/reflector.out" 2>"$scratch/reflector.log" &
    reflector=$!
    for _ in $(seq 100); do
        ss -Hlnu "sport = :$1" | grep -q . && return
        sleep 0.1
    done
    cat "$scratch/reflector.log" >&2
    return 1
}

# Runs a caller with the shell's own clock of its CPU; prints microseconds a call.
timed() {
    local TIMEFORMAT='%U %S'
    { time "$@" >"$scratch/caller.out" 2>"$scratch/caller.err" || touch "$scratch/failed"; } 2>"$scratch/time"
    [ ! -e "$scratch/failed" ] || { tail -30 "$scratch/caller.out" "$scratch/caller.err" >&2; return 1; }
    awk -v calls="$calls" '{ print ($1 + $2) * 1e6 / calls }' "$scratch/time"
}

place() {
    local caller=$1 port=$2
    case $caller in
    sipp)
        timed taskset -c 0 sipp -sn uac "127.0.0.1:$port" -s 100 -i 127.0.0.1 -p "$(free_port)" -nostdin \
            -r "$rate" -l 1000000 -m "$calls" -d "$hold" "${tuned[@]}" -trace_stat -stf "$scratch/stat.csv" -fd 1
        awk -F';' 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
            { bad = $column["FailedCall(C)"]; again = $column["Retransmissions(C)"] }
            END { if (bad + again > 0) { print bad " failed, " again " sent again" > "/dev/stderr"; exit 1 } }' "$scratch/stat.csv"
        rm -f "$scratch/stat.csv"
        ;;
    callstorm)
        rm -rf "$scratch/report"
        timed taskset -c 0 "$target/release/callstorm" load --target "sip:127.0.0.1:$port" --rate "$rate/s" \
            --calls "$calls" --hold "${hold}ms" --gaps even --max-calls 1000000 --no-self-test --quiet \
            --out "$scratch/report"
        python3 - "$scratch/report/summary.json" "$calls" <<'PY'
import json, sys
figures = json.load(open(sys.argv[1]))["kpis"]["all"]
mean = lambda key: figures[key]["mean"]
assert mean("passed") == mean("placed") == int(sys.argv[2]), (mean("placed"), mean("passed"))
assert mean("retransmissions") == 0, mean("retransmissions")
PY
        ;;
    *)
        echo "unknown caller: $caller" >&2
        return 1
        ;;
    esac
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

for ((run = 0; run < runs; run++)); do
    for caller in "${callers[@]}"; do
        port=$(free_port)
        reflect "$port"
        place "$caller" "$port" >>"$scratch/$caller.us"
        end
    done
done

printf '%s calls at %s a second, hold %s ms, median of %s\n' "$calls" "$rate" "$hold" "$runs"
printf '%-10s %10s %10s %10s\n' places 'us/call' least most
for caller in "${callers[@]}"; do
    printf '%-10s %10.1f %10.1f %10.1f\n' "$caller" "$(median <"$scratch/$caller.us")" \
        "$(sort -n "$scratch/$caller.us" | head -1)" "$(sort -n "$scratch/$caller.us" | tail -1)"
done
