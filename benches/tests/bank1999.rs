//! The recorded arrivals of a bank's February 1999, replayed: half-hours with a service level are abandoned as measured.
//!
//! The data hold no staffing, so it is swept around the load. They may not be kept here; where they are absent the
//! test says that it skips.

use acd::Duration;
use acd::kpi::{Kpi, Selector, ServiceLevelDefinition};
use flate2::read::GzDecoder;
use reports::{Span, Totals};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Half-hours of the month.
const SPANS: usize = 28 * 48;
const SPAN_S: f64 = 1800.0;

/// Half-hours with fewer calls say little.
const CALLS_MIN: f64 = 20.0;

/// Share abandoned in half-hours with a service level of 80 % and more, 60 to 80, 40 to 60, 20 to 40, less: as measured,
/// and by how much a replay may be off.
const MEASURED: [(f64, f64); 5] =
    [(0.015, 0.03), (0.054, 0.03), (0.109, 0.03), (0.183, 0.03), (0.299, 0.06)];

/// Staff ÷ load.
const SWEEP: [f64; 6] = [0.8, 0.9, 1.0, 1.1, 1.2, 1.3];

/// A call that reached the agents' stage.
struct Call {
    /// Seconds from the beginning of the month.
    at: f64,
    contact: &'static str,
}

#[test]
#[expect(clippy::print_stdout, reason = "who skips must say so")]
fn half_hours_of_the_bank_are_abandoned_as_measured() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    if !shared.exists() {
        println!("skipped: {} is not here", shared.display());
        return;
    }
    let data = shared.join("data");
    let calls = calls(&data.join("anonbank_1999-02_calls.csv.gz"));
    let fit = fs::read_to_string(data.join("anonbank_1999-02_fit.json")).expect("the fit is there");
    let fit: Value = serde_json::from_str(&fit).expect("the fit is JSON");
    let folder = tempfile::tempdir().expect("a folder to write to");
    write_trace(folder.path(), &calls);
    let mut bins = [Bin::default(); 5];
    for (number, factor) in SWEEP.into_iter().enumerate() {
        let scenario = write_scenario(folder.path(), &calls, &fit, factor, number);
        collect(&scenario, &mut bins);
    }
    let shares = bins.map(|bin| bin.abandoned / bin.spans);
    for (share, (measured, within)) in shares.into_iter().zip(MEASURED) {
        assert!(
            (share - measured).abs() <= within,
            "{share:.3} is not near {measured}: {shares:.3?}"
        );
    }
}

/// Reads the calls: neither phantoms nor those who hung up before they were put into the queue.
fn calls(path: &Path) -> Vec<Call> {
    let file = File::open(path).expect("the calls are there");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let mut calls: Vec<Call> = reader
        .deserialize::<BTreeMap<String, String>>()
        .filter_map(|row| call(&row.expect("a row of the calls")))
        .collect();
    calls.sort_by(|left, right| left.at.total_cmp(&right.at));
    calls
}

fn call(row: &BTreeMap<String, String>) -> Option<Call> {
    let is_gone = row["outcome"] == "HANG" && row["q_start"] == "-1";
    if row["outcome"] == "PHANTOM" || is_gone {
        return None;
    }
    let day: f64 = row["date"].strip_prefix("1999-02-")?.parse().ok()?;
    let second: f64 = row["vru_exit"].parse().ok()?;
    let contact = match (row["priority"].as_str(), row["type"].as_str()) {
        ("2", _) => "vip",
        (_, "NE") => "stock",
        (_, "NW") => "prospects",
        (_, _) => "regular",
    };
    Some(Call { at: (day - 1.0) * 86_400.0 + second, contact })
}

fn write_trace(folder: &Path, calls: &[Call]) {
    let rows = calls.iter().map(|call| format!("+{}s,{}\n", call.at, call.contact));
    let text: String = std::iter::once("at,contact\n".to_owned()).chain(rows).collect();
    fs::write(folder.join("trace.csv"), text).expect("the trace is written");
}

/// Name, talk by its key in the fit, mean patience in seconds by its key.
const CONTACTS: [(&str, &str, &str); 4] = [
    ("regular", "PS", "PS_regular"),
    ("vip", "PS", "priority_2_VIP"),
    ("stock", "NE", "NE_stock"),
    ("prospects", "NW", "NW_prospect"),
];

fn write_scenario(
    folder: &Path,
    calls: &[Call],
    fit: &Value,
    factor: f64,
    number: usize,
) -> PathBuf {
    let staff = staff(calls, fit, factor);
    let rows = staff.iter().enumerate().map(|(span, count)| {
        let (day, half_hour) = (span / 48 + 1, span % 48);
        format!("1999-02-{day:02}T{:02}:{:02},{count}\n", half_hour / 2, half_hour % 2 * 30)
    });
    let text: String = std::iter::once("start,clerks\n".to_owned()).chain(rows).collect();
    fs::write(folder.join(format!("staff-{number}.csv")), text).expect("the schedule is written");
    let mut toml = format!(
        "schema = 1\ntitle = \"February 1999\"\nstart = \"1999-02-01T00:00\"\nlength = \"28d\"\n\
         interval = \"30m\"\n[run]\nseed = {}\nreplications = 12\n\
         [queue.regular]\ntarget = \"80% in 20s\"\nageing = \"2/min\"\n\
         # Three points at two a minute: a head start of 90 s.\n\
         [queue.vip]\ntarget = \"80% in 20s\"\nageing = \"2/min\"\npriority = 3\n\
         [agents.clerks]\nschedule = \"staff-{number}.csv\"\nskills = {{ regular = 1, vip = 1 }}\n",
        number + 1
    );
    for (name, talk, patience) in CONTACTS {
        let queue = if name == "vip" { "vip" } else { "regular" };
        let (talk, patience) = (talk_law(fit, talk), patience_law(fit, patience));
        toml.push_str(&format!(
            "[contact.{name}]\nqueue = \"{queue}\"\narrivals.trace = {{ file = \"trace.csv\" }}\n\
             talk = {talk}\npatience = {patience}\n"
        ));
    }
    let path = folder.join(format!("february-{number}.toml"));
    fs::write(&path, toml).expect("the scenario is written");
    path
}

