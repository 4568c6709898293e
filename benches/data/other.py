#!/usr/bin/env python3
"""Exact answers of further cases, in the spelling of exact.csv: python3 other.py > other.csv

The cases differ from those of exact.csv in their parameters, lists, laws and thresholds, so that the theory
runner is held to the spelling and not to the file. Everything is computed here from the chains themselves:
stationary laws by Gauss-Seidel, transient ones by uniformisation, general patience by quadrature
(Zeltyn and Mandelbaum 2005), Cobham's and Pollaczek's formulas. Needs nothing but Python.
"""
import csv
import json
import math
import sys

OUT = csv.writer(sys.stdout, lineterminator="\n")
COLUMNS = "case_id model lambda_per_hour aht_s servers patience_mean_s queue_capacity extra_json metric value"


def put(case, model, extra, rows, rate=None, aht=None, n=None, patience=None, capacity=None):
    """Writes a case: one row for each figure."""
    head = [case, model] + ["" if x is None else x for x in (rate, aht, n, patience, capacity)]
    for metric, value in rows.items():
        OUT.writerow(head + [json.dumps(extra, sort_keys=True), metric, repr(float(value))])


def stationary(start, moves, tolerance=1e-13):
    """Returns the stationary law of the chain whose moves(state) lists (rate, state)."""
    place, order, out = {start: 0}, [start], []
    for state in order:
        total = 0.0
        for rate, to in moves(state):
            if rate <= 0 or to == state:
                continue
            if to not in place:
                place[to] = len(order)
                order.append(to)
            total += rate
        out.append(total)
    into = [[] for _ in order]
    for state in order:
        for rate, to in moves(state):
            if rate > 0 and to != state:
                into[place[to]].append((place[state], rate))
    p = [1.0 / len(order)] * len(order)
    change = 1.0
    while change > tolerance:
        change = 0.0
        for sweep in (range(len(p)), range(len(p) - 1, -1, -1)):
            for j in sweep:
                new = sum(p[i] * rate for i, rate in into[j]) / out[j]
                change = max(change, abs(new - p[j]))
                p[j] = new
        total = sum(p)
        p = [x / total for x in p]
    return dict(zip(order, p))


def mean(law, figure):
    """Returns the mean of a figure of the state."""
    return sum(figure(*state) * p for state, p in law.items())


def erlang_c(a, n):
    """Returns the chance to wait in M/M/n with a erlangs."""
    b = 1.0
    for k in range(1, n + 1):
        b = a * b / (k + a * b)
    return b / (1 - a / n * (1 - b))


def delay(case, rate, aht, n, within):
    """M/M/n."""
    a = rate * aht / 3600
    c, drain = erlang_c(a, n), n / aht - rate / 3600
    rows = {"p_wait": c, "asa_s": c / drain, "mean_wait_if_wait_s": 1 / drain, "occupancy": a / n,
            f"sl{within}": 1 - c * math.exp(-drain * within), "mean_queue": rate / 3600 * c / drain,
            "var_wait_s2": c * (2 - c) / drain**2}
    for percent in (90, 95, 99):
        rows[f"wait_p{percent}_s"] = math.log(c / (1 - percent / 100)) / drain
    put(case, "M/M/n", {"T": within, "discipline": "FIFO"}, rows, rate, aht, n)


def one_agent(case, model, rate, aht, extra, second, third):
    """M/G/1 by the moments of service."""
    l = rate / 3600
    load = l * aht
    wait = l * second / 2 / (1 - load)
    square = 2 * wait * wait + l * third / 3 / (1 - load)
    put(case, model, extra, {"p_wait": load, "mean_wait_s": wait, "sd_wait_s": math.sqrt(square - wait * wait),
                             "mean_queue": l * wait, "occupancy": load}, rate, aht, 1)


def classes(case, rates, aht, n, within):
    """M/M/n with priorities and nobody interrupted (Cobham)."""
    c, load, total, rows = erlang_c(sum(rates) * aht / 3600, n), 0.0, 0.0, {}
    for i, rate in enumerate(rates, 1):
        before, load = load, load + rate * aht / 3600 / n
        wait = c * aht / n / ((1 - before) * (1 - load))
        rows[f"mean_wait_class{i}_s"], rows[f"mean_queue_class{i}"] = wait, rate / 3600 * wait
        total += rate * wait
    rows["p_wait"], rows["mean_wait_all_s"] = c, total / sum(rates)
    rows[f"sl{within}_class1"] = 1 - c * math.exp(-(n / aht - rates[0] / 3600) * within)
    put(case, "M/M/n non-preemptive priority", {"lambda_by_class": rates}, rows, sum(rates), aht, n)


