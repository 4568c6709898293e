//! A centre to be written as a scenario file: only what the exact models need, in the words of the file.

use chance::Law;
use std::fmt::Write as _;

/// A centre and how long it is watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Centre {
    /// What the file is called.
    pub title: String,
    /// Calls before this are not counted, s.
    pub warm_up_s: f64,
    /// How long calls are let in, s.
    pub length_s: f64,
    /// Length of a reporting interval, s.
    pub interval_s: f64,
    /// `when_staff_shrinks`, where it matters.
    pub staff_rule: Option<&'static str>,
    /// Lines; `None`: unlimited.
    pub lines: Option<u32>,
    /// Contacts, in order.
    pub contacts: Vec<Contact>,
    /// Queues, in order.
    pub queues: Vec<Queue>,
    /// Groups of agents, in order.
    pub groups: Vec<Group>,
    /// Pairs of contact and group to report on.
    pub pairs: Vec<(String, String)>,
    /// A menu before the queue.
    pub menu: Option<Menu>,
}

/// A kind of call.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// Its name.
    pub name: String,
    /// The queue it enters; with a menu, the queue that those who want an agent enter.
    pub queue: String,
    /// When its calls come: the right-hand side of `arrivals`.
    pub arrivals: Arrivals,
    /// Talk time.
    pub talk: Law,
    /// After-call work.
    pub acw: Option<Law>,
    /// Patience.
    pub patience: Law,
    /// Share that leaves at once when it has to wait.
    pub balk: f64,
    /// Calling again after a failure.
    pub redial: Option<Again>,
    /// Calling again after service.
    pub reconnect: Option<Again>,
}

/// Calling again.
#[derive(Debug, Clone, PartialEq)]
pub struct Again {
    /// After which outcome; unused after service.
    pub after: &'static str,
    /// The share that does.
    pub share: f64,
    /// When.
    pub delay: Law,
}

/// An arrival process.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrivals {
    /// Poisson, calls per hour.
    Rate(f64),
    /// Poisson whose rate is multiplied once per run by a gamma factor of this coefficient of variation.
    BusyRate(f64, f64),
    /// Poisson with a rate for each span of this many seconds, and perhaps a gamma factor.
    Steps(f64, Vec<f64>, Option<f64>),
    /// Poisson with the rate mean + amplitude · sin(2π t / period in seconds).
    Wave(f64, f64, f64),
    /// Independent gaps.
    Renewal(Law),
    /// Poisson with rates per hour that take turns, mean stays in seconds.
    Mmpp(Vec<f64>, Vec<f64>),
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Strategy; `None`: the default.
    pub routing: Option<&'static str>,
    /// Higher is served first.
    pub priority: i32,
    /// Calls that may wait.
    pub max_length: Option<u32>,
    /// Where a full queue sends its calls.
    pub overflow_to: Option<String>,
    /// Right-hand side of `callback`.
    pub callback: Option<String>,
    /// Times in seconds at which service is judged.
    pub levels: Vec<f64>,
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Agents in each span; one entry: always as many.
    pub staff: Vec<u32>,
    /// Length of a span of `staff`, s.
    pub span_s: f64,
    /// Queue and level.
    pub skills: Vec<(String, u8)>,
    /// Which call they take first; `None`: the default.
    pub takes: Option<&'static str>,
    /// Talk times that differ from a contact's.
    pub talk: Vec<(String, Law)>,
    /// Share of agents who do not come.
    pub no_show: f64,
}

/// A menu in which callers choose between an agent and hanging up.
#[derive(Debug, Clone, PartialEq)]
pub struct Menu {
    /// Time in the menu.
    pub time: Law,
    /// Share that wants an agent.
    pub to_agent: f64,
}

impl Centre {
    /// Returns the mean number of fresh calls in one replication, those of the warm-up included.
    #[must_use]
    pub fn calls(&self) -> f64 {
        let hours = self.length_s / 3600.0;
        self.contacts.iter().map(|contact| contact.arrivals.mean_per_hour() * hours).sum()
    }

