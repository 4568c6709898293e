#!/usr/bin/env bash
# What a call costs who answers it: SIPp's `uas`, Kamailio without state, and `callstorm serve` with
# robots, in turns. The same caller (SIPp's `uac`, tuned), UDP on loopback, hold 1 s. CPU of all processes
# of the answering side, user and system, per call; median of RUNS. A run with a failed call or a
# retransmission does not count and ends the script.
#
#   RUNS=5 CALLS=100000 RATE=2000 benches/live.sh [sipp kamailio callstorm]
#
# Needs SIPp and Kamailio (Debian: sip-tester, kamailio). The caller runs on the last core, who answers on
# the first.

set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-5} calls=${CALLS:-100000} rate=${RATE:-2000}
target=${CARGO_TARGET_DIR:-target}
peers=("$@")
[ $# -gt 0 ] || peers=(sipp kamailio callstorm)
last_core=$(($(nproc) - 1))
tuned=(-buff_size 4000000 -max_recv_loops 10000 -max_sched_loops 10000)

[[ " ${peers[*]} " != *" callstorm "* ]] || cargo build --release --quiet --package callstorm
scratch=$(mktemp -d)
answering=
end() {
    [ -z "$answering" ] || kill -TERM -- "-$answering" 2>/dev/null || true
    answering=
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

# CPU of a process group in microseconds, user and system, children waited for included.
cpu_us() {
    local pid
    for pid in $(pgrep -g "$1"); do
        sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null
    done | awk -v tick="$(getconf CLK_TCK)" '{ sum += $12 + $13 + $14 + $15 } END { print sum * 1e6 / tick }'
}

memory_kb() { pgrep -g "$1" | xargs -I{} awk '/VmHWM/ { print $2 }' "/proc/{}/status" | awk '{ sum += $1 } END { print sum }'; }

# Starts who answers, in a process group of its own, on the first core.
answer() {
    local peer=$1 port=$2
    case $peer in
    sipp) set -- sipp -sn uas -i 127.0.0.1 -p "$port" -nostdin "${tuned[@]}" ;;
    kamailio) set -- kamailio -f benches/live/kamailio.cfg -l "udp:127.0.0.1:$port" -DD -w "$scratch" -Y "$scratch" ;;
    callstorm)
        set -- "$target/release/callstorm" serve benches/live/robots.toml --robots \
            --listen "127.0.0.1:$port" --out "$scratch/out-$port" --record "$scratch/day-$port.rec" \
            --max-calls 20000 --quiet
        ;;
    *)
        echo "unknown peer: $peer" >&2
        exit 1
        ;;
    esac
    setsid taskset -c 0 "$@" >"$scratch/$peer.log" 2>&1 &
    answering=$!
    for _ in $(seq 100); do
        ss -Hlnu "sport = :$port" | grep -q . && return
        sleep 0.1
    done
    cat "$scratch/$peer.log" >&2
    echo "$peer does not listen" >&2
    exit 1
}

# Places the calls; prints those that succeeded. Fails when any did not, or anything was sent twice.
place() {
    local port=$1 stat="$scratch/stat.csv"
    rm -f "$stat"
    taskset -c "$last_core" sipp -sn uac "127.0.0.1:$port" -s 100 -i 127.0.0.1 -p "$(free_port)" -nostdin \
        -r "$rate" -l 40000 -m "$calls" -d 1000 "${tuned[@]}" -trace_stat -stf "$stat" -fd 1 \
        >"$scratch/uac.log" 2>&1 || { tail -30 "$scratch/uac.log" >&2; return 1; }
    awk -F';' 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        { good = $column["SuccessfulCall(C)"]; bad = $column["FailedCall(C)"]; again = $column["Retransmissions(C)"] }
        END { if (bad + again > 0) { print bad " failed, " again " retransmitted" > "/dev/stderr"; exit 1 } print good }' "$stat"
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

for ((run = 0; run < runs; run++)); do
    for peer in "${peers[@]}"; do
        port=$(free_port)
        answer "$peer" "$port"
        before=$(cpu_us "$answering")
        good=$(place "$port")
        after=$(cpu_us "$answering")
        memory_kb "$answering" >>"$scratch/$peer.kb"
        end
        awk -v cpu="$after" -v before="$before" -v good="$good" 'BEGIN { print (cpu - before) / good }' >>"$scratch/$peer.us"
    done
done

printf '%s calls at %s a second, hold 1 s, median of %s\n' "$calls" "$rate" "$runs"
printf '%-10s %10s %10s %10s %10s\n' answers 'us/call' least most 'peak MB'
for peer in "${peers[@]}"; do
    printf '%-10s %10.1f %10.1f %10.1f %10.1f\n' "$peer" "$(median <"$scratch/$peer.us")" \
        "$(sort -n "$scratch/$peer.us" | head -1)" "$(sort -n "$scratch/$peer.us" | tail -1)" \
        "$(median <"$scratch/$peer.kb" | awk '{ print $1 / 1024 }')"
done
