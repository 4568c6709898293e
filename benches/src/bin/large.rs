//! Writes the scenario of a large centre: 500 contacts and queues, 20,000 agents with 10 random skills each, two hours
//! at 95 % load, about 456,000 calls.
//!
//! `cargo run --release -p callstorm-benches --bin large -- FILE [groups]`; the agents are spread over 2,000 groups, or
//! as many as are asked for (20,000: everyone has skills of his own).

use chance::{Chance, Draw, Purpose};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

const QUEUES: u32 = 500;
const AGENTS: u32 = 20_000;
const SKILLS: usize = 10;
const GROUPS: u32 = 2_000;
const TALK_S: f64 = 300.0;
const LOAD: f64 = 0.95;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next();
    let groups = arguments.next().map_or(Ok(GROUPS), |text| text.parse());
    let (Some(file), Ok(groups @ 1..=AGENTS)) = (file, groups) else {
        let _ = writeln!(std::io::stderr(), "usage: large FILE [groups, at most {AGENTS}]");
        return ExitCode::from(104);
    };
    match std::fs::write(&file, scenario(groups)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: cannot write {file}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn scenario(groups: u32) -> String {
    let mut text = String::from(
        "schema = 1\ntitle = \"A large centre\"\nlength = \"2h\"\ninterval = \"30m\"\n\n[run]\nreplications = 1\n",
    );
    let calls_per_hour = LOAD * f64::from(AGENTS) / TALK_S * 3600.0 / f64::from(QUEUES);
    for queue in 0..QUEUES {
        let _ = write!(
            text,
            "\n[contact.q{queue}]\nqueue = \"q{queue}\"\narrivals.poisson = {{ rate = \"{calls_per_hour}/h\" }}\n\
             talk = {{ exponential = {{ mean = \"{TALK_S}s\" }} }}\n\
             patience = {{ exponential = {{ mean = \"120s\" }} }}\n\n\
             [queue.q{queue}]\ntarget = \"80% in 20s\"\nrouting.longest-idle = {{}}\n"
        );
    }
    let mut draw = Chance::new(1, 0).stream(Purpose::Choice, 0).draw(0);
    for group in 0..groups {
        // As even as whole agents allow.
        let agents = (group + 1) * AGENTS / groups - group * AGENTS / groups;
        let skills: Vec<String> =
            distinct(&mut draw).iter().map(|queue| format!("q{queue} = 1")).collect();
        let skills = skills.join(", ");
        let _ = write!(text, "\n[agents.g{group}]\ncount = {agents}\nskills = {{ {skills} }}\n");
    }
    text
}

fn distinct(draw: &mut Draw) -> Vec<u32> {
    let mut queues = Vec::with_capacity(SKILLS);
    while queues.len() < SKILLS {
        let queue = (draw.uniform() * f64::from(QUEUES)) as u32;
        if !queues.contains(&queue) {
            queues.push(queue);
        }
    }
    queues
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agent_sits_in_a_group_and_has_ten_skills() {
        for groups in [7, GROUPS, AGENTS] {
            let text = scenario(groups);
            let agents: u32 = text
                .lines()
                .filter_map(|line| line.strip_prefix("count = "))
                .map(|count| count.parse::<u32>().expect("a count is a number"))
                .sum();
            assert_eq!(agents, AGENTS);
            let skills = text.lines().filter(|line| line.starts_with("skills"));
            assert!(skills.into_iter().all(|line| line.matches(" = 1").count() == SKILLS));
        }
    }
}