fn number(fit: &Value, path: &[&str]) -> f64 {
    let value = path.iter().fold(fit, |value, key| &value[*key]);
    value.as_f64().unwrap_or_else(|| panic!("the fit has no number {path:?}"))
}

/// Service of ten seconds and more is lognormal; the shorter ones are even.
fn talk_law(fit: &Value, key: &str) -> String {
    let (mean, sigma) = (
        number(fit, &["service_lognormal_ge10s", key, "mean_s"]),
        number(fit, &["service_lognormal_ge10s", key, "sigma"]),
    );
    let (cv, short) =
        (libm::sqrt(libm::expm1(sigma * sigma)), number(fit, &["service_under_10s_share"]));
    format!(
        "{{ mixture = [{{ share = {short}, law = {{ uniform = {{ min = \"0s\", max = \"10s\" }} }} }}, \
         {{ share = {}, law = {{ lognormal = {{ mean = \"{mean}s\", cv = {cv:.6} }} }} }}] }}",
        1.0 - short
    )
}

/// The Kaplan-Meier curve of all callers, stretched to the mean patience of this kind.
fn patience_law(fit: &Value, key: &str) -> String {
    let mean = |key: &str| number(fit, &["patience_exponential_mle_mean_s", key]);
    let stretch = mean(key) / mean("all");
    let curve = fit["patience_kaplan_meier_survival"].as_object().expect("the fit has the curve");
    let mut points: Vec<(f64, f64)> = curve
        .iter()
        .map(|(time, left)| (time.parse().expect("seconds"), left.as_f64().expect("a share")))
        .collect();
    points.sort_by(|left, right| left.0.total_cmp(&right.0));
    // Who would wait longer than the last point would wait for another 1500 s at most: nobody is left to tell.
    points.push((points[points.len() - 1].0 + 1500.0, 0.0));
    let (mut from, mut parts) = ((0.0, 1.0), Vec::new());
    for to in points {
        let (share, min, max) = (from.1 - to.1, from.0 * stretch, to.0 * stretch);
        parts.push(format!(
            "{{ share = {share:.6}, law = {{ uniform = {{ min = \"{min:.3}s\", max = \"{max:.3}s\" }} }} }}"
        ));
        from = to;
    }
    format!("{{ mixture = [{}] }}", parts.join(", "))
}

/// Agents for each half-hour: the load, smoothed over its neighbours, times a factor.
fn staff(calls: &[Call], fit: &Value, factor: f64) -> Vec<u32> {
    let mut load = vec![0.0; SPANS];
    for call in calls {
        let (_, key, _) =
            CONTACTS.iter().find(|kind| kind.0 == call.contact).expect("a known kind");
        let short = number(fit, &["service_under_10s_share"]);
        let mean = number(fit, &["service_lognormal_ge10s", key, "mean_s"]);
        load[(call.at / SPAN_S) as usize] += ((1.0 - short) * mean + short * 5.0) / SPAN_S;
    }
    let smooth = |span: usize| {
        let near = &load[span.saturating_sub(1)..(span + 2).min(SPANS)];
        near.iter().sum::<f64>() / near.len() as f64
    };
    (0..SPANS).map(|span| (factor * smooth(span)).round().max(1.0) as u32).collect()
}

/// Half-hours of one level of service.
#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    spans: f64,
    /// Sum of their shares abandoned.
    abandoned: f64,
}

fn collect(path: &Path, bins: &mut [Bin; 5]) {
    let options = scenarios::LoadOptions::default();
    let loaded = scenarios::load(path, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let run = sim::run(&loaded.scenario, &sim::Options::default(), &mut |replication| {
        assert!(replication.broken.is_empty(), "{:?}", replication.broken);
        (0..SPANS as u32).for_each(|span| count(&replication.totals, span, bins));
    });
    run.expect("the month is run to its end");
}

fn count(totals: &Totals, span: u32, bins: &mut [Bin; 5]) {
    let span = Span::Interval(span);
    let figure = |kpi: Kpi| totals.figure(kpi, None, Selector::ALL, span);
    if figure(Kpi::Offered).is_none_or(|offered| offered < CALLS_MIN) {
        return;
    }
    let within = Some(Duration::from_secs(20));
    let served = totals
        .service_level(ServiceLevelDefinition::OfOffered, within, Selector::ALL, span)
        .expect("calls were offered");
    let bin = [0.8, 0.6, 0.4, 0.2].iter().position(|least| served >= *least).unwrap_or(4);
    bins[bin].spans += 1.0;
    bins[bin].abandoned += figure(Kpi::AbandonmentRate).expect("calls were offered");
}
