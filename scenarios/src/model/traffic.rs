//! Plain load: what is sent to a target, and when. A file of `callstorm load`, or made of its command line.

use acd::Duration;
use acd::kpi::Condition;
use chance::Law;

use super::Secret;

/// What is sent to a target, without people.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// The file's name as given, for reports; empty: the command line.
    pub file: String,
    /// Hash of the text, 16 hexadecimal digits.
    pub hash: String,
    /// What it is called.
    pub title: String,
    /// The question it answers; may be empty.
    pub question: String,
    /// Seed of everything random.
    pub seed: u64,
    /// The target, a SIP URI; the command line's counts first.
    pub target: Option<String>,
    /// When calls start.
    pub shape: Shape,
    /// How long calls start; `None`: until they are stopped. Of a rate, the sum of its segments.
    pub length: Option<Duration>,
    /// How many calls start at most.
    pub calls: Option<u64>,
    /// Length of a reporting interval.
    pub interval: Duration,
    /// The steps of a call, never empty; the last is an end or leads elsewhere. Those of a registration or a question are the same: steps that send REGISTER or OPTIONS.
    pub flow: Vec<Step>,
    /// What answers a challenge.
    pub account: Option<Account>,
    /// Rows that calls take in turn, for `{column}` in texts.
    pub rows: Option<Rows>,
    /// What fails the build.
    pub gate: Vec<Condition>,
}

/// When calls start.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// At a rate, whatever becomes of them.
    Open {
        /// The rate through time; the last segment lasts until the run ends when it has no length.
        profile: Vec<Segment>,
        /// The gaps between them.
        gaps: Gaps,
    },
    /// So many callers, each of whom calls again when a call is over.
    Closed {
        /// How many.
        callers: u32,
        /// From the end of a call to the next, s.
        between: Law,
    },
}

/// A part of a profile: the rate goes evenly from one value to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Calls per second at its beginning.
    pub from: f64,
    /// Calls per second at its end.
    pub to: f64,
    /// How long it lasts; `None`: until the end, only in the last one.
    pub length: Option<Duration>,
}

/// The gaps between starts of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gaps {
    /// As people call: a Poisson stream.
    #[default]
    Poisson,
    /// All alike.
    Even,
}

/// A step of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Send a request.
    Send(Send),
    /// Wait for a message.
    Expect(Expect),
    /// Wait, s.
    Pause(Law),
    /// Press keys.
    Digits {
        /// The keys: 0–9 * # A–D, and `,` for half a second of nothing.
        keys: Template,
        /// How they are sent.
        by: DigitsBy,
    },
    /// Let something be heard, from now on, or until the next step of this kind.
    Play {
        /// What.
        sound: Sound,
        /// Whether the next step waits for its end.
        waits: bool,
    },
    /// Go on at another step.
    Goto(usize),
    /// The call is over: hang up if it is up.
    End {
        /// Whether it went as it should.
        is_good: bool,
    },
}

/// A request to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// Which.
    pub request: Request,
    /// The Request-URI, of an INVITE, a REGISTER or an OPTIONS; `None`: the target's.
    pub to: Option<Template>,
    /// From, of an INVITE, a REGISTER or an OPTIONS: a SIP URI; of a REGISTER it is what is registered. `None`: `sip:callstorm@` and
    /// our address.
    pub from: Option<Template>,
    /// More fields.
    pub headers: Vec<(String, Template)>,
}

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// INVITE; without an offer the target makes it.
    Invite {
        /// Whether it offers audio.
        has_offer: bool,
    },
    /// CANCEL of the INVITE.
    Cancel,
    /// BYE.
    Bye,
    /// REGISTER.
    Register {
        /// How long; zero removes it.
        expires: Duration,
    },
    /// OPTIONS, outside a call.
    Options,
    /// INFO within the call.
    Info {
        /// The type of its body.
        content_type: String,
        /// Its body.
        body: Template,
    },
    /// A new INVITE within the call: puts it on hold, or takes it up again.
    Reinvite {
        /// On hold.
        is_hold: bool,
    },
}

/// A message that is waited for.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// Which.
    pub what: Expected,
    /// How long at most.
    pub within: Duration,
    /// Whether the next step's message may come instead.
    pub is_optional: bool,
    /// What else may come, and where the call goes on then. The first that fits counts; they are asked before `what`.
    pub branches: Vec<Branch>,
}

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A response with a status from `low` to `high`.
    Status {
        /// The least.
        low: u16,
        /// The most.
        high: u16,
    },
    /// The target's BYE.
    Bye,
}

/// Where a call goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// When.
    pub test: Test,
    /// The step.
    pub to: usize,
}

/// What is asked of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Its status.
    Status {
        /// The least.
        low: u16,
        /// The most.
        high: u16,
    },
    /// A response with a field that holds a text.
    Header {
        /// The field's name.
        name: String,
        /// The text, anywhere in the value, without case; empty: the field is there.
        contains: String,
    },
    /// Nothing came in time.
    TimedOut,
    /// The target hung up.
    Bye,
}

/// How keys are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DigitsBy {
    /// Telephone events (RFC 4733).
    #[default]
    Rtp,
    /// INFO with `application/dtmf-relay`.
    Info,
    /// Tones.
    Tone,
}

/// What is heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Sound {
    /// Silence, as packets.
    Silence,
    /// A tone.
    Tone {
        /// Its pitch, Hz.
        hertz: u32,
        /// How long; `None`: on and on.
        length: Option<Duration>,
    },
    /// A WAV file: its bytes, as the file is.
    File {
        /// Its name.
        name: String,
        /// Its bytes.
        wav: Vec<u8>,
        /// Again and again.
        is_looped: bool,
    },
    /// A tone of each call's own, by which its other end proves that the right two are connected.
    Marker,
}

/// What answers a challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The user.
    pub user: Template,
    /// The password.
    pub password: Password,
}

/// A password.
#[derive(Debug, Clone, PartialEq)]
pub enum Password {
    /// Kept outside.
    Secret(Secret),
    /// A column of the rows.
    Column(usize),
}

/// A text with places to be filled for each call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// As it is.
    Text(String),
    /// A column of the call's row.
    Column(usize),
    /// `{call}`: the number of the call, from 1.
    Call,
    /// `{target}`: host and port of the target.
    Target,
    /// `{local}`: our address and port.
    Local,
}

/// Rows for calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The fields, row by row.
    pub fields: Vec<Box<str>>,
    /// Whether calls take them by lot instead of in turn.
    pub is_random: bool,
}

impl Rows {
    /// Returns how many there are; never none.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len() / self.columns.len().max(1)
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Returns a field.
    #[must_use]
    pub fn field(&self, row: usize, column: usize) -> &str {
        &self.fields[row * self.columns.len() + column]
    }
}
