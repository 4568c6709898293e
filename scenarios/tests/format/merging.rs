//! Files that extend others, values set on the command line, and the hash of what results.

use crate::help::{SMALL, load, load_with, refused};
use chance::Law;
use scenarios::{
    Arrivals, Happening, Library, LoadOptions, Loaded, RateCurve, Scenario, load_embedded,
};
use std::fs;

/// Loads the last of some files, each written beside the others.
fn load_files(files: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("writable");
    }
    let (last, _) = files.last().expect("at least one file");
    let options = LoadOptions::default();
    scenarios::load(&folder.path().join(last), &options).map_err(|faults| faults.to_string())
}

fn extended(over: &str) -> Scenario {
    let over = format!("extends = \"base.toml\"\n{over}");
    match load_files(&[("base.toml", BASE), ("over.toml", &over)]) {
        Ok(loaded) => loaded.scenario,
        Err(faults) => panic!("{faults}"),
    }
}

const BASE: &str = "\
title = \"base\"
length = \"10h\"

[run]
seed = 7
replications = 3

[contact.sales]
queue = \"sales\"
arrivals.poisson.rate = \"120/h\"
talk = { lognormal = { mean = \"200s\", cv = 1.1 } }
redial = [{ after = [\"abandoned\"], share = 0.4, delay = \"5m\" }]

[contact.support]
queue = \"sales\"
arrivals.poisson.rate = \"60/h\"
talk = \"60s\"

[queue.sales]
target = \"80% in 20s\"
routing.round-robin = {}

[agents.team]
count = 12
skills.sales = 1
talk = { sales = \"100s\" }

[[timeline]]
name = \"first\"
at = \"+1h\"
demand = { factor = 2, lasts = \"1h\" }

[[timeline]]
name = \"second\"
at = \"+2h\"
demand = { factor = 3, lasts = \"1h\" }
";

#[test]
fn tables_merge_and_values_are_replaced() {
    let scenario =
        extended("title = \"over\"\n[run]\nreplications = 9\n[queue.sales]\nmax_length = 5\n");
    assert_eq!(scenario.title, "over");
    assert_eq!((scenario.run.seed, scenario.run.replications), (7, 9));
    assert!(scenario.queues[0].target.is_some());
    assert_eq!(scenario.queues[0].max_length, Some(5));
}

#[test]
fn names_of_the_base_come_first() {
    let scenario = extended(
        "[contact.early]\nqueue = \"sales\"\ntalk = \"1s\"\narrivals.poisson.rate = \"1/h\"\n[contact.support]\nbalk = 0.5\n",
    );
    let names: Vec<_> = scenario.contacts.iter().map(|contact| contact.name.as_str()).collect();
    assert_eq!(names, ["sales", "support", "early"]);
}

#[test]
fn choices_are_replaced_whole() {
    let scenario = extended(
        "[contact.sales]\ntalk = { exponential = { mean = \"90s\" } }\narrivals.renewal.gap = \"30s\"\n[queue.sales]\nrouting.random = {}\n",
    );
    assert_eq!(scenario.contacts[0].talk, Law::Exponential { mean: 90.0 });
    assert!(matches!(scenario.contacts[0].arrivals, Arrivals::Renewal { .. }));
    assert_eq!(scenario.queues[0].routing, "random");
}

#[test]
fn same_choice_with_fewer_keys_keeps_nothing_of_the_old_one() {
    let over =
        "extends = \"base.toml\"\n[contact.sales]\ntalk = { lognormal = { mean = \"90s\" } }\n";
    let faults = load_files(&[("base.toml", BASE), ("over.toml", over)]).expect_err("no spread");
    assert!(faults.contains("the spread of this law is missing"), "{faults}");
}

#[test]
fn laws_by_contact_merge_but_one_law_for_all_replaces_them() {
    let groups = |over: &str| extended(over).groups[0].talk.clone();
    assert_eq!(groups("[agents.team]\ntalk = { support = \"50s\" }\n").len(), 2);
    let all = groups("[agents.team]\ntalk = { exponential = { mean = \"50s\" } }\n");
    assert!(all.iter().all(|(_, law)| *law == Law::Exponential { mean: 50.0 }), "{all:?}");
}

#[test]
fn timeline_grows_and_an_entry_of_the_same_name_takes_the_old_place() {
    let scenario = extended(
        "[[timeline]]\nname = \"third\"\nat = \"+3h\"\nabsence = { share = 0.1, lasts = \"1h\" }\n[[timeline]]\nname = \"first\"\nat = \"+4h\"\ndemand = { factor = 5, lasts = \"1h\" }\n",
    );
    let names: Vec<_> = scenario.timeline.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["first", "second", "third"]);
    assert!(matches!(scenario.timeline[0].happening, Happening::Demand { factor: 5.0, .. }));
}

#[test]
fn shifts_grow_and_other_lists_are_replaced() {
    let shift = "[[agents.other.shift]]\nfrom = \"+0s\"\nto = \"+5h\"\ncount = 3\n";
    let base = format!("{BASE}\n[agents.other]\nskills.sales = 2\n{shift}");
    let over = format!("extends = \"base.toml\"\n{shift}[contact.sales]\nredial = []\n");
    let loaded = load_files(&[("base.toml", &base), ("over.toml", &over)]).expect("it is good");
    assert_eq!(loaded.scenario.groups[1].shifts.len(), 2);
    assert!(loaded.scenario.contacts[0].redial.is_empty());
}

#[test]
fn what_is_removed_is_gone() {
    let scenario =
        extended("remove = [\"timeline.first\", \"queue.sales.target\", \"contact.support\"]\n");
    assert_eq!(scenario.timeline.len(), 1);
    assert_eq!(scenario.queues[0].target, None);
    assert_eq!(scenario.contacts.len(), 1);
    assert!(extended("remove = [\"timeline\"]\n").timeline.is_empty());
}

#[test]
fn removing_and_giving_anew_starts_from_nothing() {
    let scenario = extended("remove = [\"queue.sales\"]\n[queue.sales]\nmax_length = 1\n");
    assert_eq!(scenario.queues[0].target, None);
    assert_eq!(scenario.queues[0].routing, "longest-idle");
}

#[test]
fn files_extend_each_other_up_to_the_limit() {
    let chain = |files: usize| {
        let name = |n: usize| format!("f{n}.toml");
        let text = |n: usize| match n {
            0 => SMALL.to_owned(),
            n => format!("extends = \"f{}.toml\"\n", n - 1),
        };
        let files: Vec<(String, String)> = (0..files).map(|n| (name(n), text(n))).collect();
        let files: Vec<(&str, &str)> =
            files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
        load_files(&files)
    };
    assert!(chain(8).is_ok());
    assert!(chain(9).expect_err("nine files").contains("too deeply"));
}

#[test]
fn values_are_set_by_path() {
    let set = |set: &[&str]| load_with(BASE, set).scenario;
    assert_eq!(set(&["run.seed=99"]).run.seed, 99);
    assert_eq!(set(&["title=A day"]).title, "A day", "no TOML value: a string");
    assert_eq!(set(&["title=\"A day\""]).title, "A day", "a TOML string");
    assert_eq!(set(&["length = 14h"]).length.as_secs(), 14.0 * 3600.0);
    assert_eq!(set(&["contact.support.balk=10%"]).contacts[1].balk, 0.1);
    assert_eq!(
        set(&["queue.sales.max_wait=90s", "queue.sales.max_wait=80s"]).queues[0]
            .max_wait
            .map(|w| w.as_secs()),
        Some(80.0),
        "the last counts"
    );
    let scenario = set(&["timeline.second.demand.factor=4", "timeline.second.at=+90m"]);
    assert!(matches!(scenario.timeline[1].happening, Happening::Demand { factor: 4.0, .. }));
    assert_eq!(scenario.timeline[1].at.as_secs(), 5400.0);
    let scenario =
        set(&["queue.sales.routing.random={}", "contact.support.talk.exponential.mean=50s"]);
    assert_eq!(scenario.queues[0].routing, "random", "another variant takes the place");
    assert_eq!(scenario.contacts[1].talk, Law::Exponential { mean: 50.0 });
}

#[test]
fn quantities_are_multiplied_in_their_unit() {
    let set = |set: &[&str]| load_with(BASE, set).scenario;
    let scenario = set(&[
        "contact.sales.arrivals.poisson.rate*=1.5",
        "contact.sales.talk.lognormal.mean*=1.25",
        "agents.team.count*=1.5",
        "contact.support.talk*=0.5",
    ]);
    let Arrivals::Poisson(poisson) = &scenario.contacts[0].arrivals else { panic!("Poisson") };
    assert!(matches!(poisson.rate, RateCurve::Constant(rate) if rate.per_hour == 180.0));
    assert_eq!(scenario.contacts[0].talk, Law::Lognormal { mean: 250.0, cv: 1.1 });
    assert_eq!(scenario.groups[0].schedule[0].1, 18);
    assert_eq!(scenario.contacts[1].talk, Law::Constant(30.0));
}

#[test]
fn how_files_are_merged_cannot_be_set() {
    for set in ["extends=other.toml", "remove=[\"playbook\"]"] {
        let faults = refused(BASE, &[set]);
        assert!(faults.contains("cannot be set"), "{faults}");
    }
}

#[test]
fn numbers_far_out_are_written_short() {
    let faults = refused(BASE, &["demand.scale=1e300", "agents.team.speed=1e-300"]);
    assert!(faults.contains("1e300 is too large"), "{faults}");
    assert!(faults.contains("1e-300 is too small"), "{faults}");
}

#[test]
fn half_an_agent_is_refused() {
    let faults = refused(BASE, &["agents.team.count*=1.3"]);
    assert!(faults.contains("expected a whole number"), "{faults}");
}

#[test]
fn hash_tells_content_not_layout() {
    let hash = |text: &str| load(text).scenario.hash;
    let original = hash(BASE);
    assert_eq!(original.len(), 16);
    let commented = BASE
        .replace('\n', "   # why\n")
        .replace("seed = 7", "replications = 3")
        .replacen("replications = 3   # why\nreplications = 3", "replications = 3\nseed = 7", 1);
    assert_eq!(hash(&commented), original, "comments and the order of keys");
    let inline = BASE.replace(
        "arrivals.poisson.rate = \"120/h\"",
        "arrivals = { poisson = { rate = '120/h' } }",
    );
    assert_eq!(hash(&inline), original, "inline tables and quotes");
    assert_ne!(hash(&BASE.replace("seed = 7", "seed = 8")), original);
    let (head, tail) = BASE.split_at(BASE.find("[contact.sales]").expect("it is there"));
    let (sales, rest) = tail.split_at(tail.find("[contact.support]").expect("it is there"));
    let (support, rest) = rest.split_at(rest.find("[queue.sales]").expect("it is there"));
    let swapped = format!("{head}{support}{sales}{rest}");
    assert_ne!(hash(&swapped), original, "the order of names decides ties");
}

#[test]
fn hash_is_the_same_on_every_machine() {
    // Golden: a change of it changes every report's hash, and belongs into the CHANGELOG.
    assert_eq!(load(SMALL).scenario.hash, "43f3f1a464f66cbe");
}

#[test]
fn scenarios_of_a_library_load_without_a_disk() {
    const FILES: Library = Library {
        files: &[
            ("base.toml", BASE),
            ("profile.csv", "start,calls\n00:00,5\n12:00,7\n"),
            (
                "over.toml",
                "extends = \"base.toml\"\n[contact.sales]\narrivals.poisson = { profile = \"./profile.csv\" }\n",
            ),
            ("out.toml", "extends = \"../base.toml\"\n"),
        ],
    };
    let load =
        |name| load_embedded(name, FILES, &LoadOptions::default()).map_err(|e| e.to_string());
    let loaded = load("over.toml").expect("it is good");
    assert_eq!(
        (loaded.scenario.title.as_str(), loaded.scenario.file.as_str()),
        ("base", "over.toml")
    );
    assert!(load("out.toml").expect_err("it leads out").contains("outside the library"));
    assert!(load("ovr.toml").expect_err("there is none").contains("did you mean `over.toml`?"));
}