def patience(rate, aht, n, left, within, step=0.02, longest=20000):
    """Figures of M/M/n+G; left(x) is the share of callers who would wait longer than x."""
    l, density, exponent, before = rate / 3600, [], 0.0, left(0)
    for i in range(int(longest / step) + 1):
        now = left(i * step)
        exponent += l * step * (now + before) / 2 - n / aht * step if i else 0.0
        before = now
        density.append(math.exp(exponent))
        if exponent < -60:
            break
    area = lambda f: sum((f(i) * density[i] + f(i + 1) * density[i + 1]) / 2 * step
                         for i in range(len(density) - 1))
    a, idle = l * aht, 1.0
    for k in range(1, n):
        idle = 1 + idle * k / a
    scale = l / (idle + l * area(lambda i: 1.0))
    lost = scale * area(lambda i: 1 - left(i * step))
    tail = [0.0] * (len(density) + 1)
    for i in range(len(density) - 2, -1, -1):
        tail[i] = tail[i + 1] + scale * (density[i] + density[i + 1]) / 2 * step
    wait = sum((tail[i] * left(i * step) + tail[i + 1] * left((i + 1) * step)) / 2 * step
               for i in range(len(density) - 1))
    served = scale * area(lambda i: i * step * left(i * step))
    last = round(within / step)
    late = tail[last] * left(within)
    part = sum((density[i] * left(i * step) + density[i + 1] * left((i + 1) * step)) / 2 * step
               for i in range(last))
    good = 1 - scale * area(lambda i: 1.0) + scale * part
    short = 1 - late - good
    return {"p_wait": scale * area(lambda i: 1.0), "p_abandon": lost, "mean_wait_all_s": wait,
            "mean_wait_served_s": served / (1 - lost), "mean_wait_abandoned_s": (wait - served) / lost,
            "mean_queue": l * wait, "occupancy": a * (1 - lost) / n,
            f"frac_answered_within_{within}": good, f"frac_abandoned_within_{within}": short,
            f"sl{within}_answered_over_offered": good,
            f"sl{within}_over_offered_minus_shortab": good / (1 - short),
            f"sl{within}_answered_plus_shortab": good + short,
            f"sl{within}_answered_over_answered": good / (1 - lost), f"p_wait_gt_{within}": late}


def impatient(case, rate, aht, n, left, extra, mean_patience, within):
    """M/M/n+G."""
    rows = patience(rate, aht, n, left, within)
    put(case, "M/M/n+G", {**extra, "T": within, "discipline": "FIFO"}, rows, rate, aht, n, mean_patience)


def lines(case, rate, aht, n, mean_patience, capacity, within_places):
    """M/M/n/K+M: who finds no line is blocked."""
    l, mu, th = rate / 3600, 1 / aht, 1 / mean_patience

    def moves(x):
        up = [(l, (x[0] + 1,))] if x[0] < capacity else []
        return up + [(min(x[0], n) * mu + max(x[0] - n, 0) * th, (x[0] - 1,))] if x[0] else up

    law = stationary((0,), moves)
    queue, busy = mean(law, lambda x: max(x - n, 0)), mean(law, lambda x: min(x, n))
    block = law[(capacity,)]
    put(case, "M/M/n/n+k+M", {"trunks_total": capacity, "waiting_places": within_places},
        {"p_block": block, "p_wait_of_offered": mean(law, lambda x: n <= x < capacity),
         "p_abandon_of_offered": queue * th / l, "p_served_of_offered": busy * mu / l, "mean_queue": queue,
         "mean_busy": busy, "occupancy": busy / n, "mean_wait_accepted_s": queue / l / (1 - block)},
        rate, aht, n, mean_patience, capacity)


