//! Every limit on a scenario, in one table. The documentation prints it, the readers enforce it.

/// A limit: what it bounds and how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is bounded, as a message names it.
    pub what: &'static str,
    /// The most that is accepted.
    pub most: u64,
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident = $most:literal, $what:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: u64 = $most;)*

        /// Every limit, in the order of the documentation.
        pub const LIMITS: &[Limit] = &[$(Limit { what: $what, most: $most }),*];
    };
}

limits! {
    /// Bytes of one scenario file.
    FILE_BYTES = 4_194_304, "bytes of a scenario file";
    /// Bytes of one data file, after decompression too.
    DATA_BYTES = 268_435_456, "bytes of a CSV file, unpacked";
    /// Bytes of all data files, after decompression; a file counts each time it is read.
    ALL_DATA_BYTES = 1_073_741_824, "bytes of all CSV files, unpacked";
    /// Values in one merged scenario.
    NODES = 1_000_000, "values in a scenario";
    /// Levels of `extends`.
    EXTENDS_DEPTH = 8, "levels of `extends`";
    /// Faults shown at once.
    FAULTS = 100, "faults shown at once";
    /// Characters of a name.
    NAME_LENGTH = 64, "characters of a name";
    /// Hours of a run: ten years.
    LENGTH_HOURS = 87_600, "hours of a run";
    /// Intervals of a run.
    INTERVALS = 100_000, "intervals of a run";
    /// Figures kept by interval: intervals times contacts, queues, groups, sites and pairs.
    CELLS = 1_000_000, "intervals × (contacts + queues + groups + sites + pairs)";
    /// Replications of a run.
    REPLICATIONS = 100_000, "replications";
    /// Lines of the centre or of a site.
    LINES = 1_000_000, "lines";
    /// Contacts.
    CONTACTS = 2_000, "contacts";
    /// Queues.
    QUEUES = 2_000, "queues";
    /// Groups of agents.
    GROUPS = 50_000, "groups of agents";
    /// Agents scheduled at once, over all groups.
    AGENTS = 200_000, "agents at once";
    /// Skills of agents: what each of them can, counted for each.
    AGENT_SKILLS = 20_000_000, "skills of all agents, each counted";
    /// Skills over all groups.
    SKILLS = 1_000_000, "skills over all groups";
    /// Laws of groups that override those of contacts.
    OVERRIDES = 500_000, "laws of groups for contacts";
    /// Paths that a file removes from the one it extends.
    REMOVES = 1_000, "paths removed";
    /// Values replaced from the command line.
    SETS = 1_000, "values set from the command line";
    /// Sites.
    SITES = 100, "sites";
    /// IVR flows.
    FLOWS = 2_000, "IVR flows";
    /// Steps of one IVR flow.
    FLOW_STEPS = 1_000, "steps of an IVR flow";
    /// Entries of the timeline.
    TIMELINE = 1_000, "timeline entries";
    /// Plays of the playbook.
    PLAYS = 200, "plays";
    /// Actions of one play.
    ACTIONS = 50, "actions of a play";
    /// Conditions of the gate.
    CONDITIONS = 500, "conditions of the gate";
    /// Pairs of contact and group reported on.
    PAIRS = 1_000, "pairs reported on";
    /// Moods of one contact.
    MOODS = 50, "moods of a contact";
    /// Steps that callers of one contact may want.
    CHOICES = 250, "choices of a contact in the IVR";
    /// Numbers of one contact.
    NUMBERS = 1_000, "numbers of a contact";
    /// Named agents of the live switch.
    LIVE_AGENTS = 20_000, "named agents of the live switch";
    /// Trunks of the live switch.
    LIVE_TRUNKS = 100, "trunks of the live switch";
    /// Rules of redialling of one contact.
    REDIALS = 20, "redial rules of a contact";
    /// Rules of overflow of one queue.
    OVERFLOWS = 16, "overflow rules of a queue";
    /// Times at which one queue's service level is reported, its target among them.
    SERVICE_LEVELS = 8, "times of service level of a queue";
    /// Times that conditions ask for, besides those that queues report.
    THRESHOLDS = 8, "other times that conditions ask for";
    /// Rows of all schedules, after repetition by day.
    SCHEDULE_ROWS = 1_000_000, "rows of all schedules, repeated by day";
    /// Shifts of all groups, after repetition by day.
    SHIFTS = 1_000_000, "shifts of all groups, repeated by day";
    /// Steps of all arrival rates, after repetition by day.
    RATE_ROWS = 2_000_000, "steps of all arrival rates, repeated by day";
    /// States of a modulated Poisson process, phases of a law.
    PHASES = 100, "phases of a law";
    /// Phases, parts and recorded values of all laws, copies by group and contact included.
    LAW_NUMBERS = 5_000_000, "phases, parts and values of all laws";
    /// Calls of all traces.
    TRACE_CALLS = 20_000_000, "calls of all traces";
    /// Calls a scenario may expect in one replication.
    CALLS = 2_000_000_000, "calls expected in one replication, or in a run of a load file";
    /// Calls begun per second by a load file.
    LOAD_RATE = 250_000, "calls begun per second by a load file";
    /// Parts of the rate of a load file.
    LOAD_SEGMENTS = 1_000, "parts of the rate of a load file";
    /// Callers of a load file.
    LOAD_CALLERS = 1_000_000, "callers of a load file";
    /// Steps of a load file.
    LOAD_STEPS = 1_000, "steps of a load file";
    /// Branches of one step of a load file.
    LOAD_BRANCHES = 20, "branches of a step of a load file";
    /// Header fields that one step of a load file adds.
    LOAD_HEADERS = 50, "headers of a step of a load file";
    /// Bytes of one text of a load file: an address, a header, a body.
    LOAD_TEXT = 4_096, "bytes of a text of a load file";
    /// Columns of the rows of a load file.
    LOAD_COLUMNS = 200, "columns of the rows of a load file";
    /// Fields of the rows of a load file: rows times columns.
    LOAD_FIELDS = 20_000_000, "fields of the rows of a load file";
    /// Bytes of the sound files of a load file; a file counts each time it is named.
    LOAD_SOUND_BYTES = 67_108_864, "bytes of the sound files of a load file";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_named_once() {
        let mut names: Vec<_> = LIMITS.iter().map(|limit| limit.what).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), LIMITS.len());
    }
}
