#!/usr/bin/env bash
# What a call costs who answers it, in turns: SIPp's `uas`, Kamailio without state, and `callstorm serve` in four ways.
# The same caller (SIPp's `uac`, tuned), UDP on loopback, hold 1 s. CPU of all processes of the answering side, user and
# system, per call; median of RUNS. A run with a failed call or a retransmission does not count and ends the script.
#
#   RUNS=5 CALLS=100000 RATE=2000 benches/live.sh [sipp kamailio callstorm agents callstorm-rtp agents-rtp]
#   RUNS=5 SECONDS_OF_AUDIO=60 BRIDGED=500 benches/live.sh bridged
#
# callstorm        robots answer
# agents           telephones answer: SIPp's `uas` under SEATS registrations by digest, each agent signed in by *11
# callstorm-rtp    caller and robot speak: 50 packets of A-law a second each way
# agents-rtp       caller and agent speak, and each hears the other through the switch: four times 50 a second
# bridged          BRIDGED calls at once, both sides speaking, sent and judged by the pacer (src/bin/pacer.rs): loss, delay
#
# `serve` writes its event log and its recording, and Reach guards every INVITE and packet. The `-rtp` ways place CALLS/20
# at RATE/20: what is measured is audio. Who answers runs on the first core, everybody else on the last. Needs SIPp and
# Kamailio (Debian: sip-tester, kamailio). On a machine that does other things, PRIORITY=-20 puts both first in line.

