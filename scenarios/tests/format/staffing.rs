//! Schedules and shifts: who is there when.

use crate::help::{SMALL, load, refused};
use scenarios::{Group, Loaded, Shift};

fn centre(start: &str, length: &str, staff: &str) -> String {
    SMALL
        .replace("2026-03-02T08:00", start)
        .replace("length = \"10h\"", &format!("length = \"{length}\"\ninterval = \"1h\""))
        .replace("count = 12", staff)
}

fn group(loaded: &Loaded) -> &Group {
    &loaded.scenario.groups[0]
}

fn schedule(loaded: &Loaded) -> Vec<(f64, u32)> {
    group(loaded).schedule.iter().map(|(at, count)| (at.as_secs() / 3600.0, *count)).collect()
}

#[test]
fn schedule_by_clock_times_repeats_each_day_of_a_longer_run() {
    let rows = "schedule = [{ at = \"08:00\", count = 7 }, { at = \"20:00\", count = 1 }]";
    let loaded = load(&centre("2026-03-02T08:00", "48h", rows));
    assert_eq!(schedule(&loaded), [(0.0, 7), (12.0, 1), (24.0, 7), (36.0, 1)]);
}

#[test]
fn schedule_by_other_times_does_not_repeat() {
    let rows = "schedule = [{ at = \"+0s\", count = 7 }, { at = \"day 2 09:00\", count = 1 }]";
    let loaded = load(&centre("2026-03-02T08:00", "72h", rows));
    assert_eq!(schedule(&loaded), [(0.0, 7), (25.0, 1)]);
}

#[test]
fn nobody_is_there_before_the_first_row_and_a_warning_says_so() {
    let loaded =
        load(&centre("2026-03-02T08:00", "10h", "schedule = [{ at = \"09:00\", count = 7 }]"));
    assert_eq!(schedule(&loaded), [(0.0, 0), (1.0, 7)]);
    let warnings = loaded.warnings.to_string();
    assert!(warnings.contains("the first schedule row comes 1h after the beginning"), "{warnings}");
}

#[test]
fn two_rows_at_one_moment_are_refused() {
    let rows = "schedule = [{ at = \"09:00\", count = 7 }, { at = \"+1h\", count = 8 }]";
    let faults = refused(&centre("2026-03-02T08:00", "10h", rows), &[]);
    assert!(faults.contains("two schedule rows begin at the same moment"), "{faults}");
}

fn hours(shift: &Shift) -> (f64, f64) {
    (shift.from.as_secs() / 3600.0, shift.to.as_secs() / 3600.0)
}

fn shifts(start: &str, length: &str, shift: &str) -> Vec<Shift> {
    group(&load(&centre(start, length, &format!("shift = [{{ count = 4, {shift} }}]"))))
        .shifts
        .clone()
}

#[test]
fn shifts_are_worked_on_each_day_of_the_run() {
    let found = shifts(
        "2026-03-02T08:00",
        "48h",
        "from = \"09:00\", to = \"17:00\", breaks = [{ from = \"12:00\", to = \"12:30\" }]",
    );
    assert_eq!(found.iter().map(hours).collect::<Vec<_>>(), [(1.0, 9.0), (25.0, 33.0)]);
    let breaks: Vec<_> = found.iter().map(|shift| shift.breaks[0].0.as_secs() / 3600.0).collect();
    assert_eq!(breaks, [4.0, 28.0]);
}

#[test]
fn night_shift_passes_midnight_with_its_break() {
    let found = shifts(
        "2026-03-02T20:00",
        "12h",
        "from = \"22:00\", to = \"06:00\", breaks = [{ from = \"01:00\", to = \"01:30\" }]",
    );
    assert_eq!(found.iter().map(hours).collect::<Vec<_>>(), [(2.0, 10.0)]);
    assert_eq!(found[0].breaks[0].0.as_secs() / 3600.0, 5.0);
}

#[test]
fn shift_under_way_at_the_beginning_is_worked_from_there_without_the_breaks_it_had() {
    let breaks =
        "breaks = [{ from = \"09:00\", to = \"09:30\" }, { from = \"12:00\", to = \"12:30\" }]";
    let found =
        shifts("2026-03-02T10:00", "8h", &format!("from = \"08:00\", to = \"16:00\", {breaks}"));
    assert_eq!(found.iter().map(hours).collect::<Vec<_>>(), [(0.0, 6.0)]);
    assert_eq!(found[0].breaks.len(), 1);
    assert_eq!(found[0].breaks[0].0.as_secs() / 3600.0, 2.0);
}

#[test]
fn night_shift_of_the_evening_before_is_worked_to_its_end() {
    let breaks =
        "breaks = [{ from = \"23:00\", to = \"23:30\" }, { from = \"02:00\", to = \"02:30\" }]";
    let found =
        shifts("2026-03-02T00:00", "30h", &format!("from = \"22:00\", to = \"06:00\", {breaks}"));
    assert_eq!(found.iter().map(hours).collect::<Vec<_>>(), [(0.0, 6.0), (22.0, 30.0)]);
    assert_eq!(found[0].breaks.len(), 1, "the one before midnight is over");
    assert_eq!(found[0].breaks[0].0.as_secs() / 3600.0, 2.0);
    assert_eq!(found[1].breaks.len(), 2);
}

#[test]
fn shift_may_be_given_by_other_times() {
    let found = shifts("2026-03-02T08:00", "48h", "from = \"+2h\", to = \"day 2 09:00\"");
    assert_eq!(found.iter().map(hours).collect::<Vec<_>>(), [(2.0, 25.0)]);
}

#[test]
fn group_of_law_names_cannot_be_mistaken() {
    let text = SMALL.replace("contact.sales", "contact.uniform");
    let faults = refused(&text, &[]);
    assert!(faults.contains("`uniform` is the name of a law"), "{faults}");
}

#[test]
fn many_agents_may_not_each_have_many_skills() {
    let queues: String = (0..101).map(|queue| format!("[queue.q{queue}]\n")).collect();
    let skills: Vec<String> = (0..101).map(|queue| format!("q{queue} = 1")).collect();
    let team = |count: u32| {
        let text = SMALL.replace(
            "count = 12\nskills.sales = 1",
            &format!("count = {count}\nskills = {{ sales = 1, {} }}", skills.join(", ")),
        );
        format!("{text}{queues}")
    };
    let faults = refused(&team(200_000), &[]);
    assert!(faults.contains("20400000 skills of single agents are too many"), "{faults}");
    load(&team(100_000));
}
