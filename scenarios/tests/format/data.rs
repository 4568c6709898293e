//! CSV files: profiles, schedules and traces in the forms that spreadsheets write, and where they may lie.

use acd::{SECOND, Timestamp};
use scenarios::{Arrivals, LoadOptions, Loaded, RateCurve};
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// Loads a scenario beside some files.
fn load_beside(files: &[(&str, &[u8])], text: &str) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("writable");
    }
    load_in(folder.path(), text)
}

fn load_in(folder: &Path, text: &str) -> Result<Loaded, String> {
    let path = folder.join("test.toml");
    fs::write(&path, text).expect("writable");
    scenarios::load(&path, &LoadOptions::default()).map_err(|faults| faults.to_string())
}

fn centre(start: &str, length: &str, arrivals: &str) -> String {
    format!(
        "{start}\nlength = \"{length}\"\ninterval = \"1h\"\n[contact.sales]\nqueue = \"sales\"\ntalk = \"9s\"\narrivals.{arrivals}\n[queue.sales]\n[agents.team]\ncount = 2\nskills.sales = 1\n"
    )
}

const MONDAY_SEVEN: &str = "start = \"2026-03-02T07:00\"";
const PROFILE: &str = "poisson.profile = \"p.csv\"";

/// Returns the steps of the first contact as hours and calls per hour.
fn steps(loaded: &Loaded) -> Vec<(f64, f64)> {
    let Arrivals::Poisson(poisson) = &loaded.scenario.contacts[0].arrivals else {
        panic!("Poisson")
    };
    let RateCurve::Steps(steps) = &poisson.rate else { panic!("steps: {:?}", poisson.rate) };
    steps.iter().map(|(at, rate)| (at.as_secs() / 3600.0, rate.per_hour)).collect()
}