set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-5} calls=${CALLS:-100000} rate=${RATE:-2000} seats=${SEATS:-$((2 * ${RATE:-2000}))}
target=${CARGO_TARGET_DIR:-target}
ways=("$@")
[ $# -gt 0 ] || ways=(sipp kamailio callstorm agents callstorm-rtp agents-rtp bridged)
last_core=$(($(nproc) - 1))
tuned=(-buff_size 4000000 -max_recv_loops 10000 -max_sched_loops 10000)
in_turn=(nice -n "${PRIORITY:-0}")
first=("${in_turn[@]}" taskset -c 0) last=("${in_turn[@]}" taskset -c "$last_core")
export BENCH_PW=secret

cargo build --release --quiet --package callstorm --package callstorm-benches --bin callstorm --bin pacer
scratch=$(mktemp -d)
# SIPp finds the audio beside its scenarios.
cp benches/live/*.xml "$scratch"
head -c 8000 /dev/zero | tr '\0' '\325' >"$scratch/silence.al"
answering='' telephones=''
end() {
    for group in $telephones $answering; do kill -TERM -- "-$group" 2>/dev/null || true; done
    answering='' telephones=''
}
trap 'end; rm -rf "$scratch"' EXIT

free_port() {
    local port
    for port in $(shuf -i 45000-59000 -n 50); do
        ss -Hlnu "sport = :$port" | grep -q . || { echo "$port"; return; }
    done
    echo "no free port" >&2
    return 1
}

wait_for_port() {
    for _ in $(seq 100); do
        ss -Hlnu "sport = :$1" | grep -q . && return
        sleep 0.1
    done
    cat "$scratch/$2.log" >&2
    echo "$2 does not listen" >&2
    exit 1
}

# CPU of a process group in microseconds, user and system, children waited for included.
cpu_us() {
    local pid
    for pid in $(pgrep -g "$1"); do
        sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null
    done | awk -v tick="$(getconf CLK_TCK)" '{ sum += $12 + $13 + $14 + $15 } END { print sum * 1e6 / tick }'
}

memory_kb() { pgrep -g "$1" | xargs -I{} awk '/VmHWM/ { print $2 }' "/proc/{}/status" | awk '{ sum += $1 } END { print sum }'; }

# A scenario, served as a day in service would be.
serving() {
    local scenario=$1 port=$2
    shift 2
    echo "$target/release/callstorm" serve "$scenario" "$@" --listen "127.0.0.1:$port" --events \
        --out "$scratch/out-$port" --record "$scratch/day-$port.rec" --quiet \
        --max-calls 20000 --max-agent-calls 20000 --max-agent-rate 20000
}

# Starts who answers, in a process group of its own, on the first core.
answer() {
    local way=$1 port=$2
    case $way in
    sipp) set -- sipp -sn uas -i 127.0.0.1 -p "$port" -nostdin "${tuned[@]}" ;;
    kamailio) set -- kamailio -f benches/live/kamailio.cfg -l "udp:127.0.0.1:$port" -DD -w "$scratch" -Y "$scratch" ;;
    callstorm | callstorm-rtp) read -ra words < <(serving benches/live/robots.toml "$port" --robots) && set -- "${words[@]}" ;;
    agents | agents-rtp | bridged)
        local many=$seats
        [ "$way" != bridged ] || many=${BRIDGED:-500}
        "$target/release/pacer" scenario --calls "$many" >"$scratch/agents.toml"
        read -ra words < <(serving "$scratch/agents.toml" "$port") && set -- "${words[@]}"
        ;;
    *)
        echo "unknown: $way" >&2
        exit 1
        ;;
    esac
    setsid "${first[@]}" "$@" >"$scratch/$way.log" 2>&1 &
    answering=$!
    wait_for_port "$port" "$way"
    case $way in
    agents) sign_in "$port" -sn uas ;;
    agents-rtp) sign_in "$port" -sf "$scratch/uas-rtp.xml" ;;
    esac
}

# Registers the agents' telephones and signs the agents in, then lets the telephones answer.
sign_in() {
    local port=$1 own extension
    shift
    own=$(free_port)
    {
        echo SEQUENTIAL
        for extension in $(seq 10000 $((9999 + seats))); do
            echo "$extension;[authentication username=$extension password=$BENCH_PW];"
        done
    } >"$scratch/agents.csv"
    sipp -sf benches/live/register.xml -inf "$scratch/agents.csv" "127.0.0.1:$port" -i 127.0.0.1 -p "$own" -nostdin \
        -r 500 -l 100 -m "$seats" >"$scratch/register.log" 2>&1 || { tail -30 "$scratch/register.log" >&2; exit 1; }
    (cd "$scratch" && exec setsid "${last[@]}" sipp "$@" -i 127.0.0.1 -p "$own" -nostdin "${tuned[@]}" \
        -mp 10000) >"$scratch/telephones.log" 2>&1 &
    telephones=$!
    wait_for_port "$own" telephones
}

# Places the calls; prints those that succeeded. Fails when any did not, or anything was sent twice.
place() {
    local way=$1 port=$2 stat="$scratch/stat.csv" many=$calls often=$rate
    set -- -sn uac
    case $way in *-rtp) set -- -sf "$scratch/uac-rtp.xml" -mp 15000 && many=$((calls / 20)) often=$((rate / 20)) ;; esac
    rm -f "$stat"
    (cd "$scratch" && "${last[@]}" sipp "$@" "127.0.0.1:$port" -s 100 -i 127.0.0.1 -p "$(free_port)" -nostdin \
        -r "$often" -l 40000 -m "$many" -d 1000 "${tuned[@]}" -trace_stat -stf "$stat" -fd 1) \
        >"$scratch/uac.log" 2>&1 || { tail -30 "$scratch/uac.log" >&2; return 1; }
    awk -F';' 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i }
        { good = $column["SuccessfulCall(C)"]; bad = $column["FailedCall(C)"]; again = $column["Retransmissions(C)"] }
        END { if (bad + again > 0) { print bad " failed, " again " retransmitted" > "/dev/stderr"; exit 1 } print good }' "$stat"
}

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# Bridged calls, judged by the pacer.
bridged() {
    local port
    port=$(free_port)
    answer bridged "$port"
    "${last[@]}" "$target/release/pacer" run --calls "${BRIDGED:-500}" --seconds "${SECONDS_OF_AUDIO:-60}" \
        --target "127.0.0.1:$port" --process "$(pgrep -g "$answering" callstorm)" || failed=$?
    end
}

failed=0
for ((run = 0; run < runs; run++)); do
    for way in "${ways[@]}"; do
        if [ "$way" = bridged ]; then
            bridged
            continue
        fi
        port=$(free_port)
        answer "$way" "$port"
        before=$(cpu_us "$answering")
        good=$(place "$way" "$port")
        after=$(cpu_us "$answering")
        memory_kb "$answering" >>"$scratch/$way.kb"
        end
        awk -v cpu="$after" -v before="$before" -v good="$good" 'BEGIN { print (cpu - before) / good }' >>"$scratch/$way.us"
    done
done

for way in "${ways[@]}"; do
    [ "$way" != bridged ] || continue
    [ -n "${said:-}" ] || printf '%s calls at %s a second, hold 1 s, median of %s\n%-14s %10s %10s %10s %10s\n' \
        "$calls" "$rate" "$runs" answers 'us/call' least most 'peak MB'
    said=yes
    printf '%-14s %10.1f %10.1f %10.1f %10.1f\n' "$way" "$(median <"$scratch/$way.us")" \
        "$(sort -n "$scratch/$way.us" | head -1)" "$(sort -n "$scratch/$way.us" | tail -1)" \
        "$(median <"$scratch/$way.kb" | awk '{ print $1 / 1024 }')"
done
exit "$failed"