def retrials(case, rate, aht, n, persistence, delay_s, orbit_max=60):
    """Blocked callers who call again with some chance each time."""
    l, mu, g = rate / 3600, 1 / aht, 1 / delay_s

    def moves(state):
        b, o = state
        if b < n:
            up = [(l, (b + 1, o)), (o * g, (b + 1, o - 1))]
        else:
            up = [(l * persistence if o < orbit_max else 0, (b, o + 1)), (o * g * (1 - persistence), (b, o - 1))]
        return up + [(b * mu, (b - 1, o))]

    law = stationary((0, 0), moves)
    full, orbit = mean(law, lambda b, o: b == n), mean(law, lambda b, o: o)
    again, refused = orbit * g * 3600, mean(law, lambda b, o: o * (b == n)) / orbit
    busy = mean(law, lambda b, o: b)
    put(case, "M/M/n retrial (no queue)", {"persistence": persistence, "retry_delay": "Exp", "retry_mean_s": delay_s},
        {"p_block_primary": full, "mean_orbit": orbit, "mean_busy": busy, "occupancy": busy / n,
         "retrial_attempts_per_hour": again, "p_block_retrial": refused,
         "p_block_any_attempt": (rate * full + again * refused) / (rate + again),
         "attempts_per_primary_call": 1 + again / rate, "p_eventually_lost": 1 - busy * mu / l},
        rate, aht, n, None, n)


def redials(case, rate, aht, n, mean_patience, p, q, redial_s, reconnect_s, most=(30, 14, 18)):
    """Callers who abandoned and callers who were served call again."""
    l, mu, th, g, h = rate / 3600, 1 / aht, 1 / mean_patience, 1 / redial_s, 1 / reconnect_s

    def moves(state):
        x, r, c = state
        busy, queue = min(x, n), max(x - n, 0)
        list_ = [(busy * mu * (1 - q), (x - 1, r, c)), (queue * th * (1 - p), (x - 1, r, c))]
        if x < most[0]:
            list_ += [(l, (x + 1, r, c)), (r * g, (x + 1, r - 1, c)), (c * h, (x + 1, r, c - 1))]
        if r < most[1]:
            list_.append((queue * th * p, (x - 1, r + 1, c)))
        if c < most[2]:
            list_.append((busy * mu * q, (x - 1, r, c + 1)))
        return list_

    law = stationary((0, 0, 0), moves, 1e-12)
    busy, queue = mean(law, lambda x, r, c: min(x, n)), mean(law, lambda x, r, c: max(x - n, 0))
    orbit, after = mean(law, lambda x, r, c: r), mean(law, lambda x, r, c: c)
    again, back = orbit * g * 3600, after * h * 3600
    total = rate + again + back
    put(case, "M/M/n+M redials+reconnects",
        {"all delays": "Exp", "p_redial": p, "q_reconnect": q, "redial_mean_s": redial_s, "reconnect_mean_s": reconnect_s},
        {"mean_in_system": busy + queue, "mean_redial_orbit": orbit, "mean_reconnect_orbit": after, "mean_busy": busy,
         "mean_queue": queue, "occupancy": busy / n, "total_attempts_per_hour": total, "redials_per_hour": again,
         "reconnects_per_hour": back, "p_abandon_per_attempt": queue * th * 3600 / total,
         "mean_wait_per_attempt_s": queue / total * 3600, "p_wait_fresh": mean(law, lambda x, r, c: x >= n),
         "fluid_in_system": 0.0, "truncation_mass": 0.0}, rate, aht, n, mean_patience)


