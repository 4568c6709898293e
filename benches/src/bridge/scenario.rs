//! The scenario that the process under measurement serves: one queue, and as many agents with telephones as calls.

use std::fmt::Write as _;

/// The variable of the environment with every agent's password.
pub const PASSWORD_ENV: &str = "BENCH_PW";

/// The user of an agent's telephone.
pub fn extension(agent: usize) -> String {
    format!("{}", 10_000 + agent)
}

/// Writes the scenario with so many agents.
pub fn scenario(agents: usize) -> String {
    let mut text = format!(
        r#"schema = 1
title = "Agents with telephones"
question = "What does a bridged call cost?"
length = "24h"

[contact.calls]
queue = "calls"
numbers = ["100"]
arrivals.poisson = {{ rate = "1/h" }}
talk = "10m"
acw = "0s"

[queue.calls]
target = "80% in 20s"

[agents.phones]
count = {agents}
skills = {{ calls = 1 }}

[live]
rtp_ports = "20000-44999"
registration = {{ min = "30s", max = "1h" }}
"#
    );
    for agent in 0..agents {
        let extension = extension(agent);
        write!(
            text,
            "\n[live.agent.a{extension}]\ngroup = \"phones\"\nextension = \"{extension}\"\n\
             password_env = \"{PASSWORD_ENV}\"\nkeep_alive = \"0s\"\n"
        )
        .expect("a string takes all");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use scenarios::LoadOptions;

    #[test]
    fn the_scenario_is_valid_and_has_the_agents() {
        let loaded = scenarios::load_str("x.toml", &scenario(500), &LoadOptions::default());
        let loaded = loaded.unwrap_or_else(|faults| panic!("{}", faults.render(false)));
        assert_eq!(loaded.scenario.live.agents.len(), 500);
    }
}
