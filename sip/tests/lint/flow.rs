//! Call flows as text, and small edits that plant a fault.
//!
//! A message is `== number at seconds from > to transport`, then its lines. `Content-Length: *` is
//! filled in after the edit.

use sip::Instant;
use sip::flow::Transport;
use sip::lint::{Finding, Lint, Options};
use std::fs;
use std::net::SocketAddr;

/// One message of a flow.
#[derive(Clone)]
pub(crate) struct Told {
    number: usize,
    at_ms: u64,
    from: SocketAddr,
    to: SocketAddr,
    transport: Transport,
    text: String,
}

/// A fault planted in a clean flow; messages are named by their number.
pub(crate) enum Edit {
    /// Other words in one message; 0 for all.
    Replace(usize, &'static str, &'static str),
    /// No line that begins so.
    Cut(usize, &'static str),
    /// One more line.
    Add(usize, &'static str),
    /// No body.
    Bare(usize),
    /// Not sent.
    Drop(usize),
    /// Sent at another time, in ms.
    At(usize, u64),
    /// Sent a second time, with other words.
    Copy(usize, u64, &'static [(&'static str, &'static str)]),
    /// Sent to another address.
    To(usize, &'static str),
}

/// The messages of a flow, clean.
pub(crate) fn read(name: &str) -> Vec<Told> {
    let path = format!("{}/tests/lint/flows/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.split("\n== ").skip(1).map(told).collect()
}

fn told(text: &str) -> Told {
    let (place, text) = text.split_once('\n').expect("a message follows its place");
    let words: Vec<&str> = place.split(' ').collect();
    let [number, "at", at, from, ">", to, transport] = *words.as_slice() else {
        panic!("not a place: {place}")
    };
    let seconds: f64 = at.parse().expect("seconds");
    Told {
        number: number.parse().expect("a number"),
        at_ms: (seconds * 1000.0).round() as u64,
        from: from.parse().expect("an address"),
        to: to.parse().expect("an address"),
        transport: if transport == "tcp" { Transport::Tcp } else { Transport::Udp },
        text: text.to_owned(),
    }
}

impl Told {
    /// The message as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (head, body) = self.text.split_once("\n\n").unwrap_or((&self.text, ""));
        let body = body.trim_end();
        let body = if body.is_empty() { String::new() } else { format!("{body}\n") };
        let body = body.replace('\n', "\r\n");
        let head = head
            .trim_end()
            .replace("Content-Length: *", &format!("Content-Length: {}", body.len()));
        format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
    }

    pub(crate) fn at(&self) -> Instant {
        Instant::from_micros(self.at_ms * 1000)
    }

    pub(crate) fn from(&self) -> SocketAddr {
        self.from
    }

    pub(crate) fn to(&self) -> SocketAddr {
        self.to
    }

    pub(crate) fn transport(&self) -> Transport {
        self.transport
    }
}

/// Makes the edits; each must find what it changes.
pub(crate) fn edit(flow: &mut Vec<Told>, edits: &[Edit]) {
    for edit in edits {
        assert!(make(flow, edit), "an edit changed nothing");
    }
    flow.sort_by_key(|told| told.at_ms);
}

fn make(flow: &mut Vec<Told>, edit: &Edit) -> bool {
    match *edit {
        Edit::Replace(number, old, new) => {
            let of = |told: &&mut Told| number == 0 || told.number == number;
            let texts = flow.iter_mut().filter(of).map(|told| &mut told.text);
            texts.fold(false, |was, text| {
                let new = text.replace(old, new);
                let is = new != *text;
                *text = new;
                was || is
            })
        }
        Edit::Cut(number, start) => {
            let text = &mut find(flow, number).text;
            let kept = text.split_inclusive('\n').filter(|line| !line.starts_with(start));
            let kept: String = kept.collect();
            let is = kept != *text;
            *text = kept;
            is
        }
        Edit::Add(number, line) => {
            let text = &mut find(flow, number).text;
            let new = text.replacen("\nCSeq:", &format!("\n{line}\nCSeq:"), 1);
            let is = new != *text;
            *text = new;
            is
        }
        Edit::Bare(number) => {
            let text = &mut find(flow, number).text;
            let (head, body) = text.split_once("\n\n").expect("a head ends");
            let is = !body.trim().is_empty();
            *text = head.replace("Content-Type: application/sdp\n", "");
            is
        }
        Edit::Drop(number) => {
            let before = flow.len();
            flow.retain(|told| told.number != number);
            flow.len() < before
        }
        Edit::At(number, at_ms) => {
            find(flow, number).at_ms = at_ms;
            true
        }
        Edit::Copy(number, at_ms, words) => {
            let mut copy = Told { at_ms, number: 1000, ..find(flow, number).clone() };
            for (old, new) in words {
                assert!(copy.text.contains(old), "{old}");
                copy.text = copy.text.replace(old, new);
            }
            flow.push(copy);
            true
        }
        Edit::To(number, to) => {
            find(flow, number).to = to.parse().expect("an address");
            true
        }
    }
}

fn find(flow: &mut [Told], number: usize) -> &mut Told {
    flow.iter_mut().find(|told| told.number == number).expect("such a message")
}

/// The options for a flow: these are whole, and most lose nothing.
pub(crate) fn options(name: &str) -> Options {
    let is_lossless = !matches!(name, "lossy" | "silence");
    Options { is_whole: true, is_lossless, ..Options::default() }
}

/// What the checker says of a flow.
pub(crate) fn lint(flow: &[Told], options: Options) -> Vec<Finding> {
    let mut lint = Lint::new(options);
    for told in flow {
        lint.observe(told.at(), told.from, told.to, told.transport, &told.bytes());
    }
    lint.finish()
}
