//! Overflow without a queue: OV. The first set-up is the centre; the second has a practically endless last group.

use crate::theory::case::{Case, Fault};
use crate::theory::centre::{Arrivals, Centre, Group, Queue};
use crate::theory::figure::Figure;
use crate::theory::laws;
use crate::theory::measure::{Kind, Measure, agents, contact, queue};
use crate::theory::setup::{self, CALLS_MIN, Setup, Watch, longest, services};
use crate::theory::words::indexed;
use acd::kpi::Kpi;
use chance::Law;

/// The groups in front, and the rates: those without a group in front go straight to the last.
struct Parts {
    rates: Vec<f64>,
    primaries: Vec<u32>,
    last: u32,
}

fn parts(case: &Case) -> Result<Parts, Fault> {
    if case.extra.contains_key("primary") {
        let primaries = vec![case.whole("primary")?];
        return Ok(Parts {
            rates: vec![case.arrivals()?],
            primaries,
            last: case.whole("secondary")?,
        });
    }
    let rates = case.numbers("lambda_by_type")?;
    let keys = (1..).map(|i| format!("n_primary{i}"));
    let present = keys.take_while(|key| case.extra.contains_key(key.as_str()));
    let primaries: Vec<u32> = present.map(|key| case.whole(&key)).collect::<Result<_, _>>()?;
    if primaries.is_empty() || primaries.len() > rates.len() {
        return Err(case.fault("n_primary1, n_primary2, … do not fit lambda_by_type"));
    }
    Ok(Parts { rates, primaries, last: case.whole("n_overflow")? })
}

pub(super) fn setups(case: &Case) -> Result<Vec<Setup>, Fault> {
    let parts = parts(case)?;
    let aht = case.aht()?;
    let agents = parts.primaries.iter().sum::<u32>() + parts.last;
    let rate = parts.rates.iter().sum();
    let queueless = setup::bounded_queueing(aht, f64::from(agents), rate, 0.0);
    let warm_up_s = longest(&[services(aht), queueless]);
    let setup =
        |name, centre| Setup { name, centre, watch: Watch::Steady { warm_up_s, calls: CALLS_MIN } };
    let mut setups = vec![setup("", build(case, &parts, parts.last)?)];
    if case.rows.iter().any(|row| is_about_endless(&row.metric)) {
        let load = parts.rates.iter().sum::<f64>() * case.aht()? / 3600.0;
        // More agents than calls present: ten standard deviations above the whole load.
        let endless = (load + 10.0 * libm::sqrt(load) + 20.0).ceil() as u32;
        setups.push(setup("endless", build(case, &parts, endless)?));
    }
    Ok(setups)
}

fn build(case: &Case, parts: &Parts, last: u32) -> Result<Centre, Fault> {
    let count = parts.primaries.len();
    let talk = laws::service(case)?;
    let name = |number: usize| {
        if number <= count { format!("g{number}") } else { "overflow".to_owned() }
    };
    let make_contact = |(i, rate): (usize, &f64)| {
        let arrivals = Arrivals::Rate(*rate);
        let contact = format!("type{}", i + 1);
        setup::contact(&contact, &name(i + 1), arrivals, talk.clone(), Law::Unlimited)
    };
    let contacts = parts.rates.iter().enumerate().map(make_contact).collect();
    let make_queue = |number: usize| Queue {
        name: name(number),
        max_length: Some(0),
        overflow_to: (number <= count).then(|| name(count + 1)),
        ..Queue::default()
    };
    let make_group = |number: usize| Group {
        name: name(number),
        staff: vec![parts.primaries.get(number - 1).copied().unwrap_or(last)],
        skills: vec![(name(number), 1)],
        ..Group::default()
    };
    let queues = (1..=count + 1).map(make_queue).collect();
    let groups = (1..=count + 1).map(make_group).collect();
    Ok(setup::centre(contacts, queues, groups))
}

fn is_about_endless(metric: &str) -> bool {
    ["overflow_mean_erl", "overflow_var", "peakedness"].contains(&metric)
}

pub(super) fn measure(case: &Case, name: &str) -> Option<Measure> {
    let count = parts(case).ok()?.primaries.len();
    let last = (queue(count + 1), agents(count + 1));
    let share = |figure: Figure| Some(Measure::pooled(figure, Kind::Share));
    let (var, mean) = (Figure::kpi(Kpi::VarBusy, last.1), Figure::kpi(Kpi::MeanBusy, last.1));
    let overflowed = |number: usize| {
        let moved = Figure::kpi(Kpi::OverflowedOut, queue(number));
        share(moved / Figure::kpi(Kpi::Offered, queue(number)))
    };
    match name {
        "p_overflow" => return overflowed(1),
        "p_lost" => return share(Figure::all(Kpi::RefusedFull) / Figure::all(Kpi::Offered)),
        "p_block_at_secondary" => {
            let refused = Figure::kpi(Kpi::RefusedFull, last.0);
            return share(refused / Figure::kpi(Kpi::Offered, last.0));
        }
        "secondary_busy" | "busy_overflow_group" => {
            return Some(Measure::pooled(mean, Kind::Plain));
        }
        "overflow_mean_erl" => return Some(Measure::pooled(mean, Kind::Plain).in_setup(1)),
        "overflow_var" => return Some(Measure::pooled(var, Kind::Variance).in_setup(1)),
        "peakedness" => return Some(Measure::pooled(var / mean, Kind::Plain).in_setup(1)),
        _ => {}
    }
    match indexed(name, "_type")? {
        (name, number) if name == "p_lost" => {
            let refused = Figure::kpi(Kpi::RefusedFull, contact(number));
            share(refused / Figure::kpi(Kpi::Offered, contact(number)))
        }
        (name, number) if name == "p_overflow" && number <= count => overflowed(number),
        _ => None,
    }
}