    /// Writes the scenario file.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        self.write_head(&mut text).expect("writing to a string cannot fail");
        for contact in &self.contacts {
            self.write_contact(contact, &mut text).expect("writing to a string cannot fail");
        }
        for queue in &self.queues {
            queue.write(&mut text).expect("writing to a string cannot fail");
        }
        for group in &self.groups {
            group.write(self.is_long(), &mut text).expect("writing to a string cannot fail");
        }
        if let Some(menu) = &self.menu {
            menu.write(&self.queues[0].name, &mut text).expect("writing to a string cannot fail");
        }
        text
    }

    /// Returns whether clock times would not tell the days apart.
    fn is_long(&self) -> bool {
        self.length_s > 86_400.0
    }

    fn write_head(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "schema = 1\ntitle = \"{}\"", self.title)?;
        writeln!(out, "length = {}", seconds(self.length_s))?;
        writeln!(out, "interval = {}", seconds(self.interval_s))?;
        writeln!(out, "\n[run]\nreplications = 100")?;
        writeln!(out, "warm_up = {}", seconds(self.warm_up_s))?;
        if let Some(rule) = self.staff_rule {
            writeln!(out, "when_staff_shrinks = \"{rule}\"")?;
        }
        if let Some(lines) = self.lines {
            writeln!(out, "\n[trunks]\nlines = {lines}")?;
        }
        if !self.pairs.is_empty() {
            let pairs: Vec<_> = self.pairs.iter().map(|(c, g)| format!("\"{c},{g}\"")).collect();
            writeln!(out, "\n[report]\npairs = [{}]", pairs.join(", "))?;
        }
        Ok(())
    }

    fn write_contact(&self, contact: &Contact, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n[contact.{}]", contact.name)?;
        match &self.menu {
            None => writeln!(out, "queue = \"{}\"", contact.queue)?,
            Some(menu) => {
                let (agent, leave) = (share(menu.to_agent), share(1.0 - menu.to_agent));
                writeln!(out, "ivr = \"main\"")?;
                writeln!(out, "in_ivr = {{ choices = {{ agent = {agent}, bye = {leave} }} }}")?;
            }
        }
        writeln!(out, "{}", contact.arrivals.to_toml(self.is_long()))?;
        writeln!(out, "talk = {}", law(&contact.talk))?;
        if let Some(acw) = &contact.acw {
            writeln!(out, "acw = {}", law(acw))?;
        }
        writeln!(out, "patience = {}", law(&contact.patience))?;
        if contact.balk > 0.0 {
            writeln!(out, "balk = {}", share(contact.balk))?;
        }
        if let Some(again) = contact.redial.as_ref().filter(|again| again.share > 0.0) {
            let (after, delay) = (again.after, law(&again.delay));
            let share = share(again.share);
            writeln!(
                out,
                "redial = [{{ after = [\"{after}\"], share = {share}, delay = {delay} }}]"
            )?;
        }
        if let Some(again) = contact.reconnect.as_ref().filter(|again| again.share > 0.0) {
            let (share, delay) = (share(again.share), law(&again.delay));
            writeln!(out, "reconnect = {{ share = {share}, delay = {delay} }}")?;
        }
        Ok(())
    }
}

impl Arrivals {
    /// Returns the mean number of calls per hour.
    #[must_use]
    pub fn mean_per_hour(&self) -> f64 {
        match self {
            Self::Rate(rate) | Self::BusyRate(rate, _) | Self::Wave(rate, _, _) => *rate,
            Self::Steps(_, rates, _) => rates.iter().sum::<f64>() / rates.len() as f64,
            Self::Renewal(gap) => 3600.0 / gap.mean(),
            Self::Mmpp(rates, stays) => {
                let calls: f64 = rates.iter().zip(stays).map(|(rate, stay)| rate * stay).sum();
                calls / stays.iter().sum::<f64>()
            }
        }
    }