fn profile(start: &str, length: &str, csv: &str) -> Loaded {
    let text = centre(start, length, PROFILE);
    load_beside(&[("p.csv", csv.as_bytes())], &text).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn profile_gives_calls_per_hour_and_ends_with_its_last_row() {
    let loaded = profile(MONDAY_SEVEN, "4h", "start,calls\n07:00,50\n07:30,60\n08:00,70\n");
    assert_eq!(steps(&loaded), [(0.0, 100.0), (0.5, 120.0), (1.0, 140.0), (1.5, 0.0)]);
    assert!(loaded.warnings.is_empty());
}

#[test]
fn profile_of_a_whole_day_is_clipped_to_the_run() {
    let rows: String = (0..24).map(|hour| format!("{hour:02}:00,{hour}\n")).collect();
    let loaded = profile(MONDAY_SEVEN, "3h", &format!("start,calls\n{rows}"));
    assert_eq!(steps(&loaded), [(0.0, 7.0), (1.0, 8.0), (2.0, 9.0)]);
}

#[test]
fn profile_shorter_than_the_run_repeats_each_day() {
    let loaded = profile(MONDAY_SEVEN, "49h", "start,calls\n08:00,10\n09:00,20\n");
    let day =
        |day: f64| [(24.0 * day + 1.0, 10.0), (24.0 * day + 2.0, 20.0), (24.0 * day + 3.0, 0.0)];
    let expected: Vec<_> = [(0.0, 0.0)].into_iter().chain(day(0.0)).chain(day(1.0)).collect();
    let found = steps(&loaded);
    assert_eq!(found[found.len() - expected.len() + 1..], expected[1..], "{found:?}");
}

#[test]
fn profile_over_midnight_is_read() {
    let loaded = profile(
        "start = \"2026-03-02T22:00\"",
        "4h",
        "start,calls\n22:00,1\n23:00,2\n00:00,3\n01:00,4\n",
    );
    assert_eq!(steps(&loaded), [(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]);
}

#[test]
fn profile_with_dates_is_read() {
    let rows = "start,calls\n2026-03-02T06:00,1\n2026-03-02T18:00,2\n2026-03-03T06:00,3\n2026-03-03T18:00,4\n";
    let loaded = profile(MONDAY_SEVEN, "24h", rows);
    assert_eq!(steps(&loaded).iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0.0, 11.0, 23.0]);
}

#[test]
fn profile_that_starts_late_is_warned_about() {
    let loaded = profile(MONDAY_SEVEN, "4h", "start,calls\n08:00,50\n09:00,60\n");
    let warnings = loaded.warnings.to_string();
    assert!(
        warnings.contains("the first row of the profile comes 1h after the beginning"),
        "{warnings}"
    );
    assert_eq!(steps(&loaded)[0], (0.0, 0.0));
}

#[test]
fn spreadsheets_forms_are_understood() {
    let plain = "start,calls\n07:00,50\n07:30,60\n";
    let expected = steps(&profile(MONDAY_SEVEN, "1h", plain));
    for csv in [
        plain.replace('\n', "\r\n"),
        plain.replace(',', ";"),
        format!("\u{feff}{plain}"),
        plain.replace("07:00", "\"07:00\""),
        plain.replace("start,calls", "\"start\" , \"calls\""),
        format!("{plain}\n\n"),
        plain.replace("07:00,50", "07:00:00, 50.0"),
    ] {
        assert_eq!(steps(&profile(MONDAY_SEVEN, "1h", &csv)), expected, "{csv:?}");
    }
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

#[test]
fn packed_files_are_unpacked() {
    let text = centre(MONDAY_SEVEN, "1h", "poisson.profile = \"p.csv.gz\"");
    let bytes = packed("start,calls\n07:00,50\n07:30,60\n");
    let loaded = load_beside(&[("p.csv.gz", &bytes)], &text).expect("it is good");
    assert_eq!(steps(&loaded).len(), 2);
    let faults = load_beside(&[("p.csv.gz", b"no gzip")], &text).expect_err("it is not packed");
    assert!(faults.contains("cannot be read"), "{faults}");
}

#[test]
fn small_file_that_unpacks_to_gigabytes_is_refused() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..300 {
        encoder.write_all(&zeros).expect("memory takes it");
    }
    let bytes = encoder.finish().expect("memory takes it");
    assert!(bytes.len() < 1 << 20);
    let text = centre(MONDAY_SEVEN, "1h", "poisson.profile = \"p.csv.gz\"");
    let faults = load_beside(&[("p.csv.gz", &bytes)], &text).expect_err("it is too large");
    assert!(faults.contains("is larger than 268435456 bytes"), "{faults}");
}

#[test]
fn trace_keeps_its_contact_and_tells_callers_apart() {
    let csv = "at,contact,caller\n07:00:01.5,sales,7\n+90s,other,8\nday 1 08:00,sales,\n2026-03-02 09:00,sales,ada\n2026-03-02T09:00:00,sales,ada\n2026-03-02T23:00,sales,9\n";
    let text = centre(MONDAY_SEVEN, "4h", "trace.file = \"c.csv\"");
    let loaded = load_beside(&[("c.csv", csv.as_bytes())], &text).expect("it is good");
    let Arrivals::Trace(calls) = &loaded.scenario.contacts[0].arrivals else { panic!("a trace") };
    let at: Vec<_> = calls.iter().map(|call| call.at).collect();
    assert_eq!(
        at,
        [
            Timestamp(1_500_000),
            Timestamp(3600 * SECOND),
            Timestamp(7200 * SECOND),
            Timestamp(7200 * SECOND)
        ]
    );
    assert_eq!((calls[0].caller, calls[1].caller), (Some(7), None));
    assert!(calls[2].caller.is_some() && calls[2].caller == calls[3].caller);
    let warnings = loaded.warnings.to_string();
    assert!(warnings.contains("1 of 6 calls of the trace are outside the run"), "{warnings}");
}

#[test]
fn trace_may_name_the_contact_otherwise() {
    let text = centre(MONDAY_SEVEN, "4h", "trace = { file = \"c.csv\", contact = \"PS\" }");
    let loaded = load_beside(&[("c.csv", b"at,contact\n07:30,PS\n")], &text).expect("it is good");
    assert!(
        matches!(&loaded.scenario.contacts[0].arrivals, Arrivals::Trace(calls) if calls.len() == 1)
    );
}

#[test]
fn data_is_part_of_the_hash() {
    let hash = |csv: &str| profile(MONDAY_SEVEN, "1h", csv).scenario.hash;
    assert_ne!(
        hash("start,calls\n07:00,50\n07:30,60\n"),
        hash("start,calls\n07:00,50\n07:30,61\n")
    );
}

#[test]
fn clocks_that_change_move_the_profile_with_them() {
    let rows: String = (0..24).map(|hour| format!("{hour:02}:00,{hour}\n")).collect();
    let start = "start = \"2026-03-29T00:00\"\ntimezone = \"Europe/Berlin\"";
    let spring = steps(&profile(start, "6h", &format!("start,calls\n{rows}")));
    assert_eq!(spring, [(0.0, 0.0), (1.0, 1.0), (2.0, 3.0), (3.0, 4.0), (4.0, 5.0), (5.0, 6.0)]);
    let start = "start = \"2026-10-25T00:00\"\ntimezone = \"Europe/Berlin\"";
    let autumn = steps(&profile(start, "5h", &format!("start,calls\n{rows}")));
    assert_eq!(autumn, [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 2.0), (4.0, 3.0)]);
}