def n_model(case, rates, staff, services, patiences, queue_max=25):
    """Two types; the second group helps the first type and takes it first."""
    (l1, l2), (n1, n2) = [r / 3600 for r in rates], staff
    (m11, m12, m22), (th1, th2) = [1 / s for s in services], [1 / s for s in patiences]

    def moves(state):
        own, helped, two, q1, q2 = state
        list_ = [(q1 * th1, (own, helped, two, q1 - 1, q2)), (q2 * th2, (own, helped, two, q1, q2 - 1)),
                 (own * m11, (own, helped, two, q1 - 1, q2) if q1 else (own - 1, helped, two, q1, q2))]
        if own < n1:
            list_.append((l1, (own + 1, helped, two, q1, q2)))
        elif helped + two < n2:
            list_.append((l1, (own, helped + 1, two, q1, q2)))
        elif q1 < queue_max:
            list_.append((l1, (own, helped, two, q1 + 1, q2)))
        if helped + two < n2:
            list_.append((l2, (own, helped, two + 1, q1, q2)))
        elif q2 < queue_max:
            list_.append((l2, (own, helped, two, q1, q2 + 1)))
        for rate, x, y in ((helped * m12, helped - 1, two), (two * m22, helped, two - 1)):
            if q1:
                list_.append((rate, (own, x + 1, y, q1 - 1, q2)))
            elif q2:
                list_.append((rate, (own, x, y + 1, q1, q2 - 1)))
            else:
                list_.append((rate, (own, x, y, q1, q2)))
        return list_

    law = stationary((0, 0, 0, 0, 0), moves, 1e-12)
    q1, q2 = mean(law, lambda a, b, c, d, e: d), mean(law, lambda a, b, c, d, e: e)
    own, helped = mean(law, lambda a, b, c, d, e: a), mean(law, lambda a, b, c, d, e: b)
    put(case, "N-model CTMC",
        {"aht_t1g1": services[0], "aht_t1g2": services[1], "aht_t2g2": services[2], "g2_freed_takes_first": "type 1",
         "lambda_by_type": rates, "n1": n1, "n2": n2, "patience_s": patiences},
        {"p_wait_type1": mean(law, lambda a, b, c, d, e: a == n1 and b + c == n2),
         "p_wait_type2": mean(law, lambda a, b, c, d, e: b + c == n2),
         "p_abandon_type1": q1 * th1 / l1, "p_abandon_type2": q2 * th2 / l2, "mean_wait_type1_s": q1 / l1,
         "mean_wait_type2_s": q2 / l2, "mean_queue_type1": q1, "mean_queue_type2": q2, "occupancy_g1": own / n1,
         "occupancy_g2": mean(law, lambda a, b, c, d, e: b + c) / n2,
         "frac_type1_served_by_g2": helped * m12 / (helped * m12 + own * m11)}, sum(rates), None, n1 + n2)


def m_model(case, rates, services, staff, patiences, queue_max=9):
    """A specialist for each type and generalists who take the first type first."""
    types, shared = len(rates), staff[-1]

    def moves(state):
        busy, general, queue = list(state[:types]), state[types], list(state[types + 1:])
        make = lambda b, g, q: tuple(b) + (g,) + tuple(q)
        plus = lambda values, i, d: values[:i] + [values[i] + d] + values[i + 1:]
        list_ = []
        for i in range(types):
            if busy[i] < staff[i]:
                list_.append((rates[i] / 3600, make(plus(busy, i, 1), general, queue)))
            elif general < shared:
                list_.append((rates[i] / 3600, make(busy, general + 1, queue)))
            elif queue[i] < queue_max:
                list_.append((rates[i] / 3600, make(busy, general, plus(queue, i, 1))))
            after = make(busy, general, plus(queue, i, -1)) if queue[i] else make(plus(busy, i, -1), general, queue)
            list_.append((busy[i] / services[i], after))
            list_.append((queue[i] / patiences[i], make(busy, general, plus(queue, i, -1))))
        first = next((i for i in range(types) if queue[i]), None)
        after = make(busy, general - 1, queue) if first is None else make(busy, general, plus(queue, first, -1))
        return list_ + [(general / services[-1], after)]

    law = stationary((0,) * (2 * types + 1), moves, 1e-11)
    rows = {"occupancy_generalist": mean(law, lambda *s: s[types]) / shared}
    for i in range(types):
        queue = mean(law, lambda *s: s[types + 1 + i])
        rows[f"p_wait_type{i + 1}"] = mean(law, lambda *s: s[i] == staff[i] and s[types] == shared)
        rows[f"p_abandon_type{i + 1}"] = queue / patiences[i] / rates[i] * 3600
        rows[f"mean_wait_type{i + 1}_s"] = queue / rates[i] * 3600
        rows[f"occupancy_g{i + 1}"] = mean(law, lambda *s: s[i]) / staff[i]
    put(case, "M-model CTMC", {"aht_by_group": services, "lambda_by_type": rates, "n_by_group": staff,
                               "patience_s": patiences}, rows, sum(rates), None, sum(staff))