    fn to_toml(&self, is_long: bool) -> String {
        match self {
            Self::Rate(rate) => format!("arrivals.poisson = {{ rate = {} }}", per_hour(*rate)),
            Self::BusyRate(rate, cv) => {
                let (rate, busyness) = (per_hour(*rate), busyness(Some(*cv)));
                format!("arrivals.poisson = {{ rate = {rate}{busyness} }}")
            }
            Self::Steps(span, rates, cv) => {
                let steps = rates.iter().enumerate().map(|(i, rate)| {
                    let (at, rate) = (moment(*span * i as f64, is_long), per_hour(*rate));
                    format!("{{ at = {at}, rate = {rate} }}")
                });
                let steps: Vec<_> = steps.collect();
                let (steps, busyness) = (steps.join(", "), busyness(*cv));
                format!("arrivals.poisson = {{ steps = [{steps}]{busyness} }}")
            }
            Self::Wave(mean, amplitude, period) => format!(
                "arrivals.poisson = {{ wave = {{ mean = {}, amplitude = {}, period = {} }} }}",
                per_hour(*mean),
                per_hour(*amplitude),
                seconds(*period)
            ),
            Self::Renewal(gap) => format!("arrivals.renewal = {{ gap = {} }}", law(gap)),
            Self::Mmpp(rates, stays) => {
                let rates: Vec<_> = rates.iter().map(|rate| per_hour(*rate)).collect();
                let stays: Vec<_> = stays.iter().map(|stay| seconds(*stay)).collect();
                let (rates, stays) = (rates.join(", "), stays.join(", "));
                format!("arrivals.mmpp = {{ rates = [{rates}], stay = [{stays}] }}")
            }
        }
    }
}

/// The rest of an inline table that sets a gamma factor per run.
fn busyness(cv: Option<f64>) -> String {
    match cv {
        Some(cv) => {
            let cv = plain(cv, 12);
            format!(", busyness = {{ gamma = {{ cv = {cv} }}, each = \"run\" }}")
        }
        None => String::new(),
    }
}

impl Queue {
    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n[queue.{}]", self.name)?;
        if let Some(first) = self.levels.first() {
            writeln!(out, "target = \"80% in {}\"", duration(*first))?;
            let more: Vec<_> = self.levels[1..].iter().map(|level| seconds(*level)).collect();
            if !more.is_empty() {
                writeln!(out, "service_level_at = [{}]", more.join(", "))?;
            }
        }
        if let Some(routing) = self.routing {
            writeln!(out, "routing.{routing} = {{}}")?;
        }
        if self.priority != 0 {
            writeln!(out, "priority = {}", self.priority)?;
        }
        if let Some(length) = self.max_length {
            writeln!(out, "max_length = {length}")?;
        }
        if let Some(to) = &self.overflow_to {
            writeln!(out, "overflow = [{{ when = \"full\", to = \"{to}\" }}]")?;
        }
        if let Some(callback) = &self.callback {
            writeln!(out, "callback = {callback}")?;
        }
        Ok(())
    }
}

impl Group {
    fn write(&self, is_long: bool, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n[agents.{}]", self.name)?;
        match self.staff.as_slice() {
            [count] => writeln!(out, "count = {count}")?,
            staff => {
                let rows = staff.iter().enumerate().map(|(i, count)| {
                    let at = moment(self.span_s * i as f64, is_long);
                    format!("{{ at = {at}, count = {count} }}")
                });
                let rows: Vec<_> = rows.collect();
                writeln!(out, "schedule = [{}]", rows.join(", "))?;
            }
        }
        let skills: Vec<_> =
            self.skills.iter().map(|(queue, level)| format!("{queue} = {level}")).collect();
        writeln!(out, "skills = {{ {} }}", skills.join(", "))?;
        if let Some(takes) = self.takes {
            writeln!(out, "takes = \"{takes}\"")?;
        }
        if !self.talk.is_empty() {
            let talk: Vec<_> = self.talk.iter().map(|(c, l)| format!("{c} = {}", law(l))).collect();
            writeln!(out, "talk = {{ {} }}", talk.join(", "))?;
        }
        if self.no_show > 0.0 {
            writeln!(out, "no_show = {}", share(self.no_show))?;
        }
        Ok(())
    }
}

impl Menu {
    fn write(&self, queue: &str, out: &mut String) -> std::fmt::Result {
        let time = law(&self.time);
        writeln!(out, "\n[ivr.main]\nstart = \"menu\"")?;
        writeln!(out, "\n[ivr.main.step.menu]")?;
        writeln!(
            out,
            "menu = {{ prompt = \"menu.wav\", time = {time}, \
             keys = {{ \"1\" = \"agent\", \"2\" = \"bye\" }}, \
             no_input = \"bye\", no_match = \"menu\", tries = 3, failed = \"bye\" }}"
        )?;
        writeln!(out, "\n[ivr.main.step.agent]")?;
        writeln!(out, "enqueue = {{ queue = \"{queue}\", full = \"bye\", timed_out = \"bye\" }}")?;
        writeln!(out, "\n[ivr.main.step.bye]\nrelease = {{}}")
    }
}