#[test]
fn inline_steps_repeat_each_day_when_they_are_clock_times() {
    let arrivals =
        "poisson.steps = [{ at = \"08:00\", rate = \"10/h\" }, { at = \"20:00\", rate = \"2/h\" }]";
    let loaded = load_beside(&[], &centre("start = \"2026-03-02T00:00\"", "48h", arrivals))
        .expect("it is good");
    assert_eq!(steps(&loaded), [(0.0, 2.0), (8.0, 10.0), (20.0, 2.0), (32.0, 10.0), (44.0, 2.0)]);
    let arrivals = "poisson.steps = [{ at = \"+8h\", rate = \"10/h\" }]";
    let loaded = load_beside(&[], &centre("", "48h", arrivals)).expect("it is good");
    assert_eq!(steps(&loaded), [(0.0, 0.0), (8.0, 10.0)]);
    assert!(loaded.warnings.to_string().contains("the first step comes 8h after the beginning"));
}

#[test]
fn files_in_another_encoding_are_refused_with_their_place() {
    let text = centre(MONDAY_SEVEN, "1h", PROFILE);
    let faults =
        load_beside(&[("p.csv", b"start,calls\n07:00,\xfc\n")], &text).expect_err("Latin-1");
    assert!(faults.contains("is not UTF-8 text at byte 18"), "{faults}");
}

#[cfg(unix)]
#[test]
fn link_that_leads_out_is_not_followed() {
    let outside = tempfile::tempdir().expect("a temporary folder");
    fs::write(outside.path().join("p.csv"), "start,calls\n07:00,50\n07:30,60\n").expect("writable");
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::os::unix::fs::symlink(outside.path().join("p.csv"), folder.path().join("p.csv"))
        .expect("a link");
    let text = centre(MONDAY_SEVEN, "1h", PROFILE);
    let faults = load_in(folder.path(), &text).expect_err("it leads out");
    assert!(faults.contains("lies outside the scenario's folder"), "{faults}");
    let options = LoadOptions { set: Vec::new(), allow_paths: vec![outside.path().to_path_buf()] };
    assert!(
        scenarios::load(&folder.path().join("test.toml"), &options).is_ok(),
        "unless it is allowed"
    );
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let text = centre(MONDAY_SEVEN, "1h", "poisson.profile = \".\"");
    let faults = load_beside(&[], &text).expect_err("a folder");
    assert!(faults.contains("is not a file"), "{faults}");
    let faults =
        scenarios::load(Path::new("/dev/zero"), &LoadOptions::default()).expect_err("a device");
    assert!(faults.to_string().contains("is not a file"), "{faults}");
}

#[test]
fn texts_without_a_folder_name_no_files() {
    let text = centre(MONDAY_SEVEN, "1h", PROFILE);
    let faults = scenarios::load_str("x", &text, &LoadOptions::default()).expect_err("no folder");
    assert!(faults.to_string().contains("no files can be read here"), "{faults}");
}