def unlike(case, rate, services, mean_patience, selection, queue_max=40):
    """Agents of unlike speed, one of whom is chosen by a rule; the longest idle stands first."""
    keeps_order = selection == "longest_idle"
    sign = -1 if selection == "slowest" else 1
    prefer = sorted(range(len(services)), key=lambda i: sign * services[i])

    def moves(state):
        queue, idle = state
        order = lambda agents: tuple(agents) if keeps_order else tuple(sorted(agents))
        list_ = [(queue / mean_patience, (queue - 1, idle))]
        if idle:
            chosen = idle[0] if keeps_order else next(i for i in prefer if i in idle)
            list_.append((rate / 3600, (0, order(i for i in idle if i != chosen))))
        elif queue < queue_max:
            list_.append((rate / 3600, (queue + 1, idle)))
        for i, service in enumerate(services):
            if i not in idle:
                list_.append((1 / service, (queue - 1, idle) if queue else (0, order(list(idle) + [i]))))
        return list_

    law = stationary((0, tuple(range(len(services)))), moves)
    queue = mean(law, lambda q, idle: q)
    rows = {"p_wait": mean(law, lambda q, idle: not idle), "mean_queue": queue, "mean_wait_all_s": queue / rate * 3600,
            "p_abandon": queue / mean_patience / rate * 3600}
    for i in range(len(services)):
        rows[f"occupancy_agent{i + 1}"] = mean(law, lambda q, idle: i not in idle)
    put(case, "M/M_i/n heterogeneous agents", {"agent_mean_service_s": services, "agent_selection": selection}, rows,
        rate, None, len(services), mean_patience)


def listed(case, rate, aht, n, mean_patience, accept, at_least, reserve, most=(30, 60)):
    """Callbacks from a list, made when an agent frees and more than some are idle."""
    l, mu, th = rate / 3600, 1 / aht, 1 / mean_patience

    def moves(state):
        x, q, c = state
        list_ = [(q * th, (x, q - 1, c))]
        if x < n:
            list_.append((l, (x + 1, q, c)))
        elif q >= at_least:
            list_.append((l * accept if c < most[1] else 0, (x, q, c + 1)))
            list_.append((l * (1 - accept) if q < most[0] else 0, (x, q + 1, c)))
        else:
            list_.append((l, (x, q + 1, c)))
        if q:
            after = (x, q - 1, c)
        elif c and n - (x - 1) > reserve:
            after = (x, q, c - 1)
        else:
            after = (x - 1, q, c)
        return list_ + [(x * mu, after)]

    law = stationary((0, 0, 0), moves, 1e-12)
    queue, backlog = mean(law, lambda x, q, c: q), mean(law, lambda x, q, c: c)
    chosen = accept * mean(law, lambda x, q, c: x == n and q >= at_least)
    put(case, "callback queue, low priority (CTMC)",
        {"idle_reserve": reserve, "offer_if_queue_at_least": at_least, "p_accept": accept},
        {"p_wait_all_busy": mean(law, lambda x, q, c: x == n), "p_callback": chosen,
         "p_abandon_of_offered": queue * th / l, "mean_queue": queue, "mean_callback_backlog": backlog,
         "mean_callback_delay_s": backlog / l / chosen, "occupancy": mean(law, lambda x, q, c: x) / n,
         "mean_wait_nonCB_s": queue / l / (1 - chosen)}, rate, aht, n, mean_patience)


def overflow(case, rates, staff, last, aht):
    """Primary groups and fresh calls that share an overflow group; no queue."""
    count = len(staff)

    def moves(state):
        list_ = []
        for i, rate in enumerate(rates):
            to = list(state)
            if i < count and state[i] < staff[i]:
                to[i] += 1
            elif state[count] < last:
                to[count] += 1
            list_.append((rate / 3600, tuple(to)))
        for i, busy in enumerate(state):
            to = list(state)
            to[i] -= 1
            list_.append((busy / aht, tuple(to)))
        return list_

    law, rows = stationary((0,) * (count + 1), moves), {}
    for i in range(len(rates)):
        is_full = lambda s: i >= count or s[i] == staff[i]
        rows[f"p_lost_type{i + 1}"] = mean(law, lambda *s: is_full(s) and s[count] == last)
        if i < count:
            rows[f"p_overflow_type{i + 1}"] = mean(law, lambda *s: is_full(s))
    rows["busy_overflow_group"] = mean(law, lambda *s: s[count])
    extra = {"lambda_by_type": rates, "n_overflow": last, **{f"n_primary{i + 1}": n for i, n in enumerate(staff)}}
    put(case, "primaries + fresh -> shared overflow", extra, rows, sum(rates), aht, 0)