/// Writes a law.
fn law(law: &Law) -> String {
    match law {
        Law::Unlimited => "\"unlimited\"".to_owned(),
        Law::Constant(value) => seconds(*value),
        Law::Exponential { mean } => format!("{{ exponential = {{ mean = {} }} }}", seconds(*mean)),
        Law::Lognormal { mean, cv } => {
            let (mean, cv) = (seconds(*mean), plain(*cv, 12));
            format!("{{ lognormal = {{ mean = {mean}, cv = {cv} }} }}")
        }
        Law::Weibull { mean, shape } => {
            let (mean, shape) = (seconds(*mean), plain(*shape, 12));
            format!("{{ weibull = {{ mean = {mean}, shape = {shape} }} }}")
        }
        Law::Gamma { mean, shape } => {
            let (mean, shape) = (seconds(*mean), plain(*shape, 12));
            format!("{{ gamma = {{ mean = {mean}, shape = {shape} }} }}")
        }
        Law::Hyperexponential { phases } => {
            let p: Vec<_> = phases.iter().map(|(p, _)| share(*p)).collect();
            let means: Vec<_> = phases.iter().map(|(_, mean)| seconds(*mean)).collect();
            let (p, means) = (p.join(", "), means.join(", "));
            format!("{{ hyperexponential = {{ p = [{p}], mean = [{means}] }} }}")
        }
        Law::Uniform { min, max } => {
            format!("{{ uniform = {{ min = {}, max = {} }} }}", seconds(*min), seconds(*max))
        }
        Law::Triangular { min, mode, max } => format!(
            "{{ triangular = {{ min = {}, mode = {}, max = {} }} }}",
            seconds(*min),
            seconds(*mode),
            seconds(*max)
        ),
        Law::Empirical { values } => {
            let values: Vec<_> = values.iter().map(|value| seconds(*value)).collect();
            format!("{{ empirical = {{ values = [{}] }} }}", values.join(", "))
        }
        Law::Mixture { parts } => {
            let parts: Vec<_> = parts
                .iter()
                .map(|(p, part)| format!("{{ share = {}, law = {} }}", share(*p), self::law(part)))
                .collect();
            format!("{{ mixture = [{}] }}", parts.join(", "))
        }
    }
}

/// Writes a number with at most this many decimals, without trailing zeros.
fn plain(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}

fn share(value: f64) -> String {
    plain(value, 12)
}

fn duration(seconds: f64) -> String {
    // Times are kept in microseconds: finer digits would be lost.
    let text = format!("{seconds:.6}");
    format!("{}s", text.trim_end_matches('0').trim_end_matches('.'))
}

fn seconds(value: f64) -> String {
    format!("\"{}\"", duration(value))
}

fn per_hour(rate: f64) -> String {
    let text = format!("{rate:.9}");
    format!("\"{}/h\"", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A moment of the run, which begins at midnight: a clock time where that says it, else a time from the beginning.
fn moment(seconds: f64, is_long: bool) -> String {
    let whole = seconds.round();
    if is_long || (seconds - whole).abs() > 1e-9 {
        return format!("\"+{}\"", duration(seconds));
    }
    let whole = whole as u64;
    format!("\"{:02}:{:02}:{:02}\"", whole / 3600, whole / 60 % 60, whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_clock_times_within_the_first_day() {
        assert_eq!(moment(5400.0, false), "\"01:30:00\"");
        assert_eq!(moment(5400.0, true), "\"+5400s\"");
        assert_eq!(moment(0.5, false), "\"+0.5s\"");
    }

    #[test]
    fn numbers_are_written_without_noise() {
        assert_eq!(plain(0.1 + 0.2, 12), "0.3");
        assert_eq!(share(1.0), "1.0");
        assert_eq!(seconds(1e6), "\"1000000s\"");
        assert_eq!(per_hour(213.333_333_333_333_63), "\"213.333333333/h\"");
    }

    #[test]
    fn mean_rates_weigh_stays_and_steps() {
        let mmpp = Arrivals::Mmpp(vec![120.0, 400.0], vec![1200.0, 600.0]);
        assert!((mmpp.mean_per_hour() - 640.0 / 3.0).abs() < 1e-9);
        assert_eq!(Arrivals::Steps(1800.0, vec![100.0, 240.0], None).mean_per_hour(), 170.0);
        assert_eq!(Arrivals::Renewal(Law::Constant(18.0)).mean_per_hour(), 200.0);
    }
}
