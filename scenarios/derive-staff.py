#!/usr/bin/env python3
"""Derives northwind-staff.csv: how many agents of each group Northwind Bank schedules.

What a planner does on a spreadsheet: for each half-hour of northwind-profile.csv, the fewest
agents that serve 80 % in 20 s by Erlang C, at 12,000 calls a day of 270 s each, all agents in
one pool; divided by 0.96, because 4 % do not come; shared out to the groups by size.

    python3 scenarios/derive-staff.py scenarios/northwind-profile.csv > scenarios/northwind-staff.csv

Output: `start,<group>,...`, agents scheduled from `start` on. Breaks, training and leave
(30 % of paid time) are already taken off: these are people at the phones.
"""

import csv
import math
import sys

CALLS_PER_DAY, HANDLING_S, INTERVAL_S = 12_000, 270, 1800
TARGET_SHARE, TARGET_S = 0.80, 20
ABSENT = 0.04
# North has 60 % of the seats. Lending and sales hold more than their share of the calls (10 %
# and 8 %), because only they can take them.
GROUPS = {"north-general": 0.40, "north-lending": 0.20, "south-general": 0.25, "south-sales": 0.15}


def service_level(agents, load):
    """Share served within the target in M/M/n without patience (Erlang C)."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - load / agents * (1 - blocked))
    return 1 - waits * math.exp(-(agents - load) * TARGET_S / HANDLING_S)


def agents_needed(load):
    agents = math.floor(load) + 1
    while service_level(agents, load) < TARGET_SHARE:
        agents += 1
    return agents


def shared_out(total):
    """Splits a total by size; the largest remainders get the agents left over."""
    exact = {group: total * share for group, share in GROUPS.items()}
    counts = {group: math.floor(value) for group, value in exact.items()}
    by_remainder = sorted(GROUPS, key=lambda group: counts[group] - exact[group])
    for group in by_remainder[: total - sum(counts.values())]:
        counts[group] += 1
    return counts


def main(path):
    print("start," + ",".join(GROUPS))
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            calls = CALLS_PER_DAY * float(row["calls"]) / 1000
            needed = agents_needed(calls * HANDLING_S / INTERVAL_S)
            counts = shared_out(math.ceil(needed / (1 - ABSENT)))
            print(row["start"] + "," + ",".join(str(counts[group]) for group in GROUPS))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