def work_after(case, rate, talk, acw, n, mean_patience, capacity):
    """After-call work: the line is free before the agent is."""
    l, mt, ma, th = rate / 3600, 1 / talk, 1 / acw, 1 / mean_patience

    def moves(state):
        t, a, q = state
        list_ = [(t * mt, (t - 1, a + 1, q)), (q * th, (t, a, q - 1)),
                 (a * ma, (t + 1, a - 1, q - 1) if q else (t, a - 1, q))]
        if t + q < capacity:
            list_.append((l, (t + 1, a, q) if t + a < n else (t, a, q + 1)))
        return list_

    law = stationary((0, 0, 0), moves)
    block, queue = mean(law, lambda t, a, q: t + q == capacity), mean(law, lambda t, a, q: q)
    talking, after = mean(law, lambda t, a, q: t), mean(law, lambda t, a, q: a)
    put(case, "M/M+ACW/n, finite trunks", {"acw_mean_s": acw, "talk_mean_s": talk},
        {"p_block": block, "p_wait_of_offered": mean(law, lambda t, a, q: t + a == n and t + q < capacity),
         "mean_queue": queue, "p_abandon_of_offered": queue * th / l, "occupancy_incl_acw": (talking + after) / n,
         "talk_utilisation": talking / n, "mean_busy_trunks": talking + queue,
         "mean_wait_accepted_s": queue / l / (1 - block)}, rate, talk + acw, n, mean_patience, capacity)


def ivr(case, rate, menu, to_agent, aht, n, capacity, within):
    """A line is held in the menu, in the queue and in talk; callers have patience."""
    l, g, mu = rate / 3600, 1 / menu, 1 / aht

    def moves(state):
        m, x = state
        list_ = [(m * g * to_agent, (m - 1, x + 1)), (m * g * (1 - to_agent), (m - 1, x)), (min(x, n) * mu, (m, x - 1))]
        return list_ + [(l, (m + 1, x))] if m + x < capacity else list_

    law = stationary((0, 0), moves)
    # A call from the menu finds the others as they are: the law of m - 1 and x, weighted by m.
    weight, queue = mean(law, lambda m, x: m), mean(law, lambda m, x: max(x - n, 0))
    found = lambda f: mean(law, lambda m, x: m * f(x)) / weight
    # Served in time: fewer than x - n + 1 services in the time, a Poisson number.
    late = lambda x: sum(math.exp(-n * mu * within) * (n * mu * within)**k / math.factorial(k) for k in range(x - n + 1))
    put(case, "IVR + M/M/S with N trunks", {"ivr_mean_s": menu, "p_to_agent": to_agent},
        {"p_block": mean(law, lambda m, x: m + x == capacity), "p_wait_agent_arrivals": found(lambda x: x >= n),
         "asa_s": found(lambda x: max(x - n + 1, 0) * aht / n), "mean_queue": queue,
         "occupancy_agents": mean(law, lambda m, x: min(x, n)) / n, "mean_in_ivr": weight,
         f"sl{within}_of_agent_arrivals": found(lambda x: 1 - late(x) if x >= n else 1)}, rate, aht, n, None, capacity)


def bursts(case, rates, stays, aht, n, mean_patience, most=60):
    """M/M/n+M with rates that take turns."""
    mu, th, count = 1 / aht, 1 / mean_patience, len(rates)

    def moves(state):
        k, x = state
        up = [(rates[k] / 3600, (k, x + 1))] if x < most else []
        down = min(x, n) * mu + max(x - n, 0) * th
        return up + [(1 / stays[k], ((k + 1) % count, x)), (down, (k, x - 1))]

    law = stationary((0, 0), moves)
    rate = mean(law, lambda k, x: rates[k])
    queue = mean(law, lambda k, x: max(x - n, 0))
    put(case, "MMPP/M/n+M", {"rates_per_hour": rates, "mean_sojourn_s": stays},
        {"p_wait_seen_by_arrivals": mean(law, lambda k, x: rates[k] * (x >= n)) / rate,
         "p_all_busy_time_average": mean(law, lambda k, x: x >= n), "p_abandon": queue * th / rate * 3600,
         "mean_wait_all_s": queue / rate * 3600, "mean_queue": queue,
         "occupancy": mean(law, lambda k, x: min(x, n)) / n, "mean_rate_per_hour": rate}, rate, aht, n, mean_patience)


