#!/usr/bin/env python3
"""Derives northwind-profile.csv: when in the day a bank's customers call.

Source: 5,323,661 calls to a large North American bank, counted every 5 minutes on 164 weekdays
from 3 March to 24 October 2003, 07:00 to 21:05. The series is `bank_calls` of the R package
fpp3 (https://github.com/robjhyndman/fpp3-package), collected by J. Weinberg and described in
J. Weinberg, L. D. Brown, J. R. Stroud, "Bayesian forecasting of an inhomogeneous Poisson
process with applications to call center data", JASA 102 (2007) 1185-1198.

The data stay outside this repository; only 28 rounded shares are kept. To derive them again:

    python3 scenarios/derive-profile.py bank_calls.csv[.gz] > scenarios/northwind-profile.csv

Input: a CSV `timestamp,calls`. Output: `start,calls`, one row for each half-hour from 07:00 to
21:00; `calls` is 1000 x the half-hour's share of the calls, to 3 digits.
"""

import csv
import gzip
import sys

FIRST, LAST, STEP = 7 * 60, 21 * 60, 30  # minutes of the day


def minutes(timestamp):
    """Returns the minute of the day of `2003-03-03 07:05`."""
    hours, rest = timestamp[11:16].split(":")
    return int(hours) * 60 + int(rest)


def main(path):
    open_any = gzip.open if path.endswith(".gz") else open
    counts = dict.fromkeys(range(FIRST, LAST, STEP), 0)
    with open_any(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            slot = minutes(row["timestamp"]) // STEP * STEP
            # The last slot of the series, 21:00 to 21:05, is after the close.
            if slot in counts:
                counts[slot] += int(row["calls"])
    total = sum(counts.values())
    print("start,calls")
    for slot, count in counts.items():
        print(f"{slot // 60:02}:{slot % 60:02},{float(f'{1000 * count / total:.3g}'):g}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