def no_shows(case, rate, aht, n, mean_patience, show, within):
    """The number of agents is binomial for each endless day."""
    lost = good = wait = 0.0
    for present in range(n + 1):
        chance = math.comb(n, present) * show**present * (1 - show)**(n - present)
        if present == 0:
            lost, wait = lost + chance, wait + chance * mean_patience
        elif chance > 1e-12:
            rows = patience(rate, aht, present, lambda x: math.exp(-x / mean_patience), within, 0.05)
            lost, wait = lost + chance * rows["p_abandon"], wait + chance * rows["mean_wait_all_s"]
            good += chance * rows[f"frac_answered_within_{within}"]
    put(case, "random staffing (no-show)", {"p_show": show}, {
        "mean_p_abandon": lost, f"mean_sl{within}_answered_over_offered": good, "mean_mean_wait_all_s": wait},
        rate, aht, n, mean_patience)


def varying(case, rule, rates, staff, span, aht, mean_patience, queue_max=40):
    """Rates and staff by interval under a staff rule; states are agents busy, agents marked to leave, calls waiting."""
    mu, th, rows, sums = 1 / aht, 1 / mean_patience, {}, [0.0, 0.0]

    def is_full(u, m, count):
        return u >= count if rule == "marked" else u + m >= count

    def moves(state, l, count):
        u, m, q = state
        list_ = [(q * th, (u, m, q - 1)), (m * mu, (u, m - 1, q))]
        takes_next = q and (rule == "marked" or u - 1 < count)
        list_.append((u * mu, (u, m, q - 1) if takes_next else (u - 1, m, q)))
        if not is_full(u, m, count):
            list_.append((l, (u + 1, m, q)))
        elif q < queue_max:
            list_.append((l, (u, m, q + 1)))
        return [(rate, to) for rate, to in list_ if rate > 0]

    def change(law, count):
        new = {}
        for (u, m, q), p in law.items():
            if rule == "preempt" and u > count:
                u, q = count, min(q + u - count, queue_max)
            elif rule == "marked" and u > count:
                u, m = count, m + u - count
            while q and not is_full(u, m, count):
                u, q = u + 1, q - 1
            new[(u, m, q)] = new.get((u, m, q), 0.0) + p
        return new

    def evolve(law, l, count, time):
        top = l + max(staff) * 2 * mu + queue_max * th
        steps = math.ceil(time * top / 8)
        lt, areas = top * time / steps, [0.0] * 4
        for _ in range(steps):
            current, weight, seen, new, k = law, math.exp(-lt), math.exp(-lt), {}, 0
            while True:
                rest = (1 - seen) / top
                for (u, m, q), p in current.items():
                    new[(u, m, q)] = new.get((u, m, q), 0.0) + weight * p
                    over = m if rule == "marked" else max(u - count, 0)
                    for i, figure in enumerate((q, u + m, over, is_full(u, m, count))):
                        areas[i] += rest * p * figure
                k += 1
                if 1 - seen < 1e-13 or k > 200:
                    break
                following = {}
                for state, p in current.items():
                    leaving = 0.0
                    for rate, to in moves(state, l, count) if p > 1e-17 else ():
                        following[to] = following.get(to, 0.0) + p * rate / top
                        leaving += rate
                    following[state] = following.get(state, 0.0) + p * (1 - leaving / top)
                current, weight = following, weight * lt / k
                seen += weight
            law = new
        return law, areas

    law = {(0, 0, 0): 1.0}
    for i, (rate, count) in enumerate(zip(rates, staff), 1):
        law, (queue, busy, over, full) = evolve(change(law, count), rate / 3600, count, span)
        rows.update({f"int{i}_p_wait_arrivals": full / span, f"int{i}_abandon": queue * th,
                     f"int{i}_mean_queue": queue / span, f"int{i}_mean_busy": busy / span,
                     f"int{i}_in_system_end": mean(law, lambda u, m, q: u + m + q),
                     f"int{i}_overtime_agent_s": over})
        sums = [sums[0] + queue, sums[1] + rate * span / 3600]
    _, (queue, busy, _, _) = evolve(law, 0.0, staff[-1], 25 * aht)
    rows.update({"after_close_abandon": queue * th, "after_close_busy_agent_s": busy, "day_arrivals": sums[1],
                 "day_p_abandon": (sums[0] + queue) * th / sums[1],
                 "day_mean_wait_all_s": (sums[0] + queue) / sums[1]})
    put(case, "M(t)/M/s(t)+M", {"interval_s": span, f"lambda_per_hour_by_{span // 60}min": rates,
                                f"servers_by_{span // 60}min": staff, "staff_drop_rule": rule}, rows,
        None, aht, max(staff), mean_patience)


def equal_rates(case, rate, swing, aht, n, hours, levels):
    """Patience and service at one rate: the number present is Poisson."""
    # m' = rate + swing sin(t) - m * mu from 0, by its closed form.
    mu = 3600 / aht
    wave = lambda t: swing * (mu * math.sin(t) - math.cos(t)) / (mu * mu + 1)
    m = rate / mu + wave(hours) - (rate / mu + wave(0)) * math.exp(-mu * hours)
    below = lambda k: sum(math.exp(i * math.log(m) - m - math.lgamma(i + 1)) for i in range(k))
    put(case, "M(t)/M/s(t)+M with theta=mu", {"lambda_t": f"{rate}+{swing} sin(t) per hour, t in hours", "t_hours": hours},
        {"mean_in_system": m, "var_in_system": m, **{f"p_in_system_ge_{k}": 1 - below(k) for k in levels}},
        None, aht, n, aht)


def main():
    OUT.writerow(COLUMNS.split())
    put("EB6", "M/M/n/n", {"note": "loss"}, {"p_block": 0.0952380952380952}, 80, 90, 4, None, 4)
    delay("EC9", 2880, 60, 50, 30)
    delay("EC11", 90, 200, 7, 45)
    impatient("EA8", 2880, 60, 50, lambda x: math.exp(-x / 120), {}, 120, 25)
    lines("TR3", 150, 200, 8, 90, 11, 3)
    one_agent("PK-E2", "M/Ek/1", 20, 120, {"k": 4, "service": "erlang"}, 120**2 * 1.25, 120**3 * 5 * 6 / 16)
    one_agent("PK-L2", "M/G/1 lognormal", 18, 120, {"cv": 0.8, "service": "lognormal"}, 120**2 * 1.64, 120**3 * 1.64**3)
    impatient("EG2", 150, 200, 8, lambda x: (1 + x / 75) * math.exp(-x / 75), {"patience": "erlang", "k": 2}, 150, 30)
    sigma = math.sqrt(math.log(1.64))
    log = lambda x: 0.5 * math.erfc((math.log(x / 100) + sigma**2 / 2) / sigma / math.sqrt(2)) if x else 1.0
    impatient("EG4", 150, 200, 7, log, {"patience": "lognormal", "cv": 0.8}, 100, 20)
    impatient("EG7", 150, 200, 8, lambda x: max(0, 1 - x / 240), {"patience": "uniform"}, 120, 30)
    balk = {"patience": "mass p=0.15 at 0 (balk only if must wait) else Exp(300 s)", "p_balk": 0.15, "exp_mean": 300}
    impatient("EG8", 150, 200, 8, lambda x: 0.85 * math.exp(-x / 300), balk, None, 15)
    classes("PR2", [30, 50, 40], 180, 8, 30)
    overflow("OV5", [30, 40, 20, 10], [2, 2, 1], 3, 180)
    retrials("RT3", 200, 180, 8, 0.6, 240)
    redials("RD4", 50, 300, 5, 90, 0.4, 0.2, 200, 900)
    n_model("NM2", [60, 40], [3, 3], [200, 260, 180], [100, 150])
    m_model("MM2", [25, 30, 20], [150, 200, 240, 220], [1, 1, 1, 2], [100, 120, 80])
    for number, selection in enumerate(("slowest", "fastest", "longest_idle"), 5):
        unlike(f"HA{number}", 45, [300, 90, 180], 150, selection)
    work_after("AW2", 100, 150, 80, 6, 100, 8)
    ivr("IV2", 120, 45, 0.7, 160, 5, 9, 30)
    listed("CQ2", 90, 200, 5, 100, 0.5, 2, 1)
    bursts("BU3", [60, 150, 250], [900, 600, 300], 180, 7, 100)
    no_shows("NS2", 120, 180, 8, 90, 0.8, 30)
    for rule in ("counter", "marked", "preempt"):
        varying(f"TV2-{rule}", rule, [90, 60, 120], [6, 3, 5], 900, 200, 120)
    equal_rates("TI-2.5", 60, 15, 1800, 30, 2.5, (25, 35))


main()
